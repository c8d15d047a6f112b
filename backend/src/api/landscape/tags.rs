//! Tags of computers.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::{Envelope, Page};

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::Query;
use crate::store::computer;

/// `GET tags`: words, by name.
pub async fn list(State(api): State<Api>, context: Context, query: Query) -> Result<Json<Envelope<String>>, ApiError> {
    let params = query.list(Kind::Computer)?;
    let mut conn = api.db.read().await?;
    let tags = computer::tags(&mut conn, context.scope()).await?;
    let total = tags.len() as u64;
    let offset = usize::try_from(params.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(params.limit).unwrap_or(usize::MAX);
    let items = tags.into_iter().skip(offset).take(limit).collect();
    Ok(Json(query.envelope(&params, Page { items, total })))
}
