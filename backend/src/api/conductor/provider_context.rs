//! What a bootstrap leaves for later clients.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::manager::ProviderContext;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::{self, Wire};
use super::body::Body;
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::provider_context;

impl Wire for ProviderContext {
    const KEYS: &'static [&'static str] = &["name", "context"];
}

/// That a context was kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Kept {
    /// `ok`
    pub status: &'static str,
}

/// What is left.
#[derive(Debug, JsonSchema)]
pub struct ContextBody {
    pub name: String,
    pub context: Map<String, Value>,
}

/// `GET provider/context`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    answer::one(&query, &provider_context::current(&api, &caller.author()).await?)
}

/// `POST provider/context`
pub async fn set(State(api): State<Api>, caller: Caller, query: Query, Body(body): Body) -> Result<Response, Error> {
    let update = query.flag("update")?;
    let mut r = Reader::root(&body)?;
    let name = r.required::<String>("name");
    let context = r.required::<Map<String, Value>>("context");
    r.finish().or(())?;
    let context =
        ProviderContext { name: name.unwrap_or_default(), context: Value::Object(context.unwrap_or_default()) };
    provider_context::set(&api, &caller.author(), &context, update).await?;
    let status = if update { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(Kept { status: "ok" })).into_response())
}
