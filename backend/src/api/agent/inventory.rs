//! Reports that have tables of their own, and those of which the last is kept as a document.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{
    hardware,
    reports::{TakeError, object, plain},
    storable,
};
use crate::{
    protocol::{
        Message, Value,
        bpickle::{Dict, Key},
        kind,
        message::MessageError,
    },
    store::{
        Conn,
        agent::Agent,
        computer_report::{self, Process},
        computer_user::{self, Changes, SystemUser},
    },
};

/// The most entries of one list, and the longest text in it.
const MAX_ITEMS: usize = 100_000;
const MAX_TEXT: usize = 1000;
/// The most items, mount points say, of which the last report is kept.
const MAX_REPORTS: i64 = 200;

fn dicts<'a>(message: &'a Message, field: &str) -> impl Iterator<Item = &'a Dict> {
    message.get(field).and_then(Value::as_items).unwrap_or_default().iter().take(MAX_ITEMS).filter_map(Value::as_dict)
}

fn get<'a>(dict: &'a Dict, field: &str) -> Option<&'a Value> {
    dict.get(&Key::from(field))
}

fn bounded(text: &str) -> String {
    storable(text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default())
}

fn text(dict: &Dict, field: &str) -> Option<String> {
    get(dict, field).and_then(Value::as_text).map(bounded)
}

fn number(dict: &Dict, field: &str) -> Option<i64> {
    get(dict, field).and_then(Value::as_int)
}

fn names(message: &Message, field: &str) -> Vec<String> {
    message.texts(field).unwrap_or_default().iter().take(MAX_ITEMS).map(|name| bounded(name)).collect()
}

/// Users and groups that came, changed or went.
pub(super) async fn users(conn: &mut Conn, agent: &mut Agent, message: &Message) -> Result<(), TakeError> {
    let users = dicts(message, "create-users").chain(dicts(message, "update-users")).filter_map(user).collect();
    let groups = dicts(message, "create-groups").chain(dicts(message, "update-groups"));
    let changes = Changes {
        users,
        deleted_users: names(message, "delete-users"),
        groups: groups.filter_map(|group| Some((text(group, "name")?, number(group, "gid")?))).collect(),
        deleted_groups: names(message, "delete-groups"),
        members: members(message, "create-group-members"),
        deleted_members: members(message, "delete-group-members"),
    };
    if agent.users_renewed {
        computer_user::clear(conn, agent.computer_id).await?;
        agent.users_renewed = false;
    }
    Ok(computer_user::apply(conn, agent.computer_id, &changes).await?)
}

fn user(dict: &Dict) -> Option<SystemUser> {
    Some(SystemUser {
        username: text(dict, "username")?,
        uid: number(dict, "uid")?,
        enabled: matches!(get(dict, "enabled"), Some(Value::Bool(true))),
        name: text(dict, "name"),
        location: text(dict, "location"),
        home_phone: text(dict, "home-phone"),
        work_phone: text(dict, "work-phone"),
        primary_gid: number(dict, "primary-gid"),
        primary_groupname: text(dict, "primary-groupname"),
    })
}

fn members(message: &Message, field: &str) -> Vec<(String, String)> {
    let groups = message.get(field).and_then(Value::as_dict);
    let pairs = groups.into_iter().flatten().flat_map(|(group, users)| {
        let group = match group {
            Key::Text(name) => bounded(name),
            Key::Int(number) => number.to_string(),
        };
        let users = users.as_items().unwrap_or_default().iter().filter_map(Value::as_text);
        users.map(move |user| (group.clone(), bounded(user)))
    });
    pairs.take(MAX_ITEMS).collect()
}

/// Processes that came, changed or went.
pub(super) async fn processes(conn: &mut Conn, agent: &Agent, message: &Message) -> Result<(), TakeError> {
    let id = agent.computer_id;
    if matches!(message.get("kill-all-processes"), Some(Value::Bool(true))) {
        computer_report::forget_processes(conn, id, None).await?;
    }
    let gone = message.get("kill-processes").and_then(Value::as_items).unwrap_or_default();
    let gone: Vec<i64> = gone.iter().take(MAX_ITEMS).filter_map(Value::as_int).collect();
    for chunk in gone.chunks(500) {
        computer_report::forget_processes(conn, id, Some(chunk)).await?;
    }
    let told = dicts(message, "add-processes").chain(dicts(message, "update-processes"));
    // One statement cannot write a row twice: of a process named twice the last word counts.
    let told: std::collections::BTreeMap<i64, Process> =
        told.filter_map(process).map(|process| (process.pid, process)).collect();
    let told: Vec<Process> = told.into_values().collect();
    Ok(computer_report::put_processes(conn, id, &told).await?)
}

