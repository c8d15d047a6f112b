//! The directory (LDAP) that people sign in through.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::model::conductor::ldap::LdapConfig;
use schemars::JsonSchema;
use serde::Serialize;

use super::body::Body;
use super::caller::Caller;
use super::error::Error;
use crate::api::Api;
use crate::auth::ldap::Tried;
use crate::operation::conductor::{Error as Refusal, ldap};
use crate::store::conductor::ldap as store;

/// Whether people sign in through a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LdapStatus {
    Enabled,
    Disabled,
}

/// What a configuration is made from.
#[derive(Debug, JsonSchema)]
pub struct LdapBody {
    #[schemars(flatten)]
    pub config: LdapConfig,
    /// The password of the account for lookups; it is stored encrypted and never given again.
    pub ldap_password: Option<String>,
}

/// How far a configuration could be tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LdapTest {
    /// `account`: the account for lookups signed in and sees the base DN. `connection`: an LDAP
    /// server answers; without an account more is seen only when somebody signs in.
    pub reached: &'static str,
}

/// `GET ldap`
pub async fn status(State(api): State<Api>, _: Caller) -> Result<Json<LdapStatus>, Error> {
    let mut conn = api.db.read().await?;
    let configured = store::is_configured(&mut conn).await?;
    Ok(Json(if configured { LdapStatus::Enabled } else { LdapStatus::Disabled }))
}

/// `GET ldap/config`
pub async fn read(State(api): State<Api>, _: Caller) -> Result<Json<LdapConfig>, Error> {
    let mut conn = api.db.read().await?;
    let stored = store::stored(&mut conn).await?;
    let none = || Refusal::not_found("LDAP configuration", "ldap");
    Ok(Json(stored.ok_or_else(none)?.config))
}

/// `POST ldap`
pub async fn set(State(api): State<Api>, caller: Caller, Body(body): Body) -> Result<Json<LdapConfig>, Error> {
    let config = LdapConfig::parse(&body)?;
    Ok(Json(ldap::set(&api, &caller.author(), config).await?))
}

/// `POST ldap/test`
pub async fn test(_: Caller, Body(body): Body) -> Result<Json<LdapTest>, Error> {
    let config = LdapConfig::parse(&body)?;
    let reached = match ldap::test(&config).await? {
        Tried::Account => "account",
        Tried::Connection => "connection",
    };
    Ok(Json(LdapTest { reached }))
}

/// `DELETE ldap`
pub async fn remove(State(api): State<Api>, caller: Caller) -> Result<StatusCode, Error> {
    ldap::remove(&api, &caller.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
