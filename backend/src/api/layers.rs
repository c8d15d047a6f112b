//! What happens to every request and answer, whatever its route.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Response};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::cors::{self, Origins};
use super::error::ApiError;
use super::origin::Origin;
use super::rewrite::OriginalPath;
use crate::clock::{Random, SystemRandom};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What is no page may do nothing, should a browser be made to show it as one. The console's page
/// has a policy of its own.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'";
/// The console copies to the clipboard; nothing else of a machine is its business.
const PERMISSIONS: &str = "accelerometer=(), bluetooth=(), camera=(), display-capture=(), geolocation=(), \
                           gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), \
                           usb=()";
/// A year. Not for other hosts below this one, of which we know nothing.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Puts the layers around the routes, the outermost last.
pub fn around(router: Router, origins: Origins) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(PERMISSIONS_POLICY, PERMISSIONS))
        .layer(from_fn(transport))
        .layer(from_fn_with_state(origins, cors::around))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
}

/// Who has come by TLS once shall not be led astray without it. Said over plain HTTP it would count
/// for nothing.
async fn transport(request: Request<Body>, next: Next) -> Response<Body> {
    let secure = request.extensions().get::<Origin>().is_some_and(|origin| origin.secure);
    let mut response = next.run(request).await;
    if secure {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    response
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
