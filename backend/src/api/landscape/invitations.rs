//! Invitations, for those who invite and for those who are invited.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::invitation::{
    Acceptance, Invitation, InvitationSummary, NewInvitation, Rejection,
};

use super::login;
use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::origin::Origin;
use crate::api::query::{Ids, Query};
use crate::auth::token::MINUTES_DEFAULT;
use crate::operation::invitations;
use crate::store::{self, invitation};

/// `GET invitations`: those that can still be accepted.
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Invitation>>, ApiError> {
    let params = query.list(Kind::Invitation)?;
    let mut conn = api.db.read().await?;
    let good = invitation::good(api.clock.now());
    let page = store::list::page(&mut conn, context.scope(), &params, good).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET invitations/{id}`
pub async fn read(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Invitation>, ApiError> {
    let mut conn = api.db.read().await?;
    let found = store::list::read(&mut conn, context.scope(), id).await?;
    found.map(Json).ok_or(ApiError::unknown(Kind::Invitation))
}

/// `POST invitations`
pub async fn create(
    State(api): State<Api>,
    context: Context,
    Body(body): Body,
) -> Result<(StatusCode, Json<Invitation>), ApiError> {
    let new = NewInvitation::parse(&body)?;
    Ok((StatusCode::CREATED, Json(invitations::create(&api, context.actor(), &new).await?)))
}

/// `POST invitations/{id}`: another link.
pub async fn renew(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Invitation>, ApiError> {
    Ok(Json(invitations::renew(&api, context.actor(), id).await?))
}

/// `DELETE invitations/{id}`
pub async fn remove(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    invitations::remove(&api, context.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET invitations/{secure_id}/summary`
pub async fn summary(
    State(api): State<Api>,
    Path(secure_id): Path<String>,
) -> Result<Json<InvitationSummary>, ApiError> {
    Ok(Json(invitations::summary(&api, &secure_id).await?))
}

/// `POST accept-invitation`: answers as a login does.
pub async fn accept(
    State(api): State<Api>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let acceptance = Acceptance::parse(&body)?;
    let person = invitations::accept(&api, &acceptance).await?;
    login::enter(&api, &origin, &headers, &person, MINUTES_DEFAULT).await
}

/// `POST reject-invitation`
pub async fn reject(State(api): State<Api>, Body(body): Body) -> Result<StatusCode, ApiError> {
    let rejection = Rejection::parse(&body)?;
    invitations::reject(&api, &rejection.invitation_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
