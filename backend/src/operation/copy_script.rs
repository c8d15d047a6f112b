//! Makes a script like another one.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::{Code, NewScript, Script, ScriptStatus};
use binnacle_shared::permission::Permission;

use super::{Actor, Services};
use crate::store::{StoreError, access_group, attachment, list, script};

/// Why no copy was made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    Unknown,
    #[error("The script is redacted; there is nothing left to copy.")]
    Redacted,
    #[error("there is no such access group")]
    UnknownAccessGroup,
    #[error("the title is taken")]
    Duplicate,
    #[error(transparent)]
    Store(StoreError),
}

super::duplicate_is_a_refusal!(Error);

/// The copy begins with the newest version and has the same files. It goes where the original is,
/// if no access group is named.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    id: i64,
    title: &str,
    access_group: Option<&str>,
) -> Result<Script, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let visible = actor.scope_for(Permission::ViewScript);
    let original: Script = list::read(&mut conn, &visible, id).await?.ok_or(Error::Unknown)?;
    if original.status == ScriptStatus::Redacted {
        return Err(Error::Redacted);
    }
    let usable = script::usable(&mut conn, &visible, id).await?.ok_or(Error::Unknown)?;
    let name = access_group.unwrap_or(&original.access_group);
    let group = access_group::by_name(&mut conn, actor.scope, name).await?.ok_or(Error::UnknownAccessGroup)?;
    let new = NewScript {
        title: title.to_owned(),
        code: Code { interpreter: original.interpreter, code: original.code },
        time_limit: original.time_limit,
        username: original.username,
        access_group: Some(group.name),
    };
    let account_id = actor.scope.account_id();
    let made = script::create(&mut conn, account_id, group.id, &new, &usable.script_type, actor.person_id, now).await?;
    attachment::copy(&mut conn, id, made, now).await?;
    let copy = list::read(&mut conn, actor.scope, made).await?;
    actor.record(&mut conn, now, (Entity::Script, made, title), format!("Copied the script {id}.")).await?;
    conn.commit().await?;
    copy.ok_or(Error::Store(StoreError::Dangling))
}
