//! Which pages of other origins may ask. A console that another server hands out sends its token in
//! a header and no cookie, so no answer allows credentials.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, last-event-id, tenant, x-csrf-token");
const EXPOSED: HeaderValue = HeaderValue::from_static("content-disposition, retry-after, x-request-id");
/// How long a browser may remember the answer to a preflight; none does for longer.
const REMEMBERED: HeaderValue = HeaderValue::from_static("7200");

/// The origins of the settings, exactly as browsers write them.
#[derive(Clone, Debug)]
pub struct Origins(Arc<[String]>);

impl Origins {
    pub fn new(origins: &[String]) -> Self {
        Self(origins.into())
    }

    /// The request's origin, if its pages may ask.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        self.0.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

/// Answers preflights of allowed origins, and marks the other answers to them. To any other origin
/// nothing is said, and its browser keeps the answer from the page.
pub async fn around(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path() == "/api" || request.uri().path().starts_with("/api/");
    if !is_api || origins.0.is_empty() {
        return next.run(request).await;
    }
    let Some(origin) = origins.allowed(request.headers()) else {
        let mut response = next.run(request).await;
        response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
        return response;
    };
    let is_preflight =
        *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let allowed = [
            (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
            (ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        ];
        (StatusCode::NO_CONTENT, allowed).into_response()
    } else {
        let mut response = next.run(request).await;
        response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        response
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, HeaderValue::from_static("Origin"));
    response
}
