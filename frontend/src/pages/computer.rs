//! One computer: what it is, its tags, what it was asked to do, what it has on it.

mod actions;
mod annotations;
mod hardware;
mod inventory;
mod users;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity;
use binnacle_shared::model::landscape::alert::{ComputerAlert, Severity};
use binnacle_shared::model::landscape::computer::{Computer, ComputerProfile};
use jiff::Timestamp;
use leptos::prelude::*;
use serde_json::json;

use self::actions::Actions;
use self::annotations::Annotations;
use self::hardware::HardwareTab;
use self::inventory::{Packages, Processes};
use self::users::Users;

use crate::api::{self, Load, use_load};
use crate::clock;
use crate::components::time::span;
use crate::components::{Failed, Note, SkeletonRows, Status, TagEditor, Tone, When};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::detail::use_tab;
use crate::shells::{Detail, Fact, Facts, ListSpec, ListView, Tab};

/// Agents report at least this often; longer silence is worth a word.
const SILENCE: i64 = 15 * 60;

/// What the page shows beyond the computer's own fields.
const EXTRAS: &str =
    "with_network=true&with_hardware=true&with_annotations=true&with_profiles=true&with_alerts=true&with_upgrades=true";

/// The page of a computer.
#[component]
pub fn ComputerPage() -> impl IntoView {
    let params = use_params_map();
    let id = memo(move || params.with(|params| params.get("id")).unwrap_or_default());
    let computer = use_load(
        move || Some(id.get()),
        |id| async move { api::get::<Computer>(&format!("computers/{id}?{EXTRAS}")).await },
    );
    let watch = StoredValue::new_local(Some(gloo_timers::callback::Interval::new(15_000, move || computer.reload())));
    on_cleanup(move || {
        watch.try_update_value(Option::take);
    });
    let there = memo(move || computer.data.with(Option::is_some));
    move || {
        if there.get() {
            return view! { <Loaded computer=computer/> }.into_any();
        }
        match computer.error.get() {
            Some(error) => view! { <Failed page=true title="The computer could not be loaded" error=error retry=move |()| computer.reload()/> }.into_any(),
            None => computer.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
        }
    }
}

#[component]
fn Loaded(computer: Load<Computer>) -> impl IntoView {
    let tab = use_tab("overview");
    let of = move |read: fn(&Computer) -> String| {
        computer.data.with(|computer| computer.as_ref().map(read).unwrap_or_default())
    };
    let id = memo(move || computer.data.with(|computer| computer.as_ref().map_or(0, |c| c.id)));
    let seen = memo(move || {
        computer
            .data
            .with(|computer| computer.as_ref().and_then(|c| c.last_ping_time.or(c.last_exchange_time)).map(|t| t.0))
    });
    let facts = move || {
        computer.data.get().map(|computer| {
            view! {
                <Facts row=true facts=vec![
                    Fact::new("Last contact", view! { <When at=seen absolute=true none="never"/> }),
                    Fact::new("Distribution", distribution(&computer)),
                    Fact::new("Access group", computer.access_group.clone()),
                    Fact::new("Enrolled", view! { <When at=Some(computer.registered_at.0) absolute=true/> }),
                ]/>
            }
        })
    };
    let body = move || match tab.get().as_str() {
        "activities" => view! { <Activities id=id.get()/> }.into_any(),
        "packages" => view! { <Packages id=id.get()/> }.into_any(),
        "users" => view! { <Users id=id.get()/> }.into_any(),
        "processes" => view! { <Processes id=id.get()/> }.into_any(),
        "hardware" => view! { <HardwareTab computer=computer/> }.into_any(),
        _ => view! { <Overview computer=computer/> }.into_any(),
    };
    view! {
        <Detail
            crumb=(Kind::Computer.outline().plural, paths::list(Kind::Computer))
            title=Signal::derive(move || of(|c| c.title.clone()))
            status=move || view! { <Contact seen=seen/> }
            actions=move || view! { <Actions computer=computer/> }
            tabs=Signal::stored(vec![
                Tab::new("overview", "Overview"),
                Tab::new("activities", "Activities"),
                Tab::new("packages", "Packages"),
                Tab::new("users", "Users"),
                Tab::new("processes", "Processes"),
                Tab::new("hardware", "Hardware"),
            ])
            facts=facts
            fill=Signal::derive(move || !matches!(tab.get().as_str(), "overview" | "hardware"))
        >
            {move || computer.error.get().map(|error| view! { <Note tone=Tone::Bad>"This may be out of date. "{error.message}</Note> })}
            {body}
        </Detail>
    }
}

/// Whether the computer's agent was heard of lately.
#[component]
fn Contact(seen: Memo<Option<Timestamp>>) -> impl IntoView {
    let now = clock::use_now();
    let silence =
        memo(move || seen.get().map(|seen| now.get().as_second() - seen.as_second()).filter(|s| *s > SILENCE));
    move || match (seen.get(), silence.get()) {
        (None, _) => view! { <Status tone=Tone::Off word="Never in contact"/> },
        (Some(_), None) => view! { <Status tone=Tone::Ok word="In contact"/> },
        (Some(_), Some(seconds)) => view! { <Status tone=Tone::Off word=format!("No contact for {}", span(seconds))/> },
    }
}

fn distribution(computer: &Computer) -> String {
    computer
        .distribution_info
        .as_ref()
        .and_then(|info| info.description.clone())
        .or_else(|| computer.distribution.clone())
        .unwrap_or_else(|| "not reported yet".to_owned())
}

