//! One's own sessions: where one is signed in, and how to end that.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::list::{Envelope, Page};
use binnacle_shared::model::landscape::session::{Revoked, Session};
use binnacle_shared::time::Seconds;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::myself;
use crate::store::session;

/// `GET sessions`: the one used last first.
pub async fn list(State(api): State<Api>, context: Context, query: Query) -> Result<Json<Envelope<Session>>, ApiError> {
    let params = query.page()?;
    let mut conn = api.db.read().await?;
    let found = session::of_person(&mut conn, context.person.id, api.clock.now()).await?;
    let sessions: Vec<Session> = found
        .into_iter()
        .map(|found| Session {
            id: found.id,
            created_at: Seconds(found.created_at),
            last_used_at: Seconds(found.last_used_at),
            expires_at: Seconds(found.expires_at.max(found.token_expires_at)),
            address: found.address,
            user_agent: found.user_agent,
            current: context.session_id == Some(found.id),
        })
        .collect();
    Ok(Json(query.envelope(&params, Page::of(sessions, &params))))
}

/// `DELETE sessions/{id}`
pub async fn end(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    myself::end_session(&api, &context.person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST sessions:revoke-others`
pub async fn end_others(State(api): State<Api>, context: Context) -> Result<Json<Revoked>, ApiError> {
    let revoked = myself::end_other_sessions(&api, &context.person, context.session_id).await?;
    Ok(Json(Revoked { revoked }))
}
