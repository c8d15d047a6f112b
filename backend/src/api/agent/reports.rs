//! What agents tell, and where it goes.

use binnacle_shared::model::landscape::{activity::ActivityStatus, tag};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::storable;
use crate::{
    engine::{self, Effects},
    protocol::{
        Message, Value,
        bpickle::{Dict, Key},
        kind,
        message::MessageError,
        script::{OperationOutput, OperationResult},
    },
    store::{
        Conn, StoreError,
        activity::ActivityResult,
        agent::{self, Agent, Facts},
        computer,
        tables::Computer,
    },
};

/// Ends of texts that were cut by an agent.
const CUT_NOTES: [&str; 2] = ["**OUTPUT TRUNCATED**", "...MESSAGE TRUNCATED DUE TO SIZE"];

/// Takes a message of a computer that takes part. One that makes no sense is noted in the log and
/// counted all the same, or the agent would send it for ever.
pub(super) async fn take(
    conn: &mut Conn,
    agent: &Agent,
    message: &Message,
    now: Timestamp,
) -> Result<Effects, StoreError> {
    let taken = match message.kind() {
        kind::OPERATION_RESULT => operation_result(conn, agent, message, now).await,
        kind::OPERATION_OUTPUT => operation_output(conn, agent, message, now).await,
        kind::RESYNCHRONIZE => resynchronized(conn, agent, message, now).await,
        kind::COMPUTER_TAGS => {
            // The agent's tags are additions: those that people set stay.
            let tags = tag::parse_list(message.text("tags").unwrap_or_default());
            computer::add_tags(conn, agent.computer_id, &tags).await?;
            Ok(Effects::default())
        }
        _ => {
            agent::report(conn, agent.computer_id, facts(message)).await?;
            Ok(Effects::default())
        }
    };
    match taken {
        Ok(effects) => Ok(effects),
        Err(TakeError::Store(error)) => Err(error),
        Err(TakeError::Malformed(error)) => {
            tracing::warn!(computer = agent.computer_id, kind = message.kind(), %error, "message of an agent ignored");
            Ok(Effects::default())
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error(transparent)]
    Malformed(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn operation_result(
    conn: &mut Conn,
    agent: &Agent,
    message: &Message,
    now: Timestamp,
) -> Result<Effects, TakeError> {
    let told = OperationResult::from_message(message)?;
    let result = ActivityResult {
        status: if told.succeeded { ActivityStatus::Succeeded } else { ActivityStatus::Failed },
        code: told.result_code,
        exit_code: told.exit_code,
        truncated: CUT_NOTES.iter().any(|note| told.result_text.ends_with(note)),
        text: storable(&told.result_text),
    };
    let (account, computer) = (agent.account_id, agent.computer_id);
    Ok(engine::record_result(conn, account, computer, told.operation_id, &result, now).await?)
}

async fn operation_output(
    conn: &mut Conn,
    agent: &Agent,
    message: &Message,
    now: Timestamp,
) -> Result<Effects, TakeError> {
    let piece = OperationOutput::from_message(message)?;
    let text = storable(&piece.data);
    let (account, computer) = (agent.account_id, agent.computer_id);
    Ok(engine::record_output(conn, account, computer, piece.operation_id, piece.offset, &text, now).await?)
}

/// A resynchronisation that was asked for is answered by its own message and not by a result.
async fn resynchronized(
    conn: &mut Conn,
    agent: &Agent,
    message: &Message,
    now: Timestamp,
) -> Result<Effects, TakeError> {
    let Some(id) = message.operation_id() else { return Ok(Effects::default()) };
    let result = ActivityResult {
        status: ActivityStatus::Succeeded,
        code: None,
        exit_code: None,
        text: String::new(),
        truncated: false,
    };
    Ok(engine::record_result(conn, agent.account_id, agent.computer_id, id, &result, now).await?)
}

/// What a report states of its computer.
fn facts(message: &Message) -> Facts {
    let text = |field| message.text(field).map(storable);
    let mut facts = Facts::default();
    match message.kind() {
        kind::COMPUTER_INFO => {
            facts.set(Computer::Hostname, text("hostname"));
            facts.set(Computer::TotalMemory, message.int("total-memory"));
            facts.set(Computer::TotalSwap, message.int("total-swap"));
            facts.set(Computer::MachineId, text("machine-id"));
            let annotations = message.get("annotations").and_then(Value::as_dict);
            facts.set(Computer::Annotations, annotations.map(|dict| object(dict).to_string()));
        }
        kind::DISTRIBUTION_INFO => {
            facts.set(Computer::Distributor, text("distributor-id"));
            facts.set(Computer::Description, text("description"));
            facts.set(Computer::Distribution, text("release"));
            facts.set(Computer::CodeName, text("code-name"));
        }
        kind::PROCESSOR_INFO => facts.set(Computer::Processors, list(message, "processors")),
        kind::NETWORK_DEVICE => facts.set(Computer::NetworkDevices, list(message, "devices").map(complete_devices)),
        kind::REBOOT_REQUIRED_INFO => {
            let flag = message.get("flag").and_then(|value| match value {
                Value::Bool(flag) => Some(*flag),
                _ => None,
            });
            facts.set(Computer::RebootRequired, flag);
        }
        other => tracing::debug!(kind = other, "message type without a use"),
    }
    facts
}

/// A list of dicts as a JSON document.
fn list(message: &Message, field: &str) -> Option<String> {
    let items = message.get(field)?.as_items()?;
    let documents: Vec<Json> = items.iter().filter_map(Value::as_dict).map(object).collect();
    Some(Json::Array(documents).to_string())
}

/// Every device has the same members, whatever its agent left out.
fn complete_devices(document: String) -> String {
    let Ok(Json::Array(devices)) = serde_json::from_str(&document) else { return document };
    let complete = devices.into_iter().map(|device| {
        let member = |name: &str| device.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        json!({
            "interface": member("interface"),
            "ip_address": member("ip_address"),
            "mac_address": member("mac_address"),
            "broadcast_address": member("broadcast_address"),
            "netmask": member("netmask"),
        })
    });
    Json::Array(complete.collect()).to_string()
}

fn object(dict: &Dict) -> Json {
    let members = dict.iter().map(|(key, value)| {
        let name = match key {
            Key::Text(text) => storable(&text.replace('-', "_")),
            Key::Int(number) => number.to_string(),
        };
        (name, plain(value))
    });
    Json::Object(members.collect::<Map<_, _>>())
}

fn plain(value: &Value) -> Json {
    match value {
        Value::None | Value::BigInt(_) => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(storable(text)),
        Value::Bytes(bytes) => json!(storable(&String::from_utf8_lossy(bytes))),
        Value::List(items) | Value::Tuple(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Dict(dict) => object(dict),
    }
}
