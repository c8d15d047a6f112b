//! Decides on computers that wait: they take part, or they go.

use binnacle_shared::model::landscape::access_group::ROOT;
use binnacle_shared::model::landscape::computer::Computer;

use super::{Actor, Services};
use crate::engine::{Effects, enrol};
use crate::store::{Conn, StoreError, access_group, account, computer, list};

/// Why no computer was accepted or rejected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("No computer with the number {0} waits to be accepted.")]
    Unknown(i64),
    #[error("there is no such access group")]
    UnknownAccessGroup,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Accepts all of them or none. Each goes into the group it suggested, if that exists and no
/// other is named.
pub async fn accept(
    services: &Services,
    actor: Actor<'_>,
    ids: &[i64],
    group: Option<&str>,
) -> Result<Vec<Computer>, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let account = account::by_id(&mut conn, actor.scope.account_id()).await?;
    let limits = account.map(|a| a.limits).unwrap_or_default();
    let pending = computer::pending(&mut conn, actor.scope).await?;
    let mut effects = Effects::default();
    let mut accepted: Vec<Computer> = Vec::with_capacity(ids.len());
    for id in ids {
        let found = pending.iter().find(|p| p.id == *id).ok_or(Error::Unknown(*id))?;
        let group_id = match (group, &found.access_group) {
            (Some(name), _) => group_id(&mut conn, actor, name).await?,
            (None, Some(name)) => match group_id(&mut conn, actor, name).await {
                Err(Error::UnknownAccessGroup) => group_id_of_root(&mut conn, actor).await?,
                other => other?,
            },
            (None, None) => group_id_of_root(&mut conn, actor).await?,
        };
        let enrolled = enrol(&mut conn, actor.scope, *id, group_id, &limits, now).await?;
        effects.merge(enrolled.ok_or(Error::Unknown(*id))?);
        accepted.extend(list::read(&mut conn, actor.scope, *id).await?);
    }
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(accepted)
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
    let mut conn = services.db.write().await?;
    for id in ids {
        if !computer::reject(&mut conn, actor.scope, *id).await? {
            return Err(Error::Unknown(*id));
        }
    }
    conn.commit().await?;
    // Their agents may wait for an answer; they learn it at their next exchange.
    services.engine.publish(Effects { computers: ids.to_vec(), ..Effects::default() }).await?;
    Ok(())
}
