//! The dialogue about packages: hashes become numbers, numbers become sets.

use std::collections::BTreeSet;

use serde_json::json;

use super::{reports::TakeError, storable};
use crate::{
    protocol::{
        Message, Value, kind,
        message::MessageError,
        package::{Description, numbers},
    },
    store::{
        Conn,
        agent::Agent,
        package::{self, NewPackage},
        package_set::{self, Delta, Set},
    },
};

/// The most hashes or packages of one message. Agents send at most 2000.
const MAX_ITEMS: usize = 5000;
/// The most packages of one set.
const MAX_SET: usize = 500_000;
/// The longest name, version, section and summary, and the longest description, in bytes.
const MAX_TEXT: usize = 1000;
const MAX_DESCRIPTION: usize = 64 * 1024;

/// Says which of some hashes are known, and under what numbers.
pub(super) async fn unknown_hashes(conn: &mut Conn, message: &Message) -> Result<Message, TakeError> {
    let hashes = items(message, "hashes")?;
    let hashes: Option<Vec<Vec<u8>>> = hashes.iter().map(|hash| hash.as_bytes().map(<[u8]>::to_vec)).collect();
    let ids = package::by_hashes(conn, &hashes.ok_or(MessageError::Field("hashes"))?).await?;
    reply(message, ids)
}

/// Takes packages up, and gives their numbers.
pub(super) async fn add(conn: &mut Conn, message: &Message) -> Result<Message, TakeError> {
    let packages: Vec<NewPackage> = items(message, "packages")?
        .iter()
        .map(|package| Description::from_value(package).map(|package| new(&package)))
        .collect::<Result<_, _>>()?;
    let ids = package::add(conn, &packages).await?;
    reply(message, ids.into_iter().map(Some).collect())
}

fn items<'a>(message: &'a Message, field: &'static str) -> Result<&'a [Value], MessageError> {
    let items = message.get(field).and_then(Value::as_items);
    items.filter(|items| items.len() <= MAX_ITEMS).ok_or(MessageError::Field(field))
}

fn reply(request: &Message, ids: Vec<Option<i64>>) -> Result<Message, TakeError> {
    let ids = ids.into_iter().map(Value::from).collect();
    let request = request.require_int("request-id")?;
    Ok(Message::new(kind::PACKAGE_IDS).with("ids", Value::List(ids)).with("request-id", request))
}

fn new(package: &Description) -> NewPackage {
    let text = |text: &str, limit: usize| storable(text.get(..text.floor_char_boundary(limit)).unwrap_or_default());
    let relations: Vec<_> = package.relations.iter().map(|(kind, text)| json!([kind, storable(text)])).collect();
    NewPackage {
        // Of what the agent said, not of what is kept of it: the agent knows the package by it.
        hash: package.hash(),
        kind: package.kind,
        name: text(&package.name, MAX_TEXT),
        version: text(&package.version, MAX_TEXT),
        section: text(&package.section, MAX_TEXT),
        summary: text(&package.summary, MAX_TEXT),
        description: text(&package.description, MAX_DESCRIPTION),
        size: package.size,
        installed_size: package.installed_size,
        relations: json!(relations).to_string(),
    }
}

/// Applies what changed in a computer's sets. Says false when it names packages that this server
/// does not know: its database was put back to an older state.
pub(super) async fn changes(conn: &mut Conn, agent: &mut Agent, message: &Message) -> Result<bool, TakeError> {
    let mut deltas = Vec::new();
    let mut named = BTreeSet::new();
    for set in Set::ALL {
        let part = |field: &str| message.get(field).map_or(Ok(BTreeSet::new()), |ids| numbers(ids, MAX_SET));
        let added = part(set.name())?;
        let removed = part(&format!("not-{}", set.name()))?;
        named.extend(&added);
        deltas.push((set, Delta { added: added.into_iter().collect(), removed: removed.into_iter().collect() }));
    }
    if !package_set::all_known(conn, &named).await? {
        return Ok(false);
    }
    if agent.packages_renewed {
        package_set::clear(conn, agent.computer_id).await?;
        agent.packages_renewed = false;
    }
    for (set, delta) in &deltas {
        package_set::apply(conn, agent.computer_id, *set, delta).await?;
    }
    package_set::prune(conn, agent.computer_id).await?;
    Ok(true)
}
