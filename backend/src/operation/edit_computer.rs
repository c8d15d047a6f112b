//! Changes what people may change of a computer.

use binnacle_shared::model::landscape::computer::{Computer, ComputerPatch};

use super::{Actor, Services};
use crate::store::{StoreError, access_group, computer, list};

/// Why the computer was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such computer")]
    Unknown,
    #[error("there is no such access group")]
    UnknownAccessGroup,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the change.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64, patch: &ComputerPatch) -> Result<Computer, Error> {
    let mut conn = services.db.write().await?;
    list::read::<Computer>(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    let group = match patch.access_group.as_set() {
        None => None,
        Some(name) => {
            let group = access_group::by_name(&mut conn, actor.scope, name).await?;
            Some(group.ok_or(Error::UnknownAccessGroup)?.id)
        }
    };
    computer::update(&mut conn, actor.scope, id, patch, group).await?;
    let changed = list::read(&mut conn, actor.scope, id).await?;
    conn.commit().await?;
    changed.ok_or(Error::Unknown)
}
