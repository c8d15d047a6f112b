//! Moves computers into another access group.

use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::permission::Permission;
use sea_query::Condition;

use super::{Actor, Services};
use crate::store::access_group::Group;
use crate::store::{Conn, StoreError, access_group, computer};

/// Why no computer was moved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such access group")]
    UnknownAccessGroup,
    #[error("the permission is lacking")]
    Forbidden(Permission),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Moves all that match, or none.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    matching: Condition,
    access_group: &str,
) -> Result<Vec<Computer>, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let ids = computer::ids(&mut conn, actor.scope, computer::enrolled().add(matching)).await?;
    let group = destination(&mut conn, actor, &ids, access_group).await?;
    computer::move_to(&mut conn, actor.scope, &ids, group.id).await?;
    // They are where the actor may put computers, if not where they may manage them.
    let moved = computer::by_ids(&mut conn, &actor.any_scope(), &ids).await?;
    for computer in &moved {
        let message = format!("Moved the computer to the access group {}.", group.title);
        actor.record(&mut conn, now, (Entity::Computer, computer.id, &computer.title), message).await?;
    }
    conn.commit().await?;
    Ok(moved)
}

/// The group, if the actor may put computers there and take these ones from where they are.
pub(super) async fn destination(
    conn: &mut Conn,
    actor: Actor<'_>,
    computers: &[i64],
    name: &str,
) -> Result<Group, Error> {
    const ADD: Permission = Permission::AddComputerToAccessGroup;
    const REMOVE: Permission = Permission::RemoveComputerFromAccessGroup;
    let group = access_group::by_name(conn, &actor.any_scope(), name).await?.ok_or(Error::UnknownAccessGroup)?;
    if access_group::by_name(conn, &actor.scope_for(ADD), name).await?.is_none() {
        return Err(Error::Forbidden(ADD));
    }
    if computer::ids(conn, &actor.scope_for(REMOVE), computer::with_ids(computers)).await?.len() < computers.len() {
        return Err(Error::Forbidden(REMOVE));
    }
    Ok(group)
}
