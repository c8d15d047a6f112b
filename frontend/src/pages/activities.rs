//! The list of activities: groups, the newest first.

use std::collections::HashMap;

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::{self, Activity, GROUP_TYPE};
use binnacle_shared::query::Subject;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::profile_parts::group_status;
use crate::api::{self, legacy, use_load};
use crate::components::Status;
use crate::go::use_url;
use crate::paths;
use crate::react::memo;
use crate::session::use_session;
use crate::shells::list::Priority;
use crate::shells::{Bulk, Column, ListPage, ListSpec, Segment};

/// Titles of script profiles by id.
type Titles = HashMap<i64, String>;

/// All activities; `?show=all` has those of single computers too.
#[component]
pub fn ActivitiesPage() -> impl IntoView {
    let url = use_url();
    let session = use_session();
    let everything = memo(move || url.get("show").as_deref() == Some("all"));
    let titles = use_load(
        move || session.may(Kind::ScriptProfile.outline().view).then_some(()),
        |()| async { profile_titles().await },
    );
    let titles = memo(move || titles.data.get().unwrap_or_default());
    move || {
        let all = everything.get();
        let other = move || {
            let href = url.with(&[("show", if all { "" } else { "all" }), ("row", "")]);
            let words = if all { "Show runs only" } else { "Show each computer" };
            view! { <a class="btn" href=href>{words}</a> }
        };
        view! { <ListPage spec=spec(all, titles) actions=other/> }
    }
}

fn spec(everything: bool, titles: Memo<Titles>) -> ListSpec {
    let spec = ListSpec::new(&activity::KIND)
        .segments(
            "activity_status",
            vec![
                Segment::new("", "All"),
                Segment::new("delivered", "In progress"),
                Segment::new("undelivered,scheduled,waiting,blocked,unapproved", "Waiting"),
                Segment::new("failed", "Failed"),
                Segment::new("succeeded", "Succeeded"),
            ],
        )
        .query(Subject::Activity)
        .bulk(Bulk::new(
            "Cancel activities",
            "Cancelling activity",
            "canceled",
            "What computers have not fetched yet is not done any more. What runs already is told to stop.",
            |id: String| async move {
                let query = format!("id:{id}");
                legacy::act::<Value>("CancelActivities", &[("query", &query)]).await.map(drop)
            },
        ))
        .bulk(Bulk::new(
            "Approve",
            "Approving activity",
            "approved",
            "Computers fetch them from now on. Only what waits for approval can be approved.",
            |id: String| async move {
                let query = format!("id:{id}");
                legacy::act::<Value>("ApproveActivities", &[("query", &query)]).await.map(drop)
            },
        ))
        .bulk(Bulk::new(
            "Run again",
            "Running activity again",
            "started again",
            "Each is made anew as an activity of its own. Only what is over can run again.",
            |id: String| async move {
                let ids = json!({ "activity_ids": [id.parse::<i64>().unwrap_or_default()] });
                api::send(Method::POST, "activities/reapply", &ids).await.map(drop)
            },
        ))
        .column(
            Column::new("activity_status", "Status", |row| {
                Activity::deserialize(row).ok().map(|activity| {
                    let (tone, word) = group_status(&activity);
                    view! { <Status tone=tone word=word/> }
                })
            })
            .width(176)
            .sortable()
            .priority(Priority::High),
        )
        .column(
            Column::new("script_profile_id", "Script profile", move |row| {
                row.get("script_profile_id")
                    .and_then(Value::as_i64)
                    .map(|id| view! { <ProfileLink id=id titles=titles/> })
            })
            .width(200)
            .after("activity_status"),
        )
        .poll(5);
    if everything {
        spec.without("children_count").column(
            Column::new("computer", "Computer", |row| {
                let name = row.pointer("/computer/title").and_then(Value::as_str).map(str::to_owned);
                name.map(|name| view! { <span title={name.clone()}>{name.clone()}</span> })
            })
            .after("activity_status"),
        )
    } else {
        spec.fixed("query", format!("type:{GROUP_TYPE}")).without("type").without_facet("type")
    }
}

#[component]
fn ProfileLink(id: i64, titles: Memo<Titles>) -> impl IntoView {
    let name = move || titles.with(|titles| titles.get(&id).cloned()).unwrap_or_else(|| format!("#{id}"));
    view! { <a href=paths::detail(Kind::ScriptProfile, id)>{name}</a> }
}

async fn profile_titles() -> Result<Titles, api::ApiError> {
    let all: Envelope<Value> = api::list("script-profiles", &[("archived", "all"), ("limit", "10000")]).await?;
    let title = |row: &Value| Some((row.get("id")?.as_i64()?, row.get("title")?.as_str()?.to_owned()));
    Ok(all.results.iter().filter_map(title).collect())
}
