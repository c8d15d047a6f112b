//! Handing activities to the agents they are for.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::activity::{ActivityStatus, RESTART, SHUTDOWN};
use binnacle_shared::model::landscape::script::ScriptStatus;
use jiff::Timestamp;

use super::Effects;
use super::activities::finish;
use crate::protocol::script::{Attachment, ExecuteScript};
use crate::protocol::shutdown::Shutdown;
use crate::protocol::{Message, kind};
use crate::store::activity::{self, ActivityResult, State};
use crate::store::agent::{self, Agent, Order};
use crate::store::{Conn, Result, Scope, script};

/// Seconds a script may run when neither profile nor script says it.
const TIME_LIMIT: i64 = 300;

/// What an agent is told to do, as the message that tells it.
#[derive(Debug)]
pub struct Ordered {
    pub activity_id: i64,
    pub message: Message,
}

/// Turns what waits for an agent into orders, at most `limit` of them, and notes that they are on
/// their way. The caller keeps the orders in the same transaction.
pub async fn deliver(
    conn: &mut Conn,
    agent: &Agent,
    context: &BTreeMap<String, String>,
    limit: u64,
    now: Timestamp,
) -> Result<(Vec<Ordered>, Effects)> {
    let scope = Scope::account(agent.account_id);
    let mut orders = Vec::new();
    let mut touched = Vec::new();
    for order in agent::orders(conn, agent, limit).await? {
        let id = order.activity_id;
        let state = State {
            id,
            parent_id: order.parent_id,
            computer_id: Some(agent.computer_id),
            status: ActivityStatus::Undelivered,
            delivered: false,
        };
        touched.push(state);
        let message = match order.activity_type.as_str() {
            RESTART => order_shutdown(agent, id, true),
            SHUTDOWN => order_shutdown(agent, id, false),
            _ if !takes(agent, kind::EXECUTE_SCRIPT) => {
                Err("The agent of this computer does not take scripts: its script plugin is switched off.")
            }
            _ => order_script(conn, &scope, &order, context).await?.map(|script| script.to_message()),
        };
        match message {
            Ok(message) => {
                activity::set_status(conn, &[id], ActivityStatus::Delivered, now).await?;
                orders.push(Ordered { activity_id: id, message });
            }
            Err(text) => {
                let text = text.to_owned();
                let result = ActivityResult {
                    status: ActivityStatus::Failed,
                    code: None,
                    exit_code: None,
                    text,
                    truncated: false,
                };
                activity::set_result(conn, id, &result, now).await?;
            }
        }
    }
    let effects = finish(conn, &touched, now).await?;
    Ok((orders, effects))
}

/// Whether the agent takes messages of a type. One that has not said is taken to know them all.
fn takes(agent: &Agent, kind: &str) -> bool {
    agent.client_types.as_ref().is_none_or(|types| types.split(';').any(|name| name == kind))
}

fn order_shutdown(agent: &Agent, operation_id: i64, reboot: bool) -> std::result::Result<Message, &'static str> {
    if takes(agent, kind::SHUTDOWN) {
        return Ok(Shutdown { operation_id, reboot }.to_message());
    }
    Err("The agent of this computer neither restarts it nor shuts it down.")
}

/// The script as the agent gets it, or why there is none any more.
async fn order_script(
    conn: &mut Conn,
    scope: &Scope,
    order: &Order,
    context: &BTreeMap<String, String>,
) -> Result<std::result::Result<ExecuteScript, &'static str>> {
    const GONE: &str = "The script was withdrawn before this computer fetched it.";
    let (Some(script_id), Some(version)) = (order.script_id, order.script_version) else {
        return Ok(Err(GONE));
    };
    let Some(script) = script::usable(conn, scope, script_id).await? else { return Ok(Err(GONE)) };
    let Some(version) = script::version(conn, scope, script_id, version).await? else { return Ok(Err(GONE)) };
    if script.status == ScriptStatus::Redacted || version.interpreter.is_empty() {
        return Ok(Err(GONE));
    }
    let attachments = agent::attachments(conn, script_id).await?;
    let mut env = context.clone();
    env.insert("LANDSCAPE_ACTIVITY_ID".to_owned(), order.activity_id.to_string());
    env.insert("LANDSCAPE_ACTIVITY_CREATION_TIME".to_owned(), format!("{:.0}", order.created_at));
    if let Some(creator) = order.creator_id {
        env.insert("LANDSCAPE_ACTIVITY_CREATOR_ID".to_owned(), creator.to_string());
    }
    Ok(Ok(ExecuteScript {
        operation_id: order.activity_id,
        interpreter: version.interpreter,
        code: version.code,
        username: order.username.clone().or(script.username).unwrap_or_else(|| "root".to_owned()),
        time_limit: Some(order.time_limit.unwrap_or(TIME_LIMIT)),
        attachments: attachments.into_iter().map(|(name, id)| (name, Attachment::Id(id))).collect(),
        env,
    }))
}
