//! The events log.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::event::Event;
use sea_query::Condition;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::Query;
use crate::store::{event, list};

/// `GET events`: the newest first.
pub async fn list(State(api): State<Api>, context: Context, query: Query) -> Result<Json<Envelope<Event>>, ApiError> {
    let params = query.list(Kind::Event)?;
    let condition = match query.count("days")? {
        Some(days) => event::since(i64::try_from(days).unwrap_or(i64::MAX), api.clock.now()),
        None => Condition::all(),
    };
    let mut conn = api.db.read().await?;
    let page = list::page::<Event>(&mut conn, context.scope(), &params, condition).await?;
    Ok(Json(query.envelope(&params, page)))
}
