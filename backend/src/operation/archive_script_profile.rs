//! Archives a script profile: it never runs again and frees its title.

use binnacle_shared::model::landscape::event::Entity;

use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::{StoreError, schedule, script_profile};

/// Why the profile was not archived.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script profile")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Archiving what is archived already changes nothing.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let present = schedule::for_update(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    let now = services.clock.now();
    script_profile::archive(&mut conn, actor.scope, script_profile::with_id(id), now).await?;
    if !present.archived {
        let profile = (Entity::ScriptProfile, id, present.title.as_str());
        actor.record(&mut conn, now, profile, "Archived the script profile.").await?;
    }
    conn.commit().await?;
    services.engine.publish(Effects::plan_changed()).await?;
    Ok(())
}