#[component]
fn Overview(computer: Load<Computer>) -> impl IntoView {
    let session = use_session();
    let tags = memo(move || computer.data.with(|c| c.as_ref().map(|c| c.tags.clone()).unwrap_or_default()));
    let editable = memo(move || session.may(Kind::Computer.outline().manage));
    let save = move |tags: Vec<String>| {
        let id = computer.data.with_untracked(|c| c.as_ref().map(|c| c.id)).unwrap_or_default();
        async move {
            let changed: Computer = api::put(&format!("computers/{id}"), &json!({ "tags": tags })).await?;
            // The answer to a change has no hardware; what is on screen keeps its own.
            computer.data.try_update(|present| {
                if let Some(present) = present {
                    present.tags = changed.tags;
                }
            });
            Ok(())
        }
    };
    // Asked again every few seconds: what did not change is not drawn again.
    let system = memo(move || computer.data.get());
    view! {
        <Alerts computer=computer/>
        <div class="columns">
            <div class="stack">
                {move || system.get().map(|computer| view! { <System computer=computer/> })}
            </div>
            <div class="stack">
                <section class="card panel" aria-labelledby="tags-title">
                    <h2 id="tags-title">"Tags"</h2>
                    <TagEditor tags=tags editable=editable save=save/>
                </section>
                <Annotations computer=computer editable=editable/>
            </div>
            <div class="stack">
                <Profiles computer=computer/>
            </div>
        </div>
    }
}

#[component]
fn System(computer: Computer) -> impl IntoView {
    let mut facts = vec![Fact::new(
        "Host name",
        view! { <code>{computer.hostname.clone().unwrap_or_else(|| "–".to_owned())}</code> },
    )];
    if let Some(info) = &computer.distribution_info {
        let version = [&info.distributor, &info.release, &info.code_name];
        let words: Vec<String> = version.into_iter().flatten().cloned().collect();
        facts.push(Fact::new("System", words.join(" ")));
    }
    let machine = match (&computer.container_info, &computer.vm_info) {
        (Some(container), _) if !container.is_empty() => Some(format!("Container ({container})")),
        (_, Some(vm)) if !vm.is_empty() => Some(format!("Virtual machine ({vm})")),
        _ => None,
    };
    facts.extend(machine.map(|machine| Fact::new("Runs in", machine)));
    if computer.reboot_required_flag {
        facts.push(Fact::new("Restart", view! { <Status tone=Tone::Wait word="Restart required"/> }));
    }
    if let Some(upgrades) = computer.upgrades {
        let packages = paths::with_query(
            &paths::detail(Kind::Computer, computer.id),
            &[("tab", "packages"), ("show", "upgrades")],
        );
        let words = match (upgrades.regular + upgrades.security, upgrades.security) {
            (0, _) => view! { "None known" }.into_any(),
            (all, 0) => view! { <a href=packages>{all}" waiting"</a> }.into_any(),
            (all, security) => view! { <a href=packages>{all}" waiting, "{security}" for security"</a> }.into_any(),
        };
        facts.push(Fact::new("Upgrades", words));
    }
    if !computer.comment.is_empty() {
        facts.push(Fact::new("Comment", computer.comment.clone()));
    }
    facts.push(Fact::new("ID", view! { <code>{computer.id}</code> }));
    view! { <section class="card panel"><h2>"System"</h2><Facts facts=facts/></section> }
}

/// The profiles that reach the computer as it is now.
#[component]
fn Profiles(computer: Load<Computer>) -> impl IntoView {
    let profiles = memo(move || computer.data.with(|c| c.as_ref().and_then(|c| c.profiles.clone())));
    let body = move || match profiles.get() {
        Some(profiles) if profiles.is_empty() => {
            view! { <p class="muted">"None reaches it: they go by tags and access group."</p> }.into_any()
        }
        profiles => {
            let line = |profile: ComputerProfile| {
                let href = paths::detail(Kind::ScriptProfile, profile.id);
                view! { <li><a href=href>{profile.title}</a></li> }
            };
            view! { <ul class="plain-list">{profiles.unwrap_or_default().into_iter().map(line).collect_view()}</ul> }
                .into_any()
        }
    };
    view! { <section class="card panel"><h2>"Script profiles"</h2>{body}</section> }
}

/// What there is to look at.
#[component]
fn Alerts(computer: Load<Computer>) -> impl IntoView {
    let alerts = memo(move || computer.data.with(|c| c.as_ref().and_then(|c| c.alerts.clone()).unwrap_or_default()));
    move || {
        let note = |alert: ComputerAlert| {
            let tone = if alert.severity == Severity::Danger { Tone::Bad } else { Tone::Wait };
            view! { <Note tone=tone><b>{alert.alert_type.label()}</b>". "{alert.summary}</Note> }
        };
        let alerts = alerts.get();
        (!alerts.is_empty()).then(|| view! { <div class="above">{alerts.into_iter().map(note).collect_view()}</div> })
    }
}

#[component]
fn Activities(id: i64) -> impl IntoView {
    let spec = ListSpec::new(&activity::KIND)
        .fixed("query", format!("computer:id:{id}"))
        .without("children_count")
        .without_facets()
        .poll(10)
        .purpose("Nothing was asked of this computer yet. Script profiles that reach it make activities here.");
    view! { <ListView spec=spec/> }
}
