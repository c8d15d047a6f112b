//! The Landscape query API: one address, an action by name.

mod access_groups;
mod actions;
mod activities;
mod computers;
mod parameters;
mod scripts;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::context::{Context, Via, authenticate, check_csrf};
use super::error::{ApiError, Family};
use super::{Api, HANDLER_TIMEOUT, body, query};
use parameters::Parameters;

/// Takes every request to `/api`.
pub async fn handle(State(api): State<Api>, request: Request) -> Response {
    let result = tokio::time::timeout(HANDLER_TIMEOUT, answer(&api, request)).await;
    match result {
        // Clients read every answer as JSON, also where there is nothing to say.
        Ok(Ok(value)) => {
            let mut response = Json(value).into_response();
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Ok(Err(error)) => error.encode(Family::Legacy),
        Err(_) => ApiError::TimedOut.encode(Family::Legacy),
    }
}

async fn answer(api: &Api, request: Request) -> Result<Value, ApiError> {
    let method = request.method().clone();
    let headers = request.headers().clone();
    let mut pairs = query::pairs(request.uri().query().unwrap_or_default().as_bytes());
    if method == Method::POST {
        pairs.extend(query::pairs(&body::bytes(request, api).await?));
    }
    let parameters = Parameters::new(pairs)?;
    // Whether a cookie has to be guarded depends on the action, so that is looked at below.
    let context = authenticate(api, &headers, &Method::GET).await?;
    let action = actions::find(parameters.action()?)?;
    parameters.check_version()?;
    context.require(action.permission)?;
    guard_cookie(api, &headers, &method, &context, action)?;
    tracing::Span::current().record("person", context.person.id);
    action.run(api, &context, &parameters).await
}

/// A link or an image on another page makes the browser send a GET with the cookie: such a
/// request changes nothing. A POST has to carry the session's token.
fn guard_cookie(
    api: &Api,
    headers: &axum::http::HeaderMap,
    method: &Method,
    context: &Context,
    action: &actions::Action,
) -> Result<(), ApiError> {
    match &context.via {
        Via::Cookie(_) if *method == Method::POST => check_csrf(api, headers, context),
        Via::Cookie(_) if action.changes => Err(ApiError::CsrfTokenInvalid),
        Via::Cookie(_) | Via::Bearer => Ok(()),
    }
}
