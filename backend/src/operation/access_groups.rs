//! Makes and removes access groups.

use binnacle_shared::model::landscape::access_group::{AccessGroup, ROOT};
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::rules;

use super::{Actor, Services};
use crate::store::{StoreError, access_group};

/// Why the tree of access groups stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such access group")]
    Unknown,
    #[error("the name is taken")]
    Duplicate,
    #[error("The title “{0}” gives no name; it needs a letter or a digit.")]
    Nameless(String),
    #[error("The root access group cannot be removed.")]
    Root,
    #[error("The access group holds computers, scripts, profiles or groups; move those first.")]
    Used,
    #[error(transparent)]
    Store(StoreError),
}

super::duplicate_is_a_refusal!(Error);

/// Makes a group below `parent`, below the root if none is named.
pub async fn create(
    services: &Services,
    actor: Actor<'_>,
    title: &str,
    description: &str,
    parent: Option<&str>,
) -> Result<AccessGroup, Error> {
    let name = rules::slug(title);
    if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Err(Error::Nameless(title.to_owned()));
    }
    let mut conn = services.db.write().await?;
    let parent = access_group::by_name(&mut conn, actor.scope, parent.unwrap_or(ROOT)).await?.ok_or(Error::Unknown)?;
    let account_id = actor.scope.account_id();
    let group = access_group::create(&mut conn, account_id, &name, title, Some(&parent)).await?;
    access_group::describe(&mut conn, &group, description).await?;
    let subject = (Entity::AccessGroup, group.id, title);
    actor.record(&mut conn, services.clock.now(), subject, "Made the access group.").await?;
    conn.commit().await?;
    Ok(AccessGroup { name: group.name, title: group.title, parent: parent.name, children: String::new() })
}

/// Removes an empty group and gives its parent, which inherits the history: activities, and what
/// was archived or removed before.
pub async fn remove(services: &Services, actor: Actor<'_>, name: &str) -> Result<AccessGroup, Error> {
    let mut conn = services.db.write().await?;
    let group = access_group::by_name(&mut conn, actor.scope, name).await?.ok_or(Error::Unknown)?;
    let Some(parent_id) = group.parent_id else { return Err(Error::Root) };
    access_group::lock(&mut conn, &group).await?;
    if access_group::is_used(&mut conn, &group).await? {
        return Err(Error::Used);
    }
    access_group::pass_on_history(&mut conn, &group, parent_id).await?;
    access_group::remove(&mut conn, &group).await.map_err(|error| match error {
        StoreError::Dangling => Error::Used,
        other => Error::Store(other),
    })?;
    let subject = (Entity::AccessGroup, group.id, group.title.as_str());
    actor.record(&mut conn, services.clock.now(), subject, "Removed the access group.").await?;
    let groups = access_group::list(&mut conn, actor.scope).await?;
    conn.commit().await?;
    let parent = groups.iter().find(|g| g.id == parent_id).map(|g| g.name.clone());
    let wire = access_group::to_wire(&groups);
    wire.into_iter().find(|g| Some(&g.name) == parent.as_ref()).ok_or(Error::Unknown)
}