fn process(dict: &Dict) -> Option<Process> {
    Some(Process {
        pid: number(dict, "pid")?,
        name: text(dict, "name")?,
        state: text(dict, "state").unwrap_or_default(),
        uid: number(dict, "uid")?,
        gid: number(dict, "gid")?,
        vm_size: number(dict, "vm-size"),
        start_time: number(dict, "start-time")?,
        percent_cpu: get(dict, "percent-cpu").and_then(|value| match value {
            Value::Float(share) if share.is_finite() => Some(*share),
            Value::Int(share) => i32::try_from(*share).ok().map(f64::from),
            _ => None,
        }),
    })
}

/// Keeps the last word of a report that has no table of its own.
pub(super) async fn document(
    conn: &mut Conn,
    agent: &Agent,
    message: &Message,
    now: Timestamp,
) -> Result<(), TakeError> {
    for (item, body) in documents(message)? {
        let known = computer_report::count(conn, agent.computer_id, message.kind()).await?;
        if known >= MAX_REPORTS {
            tracing::warn!(computer = agent.computer_id, kind = message.kind(), "too many items; no more are kept");
            break;
        }
        computer_report::put(conn, agent.computer_id, message.kind(), &item, &body, now).await?;
    }
    Ok(())
}

/// The items that a report is about, each with the last thing said of it.
fn documents(message: &Message) -> Result<Vec<(String, Json)>, MessageError> {
    let about_computer = |body: Json| vec![(String::new(), body)];
    let series = |field: &'static str| {
        let items = message.get(field).and_then(Value::as_items).ok_or(MessageError::Field(field))?;
        Ok::<_, MessageError>(items.iter().filter_map(Value::as_items))
    };
    Ok(match message.kind() {
        kind::HARDWARE_INFO => about_computer(hardware::parse(message.require_text("data")?)?),
        kind::MEMORY_INFO => latest(series("memory-info")?, ["time", "free_memory", "free_swap"]),
        kind::LOAD_AVERAGE => latest(series("load-averages")?, ["time", "load"]),
        kind::CPU_USAGE => latest(series("cpu-usages")?, ["time", "usage"]),
        kind::TEMPERATURE => {
            let zone = bounded(message.require_text("thermal-zone")?);
            let last = latest(series("temperatures")?, ["time", "temperature"]);
            last.into_iter().map(|(_, body)| (zone.clone(), body)).collect()
        }
        kind::MOUNT_INFO => series("mount-info")?
            .filter_map(|entry| match entry {
                [time, Value::Dict(mount)] => {
                    let mut body = object(mount);
                    body.as_object_mut()?.insert("time".into(), plain(time));
                    Some((text(mount, "mount-point")?, body))
                }
                _ => None,
            })
            .take(MAX_ITEMS)
            .collect(),
        kind::FREE_SPACE => series("free-space")?
            .filter_map(|entry| match entry {
                [time, mount, free] => {
                    Some((bounded(mount.as_text()?), json!({"time": plain(time), "free_space": plain(free)})))
                }
                _ => None,
            })
            .take(MAX_ITEMS)
            .collect(),
        kind::NETWORK_ACTIVITY => {
            let activities = message.get("activities").and_then(Value::as_dict);
            let activities = activities.ok_or(MessageError::Field("activities"))?;
            activities
                .iter()
                .filter_map(|(interface, steps)| {
                    let Key::Text(interface) = interface else { return None };
                    let steps = steps.as_items()?.iter().filter_map(Value::as_items);
                    let (_, body) = latest(steps, ["time", "bytes_in", "bytes_out"]).pop()?;
                    Some((bounded(interface), body))
                })
                .collect()
        }
        // These carry a JSON text.
        name @ (kind::CLOUD_INIT | kind::UBUNTU_PRO_INFO | kind::LIVEPATCH | kind::UBUNTU_PRO_REBOOT_REQUIRED) => {
            let text = message.text(name).ok_or(MessageError::Field("the report"))?;
            about_computer(serde_json::from_str(&storable(text)).unwrap_or_else(|_| json!(storable(text))))
        }
        _ => {
            let mut body = object(message.fields());
            if let Some(members) = body.as_object_mut() {
                members.retain(|name, _| name != "api" && name != "timestamp");
            }
            about_computer(body)
        }
    })
}

/// The last of a series, its parts named.
fn latest<'a, const N: usize>(series: impl Iterator<Item = &'a [Value]>, names: [&str; N]) -> Vec<(String, Json)> {
    let last = series.filter(|entry| entry.len() == N).last();
    let body =
        last.map(|entry| names.iter().zip(entry).map(|(name, value)| ((*name).to_owned(), plain(value))).collect());
    body.map(|body| (String::new(), Json::Object(body))).into_iter().collect()
}
