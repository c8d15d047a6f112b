//! Who is in which tenant. These requests name the tenant in their body: what somebody may do is
//! looked up there.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::tenant::Tenant;
use schemars::JsonSchema;
use serde_json::Value;

use super::answer;
use super::body::{Body, known_name};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use super::{roles, tenants};
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::memberships::{self, Change, Name};
use crate::store::conductor::tenant::StoredTenant;

/// A user and a tenant.
#[derive(Debug, JsonSchema)]
pub struct TenantUserBody {
    pub username: String,
    pub tenant_name: String,
    /// `manager`, `operations`, `user` (which it is unless given) or `viewer`.
    pub role: Option<String>,
}

/// A user group and a tenant.
#[derive(Debug, JsonSchema)]
pub struct TenantGroupBody {
    pub group_name: String,
    pub tenant_name: String,
    /// `manager`, `operations`, `user` (which it is unless given) or `viewer`.
    pub role: Option<String>,
}

/// Of what kind a member is, and what is asked of whoever changes something about it.
#[derive(Clone, Copy, Debug)]
struct Of {
    /// The member's name in bodies.
    field: &'static str,
    name: for<'a> fn(&'a str) -> Name<'a>,
    add: Permission,
    update: Permission,
    remove: Permission,
}

const USERS: Of = Of {
    field: "username",
    name: |name| Name::User(name),
    add: Permission::TenantAddUser,
    update: Permission::TenantUpdateUser,
    remove: Permission::TenantRemoveUser,
};

const GROUPS: Of = Of {
    field: "group_name",
    name: |name| Name::Group(name),
    add: Permission::TenantAddGroup,
    update: Permission::TenantUpdateGroup,
    remove: Permission::TenantRemoveGroup,
};

/// What is wanted, before the body has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Add,
    Update,
    Remove,
}

async fn change(
    api: &Api,
    caller: &Caller,
    body: &Value,
    of: Of,
    wanted: Wanted,
) -> Result<(Caller, StoredTenant), Error> {
    let mut r = Reader::root(body)?;
    let member = known_name(&mut r, of.field);
    let tenant = known_name(&mut r, "tenant_name");
    let role = match wanted {
        Wanted::Add => roles::role(&mut r, Role::OF_TENANTS).or(Some(Role::User)),
        Wanted::Update => roles::required_role(&mut r, Role::OF_TENANTS),
        Wanted::Remove => None,
    };
    r.finish().or(())?;
    let (Some(member), Some(tenant)) = (member, tenant) else {
        return Err(Refusal::BadParameters(format!("Give {} and tenant_name", of.field)).into());
    };
    let there = caller.in_tenant(api, &tenant).await?;
    let (permission, change) = match (wanted, role) {
        (Wanted::Add, Some(role)) => (of.add, Change::Add(role)),
        (Wanted::Update, Some(role)) => (of.update, Change::Update(role)),
        _ => (of.remove, Change::Remove),
    };
    if !there.allows(permission) {
        let (username, tenant) = (caller.person.username.clone(), Some(tenant));
        return Err(Refusal::NotPermitted { username, permission, tenant }.into());
    }
    if there.tenant.is_none() {
        return Err(Refusal::not_found("Tenant", tenant).into());
    }
    // Nobody gives what they do not have there.
    if role.is_some_and(|role| !there.covers(role)) {
        let message = "You cannot give a role that may do more than you in the tenant".to_owned();
        return Err(Refusal::Forbidden(message).into());
    }
    let changed = memberships::change(api, &there.author(), (of.name)(&member), change).await?;
    Ok((there, changed))
}

async fn answered(
    api: &Api,
    caller: &Caller,
    query: &Query,
    body: &Value,
    of: Of,
    wanted: Wanted,
) -> Result<Response, Error> {
    answer::check::<Tenant>(query)?;
    let (there, changed) = change(api, caller, body, of, wanted).await?;
    answer::one(query, &tenants::shown(api, &there, query, changed).await?)
}

/// `PUT tenants/users`
pub async fn add_user(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Body(body): Body,
) -> Result<Response, Error> {
    answered(&api, &caller, &query, &body, USERS, Wanted::Add).await
}

/// `PATCH tenants/users`
pub async fn update_user(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Body(body): Body,
) -> Result<Response, Error> {
    answered(&api, &caller, &query, &body, USERS, Wanted::Update).await
}

/// `DELETE tenants/users`
pub async fn remove_user(State(api): State<Api>, caller: Caller, Body(body): Body) -> Result<StatusCode, Error> {
    change(&api, &caller, &body, USERS, Wanted::Remove).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT tenants/user-groups`
pub async fn add_group(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Body(body): Body,
) -> Result<Response, Error> {
    answered(&api, &caller, &query, &body, GROUPS, Wanted::Add).await
}

/// `PATCH tenants/user-groups`
pub async fn update_group(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Body(body): Body,
) -> Result<Response, Error> {
    answered(&api, &caller, &query, &body, GROUPS, Wanted::Update).await
}

/// `DELETE tenants/user-groups`
pub async fn remove_group(State(api): State<Api>, caller: Caller, Body(body): Body) -> Result<StatusCode, Error> {
    change(&api, &caller, &body, GROUPS, Wanted::Remove).await?;
    Ok(StatusCode::NO_CONTENT)
}
