//! What the nodes work with: the database, and no broker.

use axum::extract::State;
use axum::response::Response;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::manager::DbNode;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{self, Wire};
use super::body::{Body, Name};
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::{Error as Refusal, status};

impl Wire for DbNode {
    const KEYS: &'static [&'static str] = &["name", "host", "is_external"];
}

/// A message broker. This server has none.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Broker {
    pub name: String,
    pub host: String,
    pub is_external: bool,
    pub port: Option<u16>,
    pub management_host: Option<String>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub params: Option<serde_json::Value>,
    pub networks: Option<serde_json::Value>,
    pub ca_cert_content: Option<String>,
}

impl Wire for Broker {
    const KEYS: &'static [&'static str] = &[
        "name",
        "host",
        "is_external",
        "port",
        "management_host",
        "username",
        "password",
        "params",
        "networks",
        "ca_cert_content",
    ];
}

/// What may be asked of the list of databases.
#[derive(Debug, JsonSchema)]
pub struct RefreshBody {
    /// `update`
    pub action: String,
}

/// `GET brokers`
pub async fn brokers(query: Query) -> Result<Response, Error> {
    answer::part(&query, &[], Vec::<Broker>::new())
}

/// `GET brokers/{name}`
pub async fn broker(Name(name): Name) -> Error {
    Refusal::not_found("RabbitMQBroker", name).into()
}

/// `GET db-nodes`
pub async fn databases(State(api): State<Api>, query: Query) -> Result<Response, Error> {
    answer::part(&query, &[], status::db_nodes(&api).await?)
}

/// `POST db-nodes`: the list is read anew each time, so there is nothing else to do.
pub async fn refresh_databases(State(api): State<Api>, query: Query, Body(body): Body) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let action = r.required::<String>("action");
    r.check("action", action, |action| match action.as_str() {
        "update" => Ok(()),
        _ => Err(Violation::new("choice", "Must be update.")),
    });
    r.finish().or(())?;
    answer::part(&query, &[], status::db_nodes(&api).await?)
}
