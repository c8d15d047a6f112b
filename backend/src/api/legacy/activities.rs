//! Activities.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::{Activity, EXECUTE_SCRIPT, GROUP_TYPE};
use binnacle_shared::query::Subject;
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::scripts::page;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::landscape::condition;
use crate::operation::cancel_activities;
use crate::store::list as store;

/// `GetActivities`
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let params = page(Kind::Activity, parameters)?;
    let matching = condition(Subject::Activity, parameters.text("query"))?;
    let mut conn = api.db.read().await?;
    let page = store::page::<Activity>(&mut conn, context.scope(), &params, matching).await?;
    serde_json::to_value(page.items).map_err(ApiError::internal)
}

/// `GetActivityTypes`: the types that this server makes.
pub async fn types(_: &Api, _: &Context, _: &Parameters) -> Result<Value, ApiError> {
    Ok(json!([GROUP_TYPE, EXECUTE_SCRIPT]))
}

/// `CancelActivities`
pub async fn cancel(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let matching = condition(Subject::Activity, Some(parameters.required("query")?))?;
    Ok(json!(cancel_activities::run(api, context.actor(), matching).await?))
}
