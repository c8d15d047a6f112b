//! Adds files to scripts and takes them away.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::{ATTACHMENTS_MAX, ATTACHMENTS_SIZE_MAX, ScriptStatus};

use super::{Actor, Services};
use crate::store::script::Usable;
use crate::store::{Conn, StoreError, attachment, script};

/// Why no file was added or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    UnknownScript,
    #[error("The script is archived or redacted; it cannot be changed any more.")]
    NotActive,
    #[error("The script has a file with the name “{0}” already.")]
    Duplicate(String),
    #[error("A script has at most {ATTACHMENTS_MAX} files.")]
    TooMany,
    #[error("The files of a script have at most {} KiB in all.", ATTACHMENTS_SIZE_MAX / 1024)]
    TooLarge,
    #[error("The script has no file with the name “{0}”.")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a file whose name has been checked.
pub async fn add(
    services: &Services,
    actor: Actor<'_>,
    script_id: i64,
    filename: &str,
    content: &[u8],
) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let script = active(&mut conn, actor, script_id).await?;
    let (count, bytes) = attachment::totals(&mut conn, script_id).await?;
    if count >= ATTACHMENTS_MAX {
        return Err(Error::TooMany);
    }
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    if bytes.saturating_add(size) > ATTACHMENTS_SIZE_MAX {
        return Err(Error::TooLarge);
    }
    match attachment::create(&mut conn, script_id, filename, content, now).await {
        Err(StoreError::Duplicate) => return Err(Error::Duplicate(filename.to_owned())),
        other => other?,
    };
    script::touch(&mut conn, actor.scope, script_id, actor.person_id, now).await?;
    let message = format!("Attached the file {filename}.");
    actor.record(&mut conn, now, (Entity::Script, script_id, &script.title), message).await?;
    conn.commit().await?;
    Ok(())
}

/// Removes a file by its name.
pub async fn remove(services: &Services, actor: Actor<'_>, script_id: i64, filename: &str) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let script = active(&mut conn, actor, script_id).await?;
    if !attachment::remove(&mut conn, script_id, filename).await? {
        return Err(Error::Unknown(filename.to_owned()));
    }
    script::touch(&mut conn, actor.scope, script_id, actor.person_id, now).await?;
    let message = format!("Removed the file {filename}.");
    actor.record(&mut conn, now, (Entity::Script, script_id, &script.title), message).await?;
    conn.commit().await?;
    Ok(())
}

async fn active(conn: &mut Conn, actor: Actor<'_>, script_id: i64) -> Result<Usable, Error> {
    let script = script::usable(conn, actor.scope, script_id).await?.ok_or(Error::UnknownScript)?;
    if script.status == ScriptStatus::Active { Ok(script) } else { Err(Error::NotActive) }
}
