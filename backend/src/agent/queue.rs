//! The messages that wait for the server, numbered in the order in which they were queued.
//!
//! A confirmed message is kept until the next confirmation, because a server that was restored
//! from a backup may ask for it once more.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    AgentError,
    store::{State, accepts, state},
};
use crate::protocol::{MAX_MESSAGES, Message, bpickle::Value};

/// One exchange carries at most so many bytes of messages, unless a single one has more.
const MAX_BYTES: usize = 1024 * 1024;

/// The messages of one exchange.
#[derive(Debug)]
pub(super) struct Batch {
    /// The protocol level they are written for.
    pub(super) api: String,
    pub(super) messages: Vec<Message>,
    /// How many wait in all, these included.
    pub(super) total: i64,
}

/// What the server's wish for a next number meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// It confirmed what was sent, or a part of it.
    Advanced,
    /// Nothing was confirmed; the same messages go again.
    Unchanged,
    /// Client and server had lost each other; numbers were set anew and everything must be
    /// reported again.
    Realigned,
}

/// Queues a message; of a type that the server does not accept, it is held back.
pub(super) async fn queue(
    connection: &mut SqliteConnection,
    message: Message,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let api = state(connection).await?.server_api;
    let accepted = accepts(connection, message.kind()).await?;
    let kind = message.kind().to_owned();
    let operation = message.operation_id();
    let body = message.with("api", Value::bytes(&api)).with("timestamp", now.as_second()).encode();
    sqlx::query(
        "INSERT INTO outbound (sequence, kind, api, body, operation_id)
         SELECT CASE WHEN ?1 THEN max(sequence, (SELECT coalesce(max(sequence) + 1, 0) FROM outbound)) END, ?2, ?3, ?4, ?5
         FROM state",
    )
    .bind(accepted)
    .bind(kind)
    .bind(api)
    .bind(body)
    .bind(operation)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes back the messages of a type that wait.
pub(super) async fn withdraw(connection: &mut SqliteConnection, kind: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM outbound WHERE kind = ?1 AND (sequence IS NULL OR sequence >= (SELECT sequence FROM state))",
    )
    .bind(kind)
    .execute(&mut *connection)
    .await?;
    close_gaps(connection).await
}

/// Whether a message of this type waits.
pub(super) async fn waits(connection: &mut SqliteConnection, kind: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM outbound, state WHERE kind = ?1 AND outbound.sequence >= state.sequence)",
    )
    .bind(kind)
    .fetch_one(connection)
    .await
}

/// How many messages wait to be sent or confirmed.
pub(super) async fn pending(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM outbound, state WHERE outbound.sequence >= state.sequence")
        .fetch_one(connection)
        .await
}

/// The messages to send next: all of one protocol level.
pub(super) async fn batch(connection: &mut SqliteConnection, state: &State) -> Result<Batch, AgentError> {
    let total = pending(connection).await?;
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query("SELECT api, body FROM outbound WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2")
            .bind(state.sequence)
            .bind(i64::try_from(MAX_MESSAGES).unwrap_or(i64::MAX))
            .try_map(|row: SqliteRow| Ok((row.try_get("api")?, row.try_get("body")?)))
            .fetch_all(connection)
            .await?;
    let api = rows.first().map_or_else(|| state.server_api.clone(), |(api, _)| api.clone());
    let mut messages = Vec::new();
    let mut bytes = 0;
    for (level, body) in rows {
        bytes += body.len();
        if level != api || (bytes > MAX_BYTES && !messages.is_empty()) {
            break;
        }
        messages.push(Message::decode(&body)?);
    }
    Ok(Batch { api, messages, total })
}

/// Takes note of the number that the server wants next, after `sent` messages were sent.
/// A server that names none has taken all of them.
pub(super) async fn confirm(
    connection: &mut SqliteConnection,
    sent: i64,
    wanted: Option<i64>,
) -> Result<Confirmation, sqlx::Error> {
    let position = state(connection).await?.sequence;
    let pending = pending(connection).await?;
    let wanted = wanted.unwrap_or(position + sent);
    if wanted == position {
        return Ok(Confirmation::Unchanged);
    }
    if wanted < position {
        let oldest: Option<i64> =
            sqlx::query_scalar("SELECT min(sequence) FROM outbound").fetch_one(&mut *connection).await?;
        if oldest.is_some_and(|oldest| oldest <= wanted) {
            set_position(connection, wanted).await?;
            return Ok(Confirmation::Unchanged);
        }
        shift(connection, wanted - oldest.unwrap_or(position)).await?;
        set_position(connection, wanted).await?;
        return Ok(Confirmation::Realigned);
    }
    forget_before(connection, position).await?;
    if wanted - position > pending {
        shift(connection, wanted - position).await?;
        set_position(connection, wanted).await?;
        return Ok(Confirmation::Realigned);
    }
    set_position(connection, wanted).await?;
    Ok(Confirmation::Advanced)
}

async fn set_position(connection: &mut SqliteConnection, position: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE state SET sequence = ?1").bind(position).execute(connection).await?;
    Ok(())
}

async fn shift(connection: &mut SqliteConnection, by: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE outbound SET sequence = sequence + ?1 WHERE sequence IS NOT NULL")
        .bind(by)
        .execute(connection)
        .await?;
    Ok(())
}

async fn forget_before(connection: &mut SqliteConnection, position: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM outbound WHERE sequence < ?1").bind(position).execute(connection).await?;
    Ok(())
}

/// Replaces the types the server accepts: messages that wait are held or released accordingly.
pub(super) async fn set_accepted_types(connection: &mut SqliteConnection, types: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM accepted_type").execute(&mut *connection).await?;
    for name in types {
        sqlx::query("INSERT INTO accepted_type (name) VALUES (?1) ON CONFLICT DO NOTHING")
            .bind(name)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "UPDATE outbound SET sequence = NULL WHERE sequence >= (SELECT sequence FROM state)
         AND kind NOT IN (SELECT name FROM accepted_type)",
    )
    .execute(&mut *connection)
    .await?;
    close_gaps(&mut *connection).await?;
    // Released messages queue up behind the waiting ones, in the order in which they were made.
    sqlx::query(
        "UPDATE outbound SET sequence = released.number FROM (
             SELECT outbound.id AS id, max(state.sequence, (SELECT coalesce(max(sequence) + 1, 0) FROM outbound))
                 - 1 + row_number() OVER (ORDER BY outbound.id) AS number
             FROM outbound, state
             WHERE outbound.sequence IS NULL AND outbound.kind IN (SELECT name FROM accepted_type)
         ) AS released WHERE released.id = outbound.id",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Numbers the waiting messages anew without holes, in the same order.
pub(super) async fn close_gaps(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE outbound SET sequence = waiting.number FROM (
             SELECT outbound.id AS id, state.sequence - 1 + row_number() OVER (ORDER BY outbound.sequence) AS number
             FROM outbound, state WHERE outbound.sequence >= state.sequence
         ) AS waiting WHERE waiting.id = outbound.id",
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
