//! Kinds that are nothing but their fields, in the shapes of the v2 API.

use axum::Json;
use axum::http::StatusCode;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::record::{Purpose, Record, read as read_body};
use serde_json::Value;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::Query;
use crate::operation::records;
use crate::store::record;

pub async fn list(api: Api, context: Context, kind: Kind, query: Query) -> Result<Json<Envelope<Record>>, ApiError> {
    let params = query.list(kind)?;
    let mut conn = api.db.read().await?;
    let page = record::page(&mut conn, context.scope(), kind, &params).await?;
    Ok(Json(query.envelope(&params, page)))
}

pub async fn read(api: Api, context: Context, kind: Kind, id: i64) -> Result<Json<Record>, ApiError> {
    let mut conn = api.db.read().await?;
    let found = record::find(&mut conn, context.scope(), kind, "id", id).await?;
    found.map(Json).ok_or(ApiError::unknown(kind))
}

pub async fn create(
    api: Api,
    context: Context,
    kind: Kind,
    body: Value,
) -> Result<(StatusCode, Json<Record>), ApiError> {
    let values = read_body(kind.info(), Purpose::Create, &body)?;
    let made = records::create(&api, context.actor(), kind, &values).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

pub async fn edit(api: Api, context: Context, kind: Kind, id: i64, body: Value) -> Result<Json<Record>, ApiError> {
    let values = read_body(kind.info(), Purpose::Edit, &body)?;
    Ok(Json(records::edit(&api, context.actor(), kind, id, &values).await?))
}

pub async fn remove(api: Api, context: Context, kind: Kind, id: i64) -> Result<StatusCode, ApiError> {
    records::remove(&api, context.actor(), kind, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<records::Error> for ApiError {
    fn from(error: records::Error) -> Self {
        match error {
            records::Error::Unknown(kind) => Self::unknown(kind),
            records::Error::Taken { kind, field, value } => Self::Taken { kind, field, value },
            records::Error::Store(error) => error.into(),
        }
    }
}
