//! Roles and permissions. The documented API has them as legacy actions only; these are ours.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::role::{NewRole, PermissionInfo, Role, RolePatch};
use binnacle_shared::permission::Permission;

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::roles::{self, Change, Edit, Which};
use crate::store;

/// `GET permissions`: all of them on one page; there are few.
pub async fn permissions() -> Json<Envelope<PermissionInfo>> {
    let results: Vec<PermissionInfo> = Permission::ALL.iter().copied().map(PermissionInfo::from).collect();
    let count = results.len() as u64;
    Json(Envelope { results, count, next: None, previous: None })
}

/// `GET roles`
pub async fn list(State(api): State<Api>, context: Context, query: Query) -> Result<Json<Envelope<Role>>, ApiError> {
    let params = query.list(Kind::Role)?;
    let mut conn = api.db.read().await?;
    let page = store::list::page(&mut conn, context.scope(), &params, sea_query::Condition::all()).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET roles/{id}`
pub async fn read(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Role>, ApiError> {
    let mut conn = api.db.read().await?;
    let found = store::list::read(&mut conn, context.scope(), id).await?;
    found.map(Json).ok_or(ApiError::unknown(Kind::Role))
}

/// `POST roles`
pub async fn create(
    State(api): State<Api>,
    context: Context,
    Body(body): Body,
) -> Result<(StatusCode, Json<Role>), ApiError> {
    let new = NewRole::parse(&body)?;
    Ok((StatusCode::CREATED, Json(roles::create(&api, context.actor(), &new).await?)))
}

/// `PATCH roles/{id}`
pub async fn edit(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    Body(body): Body,
) -> Result<Json<Role>, ApiError> {
    let patch = RolePatch::parse(&body)?;
    let change = Change {
        description: patch.description,
        permissions: patch.permissions.map(Edit::Set),
        access_groups: patch.access_groups.map(Edit::Set),
    };
    Ok(Json(roles::edit(&api, context.actor(), Which::Id(id), &change).await?))
}

/// `DELETE roles/{id}`
pub async fn remove(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    roles::remove(&api, context.actor(), Which::Id(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
