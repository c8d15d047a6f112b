//! The Landscape REST API, version 2: one file per resource.

pub mod about;
pub mod account;
pub mod activities;
pub mod administrators;
pub mod alerts;
pub mod computers;
pub mod credentials;
pub mod elsewhere;
pub mod events;
pub mod inventory;
pub mod invitations;
pub mod login;
pub mod person;
pub mod records;
pub mod roles;
pub mod script_profiles;
pub mod scripts;
pub mod sessions;
pub mod stream;
pub mod tags;
pub mod tokens;

use std::collections::BTreeSet;

use binnacle_shared::permission::Permission;
use sea_query::Condition;

use super::Api;
use super::context::Context;
use super::error::ApiError;
use crate::store::scope::Owned;
use crate::store::{Conn, query};

impl Context {
    /// Of some rows, those where the caller has a permission, by number.
    pub async fn ids_with<T: Owned>(
        &self,
        conn: &mut Conn,
        permission: Permission,
        ids: &[i64],
    ) -> Result<BTreeSet<i64>, ApiError> {
        if ids.is_empty() || !self.allows(permission) {
            return Ok(BTreeSet::new());
        }
        Ok(self.scope_for(permission)?.ids_among::<T>(conn, ids).await?)
    }
}

/// A query about computers as a condition; none is everything. The caller adds the scope.
pub async fn computers_matching(
    api: &Api,
    context: &Context,
    conn: &mut Conn,
    text: Option<&str>,
) -> Result<Condition, ApiError> {
    Ok(query::computers(conn, context.scope(), api.clock.now(), text.unwrap_or_default()).await?)
}

/// A query about activities as a condition; none is everything. The caller adds the scope.
pub async fn activities_matching(
    api: &Api,
    context: &Context,
    conn: &mut Conn,
    text: Option<&str>,
) -> Result<Condition, ApiError> {
    Ok(query::activities(conn, context.scope(), api.clock.now(), text.unwrap_or_default()).await?)
}
