//! What agents tell, and where it goes.

use binnacle_shared::model::landscape::{activity::ActivityStatus, computer::NetworkDevice, tag};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::{inventory, packages, secret, storable};
use crate::{
    clock::Random,
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
        computer, computer_facts,
        tables::Computer,
    },
};

/// Ends of texts that were cut by an agent.
const CUT_NOTES: [&str; 2] = ["**OUTPUT TRUNCATED**", "...MESSAGE TRUNCATED DUE TO SIZE"];

/// Numbers of resynchronisations that this server asks for by itself are negative, so that they
/// are never those of activities; what is left after division by this says the scope.
const SCOPES: i64 = 4;
const PACKAGES: i64 = 1;

/// Takes a message of a computer that takes part. One that makes no sense is noted in the log and
/// counted all the same, or the agent would send it for ever.
pub(super) async fn take(
    random: &dyn Random,
    conn: &mut Conn,
    agent: &mut Agent,
    message: &Message,
    replies: &mut Vec<Message>,
    now: Timestamp,
) -> Result<Effects, StoreError> {
    match understand(random, conn, agent, message, replies, now).await {
        Ok(effects) => Ok(effects),
        Err(TakeError::Store(error)) => Err(error),
        Err(TakeError::Malformed(error)) => {
            tracing::warn!(computer = agent.computer_id, kind = message.kind(), %error, "message of an agent ignored");
            Ok(Effects::default())
        }
    }
}

async fn understand(
    random: &dyn Random,
    conn: &mut Conn,
    agent: &mut Agent,
    message: &Message,
    replies: &mut Vec<Message>,
    now: Timestamp,
) -> Result<Effects, TakeError> {
    match message.kind() {
        kind::OPERATION_RESULT => return operation_result(conn, agent, message, now).await,
        kind::OPERATION_OUTPUT => return operation_output(conn, agent, message, now).await,
        kind::CHANGE_PACKAGES_RESULT => return change_packages_result(conn, agent, message, now).await,
        kind::RESYNCHRONIZE => return resynchronized(conn, agent, message, now).await,
        kind::COMPUTER_TAGS => {
            // The agent's tags are additions: those that people set stay.
            let tags = tag::parse_list(message.text("tags").unwrap_or_default());
            computer::add_tags(conn, agent.computer_id, &tags).await?;
        }
        kind::UNKNOWN_PACKAGE_HASHES => replies.push(packages::unknown_hashes(conn, message).await?),
        kind::ADD_PACKAGES => replies.push(packages::add(conn, message).await?),
        kind::PACKAGES => {
            if !packages::changes(conn, agent, message).await? {
                replies.push(packages_anew(random, agent));
            }
        }
        kind::USERS => inventory::users(conn, agent, message).await?,
        kind::ACTIVE_PROCESS_INFO => inventory::processes(conn, agent, message).await?,
        kind::COMPUTER_INFO
        | kind::DISTRIBUTION_INFO
        | kind::NETWORK_DEVICE
        | kind::PROCESSOR_INFO
        | kind::REBOOT_REQUIRED_INFO
        | kind::UPDATE_MANAGER_INFO => {
            agent::report(conn, agent.computer_id, facts(message)).await?;
            searchable_facts(conn, agent.computer_id, message, now).await?;
        }
        kind::PACKAGE_REPORTER_RESULT => {
            searchable_facts(conn, agent.computer_id, message, now).await?;
            inventory::document(conn, agent, message, now).await?;
        }
        _ => inventory::document(conn, agent, message, now).await?,
    }
    Ok(Effects::default())
}

