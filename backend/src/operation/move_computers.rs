//! Moves computers into another access group.

use binnacle_shared::model::landscape::computer::{Computer, ComputerPatch};
use binnacle_shared::patch::Patch;
use sea_query::Condition;

use super::{Actor, Services};
use crate::store::{StoreError, access_group, computer, list};

/// Why no computer was moved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such access group")]
    UnknownAccessGroup,
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
    let mut conn = services.db.write().await?;
    let group = access_group::by_name(&mut conn, actor.scope, access_group).await?.ok_or(Error::UnknownAccessGroup)?;
    let mut computers: Vec<Computer> = list::all(&mut conn, actor.scope, computer::enrolled().add(matching)).await?;
    let patch = ComputerPatch { access_group: Patch::Set(group.name.clone()), ..ComputerPatch::default() };
    for computer in &mut computers {
        computer::update(&mut conn, actor.scope, computer.id, &patch, Some(group.id)).await?;
        computer.access_group.clone_from(&group.name);
    }
    conn.commit().await?;
    Ok(computers)
}
