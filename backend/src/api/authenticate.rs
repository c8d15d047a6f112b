//! Finds out who asks, from the headers of a request.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::Api;
use super::context::Context;
use super::error::ApiError;
use super::origin::Origin;
pub use crate::auth::authenticate::Via;
use crate::auth::authenticate::{Identity, by_cookie, by_token};
use crate::auth::session::{CSRF_HEADER, SessionToken};

/// Whoever is logged in, if anybody is; for public routes.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<Context>);

impl FromRequestParts<Api> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let Ok(origin) = Origin::from_request_parts(parts, api).await;
        match authenticate(api, &parts.headers, &origin, &Method::GET).await {
            Ok(context) => Ok(Self(Some(context))),
            Err(ApiError::Unauthenticated) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

/// By token or cookie. With a cookie, a method that changes something needs the CSRF token too.
pub async fn authenticate(
    api: &Api,
    headers: &HeaderMap,
    origin: &Origin,
    method: &Method,
) -> Result<Context, ApiError> {
    let identity = if headers.contains_key(AUTHORIZATION) {
        let token = bearer(headers).ok_or(ApiError::Unauthenticated)?;
        by_token(api, token, origin.address).await?
    } else {
        let token = session_token(headers).ok_or(ApiError::Unauthenticated)?;
        by_cookie(api, token, origin.address).await?
    };
    let Identity { person, via, session_id } = identity.ok_or(ApiError::Unauthenticated)?;
    let context = Context::new(person, via, session_id);
    if !matches!(*method, Method::GET | Method::HEAD) {
        check_csrf(api, headers, &context)?;
    }
    Ok(context)
}

/// The token of an `Authorization` header of the one kind that is taken.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session's token in the cookies, if there is one.
pub fn session_token(headers: &HeaderMap) -> Option<SessionToken> {
    let mut cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    cookies.find_map(SessionToken::from_cookies)
}

/// A browser sends the cookie with requests that other pages make; it does not know the token.
pub fn check_csrf(api: &Api, headers: &HeaderMap, context: &Context) -> Result<(), ApiError> {
    match &context.via {
        Via::Bearer | Via::Signature => Ok(()),
        Via::Cookie(token) => {
            let given = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
            let fits = given.is_some_and(|given| token.csrf_fits(&api.keys, given));
            if fits { Ok(()) } else { Err(ApiError::CsrfTokenInvalid) }
        }
    }
}
