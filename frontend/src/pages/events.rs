//! The events log: who changed what.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::event;
use leptos::prelude::*;
use serde_json::Value;

use crate::paths;
use crate::shells::list::{Priority, id_of};
use crate::shells::{ListPage, ListSpec, Segment};

/// `/events`
#[component]
pub fn EventsPage() -> impl IntoView {
    let spec = ListSpec::new(&event::KIND)
        .segments(
            "days",
            vec![
                Segment::new("", "All"),
                Segment::new("1", "Last day"),
                Segment::new("7", "7 days"),
                Segment::new("30", "30 days"),
            ],
        )
        .priority("creation_time", Priority::High)
        .priority("entity_name", Priority::High)
        .link(about)
        .poll(15);
    view! { <ListPage spec=spec/> }
}

/// The page of what an event is about, where it has one; else the event itself in the list.
fn about(row: &Value) -> String {
    let kind = match row.get("entity_type").and_then(Value::as_str).unwrap_or_default() {
        "Computer" => Some(Kind::Computer),
        "Script" => Some(Kind::Script),
        "Script profile" => Some(Kind::ScriptProfile),
        "Activity" | "Activity group" => Some(Kind::Activity),
        "Role" => Some(Kind::Role),
        _ => None,
    };
    match kind.zip(row.get("entity_id").and_then(Value::as_i64)) {
        Some((kind, id)) => paths::detail(kind, id),
        None => paths::with_query(&paths::list(Kind::Event), &[("row", &id_of(row))]),
    }
}
