//! Ends tokens, and the sessions that they belong to, for many at once.

use axum::extract::State;
use axum::http::StatusCode;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::Name;
use crate::operation::myself::{self, Invalidate};

/// `POST tokens/invalidate-me`
pub async fn mine(State(api): State<Api>, context: Context) -> Result<StatusCode, ApiError> {
    run(&api, &context, Invalidate::Me).await
}

/// `POST tokens/invalidate-account`
pub async fn of_account(State(api): State<Api>, context: Context) -> Result<StatusCode, ApiError> {
    run(&api, &context, Invalidate::Account).await
}

/// `POST tokens/invalidate-system`
pub async fn of_everybody(State(api): State<Api>, context: Context) -> Result<StatusCode, ApiError> {
    run(&api, &context, Invalidate::System).await
}

/// `POST tokens/invalidate-system/account/{name}`
pub async fn of_account_named(
    State(api): State<Api>,
    context: Context,
    Name(name): Name,
) -> Result<StatusCode, ApiError> {
    run(&api, &context, Invalidate::AccountNamed(&name)).await
}

async fn run(api: &Api, context: &Context, what: Invalidate<'_>) -> Result<StatusCode, ApiError> {
    myself::invalidate(api, &context.person, what).await?;
    Ok(StatusCode::NO_CONTENT)
}
