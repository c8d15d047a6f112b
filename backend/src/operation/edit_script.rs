//! Changes a script. A new title or code is a new version.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::{Script, ScriptPatch, ScriptStatus};

use super::{Actor, Services};
use crate::store::script::{self, Edited};
use crate::store::{StoreError, list};

/// Why the script was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    Unknown,
    #[error("The script is archived or redacted; it cannot be changed any more.")]
    NotActive,
    #[error("the title is taken")]
    Duplicate { title: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the change; the version before it stays readable.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64, patch: &ScriptPatch) -> Result<Script, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present: Script = list::read(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    if present.status != ScriptStatus::Active {
        return Err(Error::NotActive);
    }
    let title = patch.title.clone().set().unwrap_or_else(|| present.title.clone());
    let (interpreter, code) = match patch.code.clone().set() {
        Some(code) => (code.interpreter, code.code),
        None => (present.interpreter.clone(), present.code.clone()),
    };
    let new_version = title != present.title || interpreter != present.interpreter || code != present.code;
    let edited = Edited {
        interpreter,
        code,
        time_limit: patch.time_limit.clone().set().unwrap_or(present.time_limit),
        username: patch.username.clone().apply(present.username),
        version_number: present.version_number + i64::from(new_version),
        new_version,
        title,
    };
    match script::update(&mut conn, actor.scope, id, &edited, actor.person_id, now).await {
        Err(StoreError::Duplicate) => return Err(Error::Duplicate { title: edited.title }),
        other => other?,
    }
    let changed = list::read(&mut conn, actor.scope, id).await?;
    actor.record(&mut conn, now, (Entity::Script, id, &edited.title), "Edited the script.").await?;
    conn.commit().await?;
    changed.ok_or(Error::Unknown)
}
