//! Makes, changes and removes roles.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::role::{self as model, NewRole, Role as Wire};
use binnacle_shared::permission::{Permission, PermissionSet};
use binnacle_shared::problem::Violation;

use super::{Actor, Services};
use crate::store::access_group::{self, Group};
use crate::store::role::{self, Role};
use crate::store::{Conn, Scope, StoreError, list};

/// Why a role stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such role")]
    Unknown,
    #[error("The role {0} cannot be changed.")]
    ReadOnly(String),
    #[error("There is a role {0} already; names that differ only in upper and lower case are the same.")]
    Duplicate(String),
    #[error("{}", .0.message)]
    Name(Violation),
    #[error("There are no permissions named {}.", .0.join(", "))]
    Permissions(Vec<String>),
    #[error("There are no access groups named {}.", .0.join(", "))]
    UnknownAccessGroups(Vec<String>),
    #[error("You cannot give {}: you do not hold it everywhere where the role {role} would give it.", .permission.name())]
    NotHeld { permission: Permission, role: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A role by what the API calls it.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    Name(&'a str),
    Id(i64),
}

/// How a list of names shall change.
#[derive(Clone, Debug)]
pub enum Edit {
    /// To exactly these.
    Set(Vec<String>),
    Add(Vec<String>),
    /// Those that are not there are not missed.
    Remove(Vec<String>),
}

/// What shall change of a role.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub description: Option<String>,
    pub permissions: Option<Edit>,
    pub access_groups: Option<Edit>,
}

/// Makes a role that nobody has yet.
pub async fn create(services: &Services, actor: Actor<'_>, new: &NewRole) -> Result<Wire, Error> {
    let permissions = permissions(&new.permissions)?;
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let groups = groups(&mut conn, actor.scope, &new.access_groups).await?;
    let made = make(services, &mut conn, actor, (&new.name, &new.description), (permissions, &groups)).await?;
    conn.commit().await?;
    Ok(made)
}

/// Makes a role with the permissions and access groups of another, and without its people.
pub async fn copy(
    services: &Services,
    actor: Actor<'_>,
    name: &str,
    destination: &str,
    description: Option<&str>,
) -> Result<Wire, Error> {
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let source = role::by_name(&mut conn, actor.scope, name).await?.ok_or(Error::Unknown)?;
    let texts = (destination, description.unwrap_or(&source.description));
    let made = make(services, &mut conn, actor, texts, (source.permissions, &source.groups)).await?;
    conn.commit().await?;
    Ok(made)
}

async fn make(
    services: &Services,
    conn: &mut Conn,
    actor: Actor<'_>,
    (name, description): (&str, &str),
    (permissions, groups): (PermissionSet, &[Group]),
) -> Result<Wire, Error> {
    let now = services.clock.now();
    let name = model::name(name.to_owned()).map_err(Error::Name)?;
    let draft = Role {
        id: 0,
        name: name.clone(),
        description: description.to_owned(),
        permissions,
        read_only: false,
        groups: groups.to_vec(),
    };
    check_gift(actor, &draft)?;
    let ids: Vec<i64> = groups.iter().map(|group| group.id).collect();
    let new = role::NewRole {
        name: &name,
        description,
        permissions: &permissions.to_stored(),
        read_only: false,
        access_group_ids: &ids,
    };
    let made = role::create(conn, actor.scope.account_id(), &new, now).await;
    let id = made.map_err(|error| match error {
        StoreError::Duplicate => Error::Duplicate(name.clone()),
        other => Error::Store(other),
    })?;
    actor.record(conn, now, (Entity::Role, id, &name), "Made the role.").await?;
    read(conn, actor.scope, id).await
}

