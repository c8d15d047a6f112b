//! Telling the server of packages: it is asked for the numbers of their hashes, is told of those
//! that it does not know, and then hears of sets of numbers.

mod control;
mod scan;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use tokio::sync::Mutex;

use self::scan::Catalog;
use super::{Agent, AgentError, queue, report};
use crate::protocol::{
    Message,
    bpickle::Value,
    kind,
    package::{Description, ranges},
};

/// How many packages one message asks about or describes, and how long the descriptions may be.
const MAX_ITEMS: usize = 500;
const MAX_BYTES: usize = 512 * 1024;

/// A question that was not answered in this time is asked again.
const PATIENCE_SECONDS: i64 = 2 * 3600;

/// The number of a package that the server would not take.
const REFUSED: i64 = 0;

/// Which packages are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum PackageScope {
    /// None
    Off,
    /// Those that are installed
    Installed,
    /// Those that are installed, and their upgrades
    #[default]
    Upgrades,
    /// All that could be installed too; tens of thousands
    All,
}

/// What was found at the last look, as long as the server has questions about it.
#[derive(Debug, Default)]
pub(super) struct Reporter(Mutex<Option<Seen>>);

#[derive(Debug)]
struct Seen {
    fingerprint: Vec<u8>,
    catalog: Catalog,
    /// The numbers in the store, so that they are not all read at each step.
    numbers: Numbers,
}

/// The numbers that the server gave; without a number it does not know the package.
#[derive(Debug, Default)]
struct Numbers {
    all: BTreeMap<[u8; 20], Option<i64>>,
    /// What was asked last: these may have changed.
    asked: Vec<[u8; 20]>,
}

/// Does the next step of the dialogue, if it is this end's turn.
pub(super) async fn advance(agent: &Agent) -> Result<(), AgentError> {
    let scope = agent.config.packages;
    let mut seen = agent.packages.0.lock().await;
    let accepted = agent.store.accepts(kind::UNKNOWN_PACKAGE_HASHES).await?
        && agent.store.accepts(kind::ADD_PACKAGES).await?
        && agent.store.accepts(kind::PACKAGES).await?;
    if scope == PackageScope::Off || !accepted || agent.store.state().await?.secure_id.is_none() {
        return Ok(());
    }
    if seen.is_none() {
        let now = scan::fingerprint();
        if report::remembered(&mut *agent.store.begin().await?, kind::PACKAGES).await?.as_ref() == Some(&now) {
            return Ok(());
        }
        let Some(catalog) = super::aside(move || scan::scan(scope)).await else {
            tracing::error!("the packages could not be looked at");
            return Ok(());
        };
        *seen = Some(Seen { fingerprint: now, catalog, numbers: Numbers::default() });
    }
    let Some(found) = seen.as_mut() else { return Ok(()) };
    if step(agent, found).await? {
        // The descriptions take megabytes; nobody will ask for them now.
        *seen = None;
    }
    agent.urgent.notify_one();
    Ok(())
}

