//! Scripts. They are made and edited through the legacy API, and read here.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::script::{Script, ScriptVersion};
use binnacle_shared::model::landscape::script_profile::{ArchivedFilter, ScriptProfile};
use binnacle_shared::permission::Permission;

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::{archive_script, redact_script};
use crate::store::script::ScriptFilter;
use crate::store::tables::Script as Table;
use crate::store::{Conn, access_group, attachment, list, script, script_profile};

/// What the scripts allow and the caller may do.
pub async fn narrow(conn: &mut Conn, context: &Context, scripts: &mut [Script]) -> Result<(), ApiError> {
    let ids: Vec<i64> = scripts.iter().map(|script| script.id).collect();
    let managed = context.ids_with::<Table>(conn, Permission::ManageScript, &ids).await?;
    let redacted = context.ids_with::<Table>(conn, Permission::RedactScript, &ids).await?;
    let executed = context.ids_with::<Table>(conn, Permission::ExecuteScript, &ids).await?;
    for script in scripts {
        script.is_editable &= managed.contains(&script.id);
        script.is_redactable &= redacted.contains(&script.id);
        script.is_executable &= executed.contains(&script.id);
    }
    Ok(())
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
    let mut condition = filter.condition();
    if let Some(name) = query.get("parent_access_group").filter(|text| !text.is_empty()) {
        if name.contains('\0') {
            return Err(ApiError::field("/parent_access_group", "format", "Must not hold NUL characters."));
        }
        let group = access_group::by_name(&mut conn, &context.any_scope(), name).await?;
        let group = group
            .ok_or_else(|| ApiError::field("/parent_access_group", "unknown", "There is no such access group."))?;
        condition = condition.add(script::usable_below(group.id));
    }
    let mut page = list::page(&mut conn, context.scope(), &params, condition).await?;
    narrow(&mut conn, &context, &mut page.items).await?;
    Ok(Json(query.envelope(&params, page)))
}

async fn existing(conn: &mut Conn, context: &Context, id: i64) -> Result<Script, ApiError> {
    let found = list::read(conn, context.scope(), id).await?;
    found.ok_or(ApiError::unknown(Kind::Script))
}

/// `GET scripts/{id}`
pub async fn read(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Script>, ApiError> {
    let mut conn = api.db.read().await?;
    let mut found = [existing(&mut conn, &context, id).await?];
    narrow(&mut conn, &context, &mut found).await?;
    let [script] = found;
    Ok(Json(script))
}

/// `GET scripts/{id}/attachments/{attachment_id}`: the bytes of the file, as something to keep and
/// not to show.
pub async fn attachment(
    State(api): State<Api>,
    context: Context,
    Ids([id, attachment_id]): Ids<2>,
) -> Result<impl IntoResponse, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let found = attachment::content(&mut conn, id, attachment_id).await?;
    let (filename, content) = found.ok_or(ApiError::NoSuchPath)?;
    let name: String = form_urlencoded::byte_serialize(filename.as_bytes()).collect();
    let disposition = format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20"));
    let headers = [(CONTENT_TYPE, "application/octet-stream".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, content))
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
    let mut page = list::page(&mut conn, context.scope(), &params, condition).await?;
    super::script_profiles::narrow(&mut conn, &context, &mut page.items).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `POST scripts/{id}:archive`
pub async fn archive(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    archive_script::run(&api, context.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST scripts/{id}:redact`
pub async fn redact(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    redact_script::run(&api, context.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
