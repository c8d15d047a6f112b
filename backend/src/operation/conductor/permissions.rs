//! Gives permissions to roles and takes them away.

use binnacle_shared::model::conductor::role_permission::RolePermission;
use serde_json::{Value, json};

use super::users::lock;
use super::{Author, Error, Subject};
use crate::operation::Services;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::permission::{self, Held};

/// Only administrators of everything see and change what roles may do.
pub fn check(author: &Author<'_>) -> Result<(), Error> {
    if author.administers_all {
        return Ok(());
    }
    Err(Error::Unauthorized("Only administrators see and change what roles may do".into()))
}

pub fn wire(held: Held) -> RolePermission {
    RolePermission { role: held.role.name().to_owned(), permission: held.permission.name().to_owned() }
}

/// Rows of the matrix have no numbers.
fn subject(held: Held) -> Subject {
    Subject::of_account("roles_permissions", 0, noted(held))
}

fn noted(held: Held) -> Value {
    json!({"role": held.role.name(), "permission": held.permission.name()})
}

/// Gives a role a permission that it does not hold.
pub async fn grant(services: &Services, author: &Author<'_>, held: Held) -> Result<RolePermission, Error> {
    check(author)?;
    let mut conn = services.db.write().await?;
    // One after the other: each raises the same number.
    lock(&mut conn, author).await?;
    if !permission::grant(&mut conn, held).await? {
        let (role, permission) = (held.role.name(), held.permission.name());
        return Err(Error::Conflict(format!("The role `{role}` holds the permission `{permission}` already")));
    }
    let change = (None, Some(noted(held)));
    author.record(&mut conn, services.clock.now(), Operation::Create, subject(held), change).await?;
    conn.commit().await?;
    Ok(wire(held))
}

/// Takes a permission from a role.
pub async fn revoke(services: &Services, author: &Author<'_>, held: Held) -> Result<(), Error> {
    check(author)?;
    let mut conn = services.db.write().await?;
    lock(&mut conn, author).await?;
    if !permission::revoke(&mut conn, held).await? {
        let name = format!("{}/{}", held.role.name(), held.permission.name());
        return Err(Error::NotFound { kind: "Permission", name, hint: ": the role does not hold it" });
    }
    let change = (Some(noted(held)), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject(held), change).await?;
    conn.commit().await?;
    Ok(())
}
