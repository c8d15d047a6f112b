//! Logging in and out, and who one is.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::model::landscape::person::{AccountRef, AuthState, PersonRef};
use binnacle_shared::problem::Violation;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::{Context, Via, Visitor};
use crate::api::error::ApiError;
use crate::auth::session::{HOURS, SessionToken, clear_cookie};
use crate::auth::token::{self, MINUTES_DEFAULT, MINUTES_MAX, Subject};
use crate::operation::log_in;
use crate::store::person::Person;
use crate::store::session;

/// The address that a request came from; none in tests without a network.
#[derive(Clone, Copy, Debug)]
pub struct Caller(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(info.map(|info| info.0.ip())))
    }
}

struct Credentials {
    identity: String,
    password: String,
    minutes: i64,
}

fn credentials(body: &Value) -> Result<Credentials, Problems> {
    let mut r = Reader::root(body)?;
    let email = r.optional::<String>("email");
    let identity = r.optional::<String>("identity");
    let password = r.required::<String>("password");
    let minutes = r.optional::<i64>("expiry_minutes").or(Some(MINUTES_DEFAULT));
    let minutes = r.check("expiry_minutes", minutes, |minutes| {
        if (1..=MINUTES_MAX).contains(&minutes) {
            Ok(minutes)
        } else {
            Err(Violation::new("range", format!("Must be between 1 and {MINUTES_MAX} minutes.")))
        }
    });
    if email.is_some() && identity.is_some() {
        r.fault("identity", Violation::new("conflict", "Give either identity or email, not both."));
    }
    let identity = email.or(identity).map(|name| name.trim().to_owned());
    if identity.as_ref().is_none_or(String::is_empty) {
        r.fault("identity", Violation::new("required", "Is required: a user name, or email with an address."));
    }
    let problems = r.finish();
    match (identity, password, minutes) {
        (Some(identity), Some(password), Some(minutes)) if problems.is_empty() => {
            Ok(Credentials { identity, password, minutes })
        }
        _ => Err(problems),
    }
}

/// `POST login`
pub async fn login(
    State(api): State<Api>,
    Caller(address): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let credentials = credentials(&body)?;
    let now = api.clock.now();
    if let Some(wait) = address.and_then(|address| api.limiter().wait(address, now)) {
        let seconds = wait.as_secs().unsigned_abs().max(1);
        return Err(ApiError::TooManyRequests { seconds });
    }
    let found = log_in::run(&api, &credentials.identity, credentials.password).await?;
    let Some(person) = found else {
        if let Some(address) = address {
            api.limiter().failed(address, now);
        }
        return Err(ApiError::WrongCredentials);
    };
    if let Some(address) = address {
        api.limiter().succeeded(address);
    }
    let subject = Subject {
        email: &person.email,
        account: &person.account_name,
        person_id: person.id,
        epoch: person.token_epoch,
    };
    let token = token::issue(&api.keys, now, subject, credentials.minutes).map_err(ApiError::internal)?;
    let cookie = SessionToken::generate(api.random.as_ref());
    let expires = now.checked_add(SignedDuration::from_hours(HOURS)).map_err(ApiError::internal)?;
    let mut conn = api.db.write().await?;
    session::create(&mut conn, &cookie.hash(), person.id, now, expires).await?;
    conn.commit().await?;
    let state = AuthState { token: Some(token), csrf_token: cookie.csrf(&api.keys), ..auth_state(&person) };
    let set_cookie = cookie.set_cookie(is_secure(&headers));
    with_cookie(Json(state).into_response(), &set_cookie)
}

/// `GET me`: who is logged in, `{}` if nobody is.
pub async fn me(State(api): State<Api>, Visitor(visitor): Visitor) -> Response {
    let Some(context) = visitor else {
        return Json(json!({})).into_response();
    };
    let csrf_token = match &context.via {
        Via::Bearer => None,
        Via::Cookie(token) => token.csrf(&api.keys),
    };
    Json(AuthState { csrf_token, ..auth_state(&context.person) }).into_response()
}

/// `POST logout`: ends the session. A token stays good until it expires.
pub async fn logout(State(api): State<Api>, context: Context, headers: HeaderMap) -> Result<Response, ApiError> {
    let mut cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let session = match context.via {
        Via::Cookie(token) => Some(token),
        Via::Bearer => cookies.find_map(SessionToken::from_cookies),
    };
    if let Some(token) = session {
        let mut conn = api.db.write().await?;
        session::remove(&mut conn, &token.hash()).await?;
        conn.commit().await?;
    }
    with_cookie(StatusCode::NO_CONTENT.into_response(), &clear_cookie(is_secure(&headers)))
}

/// `GET login/methods`
pub async fn methods() -> Json<Value> {
    let off = json!({"available": false, "enabled": false});
    Json(json!({
        "oidc": {"available": false, "configurations": []},
        "pam": off,
        "password": {"available": true, "enabled": true},
        "standalone_oidc": off,
        "ubuntu_one": off,
    }))
}

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, ApiError> {
    let value = HeaderValue::from_str(cookie).map_err(ApiError::internal)?;
    response.headers_mut().insert(SET_COOKIE, value);
    Ok(response)
}

/// Whether the browser speaks TLS with whoever stands before us.
fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

fn auth_state(person: &Person) -> AuthState {
    AuthState {
        token: None,
        email: person.email.clone(),
        name: person.name.clone(),
        accounts: vec![AccountRef {
            name: person.account_name.clone(),
            title: person.account_title.clone(),
            default: true,
            subdomain: None,
            classic_dashboard_url: Some(String::new()),
        }],
        current_account: person.account_name.clone(),
        has_password: person.password_hash.is_some(),
        self_hosted: true,
        identity_source: "database".to_owned(),
        return_to: None,
        attach_code: None,
        invitation_id: None,
        csrf_token: None,
        permissions: person.role.permissions().iter().map(|p| p.name().to_owned()).collect(),
        user: PersonRef { name: person.name.clone(), id: person.id },
    }
}
