//! The list of computers, those that wait for acceptance, and how to enrol one.

use binnacle_shared::Kind;
use binnacle_shared::field::ReferenceBy;
use binnacle_shared::model::landscape::computer::{self, PendingComputer};
use binnacle_shared::permission::Permission;
use binnacle_shared::query::Subject;
use gloo_timers::callback::Interval;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::api::{ApiError, legacy, use_load};
use crate::components::dialog::follow;
use crate::components::{TagList, When, cut, use_toasts};
use crate::go::use_url;
use crate::pages::enrol::Enrol;
use crate::paths;
use crate::react::memo;
use crate::session::use_session;
use crate::shells::list::{BulkInput, Column, Priority, Rows};
use crate::shells::{Bulk, ListPage, ListSpec};

/// All computers.
#[component]
pub fn ComputersPage() -> impl IntoView {
    let url = use_url();
    let rows = RwSignal::new(None::<Rows>);
    let reload = move || {
        if let Some(rows) = rows.try_get_untracked().flatten() {
            rows.reload();
        }
    };
    let spec = ListSpec::new(&computer::KIND)
        .fixed("root_only", "false")
        .priority("last_ping_time", Priority::High)
        .column(
            Column::new("distribution", "Distribution", |row| cut(&distribution(row), false))
                .width(230)
                .sortable()
                .priority(Priority::Low),
        )
        .query(Subject::Computer)
        .bulk(tagging(
            [
                "Tag",
                "Tagging computer",
                "tagged",
                "Profiles with these tags reach them from their next run on.",
            ],
            "AddTagsToComputers",
        ))
        .bulk(tagging(
            ["Untag", "Untagging computer", "untagged", "Profiles with these tags reach them no more."],
            "RemoveTagsFromComputers",
        ))
        .bulk(Bulk::told(
            [
                "Move",
                "Moving computer",
                "moved",
                "Who may see them, and which profiles reach them, follows from the access group.",
            ],
            "Access group",
            BulkInput::One(Kind::AccessGroup, ReferenceBy::Name),
            |id, group| async move {
                let query = format!("id:{id}");
                legacy::act::<Value>("ChangeComputersAccessGroup", &[("query", &query), ("access_group", &group)])
                    .await
                    .map(drop)
            },
        ))
        .bulk(Bulk::new(
            "Restart",
            "Restarting computer",
            "told to restart",
            "Their agents are told at their next contact. Whatever runs on them is interrupted.",
            |id| async move { send_ids("RebootComputers", &id).await },
        ))
        .bulk(
            Bulk::new(
                "Remove",
                "Removing computer",
                "removed",
                "They leave this account, and their agents are told nothing more. To come back they have to enrol anew.",
                |id| async move { send_ids("RemoveComputers", &id).await },
            )
            .danger(),
        )
        .poll(15)
        .create("Enrol a computer", paths::with_query(&paths::list(Kind::Computer), &[("enrol", "yes")]));
    let dialog = NodeRef::<html::Dialog>::new();
    let open = memo(move || url.get("enrol").is_some());
    follow(dialog, move || open.get());
    view! {
        <ListPage spec=spec handle=rows above=move || view! { <Pending changed=move |()| reload()/> }/>
        <dialog class="wide" node_ref=dialog aria-labelledby="enrol-title"
            on:close=move |_| if open.get_untracked() { url.set(&[("enrol", "")], true); }>
            {move || open.get().then(|| view! { <Enrol/> })}
        </dialog>
    }
}

