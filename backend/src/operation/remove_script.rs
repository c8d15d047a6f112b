//! Removes a script for good.

use binnacle_shared::model::landscape::event::Entity;

use super::{Actor, Services, redact_script};
use crate::engine::Effects;
use crate::store::{StoreError, script};

/// Why the script was not removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A script that ran or has profiles stays as a redacted one, so that activities can say what
/// they were.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present = script::usable(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    if script::is_used(&mut conn, id).await? {
        redact_script::wipe(&mut conn, actor, &present, now).await?;
    } else {
        script::delete(&mut conn, actor.scope, id).await?;
    }
    actor.record(&mut conn, now, (Entity::Script, id, &present.title), "Removed the script.").await?;
    conn.commit().await?;
    services.engine.publish(Effects::plan_changed()).await?;
    Ok(())
}
