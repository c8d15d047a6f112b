//! Tags of computers.

use axum::Json;
use axum::extract::State;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::tag::{self, TagChange};

use super::computers::numbers;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::Query;
use crate::store::{account, computer, profile_diff};

/// `GET tags`: words, by name.
pub async fn list(State(api): State<Api>, context: Context, query: Query) -> Result<Json<Envelope<String>>, ApiError> {
    let mut conn = api.db.read().await?;
    query.part(computer::tags(&mut conn, context.scope()).await?).map(Json)
}

/// `GET tags/profile-diff`: what would change if computers got tags.
pub async fn profile_diff(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<TagChange>>, ApiError> {
    let instances = numbers("instance_ids", &query.items("instance_ids")?.unwrap_or_default())?;
    let mut tags = query.items("tags")?.unwrap_or_default();
    for tag in &mut tags {
        *tag = tag::rule(std::mem::take(tag)).map_err(|v| ApiError::field("/tags", v.code, v.message))?;
    }
    let mut conn = api.db.read().await?;
    let limits = account::by_id(&mut conn, context.person.account_id).await?.map(|a| a.limits).unwrap_or_default();
    let changes =
        profile_diff::of_tags(&mut conn, context.scope(), &instances, &tags, limits.max_num_computers).await?;
    query.part(changes).map(Json)
}
