//! The audit log: what was changed, by whom, from where, with what was there before and after.

use std::time::Duration;

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::audit;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

use super::common::{facts, list, path};
use crate::api::{StreamState, conductor, use_events, use_load};
use crate::components::dialog::follow;
use crate::components::{CodeView, Failed, Status, Tone, cut};
use crate::go::use_url;
use crate::paths;
use crate::session::use_session;
use crate::shells::list::{Column, Priority, Rows, id_of, plain};
use crate::shells::{Facts, ListPage};

const KIND: Kind = Kind::AuditEntry;

/// `/audit`
#[component]
pub fn AuditPage() -> impl IntoView {
    let rows = RwSignal::new(None::<Rows>);
    let live = RwSignal::new(true);
    let session = use_session();
    let mut later = debounce(Duration::from_millis(400), move |()| {
        if let Some(rows) = rows.try_get_untracked().flatten() {
            rows.reload();
        }
    });
    let arrived = StoredValue::new_local(Box::new(move || later(())) as Box<dyn FnMut()>);
    let state = use_events(
        move || {
            (live.get() && session.may(KIND.outline().view))
                .then(|| format!("{}audit/stream", crate::api::client::CONDUCTOR))
        },
        &[""],
        move |_| arrived.update_value(|arrived| arrived()),
    );
    let actions = move || {
        let (tone, word) = match state.get() {
            StreamState::Live => (Tone::Ok, "Live"),
            StreamState::Connecting => (Tone::Wait, "Connecting"),
            StreamState::Closed => (Tone::Off, "Paused"),
        };
        session.may(KIND.outline().view).then(|| {
            view! {
                <Status tone=tone word=word/>
                <button type="button" class="btn" on:click=move |_| live.update(|live| *live = !*live)>
                    {if live.get() { "Pause" } else { "Follow" }}
                </button>
            }
        })
    };
    let mut number = Column::new("id", "ID", id_of).sortable().width(72).priority(Priority::High);
    number.title = true;
    let spec = list(&audit::KIND)
        .column(number)
        .column(
            Column::new("ref_identifier", "Thing", |row| cut(&known_as(row), false))
                .width(170)
                .after("ref_table")
                .pointer("/ref_identifier"),
        )
        .priority("created_at", Priority::High)
        .link(|row| paths::with_query(&paths::list(KIND), &[("entry", &id_of(row))]));
    view! {
        <ListPage spec=spec handle=rows actions=actions/>
        <Entry/>
    }
}

/// The entry of the address, over the list.
#[component]
fn Entry() -> impl IntoView {
    let url = use_url();
    let dialog = NodeRef::<html::Dialog>::new();
    let wanted = crate::react::memo(move || url.get("entry"));
    follow(dialog, move || wanted.get().is_some());
    let entry = use_load(
        move || wanted.get(),
        |id| async move {
            let found = conductor::list(path(KIND), &[("id", &id), ("_size", "1")]).await?;
            Ok(found.results.into_iter().next())
        },
    );
    let body = move || {
        let id = wanted.get()?;
        let shown = match (entry.data.get(), entry.error.get()) {
            (_, Some(error)) => view! { <Failed title="The entry could not be loaded" error=error/> }.into_any(),
            (Some(Some(entry)), None) if id_of(&entry) == id => both(&entry),
            (Some(None), None) => view! { <p>"There is no such entry, or not for you."</p> }.into_any(),
            _ => view! { <p class="muted">"Loading"</p> }.into_any(),
        };
        Some(view! { <h2 id="entry-title">{format!("Entry {id}")}</h2>{shown} })
    };
    view! {
        <dialog class="wide" node_ref=dialog aria-labelledby="entry-title"
            on:close=move |_| if untrack(|| wanted.get()).is_some() { url.set(&[("entry", "")], false); }>
            <div class="dialog-body">{body}</div>
            <form method="dialog" class="dialog-actions"><button class="btn">"Close"</button></form>
        </dialog>
    }
}

/// By what the changed row is known: all of its identifier but the tenant, which stands beside it.
fn known_as(entry: &Value) -> String {
    let of = match entry.get("ref_identifier") {
        Some(Value::Object(members)) => members,
        Some(Value::Null) | None => return String::new(),
        Some(other) => return plain(other),
    };
    let words: Vec<String> = of
        .iter()
        .filter(|(name, value)| (of.len() == 1 || *name != "tenant_name") && !value.is_null())
        .map(|(_, value)| plain(value))
        .collect();
    words.join(", ")
}

fn document(title: &'static str, value: Option<&Value>) -> AnyView {
    let inner = match value.filter(|value| !value.is_null()) {
        Some(value) => view! { <CodeView text=crate::json::pretty(value)/> }.into_any(),
        None => view! { <p class="muted panel">"Nothing"</p> }.into_any(),
    };
    view! { <section class="card" aria-label=title><div class="card-bar top-edge"><h3>{title}</h3></div>{inner}</section> }.into_any()
}

/// What was there before and after, side by side.
fn both(entry: &Value) -> AnyView {
    let facts = facts(&audit::KIND, entry, &[]);
    let subject = known_as(entry);
    view! {
        <p><code>{subject}</code></p>
        <Facts facts=facts/>
        <div class="before-after">{document("Before", entry.get("before"))}{document("After", entry.get("after"))}</div>
    }
    .into_any()
}
