//! What happens to every request and answer, whatever its route.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::error::ApiError;
use super::rewrite::OriginalPath;
use crate::clock::{Random, SystemRandom};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes, the outermost last.
pub fn around(router: Router) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
}

/// Only the path is noted: queries and headers may hold secrets.
fn span(request: &Request<Body>) -> Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let path = request.extensions().get::<OriginalPath>();
    tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        path = path.map_or(request.uri().path(), |p| p.0.as_str()),
        person = tracing::field::Empty,
    )
}

fn answered(response: &Response<Body>, latency: std::time::Duration, _: &Span) {
    tracing::debug!(status = response.status().as_u16(), ?latency, "answered");
}

#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(error: Box<dyn Any + Send>) -> Response<Body> {
    let message = error
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| error.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::internal(anyhow::anyhow!("a handler panicked: {message}")).into_response()
}

#[derive(Clone, Copy, Debug)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let mut bytes = [0; 8];
        // Names a line of the log and nothing else, so it need not be repeatable.
        SystemRandom.fill(&mut bytes);
        HeaderValue::from_str(&format!("{:016x}", u64::from_be_bytes(bytes))).ok().map(RequestId::new)
    }
}
