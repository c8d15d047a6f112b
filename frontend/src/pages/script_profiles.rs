//! The list of script profiles.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script_profile::{self, Trigger};
use gloo_net::http::Method;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::profile_parts::{LastActivity, NextRun, TriggerWords};
use crate::api::{self, use_load};
use crate::components::When;
use crate::paths;
use crate::shells::list::{Priority, Rows, grouped};
use crate::shells::{Bulk, Column, ListPage, ListSpec, Segment};

/// All script profiles; archived ones in their own segment.
#[component]
pub fn ScriptProfilesPage() -> impl IntoView {
    let rows = RwSignal::new(None::<Rows>);
    view! { <ListPage spec=spec() handle=rows remark=move || view! { <Used rows=rows/> }/> }
}

fn spec() -> ListSpec {
    let archive = Bulk::new(
        "Archive",
        "Archiving",
        "archived",
        "Archived script profiles never run again and cannot be edited. What they have started goes on, and their activities stay. This cannot be undone.",
        |id| async move { api::send(Method::POST, &format!("script-profiles/{id}:archive"), &()).await.map(|_| ()) },
    );
    let mut spec = ListSpec::new(&script_profile::KIND)
        .segments(
            "archived",
            vec![Segment::new("", "Active"), Segment::new("archived", "Archived"), Segment::new("all", "All")],
        )
        .bulk(archive.danger())
        .create("Create profile", paths::create(Kind::ScriptProfile))
        .poll(15);
    // Scripts have ids and no names, so a filter by script has no values to offer here.
    spec.facets.retain(|facet| facet.name != "script_id");
    let rest = std::mem::take(&mut spec.columns);
    let (mut first, rest): (Vec<Column>, Vec<Column>) = rest.into_iter().partition(|column| column.title);
    first.extend(columns());
    for column in rest {
        match column.name {
            // Drawn above from what the trigger holds; and a bare number, where the profile's
            // page names the script.
            "trigger/trigger_type" | "next_run" | "last_run" | "script_id" => {}
            "tags" => first.push(column.width(140)),
            "computers/num_associated_computers" => first.push(column),
            _ => first.push(column.optional()),
        }
    }
    // Computers before tags, as one reads it: how many, and which.
    first.sort_by_key(|column| match column.name {
        "computers/num_associated_computers" => 1,
        "tags" => 2,
        "last_run" => 3,
        _ if column.shown => 0,
        _ => 4,
    });
    spec.columns = first;
    spec
}

/// A part of a row as its type; none where it is not there.
fn part<T: DeserializeOwned>(row: &Value, pointer: &str) -> Option<T> {
    row.pointer(pointer).filter(|value| !value.is_null()).and_then(|value| T::deserialize(value).ok())
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("status", "Status", |row| {
            let activity: Option<Activity> = part(row, "/activities/last_activity");
            view! { <LastActivity activity=activity/> }
        })
        .width(164)
        .pointer("/activities/last_activity/activity_status")
        .priority(Priority::High),
        Column::new("trigger", "Trigger", |row| {
            part::<Trigger>(row, "/trigger").map(|trigger| view! { <TriggerWords trigger=trigger/> })
        })
        .width(124),
        Column::new("next_run", "Next run", |row| {
            let archived = row.get("archived") == Some(&Value::Bool(true));
            part::<Trigger>(row, "/trigger").map(|trigger| view! { <NextRun trigger=trigger archived=archived/> })
        })
        .width(188)
        .sortable(),
        Column::new("last_run", "Last run", |row| {
            let at = part::<Trigger>(row, "/trigger").and_then(|trigger| trigger.last_run()).map(|at| at.0);
            view! { <When at=at none="never"/> }
        })
        .width(124)
        .sortable()
        .optional(),
    ]
}

/// "18 of at most 50".
#[component]
fn Used(rows: RwSignal<Option<Rows>>) -> impl IntoView {
    let limits = use_load(|| Some(()), |()| async { api::get::<ScriptProfileLimits>("script-profile-limits").await });
    // Counted again whenever the list has changed, by archiving for example.
    let active = use_load(move || Some(rows.get().map(|rows| rows.total.get())), |_| active_profiles());
    move || {
        let (limits, active) = (limits.data.get()?, active.data.get()?);
        Some(view! { <span class="muted">{grouped(active)}" of at most "{grouped(limits.max_num_profiles)}</span> })
    }
}

/// How many profiles count against the limit.
pub async fn active_profiles() -> Result<i64, api::ApiError> {
    let answer: Envelope<Value> = api::list("script-profiles", &[("limit", "0")]).await?;
    Ok(i64::try_from(answer.count).unwrap_or(i64::MAX))
}
