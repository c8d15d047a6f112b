//! Decides on computers that wait: they take part, or they go.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::access_group::ROOT;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::event::Entity;
use jiff::Timestamp;

use super::{Actor, Services};
use crate::engine::{self, Effects, enrol};
use crate::store::{Conn, StoreError, access_group, computer, list};

/// Why no computer was accepted or rejected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("No computer with the number {0} waits to be accepted.")]
    Unknown(i64),
    #[error("There is no computer with the number {0} whose place could be taken.")]
    UnknownExisting(i64),
    #[error("The computer {0} cannot be replaced by several others.")]
    ReplacedTwice(i64),
    #[error("there is no such access group")]
    UnknownAccessGroup,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Accepts all of them or none. Each goes into the group it suggested, if that exists and no
/// other is named. One that stands in `existing` takes the place of a computer instead: that keeps
/// number, title, tags, group and history, and belongs to the new installation from now on.
pub async fn accept(
    services: &Services,
    actor: Actor<'_>,
    ids: &[i64],
    existing: &BTreeMap<i64, i64>,
    group: Option<&str>,
) -> Result<Vec<Computer>, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let pending = computer::pending(&mut conn, actor.scope).await?;
    if let Some(stray) = existing.keys().find(|id| !ids.contains(id)) {
        return Err(Error::Unknown(*stray));
    }
    let mut replaced: Vec<i64> = Vec::new();
    let mut effects = Effects::default();
    let mut accepted: Vec<i64> = Vec::with_capacity(ids.len());
    for id in ids {
        let found = pending.iter().find(|p| p.id == *id).ok_or(Error::Unknown(*id))?;
        if let Some(old) = existing.get(id) {
            if replaced.contains(old) {
                return Err(Error::ReplacedTwice(*old));
            }
            effects.merge(replace(&mut conn, actor, *old, *id, now).await?);
            replaced.push(*old);
            accepted.push(*old);
            continue;
        }
        let group_id = match (group, &found.access_group) {
            (Some(name), _) => group_id(&mut conn, actor, name).await?,
            (None, Some(name)) => match group_id(&mut conn, actor, name).await {
                Err(Error::UnknownAccessGroup) => group_id_of_root(&mut conn, actor).await?,
                other => other?,
            },
            (None, None) => group_id_of_root(&mut conn, actor).await?,
        };
        let enrolled = enrol(&mut conn, actor.scope, *id, group_id, now).await?;
        effects.merge(enrolled.ok_or(Error::Unknown(*id))?);
        actor.record(&mut conn, now, (Entity::Computer, *id, &found.title), "Accepted the computer.").await?;
        accepted.push(*id);
    }
    let computers = computer::by_ids(&mut conn, &actor.any_scope(), &accepted).await?;
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(computers)
}

/// A computer of the account belongs to the installation that registered as another one.
async fn replace(conn: &mut Conn, actor: Actor<'_>, old: i64, pending: i64, now: Timestamp) -> Result<Effects, Error> {
    let which = computer::enrolled().add(computer::with_id(old));
    if computer::ids(conn, actor.scope, which).await?.is_empty() {
        return Err(Error::UnknownExisting(old));
    }
    let mut effects = engine::lose(conn, actor.scope.account_id(), old, now).await?;
    computer::take_identity(conn, old, pending).await?;
    let title = list::read::<Computer>(conn, actor.scope, old).await?.map(|c| c.title).unwrap_or_default();
    actor.record(conn, now, (Entity::Computer, old, &title), "Gave the computer to a new installation.").await?;
    effects.computers.extend([old, pending]);
    Ok(effects)
}

async fn group_id(conn: &mut Conn, actor: Actor<'_>, name: &str) -> Result<i64, Error> {
    let group = access_group::by_name(conn, actor.scope, name).await?;
    Ok(group.ok_or(Error::UnknownAccessGroup)?.id)
}

async fn group_id_of_root(conn: &mut Conn, actor: Actor<'_>) -> Result<i64, Error> {
    group_id(conn, actor, ROOT).await
}

/// Rejects all of them or none.
pub async fn reject(services: &Services, actor: Actor<'_>, ids: &[i64]) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let pending = computer::pending(&mut conn, actor.scope).await?;
    for id in ids {
        let found = pending.iter().find(|p| p.id == *id).ok_or(Error::Unknown(*id))?;
        if !computer::reject(&mut conn, actor.scope, *id).await? {
            return Err(Error::Unknown(*id));
        }
        actor.record(&mut conn, now, (Entity::Computer, *id, &found.title), "Rejected the computer.").await?;
    }
    conn.commit().await?;
    // Their agents may wait for an answer; they learn it at their next exchange.
    services.engine.publish(Effects { computers: ids.to_vec(), ..Effects::default() }).await?;
    Ok(())
}
