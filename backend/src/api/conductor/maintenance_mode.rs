//! Shows and switches the maintenance mode.

use axum::extract::State;
use axum::response::Response;
use binnacle_shared::model::conductor::maintenance::Maintenance;

use super::answer::{self, Wire};
use super::body::Name;
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::{Error as Refusal, maintenance};

impl Wire for Maintenance {
    const KEYS: &'static [&'static str] =
        &["status", "activated_at", "activation_requested_at", "remaining_executions", "requested_by"];
}

/// `GET maintenance`
pub async fn read(State(api): State<Api>, query: Query) -> Result<Response, Error> {
    answer::one(&query, &maintenance::current(&api).await?)
}

/// `POST maintenance/{action}`
pub async fn switch(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(action): Name,
) -> Result<Response, Error> {
    let on = match action.as_str() {
        "activate" => true,
        "deactivate" => false,
        _ => return Err(Refusal::BadParameters("The action must be activate or deactivate".into()).into()),
    };
    answer::check::<Maintenance>(&query)?;
    answer::one(&query, &maintenance::switch(&api, &caller.author(), on).await?)
}
