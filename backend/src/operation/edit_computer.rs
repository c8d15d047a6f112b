//! Changes what people may change of a computer.

use binnacle_shared::model::landscape::computer::{Computer, ComputerPatch};
use binnacle_shared::model::landscape::event::Entity;

use super::{Actor, Services, move_computers};
use crate::store::{StoreError, computer, list};

/// Why the computer was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such computer")]
    Unknown,
    #[error(transparent)]
    Move(#[from] move_computers::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the change.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64, patch: &ComputerPatch) -> Result<Computer, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let found = computer::ids(&mut conn, actor.scope, computer::enrolled().add(computer::with_id(id))).await?;
    if found.is_empty() {
        return Err(Error::Unknown);
    }
    let present = list::read::<Computer>(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    let group = match patch.access_group.as_set().filter(|name| **name != present.access_group) {
        None => None,
        Some(name) => Some(move_computers::destination(&mut conn, actor, &[id], name).await?.id),
    };
    computer::update(&mut conn, actor.scope, id, patch, group).await?;
    let changed = list::read::<Computer>(&mut conn, &actor.any_scope(), id).await?.ok_or(Error::Unknown)?;
    if changed != present {
        actor.record(&mut conn, now, (Entity::Computer, id, &changed.title), "Edited the computer.").await?;
    }
    conn.commit().await?;
    Ok(changed)
}
