//! One's own settings and password, and the account one works in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::model::landscape::session::{AccountRoles, Myself, MyselfPatch, PasswordChange};
use binnacle_shared::time::Seconds;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::operation::{log_in, myself};
use crate::store::person::Person;
use crate::store::{self, session};

impl From<myself::Error> for ApiError {
    fn from(error: myself::Error) -> Self {
        use StatusCode as S;
        use myself::Error as E;
        let named = |status, error, pointer, code, message: String| Self::Named {
            status,
            error,
            problems: Problems::one(pointer, code, message),
        };
        let message = error.to_string();
        match error {
            E::WrongPassword => named(S::FORBIDDEN, "WrongPassword", "/password", "wrong", message),
            E::External => Self::Refused { status: S::FORBIDDEN, error: "PasswordInDirectory", message },
            E::Wait(wait) => Self::TooManyRequests { seconds: wait.as_secs().unsigned_abs().max(1) },
            E::EmailTaken => named(S::CONFLICT, "DuplicateEmail", "/email", "duplicate", message),
            E::NotAMember(_) => named(S::NOT_FOUND, "UnknownAccount", "/preferred_account", "unknown", message),
            E::UnknownAccount(_) => Self::Refused { status: S::NOT_FOUND, error: "UnknownAccount", message },
            E::UnknownSession => Self::Refused { status: S::NOT_FOUND, error: "UnknownSession", message },
            E::OtherAccount => Self::Refused { status: S::FORBIDDEN, error: "Unauthorised", message },
            E::Store(error) => error.into(),
            E::Password(error) => error.into(),
        }
    }
}

fn to_wire(person: &Person, found: store::myself::Myself) -> Myself {
    let roles = person.roles.clone();
    Myself {
        name: found.settings.name,
        email: found.settings.email,
        identity: person.username.clone(),
        timezone: found.settings.timezone,
        last_login_time: found.last_login_at.map(Seconds),
        last_login_host: found.last_login_host,
        preferred_account: found.settings.preferred_account,
        allowable_emails: None,
        accounts: vec![AccountRoles { name: person.account_name.clone(), title: person.account_title.clone(), roles }],
        oidc_identities: Vec::new(),
    }
}

/// `GET person`
pub async fn read(State(api): State<Api>, context: Context) -> Result<Json<Myself>, ApiError> {
    let found = myself::read(&api, &context.person).await?;
    Ok(Json(to_wire(&context.person, found)))
}

/// `POST person`
pub async fn edit(State(api): State<Api>, context: Context, Body(body): Body) -> Result<Json<Myself>, ApiError> {
    let patch = MyselfPatch::parse(&body)?;
    let changed = myself::edit(&api, &context.person, &patch).await?;
    Ok(Json(to_wire(&context.person, changed)))
}

/// `PUT password`
pub async fn change_password(
    State(api): State<Api>,
    context: Context,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let change = PasswordChange::parse(&body)?;
    myself::change_password(&api, api.limiter(), &context.person, context.session_id, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which account to work in.
#[derive(Debug, JsonSchema)]
pub struct SwitchAccount {
    pub account_name: String,
}

/// A token for that account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Token {
    pub token: String,
}

/// `POST switch-account`: another token of the same session.
pub async fn switch_account(
    State(api): State<Api>,
    context: Context,
    Body(body): Body,
) -> Result<Json<Token>, ApiError> {
    let mut r = Reader::root(&body)?;
    let account_name = r.required("account_name").unwrap_or_default();
    let SwitchAccount { account_name: name } = r.finish().or(SwitchAccount { account_name })?;
    if name != context.person.account_name {
        return Err(ApiError::Named {
            status: StatusCode::NOT_FOUND,
            error: "UnknownAccount",
            problems: Problems::one("/account_name", "unknown", format!("You are no member of an account “{name}”.")),
        });
    }
    let mut conn = api.db.read().await?;
    let session = match context.session_id {
        Some(id) => session::by_id(&mut conn, id).await?,
        None => None,
    };
    let session = session.ok_or(ApiError::Unauthenticated)?;
    let token = log_in::issue(&api, &context.person, session.id, session.token_expires_at);
    Ok(Json(Token { token: token.map_err(ApiError::internal)? }))
}
