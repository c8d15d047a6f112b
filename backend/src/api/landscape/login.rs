//! Logging in and out, and who one is.

use axum::Json;
use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::person::{AccountRef, AuthState, PersonRef, Tenancy};
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::about::Provider;
use crate::api::Api;
use crate::api::authenticate::{Via, Visitor, session_token};
use crate::api::body::Body;
use crate::api::conductor::caller::tenancy;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::origin::Origin;
use crate::auth::device::Device;
use crate::auth::session::clear_cookie;
use crate::auth::token::{MINUTES_DEFAULT, MINUTES_MAX};
use crate::operation::conductor::directory;
use crate::operation::log_in::{self, Entry, From as Place};
use crate::store::event::{self, NewEvent};
use crate::store::person::Person;
use crate::store::session;

struct Credentials {
    identity: String,
    password: String,
    account: Option<String>,
    minutes: i64,
}

fn minutes(r: &mut Reader<'_>) -> Option<i64> {
    let minutes = r.optional::<i64>("expiry_minutes").or(Some(MINUTES_DEFAULT));
    r.check("expiry_minutes", minutes, |minutes| {
        if (1..=MINUTES_MAX).contains(&minutes) {
            Ok(minutes)
        } else {
            Err(Violation::new("range", format!("Must be between 1 and {MINUTES_MAX} minutes.")))
        }
    })
}

fn credentials(body: &Value) -> Result<Credentials, Problems> {
    let mut r = Reader::root(body)?;
    let email = r.optional::<String>("email");
    let identity = r.optional::<String>("identity");
    let password = r.required::<String>("password");
    let account = r.optional::<String>("account").filter(|name| !name.is_empty());
    let minutes = minutes(&mut r);
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
            Ok(Credentials { identity, password, account, minutes })
        }
        _ => Err(problems),
    }
}

impl From<log_in::Error> for ApiError {
    fn from(error: log_in::Error) -> Self {
        use log_in::Error as E;
        match error {
            E::Wrong => Self::WrongCredentials,
            E::Wait(wait) => Self::TooManyRequests { seconds: wait.as_secs().unsigned_abs().max(1) },
            E::Time(error) => Self::internal(error),
            E::Sign(error) => Self::internal(error),
            E::Key(error) => error.into(),
            E::Store(error) => error.into(),
            E::Password(error) => error.into(),
            E::Directory(error) => error.into(),
        }
    }
}

impl From<directory::Error> for ApiError {
    fn from(error: directory::Error) -> Self {
        use directory::Error as E;
        let refused = |status, error, message| Self::Refused { status, error, message };
        match error {
            E::Unavailable(_) => {
                refused(StatusCode::SERVICE_UNAVAILABLE, "DirectoryUnavailable", directory::UNAVAILABLE.to_owned())
            }
            E::Unusable(_) => refused(StatusCode::FORBIDDEN, "UserNameNotUsable", error.to_string()),
            E::Key(error) => error.into(),
            E::Store(error) => error.into(),
            E::Other(error) => Self::internal(error),
        }
    }
}

/// `POST login`
pub async fn login(
    State(api): State<Api>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let Credentials { identity, password, account, minutes } = credentials(&body)?;
    let device = device(&headers);
    let place = place(&origin, &headers, device.as_ref());
    let person = log_in::by_password(&api, api.limiter(), &identity, password, place).await?;
    if account.is_some_and(|account| account != person.account_name) {
        return Err(ApiError::WrongCredentials);
    }
    enter(&api, &origin, &headers, &person, minutes).await
}

/// What a program logs in with.
#[derive(JsonSchema)]
pub struct AccessKeyLogin {
    pub access_key: String,
    pub secret_key: String,
    /// How long the token shall be good.
    pub expiry_minutes: Option<i64>,
}

fn access_key_login(body: &Value) -> Result<AccessKeyLogin, Problems> {
    let mut r = Reader::root(body)?;
    let access_key = r.required::<String>("access_key").unwrap_or_default();
    let secret_key = r.required::<String>("secret_key").unwrap_or_default();
    let expiry_minutes = minutes(&mut r);
    r.finish().or(AccessKeyLogin { access_key, secret_key, expiry_minutes })
}

/// `POST login/access-key`
pub async fn login_with_access_key(
    State(api): State<Api>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let AccessKeyLogin { access_key, secret_key, expiry_minutes } = access_key_login(&body)?;
    let place = place(&origin, &headers, None);
    let person = log_in::by_access_key(&api, api.limiter(), &access_key, &secret_key, place).await?;
    enter(&api, &origin, &headers, &person, expiry_minutes.unwrap_or(MINUTES_DEFAULT)).await
}

