//! Administrators: the people of the account.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::administrator::{Administrator, RolesOfPerson, StateFilter};

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::administrators;
use crate::store::{administrator, list};

/// `GET administrators` (ours)
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Administrator>>, ApiError> {
    let params = query.list(Kind::Administrator)?;
    let filter = match query.get("state").filter(|text| !text.is_empty()) {
        None => StateFilter::default(),
        Some(text) => StateFilter::parse(text).map_err(|v| ApiError::field("/state", v.code, v.message))?,
    };
    let mut conn = api.db.read().await?;
    let page = list::page(&mut conn, context.scope(), &params, administrator::in_state(filter)).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET administrators/{id}` (ours)
pub async fn read(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
) -> Result<Json<Administrator>, ApiError> {
    let mut conn = api.db.read().await?;
    let found = list::read(&mut conn, context.scope(), id).await?;
    found.map(Json).ok_or(ApiError::unknown(Kind::Administrator))
}

/// `PUT administrators/{id}`: exactly these roles.
pub async fn set_roles(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    Body(body): Body,
) -> Result<Json<Administrator>, ApiError> {
    let wanted = RolesOfPerson::parse(&body)?;
    Ok(Json(administrators::set_roles(&api, context.actor(), id, &wanted.roles).await?))
}
