//! Makes and removes tenants.

use binnacle_shared::model::conductor::tenant::DEFAULT;
use serde_json::json;

use super::users::lock;
use super::{Author, Error, Subject, Whose, noted};
use crate::auth::password;
use crate::clock::Random;
use crate::keys::broker_context;
use crate::operation::Services;
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::tenant::{self, StoredTenant, Tenant};
use crate::store::{Conn, StoreError, list};

/// Names that stand for something else in addresses.
const RESERVED: &[&str] = &["users", "user-groups"];
/// Characters of the broker's passwords.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A password for a tenant at the message broker.
pub fn broker_password(random: &dyn Random) -> String {
    password::pick(random, ALPHABET, 32)
}

/// The tenant of that name, as far as it is seen.
pub async fn find(conn: &mut Conn, scope: &AccountScope, name: &str) -> Result<StoredTenant, Error> {
    let unknown = || Error::not_found("Tenant", name);
    let tenant = tenant::by_name(conn, scope.account_id(), name).await?.ok_or_else(unknown)?;
    list::read(conn, scope, tenant.id).await?.ok_or_else(unknown)
}

pub(super) fn subject(tenant: &StoredTenant) -> Subject {
    let name = tenant.tenant.name.clone();
    let whose = Whose::Tenant(Tenant { id: tenant.id, name: name.clone() });
    Subject { table: "tenants", id: tenant.id, identifier: json!({"name": name}), whose }
}

/// Makes a tenant without anybody in it.
pub async fn create(
    services: &Services,
    author: &Author<'_>,
    name: &str,
    rabbitmq_password: Option<String>,
) -> Result<StoredTenant, Error> {
    if RESERVED.contains(&name) {
        return Err(Error::field("/id", "reserved", format!("No tenant can be named {}.", RESERVED.join(" or "))));
    }
    let password = rabbitmq_password.unwrap_or_else(|| broker_password(services.random.as_ref()));
    let sealed = services.keys.encrypt(services.random.as_ref(), &broker_context(name), &password)?;
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    if tenant::by_name(&mut conn, account_id, name).await?.is_some() {
        return Err(Error::Conflict(format!("There is a tenant `{name}` already")));
    }
    tenant::create(&mut conn, account_id, name, &sealed, now).await?;
    let made = find(&mut conn, &AccountScope::whole(account_id), name).await?;
    author.record(&mut conn, now, Operation::Create, subject(&made), (None, noted(&made.tenant))).await?;
    conn.commit().await?;
    Ok(made)
}

/// Removes a tenant in which there is nothing and nobody.
pub async fn remove(services: &Services, author: &Author<'_>, name: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    let tenant = find(&mut conn, &AccountScope::whole(author.person.account_id), name).await?;
    if name == DEFAULT {
        return Err(Error::IllegalAction(format!("The tenant `{DEFAULT}` cannot be removed")));
    }
    let (users, groups) = (&tenant.tenant.users, &tenant.tenant.groups);
    if *users != json!(0) || *groups != json!(0) {
        return Err(Error::Conflict(format!(
            "There are {users} users and {groups} user groups in the tenant `{name}`; take them out of it first"
        )));
    }
    tenant::remove(&mut conn, tenant.id).await.map_err(|error| match error {
        StoreError::Dangling => Error::Conflict(format!("There are things in the tenant `{name}`; remove them first")),
        other => other.into(),
    })?;
    let change = (noted(&tenant.tenant), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject(&tenant), change).await?;
    conn.commit().await?;
    Ok(())
}
