//! Activities and their output.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::{Envelope, Page};
use binnacle_shared::model::landscape::activity::{Activity, ActivityIds, Output, ParentActivity, Tally};
use binnacle_shared::permission::Permission;

use super::activities_matching;
use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::reapply_activities;
use crate::store::tables::Activity as Table;
use crate::store::{Conn, activity, activity_output, list};

/// Leaves of what could be done with activities what the caller may do.
pub async fn narrow(conn: &mut Conn, context: &Context, activities: &mut [Activity]) -> Result<(), ApiError> {
    let ids: Vec<i64> = activities.iter().map(|a| a.id).collect();
    let allowed = context.ids_with::<Table>(conn, Permission::ExecuteScript, &ids).await?;
    for activity in activities {
        let may = allowed.contains(&activity.id);
        if let Some(actions) = activity.actions.as_mut().filter(|_| !may) {
            (actions.approvable, actions.cancelable, actions.reappliable) = (false, false, false);
        }
    }
    Ok(())
}

/// `GET activities`: groups and their children, the newest first.
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Activity>>, ApiError> {
    let params = query.list(Kind::Activity)?;
    let mut conn = api.db.read().await?;
    let matching = activities_matching(&api, &context, &mut conn, query.get("query")).await?;
    let mut page = list::page(&mut conn, context.scope(), &params, matching).await?;
    narrow(&mut conn, &context, &mut page.items).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// `GET activities/parents`: groups with what became of their children.
pub async fn parents(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<ParentActivity>>, ApiError> {
    let params = query.list(Kind::Activity)?;
    let mut conn = api.db.read().await?;
    let matching = activities_matching(&api, &context, &mut conn, query.get("query")).await?;
    let condition = activity::parents().add(matching);
    let mut page = list::page(&mut conn, context.scope(), &params, condition).await?;
    narrow(&mut conn, &context, &mut page.items).await?;
    let for_one = |a: &&Activity| a.group.as_ref().is_some_and(|group| group.children_count == 1);
    let ids: Vec<i64> = page.items.iter().filter(for_one).map(|a| a.id).collect();
    let mut only = activity::only_computers(&mut conn, &ids).await?;
    let items = page.items.into_iter().map(|mut activity| {
        let part = activity.group.take();
        let children = part.as_ref().map(|part| part.children_statuses.clone()).unwrap_or_default();
        let count = children.values().sum();
        ParentActivity {
            deliver_delay_window: part.map(|part| part.deliver_delay_window).unwrap_or_default(),
            children_count: count,
            children_statuses: Tally::of(&children),
            computer_count: count,
            computer: only.remove(&activity.id),
            activity,
        }
    });
    let page = Page { items: items.collect(), total: page.total };
    Ok(Json(query.envelope(&params, page)))
}

/// An activity that the caller sees.
pub async fn existing(conn: &mut Conn, context: &Context, id: i64) -> Result<Activity, ApiError> {
    let found = list::read(conn, context.scope(), id).await?;
    let mut found = [found.ok_or(ApiError::unknown(Kind::Activity))?];
    narrow(conn, context, &mut found).await?;
    let [activity] = found;
    Ok(activity)
}

/// `GET activities/{id}`
pub async fn read(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Activity>, ApiError> {
    let mut conn = api.db.read().await?;
    Ok(Json(existing(&mut conn, &context, id).await?))
}

/// `GET activities/{id}/output` (ours): all that the script has written so far.
pub async fn output(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Output>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let results = activity_output::read(&mut conn, id, 0).await?;
    let truncated = activity_output::is_truncated(&mut conn, id).await?;
    Ok(Json(Output { results, truncated }))
}

/// `POST activities/reapply`: the numbers of the new activities, in the order of the old ones.
pub async fn reapply(State(api): State<Api>, context: Context, Body(body): Body) -> Result<Json<Vec<i64>>, ApiError> {
    let ActivityIds { activity_ids } = ActivityIds::parse(&body)?;
    Ok(Json(reapply_activities::run(&api, context.actor(), &activity_ids).await?))
}

/// `POST activities/revert`
pub async fn revert(State(api): State<Api>, context: Context, Body(body): Body) -> Result<Json<Vec<i64>>, ApiError> {
    let ActivityIds { activity_ids } = ActivityIds::parse(&body)?;
    Ok(Json(reapply_activities::revert(&api, context.actor(), &activity_ids).await?))
}