/// Opens a session for somebody who has proved who they are, and answers with it.
pub async fn enter(
    api: &Api,
    origin: &Origin,
    headers: &HeaderMap,
    person: &Person,
    minutes: i64,
) -> Result<Response, ApiError> {
    let device = device(headers);
    let place = place(origin, headers, device.as_ref());
    let Entry { token, cookie, device } = log_in::enter(api, person, minutes, place).await?;
    let tenancy = tenancy(api, person, headers).await?;
    let state = AuthState { token: Some(token), csrf_token: cookie.csrf(&api.keys), tenancy, ..auth_state(person) };
    let mut response = Json(state).into_response();
    add_cookie(&mut response, &cookie.set_cookie(origin.secure))?;
    if let Some(device) = device {
        add_cookie(&mut response, &device.set_cookie(origin.secure))?;
    }
    Ok(response)
}

fn device(headers: &HeaderMap) -> Option<Device> {
    let mut cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    cookies.find_map(Device::from_cookies)
}

fn place<'a>(origin: &Origin, headers: &'a HeaderMap, device: Option<&'a Device>) -> Place<'a> {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Place { address: origin.address, user_agent, device }
}

/// Who is logged in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Me {
    Somebody(Box<AuthState>),
    Nobody {},
}

/// `GET me`: who is logged in, `{}` if nobody is.
pub async fn me(State(api): State<Api>, Visitor(visitor): Visitor, headers: HeaderMap) -> Result<Json<Me>, ApiError> {
    let Some(context) = visitor else { return Ok(Json(Me::Nobody {})) };
    let csrf_token = match &context.via {
        Via::Bearer | Via::Signature => None,
        Via::Cookie(token) => token.csrf(&api.keys),
    };
    let tenancy = tenancy(&api, &context.person, &headers).await?;
    Ok(Json(Me::Somebody(Box::new(AuthState { csrf_token, tenancy, ..auth_state(&context.person) }))))
}

/// `POST logout`: ends the session, and the token that was given with it.
pub async fn logout(
    State(api): State<Api>,
    context: Context,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let now = api.clock.now();
    let person = &context.person;
    let mut conn = api.db.write().await?;
    let mut sessions: Vec<i64> = context.session_id.into_iter().collect();
    // A page may send a token and, without meaning to, the cookie of another session of its own.
    if let Some(cookie) = session_token(&headers)
        && let Some(session) = session::by_cookie(&mut conn, &cookie.hash(), now).await?
    {
        sessions.push(session.id);
    }
    for id in sessions {
        if session::remove(&mut conn, person.id, id).await? {
            let event = NewEvent {
                account_id: person.account_id,
                person_id: Some(person.id),
                entity: Entity::Session,
                entity_id: Some(id),
                entity_name: &person.username,
                message: "Signed out.".to_owned(),
            };
            event::record(&mut conn, &event, now).await?;
        }
    }
    conn.commit().await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    add_cookie(&mut response, &clear_cookie(origin.secure))?;
    Ok(response)
}

/// In which ways one can log in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Methods {
    oidc: Oidc,
    pam: Method,
    password: Method,
    standalone_oidc: Method,
    ubuntu_one: Method,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Oidc {
    available: bool,
    configurations: [Provider; 0],
}

#[derive(Debug, Serialize, JsonSchema)]
struct Method {
    available: bool,
    enabled: bool,
}

/// `GET login/methods`
pub async fn methods() -> Json<Methods> {
    let off = || Method { available: false, enabled: false };
    Json(Methods {
        oidc: Oidc { available: false, configurations: [] },
        pam: off(),
        password: Method { available: true, enabled: true },
        standalone_oidc: off(),
        ubuntu_one: off(),
    })
}

fn add_cookie(response: &mut Response, cookie: &str) -> Result<(), ApiError> {
    let value = HeaderValue::from_str(cookie).map_err(ApiError::internal)?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(())
}

pub fn account_ref(person: &Person) -> AccountRef {
    AccountRef {
        name: person.account_name.clone(),
        title: person.account_title.clone(),
        default: true,
        subdomain: None,
        classic_dashboard_url: Some(String::new()),
    }
}

fn auth_state(person: &Person) -> AuthState {
    AuthState {
        token: None,
        email: person.email.clone(),
        name: person.name.clone(),
        accounts: vec![account_ref(person)],
        current_account: person.account_name.clone(),
        has_password: person.password_hash.is_some(),
        self_hosted: true,
        identity_source: "database".to_owned(),
        return_to: None,
        attach_code: None,
        invitation_id: None,
        csrf_token: None,
        permissions: person.grants.permissions().iter().map(|p| p.name().to_owned()).collect(),
        tenancy: Tenancy::default(),
        user: PersonRef { name: person.name.clone(), id: person.id },
    }
}
