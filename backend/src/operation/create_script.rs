//! Makes a script with its first version.

use binnacle_shared::model::landscape::access_group::ROOT;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::{NewScript, Script};

use super::{Actor, Services};
use crate::store::{StoreError, access_group, list, script};

/// Why the script was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such access group")]
    UnknownAccessGroup,
    #[error("the title is taken")]
    Duplicate,
    #[error(transparent)]
    Store(StoreError),
}

super::duplicate_is_a_refusal!(Error);

/// Which kind of script a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptType {
    V1,
    V2,
}

/// Stores the script in the named access group, in the root group if none is named.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    new: &NewScript,
    script_type: ScriptType,
) -> Result<Script, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let name = new.access_group.as_deref().unwrap_or(ROOT);
    let group = access_group::by_name(&mut conn, actor.scope, name).await?.ok_or(Error::UnknownAccessGroup)?;
    let kind = match script_type {
        ScriptType::V1 => script::V1,
        ScriptType::V2 => script::V2,
    };
    let account_id = actor.scope.account_id();
    let id = script::create(&mut conn, account_id, group.id, new, kind, actor.person_id, now).await?;
    let made = list::read(&mut conn, actor.scope, id).await?;
    actor.record(&mut conn, now, (Entity::Script, id, &new.title), "Made the script.").await?;
    conn.commit().await?;
    made.ok_or(Error::Store(StoreError::Dangling))
}
