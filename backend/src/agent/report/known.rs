//! Lists of which only the changes are reported.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::protocol::{Value, bpickle::encode};

/// How a list differs from what was reported of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) added: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
    /// Nothing was reported before.
    pub(super) first: bool,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Compares a list with what was reported, and remembers its new state.
pub(super) async fn update(
    connection: &mut SqliteConnection,
    list: &str,
    now: &BTreeMap<String, Value>,
) -> Result<Changes, sqlx::Error> {
    let mut before: BTreeMap<String, Vec<u8>> = sqlx::query("SELECT key, digest FROM known WHERE list = ?1")
        .bind(list)
        .try_map(|row: SqliteRow| Ok((row.try_get("key")?, row.try_get("digest")?)))
        .fetch_all(&mut *connection)
        .await?
        .into_iter()
        .collect();
    let mut changes = Changes { first: before.is_empty(), ..Changes::default() };
    for (key, value) in now {
        let digest = Sha256::digest(encode(value)).to_vec();
        match before.remove(key) {
            Some(known) if known == digest => continue,
            Some(_) => changes.changed.push(key.clone()),
            None => changes.added.push(key.clone()),
        }
        sqlx::query(
            "INSERT INTO known (list, key, digest) VALUES (?1, ?2, ?3)
             ON CONFLICT (list, key) DO UPDATE SET digest = excluded.digest",
        )
        .bind(list)
        .bind(key)
        .bind(digest)
        .execute(&mut *connection)
        .await?;
    }
    for key in before.into_keys() {
        sqlx::query("DELETE FROM known WHERE list = ?1 AND key = ?2")
            .bind(list)
            .bind(&key)
            .execute(&mut *connection)
            .await?;
        changes.removed.push(key);
    }
    Ok(changes)
}

/// Forgets what was reported of a list.
pub(super) async fn forget(connection: &mut SqliteConnection, list: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM known WHERE list = ?1").bind(list).execute(connection).await?;
    Ok(())
}