/// Says true when everything is told.
async fn step(agent: &Agent, seen: &mut Seen) -> Result<bool, AgentError> {
    let Seen { fingerprint, catalog, numbers } = seen;
    let now = agent.surroundings.now();
    let mut transaction = agent.store.begin().await?;
    let (last_id, asked_at, asked) = request(&mut transaction).await?;
    if !asked.is_empty() && asked_at.is_some_and(|at| now.as_second() - at < PATIENCE_SECONDS) {
        return Ok(false);
    }
    numbers.refresh(&mut transaction).await?;
    let unknown: Vec<[u8; 20]> =
        catalog.packages.keys().filter(|hash| !numbers.all.contains_key(*hash)).take(MAX_ITEMS).copied().collect();
    let id = last_id + 1;
    if !unknown.is_empty() {
        let hashes = unknown.iter().map(|hash| Value::Bytes(hash.to_vec())).collect();
        let message =
            Message::new(kind::UNKNOWN_PACKAGE_HASHES).with("hashes", Value::List(hashes)).with("request-id", id);
        ask(&mut transaction, id, &unknown, now.as_second()).await?;
        queue::queue(&mut transaction, message, now).await?;
        transaction.commit().await?;
        numbers.asked = unknown;
        return Ok(false);
    }
    let described = descriptions(catalog, &numbers.all);
    if !described.is_empty() {
        let hashes: Vec<[u8; 20]> = described.iter().map(|(hash, _)| *hash).collect();
        let packages = described.iter().map(|(_, package)| package.to_value()).collect();
        let message = Message::new(kind::ADD_PACKAGES).with("packages", Value::List(packages)).with("request-id", id);
        ask(&mut transaction, id, &hashes, now.as_second()).await?;
        queue::queue(&mut transaction, message, now).await?;
        transaction.commit().await?;
        numbers.asked = hashes;
        return Ok(false);
    }
    if let Some(message) = changes(&mut transaction, catalog, &numbers.all).await? {
        queue::queue(&mut transaction, message, now).await?;
    }
    let result = Message::new(kind::PACKAGE_REPORTER_RESULT)
        .with("code", i64::from(catalog.fault.is_some()))
        .with("err", catalog.fault.clone().unwrap_or_default())
        .with("report-timestamp", Value::Int(now.as_second()));
    queue::queue(&mut transaction, result, now).await?;
    report::remember(&mut transaction, kind::PACKAGES, fingerprint.as_slice()).await?;
    transaction.commit().await?;
    tracing::info!(packages = catalog.packages.len(), "packages reported");
    Ok(true)
}

/// The packages to describe next.
fn descriptions<'a>(
    catalog: &'a Catalog,
    numbers: &BTreeMap<[u8; 20], Option<i64>>,
) -> Vec<([u8; 20], &'a Description)> {
    let mut bytes = 0;
    let missing = catalog.packages.iter().filter(|(hash, _)| numbers.get(*hash) == Some(&None));
    let fitting = missing.take(MAX_ITEMS).take_while(|(_, package)| {
        let first = bytes == 0;
        bytes +=
            package.description.len() + package.relations.iter().map(|(_, text)| text.len() + 12).sum::<usize>() + 200;
        first || bytes <= MAX_BYTES
    });
    fitting.map(|(hash, package)| (*hash, package)).collect()
}

