//! Activities: what computers were told to do, and what came of it.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::{Activity, ActivityIds, Output, ParentActivity};

use super::{Route, get, manage, post, view};
use crate::api::landscape::{activities, stream};

pub fn rows() -> Vec<Route> {
    vec![
        get("/activities", view(Kind::Activity), activities::list)
            .about("Lists activities, newest first: groups and the children in them.")
            .list_of::<Activity>(Kind::Activity)
            .query("query", "Words and selectors such as `status:failed type:ExecuteScriptRequest`."),
        get("/activities/parents", view(Kind::Activity), activities::parents)
            .about("Lists groups of activities with what became of their children, newest first.")
            .list_of::<ParentActivity>(Kind::Activity)
            .query("query", "Words and selectors such as `status:failed created-after:2026-11`."),
        post("/activities/reapply", manage(Kind::Activity), activities::reapply)
            .about("Does again what activities did that have ended; answers the numbers of the new ones.")
            .takes::<ActivityIds>()
            .answers::<Vec<i64>>(200)
            .refuses(&[404]),
        post("/activities/revert", manage(Kind::Activity), activities::revert)
            .about("Takes back what activities did; no type that there is can be taken back.")
            .takes::<ActivityIds>()
            .answers::<Vec<i64>>(200)
            .refuses(&[404]),
        get("/activities/{id}", view(Kind::Activity), activities::read)
            .about("Reads an activity.")
            .answers::<Activity>(200),
        get("/activities/{id}/output", view(Kind::Activity), activities::output)
            .about("Reads what a script has printed, piece by piece.")
            .answers::<Output>(200),
        get("/activities/{id}/stream", view(Kind::Activity), stream::stream)
            .about("Streams an activity and its output as server-sent events until it has ended.")
            .answers_with(200, "text/event-stream"),
    ]
}
