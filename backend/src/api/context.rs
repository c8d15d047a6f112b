//! Who asks: authentication and permission, decided before a handler runs.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use binnacle_shared::permission::Permission;

use super::error::ApiError;
use super::{Api, HANDLER_TIMEOUT};
use crate::auth::session::{CSRF_HEADER, SessionToken};
use crate::auth::token;
use crate::store::Scope;
use crate::store::person::{self, Person};

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing. The handler may look whether somebody is logged in.
    Public,
    /// A login, whatever the role.
    Session,
    /// A login whose role gives this permission.
    Needs(Permission),
}

/// How somebody proved who they are.
#[derive(Clone, Debug)]
pub enum Via {
    /// With a token in the header.
    Bearer,
    /// With the session cookie of the console.
    Cookie(SessionToken),
}

/// Who asks, and what part of the account they see.
#[derive(Clone, Debug)]
pub struct Context {
    pub person: Arc<Person>,
    pub via: Via,
}

impl Context {
    pub fn scope(&self) -> &Scope {
        &self.person.scope
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.person.role.allows(permission)
    }

    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.allows(permission) { Ok(()) } else { Err(ApiError::Forbidden(permission)) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Only a route that asks for a login puts it there.
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Unauthenticated)
    }
}

/// Whoever is logged in, if anybody is; for public routes.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<Context>);

impl FromRequestParts<Api> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        match authenticate(api, &parts.headers, &Method::GET).await {
            Ok(context) => Ok(Self(Some(context))),
            Err(ApiError::Unauthenticated) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

/// Finds out who asks. With a cookie, a method that changes something needs the CSRF token too.
pub async fn authenticate(api: &Api, headers: &HeaderMap, method: &Method) -> Result<Context, ApiError> {
    let now = api.clock.now();
    let (person, via) = if let Some(header) = headers.get(AUTHORIZATION) {
        let bearer = header.to_str().ok().and_then(|text| text.split_once(' '));
        let token = match bearer {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(ApiError::Unauthenticated),
        };
        let claims = token::read(&api.keys, now, token).ok_or(ApiError::Unauthenticated)?;
        let mut conn = api.db.read().await?;
        let person = person::by_id(&mut conn, claims.id)
            .await?
            .filter(|p| p.token_epoch == claims.epoch && p.account_name == claims.acc);
        (person, Via::Bearer)
    } else {
        let token = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .find_map(SessionToken::from_cookies)
            .ok_or(ApiError::Unauthenticated)?;
        let mut conn = api.db.read().await?;
        let person = person::by_session(&mut conn, &token.hash(), now).await?;
        (person, Via::Cookie(token))
    };
    let person = person.filter(|p| !p.disabled).ok_or(ApiError::Unauthenticated)?;
    let context = Context { person: Arc::new(person), via };
    if !matches!(*method, Method::GET | Method::HEAD) {
        check_csrf(api, headers, &context)?;
    }
    Ok(context)
}

/// A browser sends the cookie with requests that other pages make; it does not know the token.
pub fn check_csrf(api: &Api, headers: &HeaderMap, context: &Context) -> Result<(), ApiError> {
    match &context.via {
        Via::Bearer => Ok(()),
        Via::Cookie(token) => {
            let given = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
            let fits = given.is_some_and(|given| token.csrf_fits(&api.keys, given));
            if fits { Ok(()) } else { Err(ApiError::CsrfTokenInvalid) }
        }
    }
}

/// Stands before every route of the table.
pub async fn guard(State((api, access)): State<(Api, Access)>, mut request: Request, next: Next) -> Response {
    if access != Access::Public {
        let context = match authenticate(&api, request.headers(), request.method()).await {
            Ok(context) => context,
            Err(error) => return error.into_response(),
        };
        if let Access::Needs(permission) = access
            && let Err(error) = context.require(permission)
        {
            return error.into_response();
        }
        tracing::Span::current().record("person", context.person.id);
        request.extensions_mut().insert(context);
    }
    // A stream's handler answers at once; only its body lasts.
    match tokio::time::timeout(HANDLER_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}
