//! The HTTP side: dialects, their envelopes and errors. What it does is in `operation` and `store`.

pub mod agent;
mod authenticate;
pub mod body;
pub mod conductor;
pub mod context;
mod cors;
pub mod error;
mod landscape;
mod layers;
pub mod legacy;
pub mod openapi;
mod origin;
pub mod query;
mod refusal;
mod rewrite;
pub mod routes;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::map_request_with_state;
use axum::response::Response;
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use crate::assets;
use crate::auth::basic::Remembered;
use crate::auth::limiter::LoginLimiter;
use crate::config::Http;
use crate::operation::Services;
use crate::operation::first_start::SERVER_UUID;
use crate::store::{StoreError, account};
use conductor::matrix::Permissions;
use error::ApiError;
use origin::Proxies;

/// The largest body that is read.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// Longest time that a handler may take before its caller is told to come again.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);
/// The prefixes under which every path of the v2 API is served.
pub const PREFIXES: &[&str] = &["/api/v2", "/api"];

/// What handlers work with. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Api(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    services: Services,
    limiter: LoginLimiter,
    remembered: Remembered,
    permissions: Permissions,
    server_uuid: String,
    stopping: CancellationToken,
    http: Http,
}

impl Api {
    /// Streams end when `stopping` is cancelled.
    pub async fn new(services: Services, stopping: CancellationToken, http: Http) -> Result<Self, StoreError> {
        let mut conn = services.db.read().await?;
        let server_uuid = account::setting(&mut conn, SERVER_UUID).await?.unwrap_or_default();
        drop(conn);
        let limiter = LoginLimiter::default();
        let remembered = Remembered::new(services.random.as_ref());
        let permissions = Permissions::default();
        Ok(Self(Arc::new(Inner { services, limiter, remembered, permissions, server_uuid, stopping, http })))
    }

    fn for_agents(&self) -> agent::AgentApi {
        agent::AgentApi {
            db: self.db.clone(),
            engine: self.engine.clone(),
            keys: self.keys.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            server_uuid: self.0.server_uuid.clone(),
            stop: self.0.stopping.clone(),
        }
    }

    /// Whether the server is about to end.
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// Which proxies are trusted, and which other origins may ask.
    pub fn http(&self) -> &Http {
        &self.0.http
    }

    /// Passwords that were right not long ago, of clients that send them with every request.
    pub fn remembered(&self) -> &Remembered {
        &self.0.remembered
    }

    /// What the roles of the Conductor API may do.
    pub fn permissions(&self) -> &Permissions {
        &self.0.permissions
    }

    /// Slows down whoever guesses passwords.
    pub fn limiter(&self) -> &LoginLimiter {
        &self.0.limiter
    }
}

impl Deref for Api {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0.services
    }
}

/// Everything that the server answers.
pub fn router(api: Api) -> Router {
    let mut router = Router::new();
    for prefix in PREFIXES {
        for route in routes::table() {
            let (path, handler) = route.mount(prefix, &api);
            router = router.route(&path, handler);
        }
    }
    for route in routes::conductor::table() {
        let (path, handler) = route.mount(conductor::PREFIX, &api);
        router = router.route(&path, handler);
    }
    let agents = agent::router(api.for_agents());
    let proxies = Proxies::new(api.http().clone());
    let origins = cors::Origins::new(&api.http().cors_origins);
    let inner = router
        .route("/api", get(legacy::handle).post(legacy::handle))
        .fallback(fallback)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(api)
        .merge(agents);
    // The path is rewritten before the router looks at it, which only a router around it can do.
    let rewriting = tower::ServiceBuilder::new().map_request(rewrite::rewrite).service(inner);
    let whole = layers::around(Router::new().fallback_service(rewriting), origins);
    // Outermost, so that all layers know where a request comes from.
    whole.layer(map_request_with_state(proxies, origin::attach))
}

/// Each family says it in its own way.
async fn method_not_allowed(request: Request) -> Response {
    use axum::response::IntoResponse;
    if request.uri().path().starts_with(conductor::PREFIX) {
        return conductor::error::Error::Common(ApiError::MethodNotAllowed).into_response();
    }
    ApiError::MethodNotAllowed.into_response()
}

/// What no route takes: a page of the console, or nothing.
async fn fallback(request: Request) -> Response {
    use axum::response::IntoResponse;
    let path = request.uri().path();
    let under = |root: &str| path == root || path.strip_prefix(root).is_some_and(|p| p.starts_with('/'));
    if under(conductor::PREFIX) {
        return (StatusCode::NOT_FOUND, "There is nothing at this address.").into_response();
    }
    if ["/api", "/message-system", "/ping"].into_iter().any(under) {
        return ApiError::NoSuchPath.into_response();
    }
    assets::serve(&request)
}
