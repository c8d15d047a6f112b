//! The events log.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::event::Event;
use sea_query::Condition;
use serde_json::Value;

use super::parameters::Parameters;
use super::scripts::page;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::store::{event, list as store};

/// `GetEventLog`
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let params = page(Kind::Event, parameters)?;
    let condition = match parameters.integer("days")? {
        Some(days) if days < 0 => {
            return Err(ApiError::field("/days", "range", "Must be 0 or more."));
        }
        Some(days) => event::since(days, api.clock.now()),
        None => Condition::all(),
    };
    let mut conn = api.db.read().await?;
    let page = store::page::<Event>(&mut conn, context.scope(), &params, condition).await?;
    serde_json::to_value(page.items).map_err(ApiError::internal)
}
