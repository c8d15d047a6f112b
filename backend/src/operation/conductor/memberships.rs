//! Who is in which tenant, with which role.

use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::users::lock;
use super::{Author, Error, tenants, user_groups, users};
use crate::operation::Services;
use crate::store::Conn;
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::membership::{self, Member};
use crate::store::conductor::tenant::StoredTenant;

/// Somebody or a group, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    User(&'a str),
    Group(&'a str),
}

impl Name<'_> {
    const fn text(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "user group",
        }
    }

    const fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Group(name) => name,
        }
    }

    async fn find(self, conn: &mut Conn, account_id: i64) -> Result<Member, Error> {
        Ok(match self {
            Self::User(name) => Member::Person(users::find(conn, account_id, name).await?.id),
            Self::Group(name) => Member::Group(user_groups::find(conn, account_id, name).await?.id),
        })
    }

    /// As the audit log has it.
    fn noted(&self, role: Role) -> Value {
        match self {
            Self::User(name) => json!({"username": name, "role": role}),
            Self::Group(name) => json!({"group": name, "role": role}),
        }
    }

    fn missing(self, tenant: &str) -> Error {
        let name = format!("{} in {tenant}", self.name());
        Error::NotFound { kind: "Member", name, hint: ": it is not in that tenant" }
    }
}

/// What is to become of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Add(Role),
    Update(Role),
    Remove,
}

/// Changes a membership of the tenant in which the author works.
pub async fn change(
    services: &Services,
    author: &Author<'_>,
    name: Name<'_>,
    change: Change,
) -> Result<StoredTenant, Error> {
    let account_id = author.person.account_id;
    let tenant = author.tenant()?;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let scope = AccountScope::whole(account_id);
    // It may have gone since the request was let in, and another have come under its name.
    if tenants::find(&mut conn, &scope, &tenant.name).await?.id != tenant.id {
        return Err(Error::not_found("Tenant", &tenant.name));
    }
    let member = name.find(&mut conn, account_id).await?;
    let present = membership::role(&mut conn, tenant.id, member).await?;
    let wanted = match (change, present) {
        (Change::Add(_), Some(_)) => {
            return Err(Error::Conflict(format!(
                "The {} `{}` is in the tenant `{}` already",
                name.text(),
                name.name(),
                tenant.name
            )));
        }
        (Change::Update(_) | Change::Remove, None) => return Err(name.missing(&tenant.name)),
        (Change::Add(role) | Change::Update(role), _) => Some(role),
        (Change::Remove, Some(_)) => None,
    };
    match wanted {
        Some(role) => membership::set_role(&mut conn, tenant.id, member, role).await?,
        None => drop(membership::remove(&mut conn, tenant.id, member).await?),
    }
    let after = tenants::find(&mut conn, &scope, &tenant.name).await?;
    if present != wanted {
        let noted = (present.map(|role| name.noted(role)), wanted.map(|role| name.noted(role)));
        let now = services.clock.now();
        author.record(&mut conn, now, Operation::Update, tenants::subject(&after), noted).await?;
    }
    conn.commit().await?;
    Ok(after)
}
