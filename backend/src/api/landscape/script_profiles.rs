//! Script profiles.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script_profile::{
    ArchivedFilter, NewScriptProfile, Preview, PreviewRequest, ProfileRun, ScriptProfile, ScriptProfilePatch,
};

use super::activities;
use super::computers::without_extras;
use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::api::refusal;
use crate::operation::{
    archive_script_profile, create_script_profile, edit_script_profile, preview_script_profile, run_script_profile,
};
use crate::store::association::{Reach, reached};
use crate::store::{Conn, account, activity, list, profile_run, script_profile};

/// Leaves of what could be done with the latest activities what the caller may do.
pub async fn narrow(conn: &mut Conn, context: &Context, profiles: &mut [ScriptProfile]) -> Result<(), ApiError> {
    let with_activity = profiles.iter_mut().filter(|profile| profile.activities.last_activity.is_some());
    let mut slots: Vec<&mut Option<Activity>> =
        with_activity.map(|profile| &mut profile.activities.last_activity).collect();
    let mut activities: Vec<Activity> = slots.iter_mut().filter_map(|slot| slot.take()).collect();
    activities::narrow(conn, context, &mut activities).await?;
    for (slot, activity) in slots.into_iter().zip(activities) {
        *slot = Some(activity);
    }
    Ok(())
}

/// `GET script-profiles`
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<ScriptProfile>>, ApiError> {
    let params = query.list(Kind::ScriptProfile)?;
    let filter = match query.get("archived").filter(|text| !text.is_empty()) {
        None => ArchivedFilter::default(),
        Some(text) => ArchivedFilter::parse(text).map_err(|v| ApiError::field("/archived", v.code, v.message))?,
    };
    let mut condition = script_profile::archived(filter);
    if let Some(names) = query.items("names")? {
        condition = condition.add(script_profile::titled(&names));
    }
    let mut conn = api.db.read().await?;
    let mut page = list::page(&mut conn, context.scope(), &params, condition).await?;
    narrow(&mut conn, &context, &mut page.items).await?;
    Ok(Json(query.envelope(&params, page)))
}

async fn existing(conn: &mut Conn, context: &Context, id: i64) -> Result<ScriptProfile, ApiError> {
    let found = list::read(conn, context.scope(), id).await?;
    let mut found = [found.ok_or(ApiError::unknown(Kind::ScriptProfile))?];
    narrow(conn, context, &mut found).await?;
    let [profile] = found;
    Ok(profile)
}

/// `GET script-profiles/{id}`
pub async fn read(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
) -> Result<Json<ScriptProfile>, ApiError> {
    let mut conn = api.db.read().await?;
    Ok(Json(existing(&mut conn, &context, id).await?))
}

/// `POST script-profiles`
pub async fn create(
    State(api): State<Api>,
    context: Context,
    Body(body): Body,
) -> Result<(StatusCode, Json<ScriptProfile>), ApiError> {
    let new = NewScriptProfile::parse(&body)?;
    let made = create_script_profile::run(&api, context.actor(), &new)
        .await
        .map_err(|error| refusal::create_script_profile(error, &new.title))?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// `PATCH script-profiles/{id}`
pub async fn edit(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    Body(body): Body,
) -> Result<Json<ScriptProfile>, ApiError> {
    let patch = ScriptProfilePatch::parse(&body)?;
    let changed = edit_script_profile::run(&api, context.actor(), id, &patch)
        .await
        .map_err(|error| refusal::edit_script_profile(error, patch.title.as_deref().unwrap_or_default()))?;
    let mut changed = [changed];
    narrow(&mut api.db.read().await?, &context, &mut changed).await?;
    let [changed] = changed;
    Ok(Json(changed))
}

/// `POST script-profiles/{id}:archive`
pub async fn archive(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    archive_script_profile::run(&api, context.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST script-profiles/{id}:run` (ours)
pub async fn run(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Activity>, ApiError> {
    Ok(Json(run_script_profile::run(&api, context.actor(), id).await?))
}

/// `GET script-profiles/{id}/runs` (ours): the planned times and what became of them.
pub async fn runs(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<ProfileRun>>, ApiError> {
    let params = query.list(Kind::ScriptProfile)?;
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let page = profile_run::page(&mut conn, id, &params).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET script-profiles/{id}/activities`
pub async fn activities(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<Activity>>, ApiError> {
    let params = query.list(Kind::Activity)?;
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let mut page = list::page(&mut conn, context.scope(), &params, activity::of_profile(id)).await?;
    activities::narrow(&mut conn, &context, &mut page.items).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET script-profiles/{id}/computers`: those it would reach now.
pub async fn computers(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<Computer>>, ApiError> {
    let params = query.list(Kind::Computer)?;
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let condition = reached(&Reach::Profile(id));
    let mut page = list::page(&mut conn, context.scope(), &params, condition).await?;
    page.items.iter_mut().for_each(without_extras);
    Ok(Json(query.envelope(&params, page)))
}

/// `GET script-profile-limits`
pub async fn limits(State(api): State<Api>, context: Context) -> Result<Json<ScriptProfileLimits>, ApiError> {
    let mut conn = api.db.read().await?;
    let account = account::by_id(&mut conn, context.person.account_id).await?;
    Ok(Json(account.map(|a| a.limits).unwrap_or_default()))
}

/// `POST script-profiles:preview` (ours)
pub async fn preview(State(api): State<Api>, context: Context, Body(body): Body) -> Result<Json<Preview>, ApiError> {
    let request = PreviewRequest::parse(&body)?;
    Ok(Json(preview_script_profile::run(&api, context.actor(), &request).await?))
}
