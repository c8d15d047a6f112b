//! Archives a script and the profiles that use it.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::ScriptStatus;

use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::{StoreError, script, script_profile};

/// Why the script was not archived.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    Unknown,
    #[error("The script is redacted; it cannot be archived.")]
    Redacted,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Archiving what is archived already changes nothing.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present = script::usable(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    if present.status == ScriptStatus::Redacted {
        return Err(Error::Redacted);
    }
    if present.status == ScriptStatus::Archived {
        return Ok(());
    }
    script::set_status(&mut conn, actor.scope, id, ScriptStatus::Archived).await?;
    script_profile::archive_of_script(&mut conn, actor.scope, id, now).await?;
    actor.record(&mut conn, now, (Entity::Script, id, &present.title), "Archived the script.").await?;
    conn.commit().await?;
    services.engine.publish(Effects::plan_changed()).await?;
    Ok(())
}
