//! Administrators, and how one becomes one.

use axum::http::StatusCode;
use binnacle_shared::list::{LIMIT_MAX, ListParams};
use binnacle_shared::model::landscape::administrator::{Administrator, StateFilter};
use binnacle_shared::model::landscape::invitation::{NewInvitation, default_roles, email};
use binnacle_shared::{Kind, Problems, rules};
use serde_json::{Value, json};

use super::parameters::{Parameters, missing};
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::operation::{administrators, invitations};
use crate::store::administrator::in_state;
use crate::store::list as store;

/// `GetAdministrators`
pub async fn list(api: &Api, context: &Context, _: &Parameters) -> Result<Value, ApiError> {
    let params = ListParams { limit: LIMIT_MAX, ..ListParams::parse(Kind::Administrator, [("sort", "id")])? };
    let mut conn = api.db.read().await?;
    let page = store::page::<Administrator>(&mut conn, context.scope(), &params, in_state(StateFilter::Active)).await?;
    let people = page.items.into_iter();
    Ok(people.map(|p| json!({"id": p.id, "name": p.name, "email": p.email, "roles": p.roles})).collect())
}

/// `InviteAdministrator`: the answer holds the end of the link, this once.
pub async fn invite(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let name = parameters.check("name", rules::title)?.ok_or_else(|| missing("name"))?;
    let address = email(parameters.required("email")?.to_owned()).map_err(|violation| ApiError::Named {
        status: StatusCode::BAD_REQUEST,
        error: "InvalidEmailAddress",
        problems: Problems::one("/email", violation.code, violation.message),
    })?;
    let roles: Vec<String> = parameters.list("roles").into_iter().map(str::to_owned).collect();
    let roles = if roles.is_empty() { default_roles() } else { roles };
    let invitation = invitations::create(api, context.actor(), &NewInvitation { name, email: address, roles }).await?;
    serde_json::to_value(invitation).map_err(ApiError::internal)
}

/// `DisableAdministrator`
pub async fn disable(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    administrators::disable(api, context.actor(), parameters.required("email")?).await?;
    Ok(Value::Null)
}
