//! Roles and permissions.

use binnacle_shared::Kind;
use binnacle_shared::list::{LIMIT_MAX, ListParams};
use binnacle_shared::model::landscape::role::{NewRole, PermissionInfo, Role};
use binnacle_shared::permission::Permission;
use binnacle_shared::rules;
use sea_query::Condition;
use serde_json::{Value, json};

use super::parameters::Parameters;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::operation::administrators;
use crate::operation::roles::{self, Change, Edit, Which};
use crate::store;

fn encode(role: Role) -> Result<Value, ApiError> {
    serde_json::to_value(role).map_err(ApiError::internal)
}

/// The names of a list that has to be there.
pub(super) fn names(parameters: &Parameters, name: &str) -> Result<Vec<String>, ApiError> {
    Ok(parameters.required_list(name)?.into_iter().map(str::to_owned).collect())
}

/// `GetRoles`: names that nobody has are skipped.
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let names = parameters.list("names");
    let params = ListParams { limit: LIMIT_MAX, ..ListParams::parse(Kind::Role, [("sort", "name")])? };
    let mut conn = api.db.read().await?;
    let mut roles: Vec<Role> = store::list::page(&mut conn, context.scope(), &params, Condition::all()).await?.items;
    if !names.is_empty() {
        roles.retain(|role| names.contains(&role.name.as_str()));
    }
    serde_json::to_value(roles).map_err(ApiError::internal)
}

/// `GetPermissions`
pub async fn permissions(_: &Api, _: &Context, _: &Parameters) -> Result<Value, ApiError> {
    let all: Vec<PermissionInfo> = Permission::ALL.iter().copied().map(PermissionInfo::from).collect();
    serde_json::to_value(all).map_err(ApiError::internal)
}

/// `CreateRole`
pub async fn create(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let new = NewRole {
        name: parameters.required("name")?.to_owned(),
        description: parameters.check("description", rules::comment)?.unwrap_or_default(),
        ..NewRole::default()
    };
    encode(roles::create(api, context.actor(), &new).await?)
}

/// `CopyRole`
pub async fn copy(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let description = parameters.check("description", rules::comment)?;
    let (name, destination) = (parameters.required("name")?, parameters.required("destination_name")?);
    encode(roles::copy(api, context.actor(), name, destination, description.as_deref()).await?)
}

/// `RemoveRole`
pub async fn remove(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    roles::remove(api, context.actor(), Which::Name(parameters.required("name")?)).await?;
    Ok(json!({}))
}

async fn edit(api: &Api, context: &Context, parameters: &Parameters, change: Change) -> Result<Value, ApiError> {
    let which = Which::Name(parameters.required("name")?);
    encode(roles::edit(api, context.actor(), which, &change).await?)
}

/// `AddPermissionsToRole`
pub async fn add_permissions(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let permissions = Some(Edit::Add(names(parameters, "permissions")?));
    edit(api, context, parameters, Change { permissions, ..Change::default() }).await
}

/// `RemovePermissionsFromRole`
pub async fn remove_permissions(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let permissions = Some(Edit::Remove(names(parameters, "permissions")?));
    edit(api, context, parameters, Change { permissions, ..Change::default() }).await
}

/// `AddAccessGroupsToRole`
pub async fn add_access_groups(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let access_groups = Some(Edit::Add(names(parameters, "access_groups")?));
    edit(api, context, parameters, Change { access_groups, ..Change::default() }).await
}

/// `RemoveAccessGroupsFromRole`
pub async fn remove_access_groups(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let access_groups = Some(Edit::Remove(names(parameters, "access_groups")?));
    edit(api, context, parameters, Change { access_groups, ..Change::default() }).await
}

/// `AddPersonsToRole`
pub async fn add_persons(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let (name, persons) = (parameters.required("name")?, names(parameters, "persons")?);
    encode(administrators::add_to_role(api, context.actor(), name, &persons).await?)
}

/// `RemovePersonsFromRole`
pub async fn remove_persons(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let (name, persons) = (parameters.required("name")?, names(parameters, "persons")?);
    encode(administrators::remove_from_role(api, context.actor(), name, &persons).await?)
}
