//! The list of scripts.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::script;
use gloo_net::http::Method;
use leptos::prelude::*;

use crate::api;
use crate::paths;
use crate::shells::list::Priority;
use crate::shells::{Bulk, ListPage, ListSpec, Segment};

/// All scripts; archived ones in their own segment.
#[component]
pub fn ScriptsPage() -> impl IntoView {
    let archive = Bulk::new(
        "Archive",
        "Archiving",
        "archived",
        "Archived scripts cannot be run or edited any more, and the script profiles that use them are archived too. This cannot be undone.",
        |id| async move { api::send(Method::POST, &format!("scripts/{id}:archive"), &()).await.map(|_| ()) },
    );
    let spec = ListSpec::new(&script::KIND)
        .segments(
            "script_type",
            vec![Segment::new("", "Active"), Segment::new("archived", "Archived"), Segment::new("all", "All")],
        )
        .priority("last_edited_at", Priority::High)
        .bulk(archive.danger())
        .create("Create script", paths::create(Kind::Script));
    view! { <ListPage spec=spec/> }
}
