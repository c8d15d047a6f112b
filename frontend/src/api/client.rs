//! Requests to the v2 API.

use std::cell::RefCell;

use binnacle_shared::list::Envelope;
use gloo_net::http::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::RequestCredentials;

use super::{ApiError, server};
use crate::{json, paths};

/// Where the v2 API is.
pub const BASE: &str = "/api/v2/";
/// Where the Conductor API is.
pub const CONDUCTOR: &str = "/api/v3.1/";
pub(super) const JSON: &str = "application/json";
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

thread_local! {
    static CSRF: RefCell<Option<String>> = const { RefCell::new(None) };
    static TENANT: RefCell<Option<String>> = const { RefCell::new(None) };
    static ON_EXPIRED: RefCell<Option<Box<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Sets the token that changing requests carry; the session does this.
pub fn set_csrf(token: Option<String>) {
    CSRF.with_borrow_mut(|slot| *slot = token);
}

/// Sets the tenant that every request names; the session does this.
pub fn set_tenant(tenant: Option<String>) {
    TENANT.with_borrow_mut(|slot| *slot = tenant);
}

/// The tenant that every request names.
pub fn tenant() -> Option<String> {
    TENANT.with_borrow(Clone::clone)
}

/// What to do when the server says that the session is over; the session does this.
pub fn on_expired(act: impl Fn() + 'static) {
    ON_EXPIRED.with_borrow_mut(|slot| *slot = Some(Box::new(act)));
}

/// Reads one thing.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    decode(&exchange(Method::GET, url(path), None).await?)
}

/// Reads what is at an address, with its prefix, as text.
pub async fn read(url: String) -> Result<String, ApiError> {
    exchange(Method::GET, url, None).await
}

/// Reads a part of a list; pairs with an empty value are left out.
pub async fn list<T: DeserializeOwned>(path: &str, query: &[(&str, &str)]) -> Result<Envelope<T>, ApiError> {
    get(&paths::with_query(path, query)).await
}

/// Creates, or asks for an action.
pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, ApiError> {
    decode(&send(Method::POST, path, body).await?)
}

/// Replaces.
pub async fn put<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, ApiError> {
    decode(&send(Method::PUT, path, body).await?)
}

/// Changes some fields.
pub async fn patch<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, ApiError> {
    decode(&send(Method::PATCH, path, body).await?)
}

/// Sends a JSON body and returns the answer as text, for requests whose answer nobody reads.
/// `&()` sends no body: `send(Method::POST, "script-profiles/5:archive", &()).await?`.
pub async fn send(method: Method, path: &str, body: &impl Serialize) -> Result<String, ApiError> {
    let body = match serde_json::to_value(body) {
        Ok(Value::Null) => None,
        Ok(value) => Some((JSON, json::text(&value))),
        Err(error) => return Err(ApiError::unreadable(0, &error.to_string())),
    };
    exchange(method, url(path), body).await
}

/// Reads a file as it is.
pub async fn bytes(path: &str) -> Result<Vec<u8>, ApiError> {
    let request = as_person(RequestBuilder::new(&server::address(&url(path)))).build();
    let request = request.map_err(|error| ApiError::unreadable(0, &error.to_string()))?;
    let response = request.send().await.map_err(|_| ApiError::unreachable())?;
    if response.ok() {
        return response.binary().await.map_err(|_| ApiError::unreachable());
    }
    let request_id = response.headers().get("x-request-id");
    let text = response.text().await.map_err(|_| ApiError::unreachable())?;
    Err(ApiError::from_body(response.status(), &text, request_id))
}

fn url(path: &str) -> String {
    format!("{BASE}{path}")
}

pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| ApiError::unreadable(200, &error.to_string()))
}

/// Lets the server know who asks, and in which tenant: by cookie, or another server by token.
pub(super) fn as_person(builder: RequestBuilder) -> RequestBuilder {
    let builder = match tenant() {
        Some(tenant) => builder.header("Tenant", &tenant),
        None => builder,
    };
    if !server::is_other() {
        return builder;
    }
    let builder = builder.credentials(RequestCredentials::Omit);
    match server::token() {
        Some(token) => builder.header("Authorization", &format!("Bearer {token}")),
        None => builder,
    }
}

/// The server says that the session is over.
pub(super) fn expired() {
    ON_EXPIRED.with_borrow(|act| {
        if let Some(act) = act {
            act();
        }
    });
}

/// One request and its answer. Not generic: the rest of the client stays small around it.
pub(super) async fn exchange(
    method: Method,
    url: String,
    body: Option<(&'static str, String)>,
) -> Result<String, ApiError> {
    let reads = method == Method::GET;
    let mut builder = as_person(RequestBuilder::new(&server::address(&url)).method(method)).header("Accept", JSON);
    if !reads && let Some(token) = CSRF.with_borrow(Clone::clone) {
        builder = builder.header("X-CSRF-Token", &token);
    }
    let request = match body {
        Some((kind, text)) => builder.header("Content-Type", kind).body(text),
        None => builder.build(),
    };
    let request = request.map_err(|error| ApiError::unreadable(0, &error.to_string()))?;
    let response = request.send().await.map_err(|_| ApiError::unreachable())?;
    let status = response.status();
    let request_id = response.headers().get("x-request-id");
    let text = response.text().await.map_err(|_| ApiError::unreachable())?;
    if response.ok() {
        return Ok(text);
    }
    // In the Conductor API the status has other meanings as well: see `conductor`.
    if status == 401 && !url.ends_with("/login") && !url.starts_with(CONDUCTOR) {
        expired();
    }
    Err(ApiError::from_body(status, &text, request_id))
}
