//! Makes, changes and removes users. They are the people of the account, whatever API made them.

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user::PASSWORD_LENGTH;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::permission::Role as AccountRole;
use jiff::Timestamp;
use serde_json::json;

use super::{Author, Error, Subject, noted};
use crate::operation::{Services, administrators};
use crate::store::conductor::audit::Operation;
use crate::store::conductor::user::{self, StoredUser, Times};
use crate::store::conductor::{ldap, membership, sign_in};
use crate::store::event::{self, NewEvent};
use crate::store::person::{self, NewPerson};
use crate::store::{Conn, Scope, StoreError, role};

/// A password as it was given.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    Plain(String),
    /// As it is to be stored.
    Hashed(String),
}

/// A user who is to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    pub password: Password,
    pub role: Role,
    pub times: Times,
}

/// The same, ready to be stored; also for those whom a directory knows.
#[derive(Clone, Debug)]
pub struct Fresh<'a> {
    pub username: &'a str,
    /// None: one is made up that nobody else has.
    pub email: Option<&'a str>,
    /// None: the user name.
    pub name: Option<&'a str>,
    pub password_hash: Option<&'a str>,
    pub is_external: bool,
    pub times: Times,
}

/// What is to be changed of a user.
#[derive(Clone, Default)]
pub struct UserChange {
    pub password: Option<String>,
    pub role: Option<Role>,
    pub show_getting_started: Option<bool>,
}

unprinted!(Password, UserChange);

/// By what the audit log knows a user.
pub(super) fn subject(id: i64, username: &str) -> Subject {
    Subject::of_account("users", id, json!({"username": username}))
}

/// The user of that name.
pub async fn find(conn: &mut Conn, account_id: i64, username: &str) -> Result<StoredUser, Error> {
    let found = user::by_name(conn, account_id, username).await?;
    found.ok_or_else(|| Error::not_found("User", username))
}

/// Lets only one change of who is who happen at a time: see [`role::lock`].
pub(super) async fn lock(conn: &mut Conn, author: &Author<'_>) -> Result<(), StoreError> {
    role::lock(conn, &Scope::account(author.person.account_id)).await
}

/// Whoever manages users without being an administrator has no power over those who hold roles of
/// the account: a password that one sets would be a way to their rights.
async fn check_power(
    conn: &mut Conn,
    author: &Author<'_>,
    target: &StoredUser,
    permission: Permission,
) -> Result<(), Error> {
    if author.administers_all || author.person.id == target.id {
        return Ok(());
    }
    let roles = role::of_person(conn, &Scope::account(author.person.account_id), target.id).await?;
    let by_group = membership::groups_of(conn, &[target.id]).await?;
    if roles.is_empty() && by_group.iter().all(|group| group.role != Role::SysAdmin) {
        return Ok(());
    }
    Err(author.forbidden(permission))
}

/// Only administrators make administrators.
pub(super) fn check_gift(author: &Author<'_>, role: Role, permission: Permission) -> Result<(), Error> {
    if role == Role::SysAdmin && !author.administers_all { Err(author.forbidden(permission)) } else { Ok(()) }
}

/// Notes for both families what happened: in the audit log, and among the events of the account.
async fn record(
    conn: &mut Conn,
    author: &Author<'_>,
    now: Timestamp,
    operation: Operation,
    (before, after): (Option<&StoredUser>, Option<&StoredUser>),
    message: &str,
) -> Result<(), Error> {
    let Some(user) = after.or(before) else { return Ok(()) };
    let change = (before.and_then(|user| noted(&user.user)), after.and_then(|user| noted(&user.user)));
    author.record(conn, now, operation, subject(user.id, &user.user.username), change).await?;
    let event = NewEvent {
        account_id: author.person.account_id,
        person_id: Some(author.person.id),
        entity: Entity::Person,
        entity_id: Some(user.id),
        entity_name: &user.user.username,
        message: message.to_owned(),
    };
    event::record(conn, &event, now).await?;
    Ok(())
}

