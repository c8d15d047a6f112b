//! Activities and their output.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::{Activity, Output};
use binnacle_shared::query::Subject;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::store::{Conn, activity_output, list};

/// `GET activities`: groups and their children, the newest first.
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Activity>>, ApiError> {
    let params = query.list(Kind::Activity)?;
    let condition = super::condition(Subject::Activity, query.get("query"))?;
    let mut conn = api.db.read().await?;
    let page = list::page(&mut conn, context.scope(), &params, condition).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// An activity that the caller sees.
pub async fn existing(conn: &mut Conn, context: &Context, id: i64) -> Result<Activity, ApiError> {
    let found = list::read(conn, context.scope(), id).await?;
    found.ok_or(ApiError::unknown(Kind::Activity))
}

/// `GET activities/{id}`
pub async fn read(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Activity>, ApiError> {
    let mut conn = api.db.read().await?;
    Ok(Json(existing(&mut conn, &context, id).await?))
}

/// `GET activities/{id}/output` (ours): all that the script has written so far.
pub async fn output(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Output>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let results = activity_output::read(&mut conn, id, 0).await?;
    let truncated = activity_output::is_truncated(&mut conn, id).await?;
    Ok(Json(Output { results, truncated }))
}
