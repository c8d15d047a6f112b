//! The nodes of this installation.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::model::conductor::manager::Manager;
use sea_query::Condition;

use super::answer::{self, Wire};
use super::body::Name;
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::error::Code;
use crate::operation::conductor::{Error as Refusal, managers};
use crate::store::list;

impl Wire for Manager {
    const KEYS: &'static [&'static str] = &[
        "id",
        "hostname",
        "private_ip",
        "public_ip",
        "version",
        "edition",
        "distribution",
        "distro_release",
        "last_seen",
        "started_at",
        "binnacle_version",
        "networks",
        "fs_sync_node_id",
        "ca_cert_content",
        "status_report_frequency",
    ];
}

/// `GET managers`
pub async fn index(State(api): State<Api>, query: Query) -> Result<Response, Error> {
    let listing = query.listing(Kind::Manager)?;
    let mut conn = api.db.read().await?;
    let page = list::page::<Manager>(&mut conn, &(), &listing.params, Condition::all()).await?;
    answer::page(&query, &listing, page)
}

/// `GET managers/{hostname}`
pub async fn read(State(api): State<Api>, query: Query, Name(hostname): Name) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    answer::one(&query, &managers::find(&mut conn, &hostname).await?)
}

/// `DELETE managers/{hostname}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(hostname): Name) -> Result<StatusCode, Error> {
    managers::remove(&api, &caller.author(), &hostname).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST managers`, `PUT managers/{hostname}`, and what would change brokers: nodes join by
/// being started on the same database.
pub async fn unavailable() -> Error {
    let message = "Nodes join by being started on the same database; there is nothing to enter here";
    Refusal::coded(Code::MissingPremiumPackage, message).into()
}
