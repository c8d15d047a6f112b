//! Preferences: the settings of the account.

use axum::Json;
use axum::extract::State;

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::operation::edit_preferences::{self, Preferences, PreferencesPatch};

/// `GET preferences`
pub async fn read(State(api): State<Api>, context: Context) -> Result<Json<Preferences>, ApiError> {
    Ok(Json(edit_preferences::read(&api, context.actor()).await?))
}

/// `PATCH preferences`
pub async fn edit(State(api): State<Api>, context: Context, Body(body): Body) -> Result<Json<Preferences>, ApiError> {
    let patch = PreferencesPatch::parse(&body)?;
    Ok(Json(edit_preferences::run(&api, context.actor(), &patch).await?))
}
