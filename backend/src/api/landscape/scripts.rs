//! Scripts. They are made and edited through the legacy API, and read here.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::script::{Script, ScriptVersion};
use binnacle_shared::model::landscape::script_profile::{ArchivedFilter, ScriptProfile};
use binnacle_shared::permission::Permission;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::archive_script;
use crate::store::script::ScriptFilter;
use crate::store::{Conn, list, script, script_profile};

/// What the script allows and the caller may do.
fn narrow(context: &Context, script: &mut Script) {
    script.is_editable &= context.allows(Permission::ManageScript);
    script.is_redactable &= context.allows(Permission::ManageScript);
    script.is_executable &= context.allows(Permission::ExecuteScript);
}

/// `GET scripts`
pub async fn list(State(api): State<Api>, context: Context, query: Query) -> Result<Json<Envelope<Script>>, ApiError> {
    let params = query.list(Kind::Script)?;
    let filter = match query.get("script_type").filter(|text| !text.is_empty()) {
        None => ScriptFilter::default(),
        Some(text) => ScriptFilter::from_name(&text.to_lowercase()).ok_or_else(|| {
            ApiError::field("/script_type", "unknown", "Must be active, archived, redacted, all, v1 or v2.")
        })?,
    };
    let mut conn = api.db.read().await?;
    let mut page = list::page(&mut conn, context.scope(), &params, filter.condition()).await?;
    page.items.iter_mut().for_each(|script| narrow(&context, script));
    Ok(Json(query.envelope(&params, page)))
}

async fn existing(conn: &mut Conn, context: &Context, id: i64) -> Result<Script, ApiError> {
    let found = list::read(conn, context.scope(), id).await?;
    found.ok_or(ApiError::unknown(Kind::Script))
}

/// `GET scripts/{id}`
pub async fn read(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Script>, ApiError> {
    let mut conn = api.db.read().await?;
    let mut script = existing(&mut conn, &context, id).await?;
    narrow(&context, &mut script);
    Ok(Json(script))
}

/// `GET scripts/{id}/versions`: the newest first.
pub async fn versions(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<ScriptVersion>>, ApiError> {
    let params = query.list(Kind::Script)?;
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let page = script::versions(&mut conn, context.scope(), id, &params).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET scripts/{id}/versions/{version_number}`
pub async fn version(
    State(api): State<Api>,
    context: Context,
    Ids([id, number]): Ids<2>,
) -> Result<Json<ScriptVersion>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let version = script::version(&mut conn, context.scope(), id, number).await?;
    version.map(Json).ok_or(ApiError::NoSuchPath)
}

/// `GET scripts/{id}/script-profiles`
pub async fn script_profiles(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<ScriptProfile>>, ApiError> {
    let params = query.list(Kind::ScriptProfile)?;
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let condition = script_profile::archived(ArchivedFilter::Active).add(script_profile::of_script(id));
    let page = list::page(&mut conn, context.scope(), &params, condition).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `POST scripts/{id}:archive`
pub async fn archive(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    archive_script::run(&api, context.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
