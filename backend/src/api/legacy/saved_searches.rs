//! Saved searches, as the legacy API names them: by their name instead of a number.

use axum::http::StatusCode;
use binnacle_shared::record::{Purpose, Record, read};
use binnacle_shared::{Kind, Problems};
use serde_json::{Map, Value, json};

use super::parameters::Parameters;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::operation::records;
use crate::store::record;

const KIND: Kind = Kind::SavedSearch;

fn encode(search: &Record) -> Value {
    let text = |name| search.get(name).cloned().unwrap_or_default();
    json!({"name": text("name"), "title": text("title"), "search": text("search")})
}

/// The texts that were given, for the shared rules.
fn body(parameters: &Parameters, names: &[&str]) -> Value {
    let given = |name: &&str| Some(((*name).to_owned(), Value::from(parameters.text(name)?)));
    Value::Object(names.iter().filter_map(given).collect::<Map<_, _>>())
}

/// The API's own word for what is wrong.
fn refuse(problems: Problems) -> ApiError {
    let error = match problems.0.first() {
        Some(first) if first.code == "required" => return ApiError::Invalid(problems),
        Some(first) if first.pointer == "/name" => "InvalidSavedSearchName",
        Some(first) if first.pointer == "/search" => "InvalidSavedSearchCriteria",
        _ => return ApiError::Invalid(problems),
    };
    ApiError::Named { status: StatusCode::BAD_REQUEST, error, problems }
}

async fn named(api: &Api, context: &Context, parameters: &Parameters) -> Result<Record, ApiError> {
    let name = parameters.required("name")?;
    let mut conn = api.db.read().await?;
    let found = record::find(&mut conn, context.scope(), KIND, "name", name).await?;
    found.ok_or(ApiError::Unknown { kind: KIND, pointer: Some("/name") })
}

fn id(search: &Record) -> i64 {
    search.get("id").and_then(Value::as_i64).unwrap_or_default()
}

/// `GetSavedSearches`
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let params = super::scripts::page(KIND, parameters)?;
    let mut conn = api.db.read().await?;
    let page = record::page(&mut conn, context.scope(), KIND, &params).await?;
    Ok(page.items.iter().map(encode).collect())
}

/// `CreateSavedSearch`
pub async fn create(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let body = body(parameters, &["name", "title", "search"]);
    let values = read(KIND.info(), Purpose::Create, &body).map_err(refuse)?;
    Ok(encode(&records::create(api, context.actor(), KIND, &values).await?))
}

/// `EditSavedSearch`
pub async fn edit(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let present = named(api, context, parameters).await?;
    let values = read(KIND.info(), Purpose::Edit, &body(parameters, &["title", "search"])).map_err(refuse)?;
    if values.is_empty() {
        return Err(Problems::one("/title", "required", "Give a new title, a new search or both.").into());
    }
    Ok(encode(&records::edit(api, context.actor(), KIND, id(&present), &values).await?))
}

/// `RemoveSavedSearch`
pub async fn remove(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let present = named(api, context, parameters).await?;
    records::remove(api, context.actor(), KIND, id(&present)).await?;
    Ok(Value::Null)
}
