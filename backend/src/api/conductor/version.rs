//! Which manager this is.

use axum::extract::State;
use axum::response::Response;
use binnacle_shared::model::conductor::manager::Version;

use super::answer::{self, Wire};
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::store::conductor::node::{API_VERSION, EDITION};

impl Wire for Version {
    const KEYS: &'static [&'static str] =
        &["edition", "version", "build", "date", "commit", "distribution", "distro_release", "binnacle_version"];
}

/// `GET version`
pub async fn read(State(api): State<Api>, query: Query) -> Result<Response, Error> {
    let facts = api.engine.facts().await;
    let system = facts.system.unwrap_or_default();
    let version = Version {
        edition: EDITION.to_owned(),
        version: API_VERSION.to_owned(),
        build: None,
        date: None,
        commit: None,
        distribution: system.id,
        distro_release: system.code_name.or(system.version),
        binnacle_version: facts.version.to_owned(),
    };
    answer::one(&query, &version)
}