/// Stores somebody new, without any role. The caller holds the lock of the account.
pub async fn insert(conn: &mut Conn, account_id: i64, fresh: &Fresh<'_>, now: Timestamp) -> Result<i64, Error> {
    let username = fresh.username;
    if user::is_taken(conn, username).await? {
        return Err(Error::Conflict(format!(
            "There is a user `{username}` already; names that differ only in case are the same"
        )));
    }
    let email = match fresh.email {
        Some(email) if !user::has_email(conn, email).await? => email.to_owned(),
        _ => free_email(conn, username).await?,
    };
    let new = NewPerson {
        account_id,
        username,
        email: &email,
        name: fresh.name.unwrap_or(username),
        password_hash: fresh.password_hash,
        role_ids: &[],
    };
    let id = person::create(conn, &new, now).await?;
    user::set_times(conn, id, fresh.times).await?;
    if fresh.is_external {
        user::set_external(conn, id).await?;
    }
    Ok(id)
}

/// The Landscape family knows people by their addresses too; this one does not ask for any.
async fn free_email(conn: &mut Conn, username: &str) -> Result<String, StoreError> {
    let mut email = format!("{username}@localhost");
    let mut number = 1;
    while user::has_email(conn, &email).await? {
        number += 1;
        email = format!("{username}+{number}@localhost");
    }
    Ok(email)
}

pub async fn create(services: &Services, author: &Author<'_>, new: NewUser) -> Result<StoredUser, Error> {
    check_gift(author, new.role, Permission::UserCreate)?;
    // Outside of the transaction: hashing takes long.
    let hash = match new.password {
        Password::Plain(password) => {
            services.passwords.hash(services.random.as_ref(), password, &PASSWORD_LENGTH).await?
        }
        Password::Hashed(hash) => hash,
    };
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    check_local(&mut conn, "make users").await?;
    let fresh = Fresh {
        username: &new.username,
        email: None,
        name: None,
        password_hash: Some(&hash),
        is_external: false,
        times: new.times,
    };
    let id = insert(&mut conn, account_id, &fresh, now).await?;
    if new.role == Role::SysAdmin {
        let administrator = administrator(&mut conn, account_id).await?;
        role::add_person(&mut conn, administrator, id).await?;
    }
    let made = find(&mut conn, account_id, &new.username).await?;
    record(&mut conn, author, now, Operation::Create, (None, Some(&made)), "Made the user.").await?;
    conn.commit().await?;
    Ok(made)
}

/// Where people come from a directory, they are made and get their passwords there.
async fn check_local(conn: &mut Conn, what: &str) -> Result<(), Error> {
    if ldap::is_configured(conn).await? {
        return Err(Error::IllegalAction(format!("People come from LDAP: {what} there")));
    }
    Ok(())
}

/// The role that is `sys_admin` in this family.
async fn administrator(conn: &mut Conn, account_id: i64) -> Result<i64, Error> {
    let scope = Scope::account(account_id);
    let role = role::by_name(conn, &scope, AccountRole::GlobalAdmin.name()).await?;
    Ok(role.ok_or(StoreError::Dangling)?.id)
}

pub async fn update(
    services: &Services,
    author: &Author<'_>,
    username: &str,
    change: UserChange,
) -> Result<StoredUser, Error> {
    let UserChange { password, role: new_role, show_getting_started } = change;
    if author.person.username != username || new_role.is_some() {
        author.require(Permission::UserUpdate)?;
    }
    if let Some(role) = new_role {
        check_gift(author, role, Permission::UserUpdate)?;
    }
    let hash = match password {
        Some(password) => Some(services.passwords.hash(services.random.as_ref(), password, &PASSWORD_LENGTH).await?),
        None => None,
    };
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let before = find(&mut conn, account_id, username).await?;
    check_power(&mut conn, author, &before, Permission::UserUpdate).await?;
    if let Some(hash) = &hash {
        if before.is_external || !before.is_bootstrap {
            check_local(&mut conn, "change passwords").await?;
        }
        person::set_password(&mut conn, before.id, hash).await?;
        record(&mut conn, author, now, Operation::Update, (Some(&before), Some(&before)), "Changed the password.")
            .await?;
    }
    if let Some(shown) = show_getting_started {
        user::set_show_getting_started(&mut conn, before.id, shown).await?;
    }
    if let Some(role) = new_role {
        set_role(&mut conn, author, &before, role).await?;
    }
    let after = find(&mut conn, account_id, username).await?;
    if after.user != before.user {
        let message = match new_role {
            Some(role) => format!("Gave the role {}.", role.name()),
            None => "Changed the user's settings.".to_owned(),
        };
        record(&mut conn, author, now, Operation::Update, (Some(&before), Some(&after)), &message).await?;
    }
    conn.commit().await?;
    Ok(after)
}

