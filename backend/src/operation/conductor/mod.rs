//! What the Conductor API does: one file for each kind of thing.

/// Types that hold a secret and are printed by their names alone, wherever somebody prints them.
macro_rules! unprinted {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

pub mod audit_log;
pub mod config;
pub mod config_items;
pub mod directory;
pub mod error;
pub mod filters;
pub mod first_start;
pub mod ldap;
pub mod license;
pub mod lockout;
pub mod maintenance;
pub mod managers;
pub mod memberships;
pub mod owned;
pub mod permissions;
pub mod provider_context;
pub mod read_log;
mod secret_values;
pub mod secrets;
pub mod secrets_export;
pub mod secrets_import;
pub mod secrets_providers;
pub mod sites;
pub mod status;
pub mod tenants;
pub mod tokens;
pub mod user_groups;
pub mod users;

use std::borrow::Cow;
use std::net::IpAddr;

use binnacle_shared::model::conductor::permission::{Permission, PermissionSet};
use binnacle_shared::model::conductor::visibility::Visibility;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub use self::error::Error;
use crate::store::conductor::audit::{self, NewEntry, Operation};
use crate::store::conductor::belonging::Home;
use crate::store::conductor::scope::TenantScope;
use crate::store::conductor::tenant::Tenant;
use crate::store::person::Person;
use crate::store::{Conn, StoreError};

/// On whose behalf an operation runs, and where.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    pub person: &'a Person,
    /// The tenant one works in; not everything needs one.
    pub tenant: Option<&'a Tenant>,
    /// What is seen of all tenants' rows.
    pub scope: &'a TenantScope,
    /// What may be done in the tenant.
    pub permissions: PermissionSet,
    /// Whether one administers everything, and not only a tenant.
    pub administers_all: bool,
    /// From where the request comes.
    pub address: Option<IpAddr>,
}

/// A row that was changed: its table, its number, by what it is known, and whose it is.
#[derive(Clone, Debug)]
pub struct Subject {
    pub table: &'static str,
    pub id: i64,
    pub identifier: Value,
    pub whose: Whose,
}

impl Subject {
    /// One that belongs to no tenant.
    pub const fn of_account(table: &'static str, id: i64, identifier: Value) -> Self {
        Self { table, id, identifier, whose: Whose::Account }
    }
}

/// Whose people may find a change in the audit log. Administrators of everything find all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Nobody else's: it is about people and settings that all tenants share. Clients name a tenant
    /// with whatever they ask; that makes none of it that tenant's.
    Account,
    /// Those of the tenant in which the author works.
    Here,
    /// Those of that tenant.
    Tenant(Tenant),
}

impl<'a> Author<'a> {
    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// Whether one administers the tenant, or everything.
    pub fn administers(&self) -> bool {
        self.allows(Permission::Administrators)
    }

    pub fn require(&self, permission: Permission) -> Result<(), Error> {
        if self.allows(permission) { Ok(()) } else { Err(self.forbidden(permission)) }
    }

    /// The refusal of something that one may not do.
    pub fn forbidden(&self, permission: Permission) -> Error {
        Error::NotPermitted {
            username: self.person.username.clone(),
            permission,
            tenant: self.tenant.map(|tenant| tenant.name.clone()),
        }
    }

    /// The tenant one works in.
    pub fn tenant(&self) -> Result<&'a Tenant, Error> {
        self.tenant.ok_or(Error::NoTenant)
    }

    /// Where something goes that one makes now.
    pub fn home(&self, visibility: Visibility, now: Timestamp) -> Result<Home, Error> {
        let tenant_id = self.tenant()?.id;
        Ok(Home { tenant_id, created_by_id: self.person.id, created_at: now, visibility })
    }

    /// Writes a change into the audit log, in the transaction that makes it. What stands before
    /// and after must hold no secret.
    pub async fn record(
        &self,
        conn: &mut Conn,
        now: Timestamp,
        operation: Operation,
        subject: Subject,
        (before, after): (Option<Value>, Option<Value>),
    ) -> Result<(), StoreError> {
        audit::record(conn, self.entry(operation, subject, (before, after)), now).await?;
        Ok(())
    }

    /// What the audit log says of something that the author does.
    pub fn entry(
        &self,
        operation: Operation,
        subject: Subject,
        (before, after): (Option<Value>, Option<Value>),
    ) -> NewEntry<'a> {
        let here = self.tenant;
        let (tenant_id, tenant_name) = match subject.whose {
            Whose::Account => (None, here.map(|tenant| Cow::Borrowed(tenant.name.as_str()))),
            Whose::Here => (here.map(|tenant| tenant.id), here.map(|tenant| Cow::Borrowed(tenant.name.as_str()))),
            Whose::Tenant(tenant) => (Some(tenant.id), Some(Cow::Owned(tenant.name))),
        };
        NewEntry {
            account_id: self.person.account_id,
            ref_table: subject.table,
            ref_id: subject.id,
            ref_identifier: subject.identifier,
            operation,
            creator_id: Some(self.person.id),
            creator_name: Some(&self.person.username),
            execution_id: None,
            tenant_id,
            tenant_name,
            address: self.address.map(|address| address.to_string()),
            before,
            after,
        }
    }
}

/// A thing as the audit log keeps it.
pub fn noted(thing: &impl Serialize) -> Option<Value> {
    serde_json::to_value(thing).ok()
}