/// Puts tags on computers or takes them away.
fn tagging(words: [&'static str; 4], action: &'static str) -> Bulk {
    Bulk::told(words, "Tags", BulkInput::Tags, move |id, tags| async move {
        let tags: Vec<&str> = tags.split([',', ' ']).filter(|tag| !tag.is_empty()).collect();
        let mut pairs = legacy::numbered("tags", &tags);
        pairs.push(("query".to_owned(), format!("id:{id}")));
        legacy::act::<Value>(action, &legacy::borrow(&pairs)).await.map(drop)
    })
}

/// An action on a computer by its number.
async fn send_ids(action: &str, id: &str) -> Result<(), ApiError> {
    legacy::act::<Value>(action, &[("computer_ids.1", id)]).await.map(drop)
}

/// As the computer calls its system; the release number alone says little.
fn distribution(row: &Value) -> String {
    let words = ["/distribution_info/description", "/distribution"].map(|place| row.pointer(place));
    words.into_iter().flatten().find_map(Value::as_str).unwrap_or("–").to_owned()
}

/// Computers that asked to join and wait for somebody to say yes.
#[component]
fn Pending(#[prop(into)] changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let pending = use_load(
        move || session.may(Permission::ManagePendingComputer).then_some(()),
        |()| async { legacy::read::<Vec<PendingComputer>>("GetPendingComputers", &[]).await },
    );
    let watch = StoredValue::new_local(Some(Interval::new(10_000, move || pending.reload())));
    on_cleanup(move || {
        watch.try_update_value(Option::take);
    });
    let some = memo(move || pending.data.with(|list| list.as_ref().is_some_and(|list| !list.is_empty())));
    let count = move || pending.data.with(|list| list.as_ref().map_or(0, Vec::len));
    let lines = move || {
        pending
            .data
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|computer| line(computer, pending.into(), changed))
            .collect_view()
    };
    view! {
        <Show when=move || some.get()>
            <section class="card pending" aria-labelledby="pending-title">
                <div class="card-bar top-edge">
                    <h2 id="pending-title"><b>{move || match count() {
                        1 => "1 computer waits for acceptance".to_owned(),
                        n => format!("{n} computers wait for acceptance"),
                    }}</b></h2>
                    <span>"They asked to join without the right registration key."</span>
                </div>
                <ul class="rows scroll">{lines}</ul>
            </section>
        </Show>
    }
}

/// What is asked again after an answer.
#[derive(Clone, Copy)]
struct Again(crate::api::Load<Vec<PendingComputer>>);

impl From<crate::api::Load<Vec<PendingComputer>>> for Again {
    fn from(load: crate::api::Load<Vec<PendingComputer>>) -> Self {
        Self(load)
    }
}

fn line(computer: PendingComputer, again: Again, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let id = computer.id;
    let name = StoredValue::new(computer.title.clone());
    let answer = move |action: &'static str, done: &'static str| {
        busy.set(true);
        spawn_local(async move {
            let ids = legacy::numbered("computer_ids", &[id]);
            match legacy::act::<Value>(action, &legacy::borrow(&ids)).await {
                Ok(_) => {
                    toasts.done(format!("{} {done}", name.try_get_value().unwrap_or_default()));
                    changed.try_run(());
                }
                Err(error) => toasts.failed("Nothing was changed", &error),
            }
            busy.try_set(false);
            again.0.reload();
        });
    };
    let group = computer.access_group.map(|group| view! { <span class="muted">"for "{group}</span> });
    let tags = (!computer.client_tags.is_empty()).then(|| view! { <TagList tags=computer.client_tags.clone()/> });
    let (accept, reject) = (format!("Accept {}", computer.title), format!("Reject {}", computer.title));
    view! {
        <li class="line">
            <span class="strong">{computer.title}</span>
            <code class="muted">{computer.hostname}</code>
            {tags}
            {group}
            <span class="end row">
                <span class="muted">"asked "<When at=Some(computer.creation_time.0)/></span>
                <button type="button" class="btn small danger" aria-label=reject disabled=move || busy.get()
                    on:click=move |_| answer("RejectPendingComputers", "rejected")>"Reject"</button>
                <button type="button" class="btn small primary" aria-label=accept disabled=move || busy.get()
                    on:click=move |_| answer("AcceptPendingComputers", "accepted")>"Accept"</button>
            </span>
        </li>
    }
}