async fn set_role(conn: &mut Conn, author: &Author<'_>, user: &StoredUser, wanted: Role) -> Result<(), Error> {
    if user.user.role == wanted.name() {
        return Ok(());
    }
    let account_id = author.person.account_id;
    let administrator = administrator(conn, account_id).await?;
    if wanted == Role::SysAdmin {
        return Ok(role::add_person(conn, administrator, user.id).await?);
    }
    role::remove_person(conn, administrator, user.id).await?;
    check_left(conn, account_id).await?;
    check_other(author, user, "take the role sys_admin from")
}

/// Somebody stays who may do everything.
async fn check_left(conn: &mut Conn, account_id: i64) -> Result<(), Error> {
    if role::has_global_admin(conn, &Scope::account(account_id)).await? {
        return Ok(());
    }
    Err(Error::IllegalAction("Nobody would be left with the role sys_admin; give it to somebody else first".into()))
}

/// What one cannot do to oneself, and nobody to the first administrator.
fn check_other(author: &Author<'_>, user: &StoredUser, what: &str) -> Result<(), Error> {
    if author.person.id == user.id {
        return Err(Error::IllegalAction(format!("You cannot {what} yourself; ask another administrator to do it")));
    }
    if user.is_bootstrap {
        let username = &user.user.username;
        return Err(Error::IllegalAction(format!("Nobody can {what} `{username}`, the first administrator")));
    }
    Ok(())
}

/// Removes somebody who has nothing and is in nothing.
pub async fn remove(services: &Services, author: &Author<'_>, username: &str) -> Result<(), Error> {
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let user = find(&mut conn, account_id, username).await?;
    check_power(&mut conn, author, &user, Permission::UserDelete).await?;
    check_other(author, &user, "remove")?;
    if user.user.tenants != json!(0) || user.user.groups != json!(0) {
        return Err(Error::Conflict(format!(
            "`{username}` is in {} tenants and {} user groups; take the user out of them first",
            user.user.tenants, user.user.groups
        )));
    }
    user::remove(&mut conn, user.id).await.map_err(|error| match error {
        StoreError::Dangling => Error::Conflict(format!(
            "Things that `{username}` made are still there; remove them first, or deactivate the user"
        )),
        other => other.into(),
    })?;
    check_left(&mut conn, account_id).await?;
    let now = services.clock.now();
    record(&mut conn, author, now, Operation::Delete, (Some(&user), None), "Removed the user.").await?;
    conn.commit().await?;
    Ok(())
}

/// Locks somebody out or lets them in again.
pub async fn set_active(
    services: &Services,
    author: &Author<'_>,
    username: &str,
    active: bool,
) -> Result<StoredUser, Error> {
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let before = find(&mut conn, account_id, username).await?;
    check_power(&mut conn, author, &before, Permission::UserSetActivated).await?;
    if !active {
        check_other(author, &before, "deactivate")?;
    }
    if before.user.active == active {
        let state = if active { "active" } else { "inactive" };
        return Err(Error::Conflict(format!("The user `{username}` is {state} already")));
    }
    administrators::set_disabled(&mut conn, &Scope::account(account_id), before.id, !active).await?;
    let after = find(&mut conn, account_id, username).await?;
    let message = if active { "Let the user in again." } else { "Locked the user out." };
    let now = services.clock.now();
    record(&mut conn, author, now, Operation::Update, (Some(&before), Some(&after)), message).await?;
    conn.commit().await?;
    Ok(after)
}

/// Forgets the wrong passwords that somebody typed.
pub async fn unlock(services: &Services, author: &Author<'_>, username: &str) -> Result<StoredUser, Error> {
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let user = find(&mut conn, account_id, username).await?;
    if user.failed_logins > 0 {
        sign_in::forgive(&mut conn, user.id).await?;
        let now = services.clock.now();
        let message = "Forgave the wrong passwords.";
        record(&mut conn, author, now, Operation::Update, (Some(&user), Some(&user)), message).await?;
    }
    let after = find(&mut conn, account_id, username).await?;
    conn.commit().await?;
    Ok(after)
}
