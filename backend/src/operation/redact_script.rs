//! Redacts a script: what it said is gone from every version, only that it was there stays.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::ScriptStatus;
use jiff::Timestamp;

use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::script::Usable;
use crate::store::{Conn, StoreError, attachment, script, script_profile};

/// Why the script was not redacted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Redacting what is redacted already changes nothing.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present = script::usable(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    if present.status == ScriptStatus::Redacted {
        return Ok(());
    }
    wipe(&mut conn, actor, &present, now).await?;
    actor.record(&mut conn, now, (Entity::Script, id, &present.title), "Redacted the script.").await?;
    conn.commit().await?;
    services.engine.publish(Effects::plan_changed()).await?;
    Ok(())
}

/// Takes away what the script said, its files, and the profiles that run it.
pub(super) async fn wipe(
    conn: &mut Conn,
    actor: Actor<'_>,
    present: &Usable,
    now: Timestamp,
) -> Result<(), StoreError> {
    script::redact(conn, actor.scope, present.id).await?;
    attachment::remove_all(conn, present.id).await?;
    script_profile::archive_of_script(conn, actor.scope, present.id, now).await?;
    Ok(())
}
