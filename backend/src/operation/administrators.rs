//! Who has which roles, and who may log in at all.

use binnacle_shared::model::landscape::administrator::{Administrator, StateFilter};
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::role::Role as Wire;

use super::roles::{self, check_gift};
use super::{Actor, Services};
use crate::store::administrator::{in_state, with_email};
use crate::store::role::{self, Role};
use crate::store::{Conn, Scope, StoreError, list, person};

/// Why everybody keeps the roles they have.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such administrator")]
    Unknown,
    #[error("There is nobody with the e-mail address {0}.")]
    UnknownUser(String),
    #[error("{0} is no administrator of the account any more.")]
    NotMember(String),
    #[error("There are no administrators with the e-mail addresses {}.", .0.join(", "))]
    UnknownEmails(Vec<String>),
    #[error("There are no roles named {}.", .0.join(", "))]
    UnknownRoles(Vec<String>),
    #[error("You cannot take the role GlobalAdmin from yourself; ask another administrator to do it.")]
    SelfRevoke,
    #[error("Nobody would be left with the role GlobalAdmin; give it to somebody else first.")]
    LastGlobalAdmin,
    #[error(transparent)]
    Role(#[from] roles::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives somebody exactly these roles.
pub async fn set_roles(
    services: &Services,
    actor: Actor<'_>,
    person_id: i64,
    names: &[String],
) -> Result<Administrator, Error> {
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let before: Administrator = list::read(&mut conn, actor.scope, person_id).await?.ok_or(Error::Unknown)?;
    let wanted = named(&mut conn, actor.scope, names).await?;
    let present = role::of_person(&mut conn, actor.scope, person_id).await?;
    for role in wanted.iter().filter(|role| !before.roles.contains(&role.name)) {
        check_gift(actor, role)?;
        role::add_person(&mut conn, role.id, person_id).await?;
    }
    for role in present.iter().filter(|role| !names.contains(&role.name)) {
        take(&mut conn, actor, role, person_id).await?;
    }
    let after: Administrator = list::read(&mut conn, actor.scope, person_id).await?.ok_or(Error::Unknown)?;
    if before.roles != after.roles {
        let message = format!("Gave the roles: {}.", said(&after.roles));
        let subject = (Entity::Person, after.id, after.name.as_str());
        actor.record(&mut conn, services.clock.now(), subject, message).await?;
    }
    conn.commit().await?;
    Ok(after)
}

/// Gives a role to people.
pub async fn add_to_role(services: &Services, actor: Actor<'_>, name: &str, emails: &[String]) -> Result<Wire, Error> {
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let role = role::by_name(&mut conn, actor.scope, name).await?.ok_or(roles::Error::Unknown)?;
    check_gift(actor, &role)?;
    let people = people(&mut conn, actor.scope, emails).await?;
    for person in people.iter().filter(|person| !person.roles.contains(&role.name)) {
        role::add_person(&mut conn, role.id, person.id).await?;
        let message = format!("Gave the role {}.", role.name);
        let subject = (Entity::Person, person.id, person.name.as_str());
        actor.record(&mut conn, services.clock.now(), subject, message).await?;
    }
    let changed = roles::read(&mut conn, actor.scope, role.id).await?;
    conn.commit().await?;
    Ok(changed)
}

/// Takes a role from people.
pub async fn remove_from_role(
    services: &Services,
    actor: Actor<'_>,
    name: &str,
    emails: &[String],
) -> Result<Wire, Error> {
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    let role = role::by_name(&mut conn, actor.scope, name).await?.ok_or(roles::Error::Unknown)?;
    let people = people(&mut conn, actor.scope, emails).await?;
    for person in people.iter().filter(|person| person.roles.contains(&role.name)) {
        take(&mut conn, actor, &role, person.id).await?;
        let message = format!("Took the role {}.", role.name);
        let subject = (Entity::Person, person.id, person.name.as_str());
        actor.record(&mut conn, services.clock.now(), subject, message).await?;
    }
    let changed = roles::read(&mut conn, actor.scope, role.id).await?;
    conn.commit().await?;
    Ok(changed)
}

/// Locks somebody out, at once.
pub async fn disable(services: &Services, actor: Actor<'_>, email: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let found = list::all::<Administrator>(&mut conn, actor.scope, with_email(&[email.to_owned()])).await?;
    let person = found.into_iter().next().ok_or_else(|| Error::UnknownUser(email.to_owned()))?;
    if person.disabled {
        return Err(Error::NotMember(person.email));
    }
    set_disabled(&mut conn, actor.scope, person.id, true).await?;
    let subject = (Entity::Person, person.id, person.name.as_str());
    actor.record(&mut conn, services.clock.now(), subject, "Disabled the administrator.").await?;
    conn.commit().await?;
    Ok(())
}

/// Locks somebody out or lets them in again, as long as somebody is left who may do everything.
pub async fn set_disabled(conn: &mut Conn, scope: &Scope, person_id: i64, disabled: bool) -> Result<(), Error> {
    role::lock(conn, scope).await?;
    let roles = role::of_person(conn, scope, person_id).await?;
    person::set_disabled(conn, person_id, disabled).await?;
    if disabled && roles.iter().any(Role::is_global_admin) && !role::has_global_admin(conn, scope).await? {
        return Err(Error::LastGlobalAdmin);
    }
    Ok(())
}

async fn take(conn: &mut Conn, actor: Actor<'_>, role: &Role, person_id: i64) -> Result<(), Error> {
    role::remove_person(conn, role.id, person_id).await?;
    if role.is_global_admin() {
        // Said first, since it is what the caller can do something about.
        if !role::has_global_admin(conn, actor.scope).await? {
            return Err(Error::LastGlobalAdmin);
        }
        if person_id == actor.person_id {
            return Err(Error::SelfRevoke);
        }
    }
    Ok(())
}

/// The roles of these names, all of which have to exist.
pub(super) async fn named(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<Vec<Role>, Error> {
    let found = role::by_names(conn, scope, names).await?;
    let unknown: Vec<String> =
        names.iter().filter(|name| found.iter().all(|role| role.name != **name)).map(Clone::clone).collect();
    if unknown.is_empty() { Ok(found) } else { Err(Error::UnknownRoles(unknown)) }
}

/// Those who may log in with these addresses, all of which have to exist.
async fn people(conn: &mut Conn, scope: &Scope, emails: &[String]) -> Result<Vec<Administrator>, Error> {
    let condition = with_email(emails).add(in_state(StateFilter::Active));
    let found: Vec<Administrator> = list::all(conn, scope, condition).await?;
    let unknown: Vec<String> = emails
        .iter()
        .filter(|email| found.iter().all(|person| person.email.to_lowercase() != email.to_lowercase()))
        .map(Clone::clone)
        .collect();
    if unknown.is_empty() { Ok(found) } else { Err(Error::UnknownEmails(unknown)) }
}

fn said(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
