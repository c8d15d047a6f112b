//! How the manager does.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use binnacle_shared::model::conductor::status::{ClusterStatus, Health, ManagerStatus};

use super::answer::{self, Wire};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::status;

const KEYS: &[&str] = &["status", "services"];

impl Wire for ManagerStatus {
    const KEYS: &'static [&'static str] = KEYS;
}

impl Wire for ClusterStatus {
    const KEYS: &'static [&'static str] = KEYS;
}

/// `GET ok`: for whoever watches the server from outside; nothing but whether it works.
pub async fn ok(State(api): State<Api>) -> Response {
    if status::is_answering(&api).await {
        Json("OK").into_response()
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, Json("FAIL")).into_response()
    }
}

/// `GET status`
pub async fn manager(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let summary = query.flag("summary")?;
    let mut status = status::manager(&api, &caller.author()).await?;
    if summary {
        status.services.clear();
    }
    answer::one(&query, &status)
}

/// `GET cluster-status`
pub async fn cluster(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let summary = query.flag("summary")?;
    let mut status = status::cluster(&api, &caller.author()).await?;
    let failed = summary && status.status == Health::Fail;
    if summary {
        status.services.clear();
    }
    let mut response = answer::one(&query, &status)?;
    if failed {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    Ok(response)
}