/// What changed in the sets since they were reported; remembers the new state.
async fn changes(
    connection: &mut SqliteConnection,
    catalog: &Catalog,
    numbers: &BTreeMap<[u8; 20], Option<i64>>,
) -> Result<Option<Message>, sqlx::Error> {
    let mut message = Message::new(kind::PACKAGES);
    let mut any = false;
    for set in ["installed", "available", "available-upgrades", "locked", "autoremovable", "security"] {
        let members = catalog.sets.get(set).into_iter().flatten();
        let now: BTreeSet<i64> =
            members.filter_map(|hash| numbers.get(hash).copied().flatten()).filter(|id| *id != REFUSED).collect();
        let before: BTreeSet<i64> = sqlx::query_scalar("SELECT id FROM package_member WHERE list = ?1")
            .bind(set)
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .collect();
        let added: BTreeSet<i64> = now.difference(&before).copied().collect();
        let removed: BTreeSet<i64> = before.difference(&now).copied().collect();
        for (field, ids) in [(set.to_owned(), &added), (format!("not-{set}"), &removed)] {
            if !ids.is_empty() {
                message.set(&field, ranges(ids));
                any = true;
            }
        }
        for id in &removed {
            sqlx::query("DELETE FROM package_member WHERE list = ?1 AND id = ?2")
                .bind(set)
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
        for id in &added {
            sqlx::query("INSERT INTO package_member (list, id) VALUES (?1, ?2)")
                .bind(set)
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(any.then_some(message))
}

/// Takes the numbers that answer a question. An answer to another question is left.
pub(super) async fn take_ids(connection: &mut SqliteConnection, message: &Message) -> Result<(), sqlx::Error> {
    let (id, _, hashes) = request(connection).await?;
    let ids = message.get("ids").and_then(Value::as_items).unwrap_or_default();
    if hashes.is_empty() || message.int("request-id") != Some(id) || ids.len() != hashes.len() {
        tracing::debug!("numbers of packages that nobody asked for");
        return Ok(());
    }
    for (hash, given) in hashes.iter().zip(ids) {
        let given = match given.as_int() {
            // Asked about first, described then: what is not taken even so is not offered again.
            None => told(connection, hash).await?.map(|_| REFUSED),
            given => given,
        };
        sqlx::query("INSERT INTO package (hash, id) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET id = excluded.id")
            .bind(hash.as_slice())
            .bind(given)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("UPDATE package_request SET hashes = x'', asked_at = NULL").execute(connection).await?;
    Ok(())
}

/// Forgets what was told of the sets, so that it is told again.
pub(super) async fn forget_members(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM package_member").execute(&mut *connection).await?;
    sqlx::query("UPDATE package_request SET hashes = x'', asked_at = NULL").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM reported WHERE kind = ?1").bind(kind::PACKAGES).execute(connection).await?;
    Ok(())
}

/// Forgets the numbers of packages too: they were another server's.
pub(super) async fn forget_numbers(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM package").execute(&mut *connection).await?;
    forget_members(connection).await
}

/// Number, time and hashes of the question that waits; no hashes when none does.
async fn request(connection: &mut SqliteConnection) -> Result<(i64, Option<i64>, Vec<[u8; 20]>), sqlx::Error> {
    sqlx::query("SELECT id, asked_at, hashes FROM package_request")
        .try_map(|row: SqliteRow| {
            let hashes: Vec<u8> = row.try_get("hashes")?;
            Ok((row.try_get("id")?, row.try_get("asked_at")?, hashes.as_chunks().0.to_vec()))
        })
        .fetch_one(connection)
        .await
}

async fn ask(connection: &mut SqliteConnection, id: i64, hashes: &[[u8; 20]], now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE package_request SET id = ?1, asked_at = ?2, hashes = ?3")
        .bind(id)
        .bind(now)
        .bind(hashes.concat())
        .execute(connection)
        .await?;
    Ok(())
}

impl Numbers {
    /// Reads what may have changed since the last step; everything at first, and when the numbers
    /// were forgotten meanwhile.
    async fn refresh(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for hash in std::mem::take(&mut self.asked) {
            match told(connection, &hash).await? {
                Some(Told(id)) => self.all.insert(hash, id),
                None => self.all.remove(&hash),
            };
        }
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM package").fetch_one(&mut *connection).await?;
        if usize::try_from(stored) == Ok(self.all.len()) {
            return Ok(());
        }
        let rows: Vec<(Vec<u8>, Option<i64>)> = sqlx::query("SELECT hash, id FROM package")
            .try_map(|row: SqliteRow| Ok((row.try_get("hash")?, row.try_get("id")?)))
            .fetch_all(connection)
            .await?;
        self.all = rows.into_iter().filter_map(|(hash, id)| Some((hash.try_into().ok()?, id))).collect();
        Ok(())
    }
}

/// The server's word on a hash: its number, or that it has none.
struct Told(Option<i64>);

/// What is stored for a hash; nothing when the server was never asked.
async fn told(connection: &mut SqliteConnection, hash: &[u8; 20]) -> Result<Option<Told>, sqlx::Error> {
    sqlx::query("SELECT id FROM package WHERE hash = ?1")
        .bind(hash.as_slice())
        .try_map(|row: SqliteRow| Ok(Told(row.try_get("id")?)))
        .fetch_optional(connection)
        .await
}
