//! Makes, changes and removes user groups, and says who is in them.

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::users::{self, check_gift, lock};
use super::{Author, Error, Subject, noted};
use crate::auth::ldap::dn::same;
use crate::operation::Services;
use crate::store::Conn;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::user_group::{self, StoredGroup};
use crate::store::conductor::{ldap, membership};

/// A name that stands for something else in addresses.
const RESERVED: &str = "users";

/// A group that is to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    pub name: String,
    /// The group of the directory whose members these are.
    pub ldap_dn: Option<String>,
    pub role: Role,
}

/// The group of that name.
pub async fn find(conn: &mut Conn, account_id: i64, name: &str) -> Result<StoredGroup, Error> {
    let found = user_group::by_name(conn, account_id, name).await?;
    found.ok_or_else(|| Error::not_found("User group", name))
}

async fn record(
    conn: &mut Conn,
    author: &Author<'_>,
    now: Timestamp,
    operation: Operation,
    group: &StoredGroup,
    change: (Option<Value>, Option<Value>),
) -> Result<(), Error> {
    let subject = Subject::of_account("groups", group.id, json!({"name": group.group.name}));
    author.record(conn, now, operation, subject, change).await?;
    Ok(())
}

pub async fn create(services: &Services, author: &Author<'_>, new: NewGroup) -> Result<StoredGroup, Error> {
    check_gift(author, new.role, Permission::UserGroupCreate)?;
    if new.name == RESERVED {
        return Err(Error::field("/group_name", "reserved", format!("No group can be named `{RESERVED}`.")));
    }
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    if let Some(dn) = &new.ldap_dn {
        if !ldap::is_configured(&mut conn).await? {
            return Err(Error::field("/ldap_group_dn", "unavailable", "LDAP is not configured."));
        }
        if user_group::dns(&mut conn, account_id).await?.iter().any(|taken| same(taken, dn)) {
            return Err(Error::Conflict(format!("Another user group stands for the LDAP group `{dn}`")));
        }
    }
    if user_group::is_taken(&mut conn, account_id, &new.name).await? {
        return Err(Error::Conflict(format!("There is a user group `{}` already", new.name)));
    }
    user_group::create(&mut conn, account_id, (&new.name, new.ldap_dn.as_deref()), new.role, now).await?;
    let made = find(&mut conn, account_id, &new.name).await?;
    record(&mut conn, author, now, Operation::Create, &made, (None, noted(&made.group))).await?;
    conn.commit().await?;
    Ok(made)
}

/// Says what the group's users are everywhere.
pub async fn set_role(services: &Services, author: &Author<'_>, name: &str, role: Role) -> Result<StoredGroup, Error> {
    check_gift(author, role, Permission::UserGroupUpdate)?;
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let before = find(&mut conn, account_id, name).await?;
    check_gift(author, of(&before), Permission::UserGroupUpdate)?;
    user_group::set_role(&mut conn, before.id, role).await?;
    let after = find(&mut conn, account_id, name).await?;
    if after.group != before.group {
        let change = (noted(&before.group), noted(&after.group));
        record(&mut conn, author, services.clock.now(), Operation::Update, &after, change).await?;
    }
    conn.commit().await?;
    Ok(after)
}

/// The role that a group gives.
fn of(group: &StoredGroup) -> Role {
    Role::from_name(&group.group.role).unwrap_or(Role::Default)
}

pub async fn remove(services: &Services, author: &Author<'_>, name: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let group = find(&mut conn, author.person.account_id, name).await?;
    check_gift(author, of(&group), Permission::UserGroupDelete)?;
    if group.group.tenants != json!(0) {
        return Err(Error::Conflict(format!(
            "The user group `{name}` is in {} tenants; take it out of them first",
            group.group.tenants
        )));
    }
    user_group::remove(&mut conn, group.id).await?;
    record(&mut conn, author, services.clock.now(), Operation::Delete, &group, (noted(&group.group), None)).await?;
    conn.commit().await?;
    Ok(())
}

/// Puts somebody into a group.
pub async fn add_user(
    services: &Services,
    author: &Author<'_>,
    group: &str,
    username: &str,
) -> Result<StoredGroup, Error> {
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    check_local(&mut conn).await?;
    let found = find(&mut conn, account_id, group).await?;
    check_gift(author, of(&found), Permission::UserGroupAddUser)?;
    let user = users::find(&mut conn, account_id, username).await?;
    if !membership::join_group(&mut conn, found.id, user.id).await? {
        return Err(Error::Conflict(format!("The user `{username}` is in the user group `{group}` already")));
    }
    let after = find(&mut conn, account_id, group).await?;
    let change = (None, Some(json!({"group": group, "username": username})));
    record(&mut conn, author, services.clock.now(), Operation::Update, &after, change).await?;
    conn.commit().await?;
    Ok(after)
}

/// Takes somebody out of a group.
pub async fn remove_user(services: &Services, author: &Author<'_>, group: &str, username: &str) -> Result<(), Error> {
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    check_local(&mut conn).await?;
    let found = find(&mut conn, account_id, group).await?;
    check_gift(author, of(&found), Permission::UserGroupRemoveUser)?;
    let user = users::find(&mut conn, account_id, username).await?;
    if !membership::leave_group(&mut conn, found.id, user.id).await? {
        let name = format!("{username} in {group}");
        return Err(Error::NotFound { kind: "Member", name, hint: ": the user is not in that user group" });
    }
    let change = (Some(json!({"group": group, "username": username})), None);
    record(&mut conn, author, services.clock.now(), Operation::Update, &found, change).await?;
    conn.commit().await?;
    Ok(())
}

async fn check_local(conn: &mut Conn) -> Result<(), Error> {
    if ldap::is_configured(conn).await? {
        let message = "Who is in which group comes from LDAP: change it there";
        return Err(Error::IllegalAction(message.to_owned()));
    }
    Ok(())
}
