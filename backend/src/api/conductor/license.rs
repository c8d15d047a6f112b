//! The licence. It is kept and shown; it restricts nothing.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::model::conductor::license::License;

use super::answer::{self, Wire};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::api::body::bytes;
use crate::operation::conductor::error::Code;
use crate::operation::conductor::{Error as Refusal, license};

impl Wire for License {
    const KEYS: &'static [&'static str] =
        &["customer_id", "expiration_date", "license_edition", "trial", "cloudify_version", "capabilities", "expired"];
}

/// `GET license`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let license = license::current(&api, &caller.author()).await?;
    answer::part(&query, &[], license.into_iter().collect())
}

/// `PUT license`: the file itself, whatever its type is said to be.
pub async fn upload(State(api): State<Api>, caller: Caller, query: Query, request: Request) -> Result<Response, Error> {
    answer::check::<License>(&query)?;
    let file = bytes(request, &api).await?;
    answer::one(&query, &license::upload(&api, &caller.author(), &file).await?)
}

/// `DELETE license`
pub async fn remove(State(api): State<Api>, caller: Caller) -> Result<StatusCode, Error> {
    license::remove(&api, &caller.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET license-check`
pub async fn check(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    answer::one(&query, &license::check(&api, &caller.author()).await?)
}

/// `POST license`, `POST contacts`: a registration that only another edition has.
pub async fn community_only() -> Error {
    let message = "This is for the community edition; upload a license file instead";
    Refusal::coded(Code::CommunityOnly, message).into()
}