/// Changes what is given of a role.
pub async fn edit(services: &Services, actor: Actor<'_>, which: Which<'_>, change: &Change) -> Result<Wire, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let before = changeable(&mut conn, actor.scope, which).await?;
    let mut after = before.clone();
    if let Some(description) = &change.description {
        after.description.clone_from(description);
    }
    match &change.permissions {
        None => {}
        Some(Edit::Set(names)) => after.permissions = permissions(names)?,
        Some(Edit::Add(names)) => after.permissions = before.permissions.with(permissions(names)?),
        Some(Edit::Remove(names)) => after.permissions = before.permissions.without(permissions(names)?),
    }
    match &change.access_groups {
        None => {}
        Some(Edit::Set(names)) => after.groups = groups(&mut conn, actor.scope, names).await?,
        Some(Edit::Add(names)) => {
            let more = groups(&mut conn, actor.scope, names).await?;
            after.groups.extend(more.into_iter().filter(|group| !before.groups.contains(group)));
        }
        Some(Edit::Remove(names)) => {
            let less = groups(&mut conn, actor.scope, names).await?;
            after.groups.retain(|group| !less.contains(group));
        }
    }
    let more_permissions = !after.permissions.without(before.permissions).is_empty();
    if more_permissions || after.groups.iter().any(|group| !before.groups.contains(group)) {
        check_gift(actor, &after)?;
    }
    role::update(&mut conn, &after).await?;
    if let Some(message) = difference(&before, &after) {
        actor.record(&mut conn, now, (Entity::Role, after.id, &after.name), message).await?;
    }
    let changed = read(&mut conn, actor.scope, after.id).await?;
    conn.commit().await?;
    Ok(changed)
}

/// Removes a role, from its people too.
pub async fn remove(services: &Services, actor: Actor<'_>, which: Which<'_>) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let role = changeable(&mut conn, actor.scope, which).await?;
    role::remove(&mut conn, role.id).await?;
    let subject = (Entity::Role, role.id, role.name.as_str());
    actor.record(&mut conn, services.clock.now(), subject, "Removed the role.").await?;
    conn.commit().await?;
    Ok(())
}

/// Nobody gives others, or a role of their own, what they do not hold themselves.
pub(super) fn check_gift(actor: Actor<'_>, role: &Role) -> Result<(), Error> {
    match actor.grants.lacking(&role.grant()) {
        None => Ok(()),
        Some(permission) => Err(Error::NotHeld { permission, role: role.name.clone() }),
    }
}

/// The role as the API shows it.
pub(super) async fn read(conn: &mut Conn, scope: &Scope, id: i64) -> Result<Wire, Error> {
    list::read(conn, scope, id).await?.ok_or(Error::Unknown)
}

async fn changeable(conn: &mut Conn, scope: &Scope, which: Which<'_>) -> Result<Role, Error> {
    let role = match which {
        Which::Name(name) => role::by_name(conn, scope, name).await?,
        Which::Id(id) => role::by_id(conn, scope, id).await?,
    };
    let role = role.ok_or(Error::Unknown)?;
    if role.read_only { Err(Error::ReadOnly(role.name)) } else { Ok(role) }
}

fn permissions(names: &[String]) -> Result<PermissionSet, Error> {
    let unknown: Vec<String> =
        names.iter().filter(|name| Permission::from_name(name).is_none()).map(Clone::clone).collect();
    if !unknown.is_empty() {
        return Err(Error::Permissions(unknown));
    }
    Ok(names.iter().filter_map(|name| Permission::from_name(name)).collect())
}

async fn groups(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<Vec<Group>, Error> {
    let mut all = access_group::list(conn, scope).await?;
    let unknown: Vec<String> =
        names.iter().filter(|name| all.iter().all(|group| group.name != **name)).map(Clone::clone).collect();
    if !unknown.is_empty() {
        return Err(Error::UnknownAccessGroups(unknown));
    }
    all.retain(|group| names.contains(&group.name));
    Ok(all)
}

/// What changed, as a sentence for the events log.
fn difference(before: &Role, after: &Role) -> Option<String> {
    let names = |set: PermissionSet| set.iter().map(Permission::name).collect::<Vec<_>>().join(", ");
    let groups = |some: &[Group], others: &[Group]| {
        some.iter().filter(|g| !others.contains(g)).map(|g| g.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let parts = [
        ("added permissions", names(after.permissions.without(before.permissions))),
        ("took permissions", names(before.permissions.without(after.permissions))),
        ("added access groups", groups(&after.groups, &before.groups)),
        ("took access groups", groups(&before.groups, &after.groups)),
    ];
    let mut said: Vec<String> =
        parts.iter().filter(|(_, list)| !list.is_empty()).map(|(what, list)| format!("{what} {list}")).collect();
    if before.description != after.description {
        said.push("described it anew".to_owned());
    }
    (!said.is_empty()).then(|| format!("Changed the role: {}.", said.join("; ")))
}
