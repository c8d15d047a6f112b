//! Activities.

use binnacle_shared::Kind;
use binnacle_shared::list::Sort;
use binnacle_shared::model::landscape::activity::{Activity, TYPES};
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::scripts::page;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::landscape::activities::narrow;
use crate::api::landscape::activities_matching;
use crate::operation::{approve_activities, cancel_activities};
use crate::store::list as store;

/// `GetActivities`: by creation time, the earliest first.
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let mut params = page(Kind::Activity, parameters)?;
    params.sort = vec![Sort { field: "creation_time", descending: false }];
    let mut conn = api.db.read().await?;
    let matching = activities_matching(api, context, &mut conn, parameters.text("query")).await?;
    let mut page = store::page::<Activity>(&mut conn, context.scope(), &params, matching).await?;
    narrow(&mut conn, context, &mut page.items).await?;
    serde_json::to_value(page.items).map_err(ApiError::internal)
}

/// `GetActivityTypes`: the types that this server makes.
pub async fn types(_: &Api, _: &Context, _: &Parameters) -> Result<Value, ApiError> {
    Ok(json!(TYPES))
}

/// `CancelActivities`
pub async fn cancel(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let mut conn = api.db.read().await?;
    let matching = activities_matching(api, context, &mut conn, Some(parameters.required("query")?)).await?;
    drop(conn);
    Ok(json!(cancel_activities::run(api, context.actor(), matching).await?))
}

/// `ApproveActivities`
pub async fn approve(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let mut conn = api.db.read().await?;
    let matching = activities_matching(api, context, &mut conn, Some(parameters.required("query")?)).await?;
    drop(conn);
    Ok(json!(approve_activities::run(api, context.actor(), matching).await?))
}
