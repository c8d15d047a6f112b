//! Makes, changes and removes things that are nothing but their fields.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::record::Record;
use serde_json::Value;

use super::{Actor, Services};
use crate::store::{Conn, StoreError, record};

/// Why a thing is not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such {}", .0.info().singular)]
    Unknown(Kind),
    /// Another thing has the value of a field that must be unique.
    #[error("the {field} is taken")]
    Taken { kind: Kind, field: &'static str, value: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a thing of values that the shared rules have judged.
pub async fn create(services: &Services, actor: Actor<'_>, kind: Kind, values: &Record) -> Result<Record, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    check_taken(&mut conn, actor, kind, values, None).await?;
    // Where several write at once, another may have taken it since.
    let inserted = record::insert(&mut conn, actor.scope, kind, values, now).await;
    let id = inserted.map_err(|error| raced(error, kind, values))?;
    let made = existing(&mut conn, actor, kind, id).await?;
    actor.record(&mut conn, now, (Entity::Record(kind), id, title(kind, &made)), "Created.").await?;
    conn.commit().await?;
    Ok(made)
}

/// Changes the values that are given.
pub async fn edit(
    services: &Services,
    actor: Actor<'_>,
    kind: Kind,
    id: i64,
    values: &Record,
) -> Result<Record, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    existing(&mut conn, actor, kind, id).await?;
    check_taken(&mut conn, actor, kind, values, Some(id)).await?;
    let updated = record::update(&mut conn, actor.scope, kind, id, values, now).await;
    updated.map_err(|error| raced(error, kind, values))?;
    let changed = existing(&mut conn, actor, kind, id).await?;
    let names: Vec<_> = values.keys().map(String::as_str).collect();
    let message = format!("Changed: {}.", names.join(", "));
    actor.record(&mut conn, now, (Entity::Record(kind), id, title(kind, &changed)), message).await?;
    conn.commit().await?;
    Ok(changed)
}

/// Removes a thing.
pub async fn remove(services: &Services, actor: Actor<'_>, kind: Kind, id: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present = existing(&mut conn, actor, kind, id).await?;
    record::remove(&mut conn, actor.scope, kind, id).await?;
    actor.record(&mut conn, now, (Entity::Record(kind), id, title(kind, &present)), "Removed.").await?;
    conn.commit().await?;
    Ok(())
}

async fn existing(conn: &mut Conn, actor: Actor<'_>, kind: Kind, id: i64) -> Result<Record, Error> {
    record::find(conn, actor.scope, kind, "id", id).await?.ok_or(Error::Unknown(kind))
}

async fn check_taken(
    conn: &mut Conn,
    actor: Actor<'_>,
    kind: Kind,
    values: &Record,
    besides: Option<i64>,
) -> Result<(), Error> {
    match record::taken(conn, actor.scope, kind, values, besides).await? {
        Some(field) => Err(taken(kind, field, values)),
        None => Ok(()),
    }
}

fn taken(kind: Kind, field: &'static str, values: &Record) -> Error {
    let value = values.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Error::Taken { kind, field, value }
}

fn raced(error: StoreError, kind: Kind, values: &Record) -> Error {
    let unique = kind.info().storage.and_then(|storage| storage.unique.first().copied());
    match (error, unique) {
        (StoreError::Duplicate, Some(field)) => taken(kind, field, values),
        (error, _) => error.into(),
    }
}

/// What people call it.
fn title(kind: Kind, record: &Record) -> &str {
    record.get(kind.info().title()).and_then(Value::as_str).unwrap_or_default()
}
