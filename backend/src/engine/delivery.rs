//! Handing activities to the agents they are for.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::model::landscape::script::ScriptStatus;
use jiff::Timestamp;

use super::Effects;
use super::activities::finish;
use crate::protocol::script::{Attachment, ExecuteScript};
use crate::store::activity::{self, ActivityResult, State};
use crate::store::agent::{self, Agent, Order};
use crate::store::{Conn, Result, Scope, script};

/// Seconds a script may run when neither profile nor script says it.
const TIME_LIMIT: i64 = 300;

/// Turns what waits for an agent into orders, at most `limit` of them, and notes that they are on
/// their way. The caller keeps the orders in the same transaction.
pub async fn deliver(
    conn: &mut Conn,
    agent: &Agent,
    context: &BTreeMap<String, String>,
    limit: u64,
    now: Timestamp,
) -> Result<(Vec<ExecuteScript>, Effects)> {
    let scope = Scope::account(agent.account_id);
    let takes_scripts =
        agent.client_types.as_ref().is_none_or(|types| types.split(';').any(|name| name == "execute-script"));
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
        let script = if takes_scripts {
            order_script(conn, &scope, &order, context).await?
        } else {
            Err("The agent of this computer does not take scripts: its script plugin is switched off.")
        };
        match script {
            Ok(script) => {
                activity::set_status(conn, &[id], ActivityStatus::Delivered, now).await?;
                orders.push(script);
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