/// Asks for all packages again, under another name of this server: that is what makes an agent
/// forget the numbers it knows.
fn packages_anew(random: &dyn Random, agent: &mut Agent) -> Message {
    tracing::warn!(computer = agent.computer_id, "an agent has packages that are unknown here; it reports all anew");
    agent.server_uuid = Some(secret::<16>(random));
    let number = -(agent.next_sequence * SCOPES + PACKAGES);
    Message::new(kind::RESYNCHRONIZE).with("operation-id", number).with("scopes", Value::texts(["package"]))
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
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
    // A database that was put back gives numbers a second time; the moment tells them apart.
    if let Some(created) = message.text("operation-created")
        && let Some(at) = agent::activity_created_at(conn, agent, told.operation_id).await?
        && format!("{at:.0}") != created
    {
        tracing::warn!(
            computer = agent.computer_id,
            operation = told.operation_id,
            "result of an older activity of that number"
        );
        return Ok(Effects::default());
    }
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

/// How a change of packages ended: 1 is success, the others say what is in the way.
async fn change_packages_result(
    conn: &mut Conn,
    agent: &Agent,
    message: &Message,
    now: Timestamp,
) -> Result<Effects, TakeError> {
    let id = message.require_int("operation-id")?;
    let code = message.require_int("result-code")?;
    let result = ActivityResult {
        status: if code == 1 { ActivityStatus::Succeeded } else { ActivityStatus::Failed },
        code: (code != 1).then_some(code),
        exit_code: None,
        text: storable(message.text("result-text").unwrap_or_default()),
        truncated: false,
    };
    Ok(engine::record_result(conn, agent.account_id, agent.computer_id, id, &result, now).await?)
}

/// A resynchronisation that a person asked for is answered by its own message and not by a
/// result. After one that the agent decided on by itself, or that this server asked for, the next
/// reports replace what is known.
async fn resynchronized(
    conn: &mut Conn,
    agent: &mut Agent,
    message: &Message,
    now: Timestamp,
) -> Result<Effects, TakeError> {
    let Some(id) = message.operation_id() else {
        agent.users_renewed = true;
        agent.packages_renewed = true;
        return Ok(Effects::default());
    };
    if id < 0 {
        agent.packages_renewed |= -id % SCOPES == PACKAGES;
        return Ok(Effects::default());
    }
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
        }
        kind::DISTRIBUTION_INFO => {
            facts.set(Computer::Distributor, text("distributor-id"));
            facts.set(Computer::Description, text("description"));
            facts.set(Computer::Distribution, text("release"));
            facts.set(Computer::CodeName, text("code-name"));
        }
        kind::PROCESSOR_INFO => facts.set(Computer::Processors, list(message, "processors")),
        kind::UPDATE_MANAGER_INFO => facts.set(Computer::UpdateManagerPrompt, text("prompt")),
        _ => {}
    }
    facts
}

/// What people search for, in tables of its own.
async fn searchable_facts(
    conn: &mut Conn,
    computer_id: i64,
    message: &Message,
    now: Timestamp,
) -> Result<(), StoreError> {
    match message.kind() {
        kind::COMPUTER_INFO => {
            let Some(annotations) = message.get("annotations").and_then(Value::as_dict) else { return Ok(()) };
            let told = annotations.iter().filter_map(|(key, value)| {
                let Key::Text(key) = key else { return None };
                let value = match value.as_text() {
                    Some(text) => storable(text),
                    None => plain(value).to_string(),
                };
                Some((storable(key), value))
            });
            computer_facts::report_annotations(conn, computer_id, &told.collect()).await
        }
        kind::NETWORK_DEVICE => {
            let Some(devices) = message.get("devices").and_then(Value::as_items) else { return Ok(()) };
            let devices: Vec<NetworkDevice> = devices.iter().filter_map(Value::as_dict).map(device).collect();
            computer_facts::set_network_devices(conn, computer_id, &devices).await
        }
        kind::REBOOT_REQUIRED_INFO => {
            if let Some(Value::Bool(flag)) = message.get("flag") {
                computer_facts::set_reboot_required(conn, computer_id, *flag, now).await?;
            }
            if let Some(packages) = message.get("packages").and_then(Value::as_items) {
                let names: Vec<String> = packages.iter().filter_map(Value::as_text).map(storable).collect();
                computer_facts::set_reboot_packages(conn, computer_id, &names).await?;
            }
            Ok(())
        }
        kind::PACKAGE_REPORTER_RESULT => match message.int("code") {
            Some(code) => computer_facts::set_package_report(conn, computer_id, code == 0, now).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Every device has the same members, whatever its agent left out.
fn device(dict: &Dict) -> NetworkDevice {
    let document = object(dict);
    let member = |name: &str| document.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    NetworkDevice {
        interface: member("interface"),
        ip_address: member("ip_address"),
        mac_address: member("mac_address"),
        broadcast_address: member("broadcast_address"),
        netmask: member("netmask"),
    }
}

/// A list of dicts as a JSON document.
fn list(message: &Message, field: &str) -> Option<String> {
    let items = message.get(field)?.as_items()?;
    let documents: Vec<Json> = items.iter().filter_map(Value::as_dict).map(object).collect();
    Some(Json::Array(documents).to_string())
}

pub(super) fn object(dict: &Dict) -> Json {
    let members = dict.iter().map(|(key, value)| {
        let name = match key {
            Key::Text(text) => storable(&text.replace('-', "_")),
            Key::Int(number) => number.to_string(),
        };
        (name, plain(value))
    });
    Json::Object(members.collect::<Map<_, _>>())
}

pub(super) fn plain(value: &Value) -> Json {
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
