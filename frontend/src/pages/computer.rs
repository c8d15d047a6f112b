//! One computer: what it is, its tags, what it was asked to do.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::computer::Computer;
use jiff::Timestamp;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::{self, Load, use_load};
use crate::clock;
use crate::components::time::span;
use crate::components::{Failed, Note, SkeletonRows, Status, TagEditor, Tone, When};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::detail::use_tab;
use crate::shells::list::{grouped, plain};
use crate::shells::{Detail, Fact, Facts, ListSpec, ListView, Tab};

/// Agents report at least this often; longer silence is worth a word.
const SILENCE: i64 = 15 * 60;

/// The page of a computer.
#[component]
pub fn ComputerPage() -> impl IntoView {
    let params = use_params_map();
    let id = memo(move || params.with(|params| params.get("id")).unwrap_or_default());
    let computer = use_load(
        move || Some(id.get()),
        |id| async move {
            api::get::<Computer>(&format!("computers/{id}?with_network=true&with_hardware=true&with_annotations=true"))
                .await
        },
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
    let session = use_session();
    let tab = use_tab("about");
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
    let edit = move || {
        session.may(Kind::Computer.info().manage).then(|| view! {
            <a class="btn" href=paths::edit(Kind::Computer, id.get()) aria-keyshortcuts="e"><Icon glyph=Glyph::Edit/>"Edit computer"</a>
        })
    };
    let body = move || match tab.get().as_str() {
        "activities" => view! { <Activities id=id.get()/> }.into_any(),
        _ => view! { <About computer=computer/> }.into_any(),
    };
    view! {
        <Detail
            crumb=(Kind::Computer.info().plural, paths::list(Kind::Computer))
            title=Signal::derive(move || of(|c| c.title.clone()))
            status=move || view! { <Contact seen=seen/> }
            actions=edit
            tabs=Signal::stored(vec![Tab::new("about", "About"), Tab::new("activities", "Activities")])
            facts=facts
            fill=Signal::derive(move || tab.get() == "activities")
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
fn About(computer: Load<Computer>) -> impl IntoView {
    let session = use_session();
    let tags = memo(move || computer.data.with(|c| c.as_ref().map(|c| c.tags.clone()).unwrap_or_default()));
    let editable = memo(move || session.may(Kind::Computer.info().manage));
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
    view! {
        <div class="columns">
            <section class="card panel" aria-labelledby="tags-title">
                <h2 id="tags-title">"Tags"</h2>
                <TagEditor tags=tags editable=editable save=save/>
            </section>
            {move || computer.data.get().map(|computer| view! {
                <System computer=computer.clone()/>
                <Hardware computer=computer.clone()/>
                <Network computer=computer/>
            })}
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
    if !computer.comment.is_empty() {
        facts.push(Fact::new("Comment", computer.comment.clone()));
    }
    facts.push(Fact::new("ID", view! { <code>{computer.id}</code> }));
    view! { <section class="card panel"><h2>"System"</h2><Facts facts=facts/></section> }
}

/// Memory, and whatever else the agent reported of the machine.
#[component]
fn Hardware(computer: Computer) -> impl IntoView {
    let size = |mebibytes: Option<i64>| {
        mebibytes.map_or_else(|| "not reported yet".to_owned(), |n| format!("{} MiB", grouped(n)))
    };
    let mut facts =
        vec![Fact::new("Memory", size(computer.total_memory)), Fact::new("Swap", size(computer.total_swap))];
    let processors: Vec<Value> = match computer.hardware {
        Some(Value::Array(list)) => list,
        Some(Value::Object(object)) => object.get("processors").and_then(Value::as_array).cloned().unwrap_or_default(),
        _ => Vec::new(),
    };
    if let Some(first) = processors.first() {
        let model =
            ["model", "processor", "name"].iter().find_map(|name| first.get(*name).map(plain)).unwrap_or_default();
        facts.push(Fact::new("Processor", format!("{} × {model}", processors.len())));
        facts.extend(
            first
                .get("cache_size")
                .filter(|size| !size.is_null())
                .map(|size| Fact::new("Cache", format!("{} KiB", plain(size)))),
        );
    }
    view! { <section class="card panel"><h2>"Hardware"</h2><Facts facts=facts/></section> }
}

#[component]
fn Network(computer: Computer) -> impl IntoView {
    let devices = computer.network_devices.unwrap_or_default();
    if devices.is_empty() {
        return ().into_any();
    }
    let facts = devices
        .into_iter()
        .map(|device| view! { <dt><code>{device.interface}</code></dt><dd><code>{device.ip_address}</code>" "<code class="muted">{device.mac_address}</code></dd> })
        .collect_view();
    view! { <section class="card panel"><h2>"Network"</h2><dl class="facts">{facts}</dl></section> }.into_any()
}

#[component]
fn Activities(id: i64) -> impl IntoView {
    let spec = ListSpec::new(Kind::Activity)
        .fixed("query", format!("computer:id:{id}"))
        .without("children_count")
        .without_facets()
        .poll(10)
        .purpose("Nothing was asked of this computer yet. Script profiles that reach it make activities here.");
    view! { <ListView spec=spec/> }
}
