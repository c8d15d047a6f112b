//! The Landscape query API: one address, an action by name.

mod access_groups;
pub mod actions;
mod activities;
mod administrators;
mod alerts;
mod computers;
mod events;
pub mod parameters;
mod roles;
mod saved_searches;
mod scripts;
mod signed;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::authenticate::{Via, authenticate, check_csrf};
use super::context::Context;
use super::error::{ApiError, Family};
use super::origin::Origin;
use super::rewrite::OriginalPath;
use super::{Api, HANDLER_TIMEOUT, body, query};
use crate::auth::signature;
use parameters::Parameters;
use signed::Envelope;

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
    let uri = request.uri().clone();
    let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
    let path = request.extensions().get::<OriginalPath>().map_or_else(|| uri.path().to_owned(), |path| path.0.clone());
    let mut pairs = query::pairs(uri.query().unwrap_or_default().as_bytes())?;
    if method == Method::POST {
        pairs.extend(query::pairs(&body::bytes(request, api).await?)?);
    }
    let parameters = Parameters::new(pairs)?;
    // Who nobody knows learns nothing of actions, so what is wrong with the name comes later.
    let action = parameters.action().and_then(actions::find);
    let changes = action.as_ref().is_ok_and(|action| action.changes);
    let context = if headers.contains_key(AUTHORIZATION) || !signature::is_claimed(parameters.all()) {
        // Whether a cookie has to be guarded depends on the action, so that is looked at below.
        authenticate(api, &headers, &origin, &Method::GET).await?
    } else {
        let envelope = Envelope { method: &method, uri: &uri, path: &path, headers: &headers, origin: &origin };
        signed::authenticate(api, envelope, &parameters, changes).await?
    };
    let action = action?;
    parameters.check_version()?;
    let context = context.permitted(action.access)?;
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
        Via::Cookie(_) | Via::Bearer | Via::Signature => Ok(()),
    }
}
