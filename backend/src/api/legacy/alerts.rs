//! Alerts, by the names of their types.

use axum::http::StatusCode;
use binnacle_shared::model::landscape::alert::AlertType;
use binnacle_shared::rules;
use serde_json::Value;

use super::parameters::Parameters;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::landscape::alerts::{every, one};
use crate::operation::alerts::{self, Choice};
use crate::store::alert;

fn kind(parameters: &Parameters, name: &str) -> Result<AlertType, ApiError> {
    let wanted = parameters.required(name)?;
    AlertType::from_name(wanted).ok_or_else(|| {
        let known: Vec<&str> = AlertType::ALL.iter().map(|alert| alert.name()).collect();
        ApiError::Refused {
            status: StatusCode::NOT_FOUND,
            error: "UnknownAlertTypeError",
            message: format!("There is no alert “{wanted}”; known are {}.", known.join(", ")),
        }
    })
}

fn encode(value: impl serde::Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(value).map_err(ApiError::internal)
}

/// `GetAlerts`
pub async fn list(api: &Api, context: &Context, _: &Parameters) -> Result<Value, ApiError> {
    encode(every(api, context).await?)
}

/// `GetAlertSubscribers`
pub async fn subscribers(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let kind = kind(parameters, "alert_type")?;
    let mut conn = api.db.read().await?;
    encode(alert::subscribers(&mut conn, context.person.account_id, kind).await?)
}

/// `SubscribeToAlert`
pub async fn subscribe(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let kind = kind(parameters, "alert_type")?;
    alerts::subscribe(api, context.actor(), kind, true).await?;
    encode(one(api, context, kind).await?)
}

/// `UnsubscribeFromAlert`
pub async fn unsubscribe(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let kind = kind(parameters, "alert_type")?;
    alerts::subscribe(api, context.actor(), kind, false).await?;
    encode(one(api, context, kind).await?)
}

fn choice(parameters: &Parameters) -> Result<Choice, ApiError> {
    let tags = parameters.list("tags").into_iter().map(|tag| rules::tag(tag.to_owned())).collect::<Result<_, _>>();
    let tags = tags.map_err(|v| ApiError::field("/tags", v.code, v.message))?;
    Ok(Choice { tags, all_computers: parameters.flag("all_computers")? })
}

/// `AssociateAlert`
pub async fn associate(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let kind = kind(parameters, "name")?;
    alerts::associate(api, context.actor(), kind, &choice(parameters)?).await?;
    encode(one(api, context, kind).await?)
}

/// `DisassociateAlert`
pub async fn disassociate(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let kind = kind(parameters, "name")?;
    alerts::disassociate(api, context.actor(), kind, &choice(parameters)?).await?;
    encode(one(api, context, kind).await?)
}
