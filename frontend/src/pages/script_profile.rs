//! One script profile: when and where it runs, what it did.

mod run_now;
mod runs;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity;
use binnacle_shared::model::landscape::computer;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::Script;
use binnacle_shared::model::landscape::script_profile::{CatchUp, ScriptProfile, Trigger};
use binnacle_shared::permission::Permission;
use binnacle_shared::recurrence::{Cron, Zone};
use gloo_net::http::Method;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::run_now::runner;
use self::runs::Runs;
use super::profile_parts::{LastActivity, NextRun};
use crate::api::{self, Load, use_load};
use crate::components::time::span;
use crate::components::{
    Ask, Failed, NextRuns, Note, RunPlan, SkeletonRows, Status, TagList, Tone, When, use_confirm, use_toasts,
};
use crate::icons::{Glyph, Icon};
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::detail::use_tab;
use crate::shells::list::grouped;
use crate::shells::{Detail, Fact, Facts, ListSpec, ListView, Tab};
use crate::{paths, zone};

const KIND: Kind = Kind::ScriptProfile;

/// The page of a script profile.
#[component]
pub fn ScriptProfilePage() -> impl IntoView {
    let params = use_params_map();
    let id = memo(move || params.with(|params| params.get("id")).unwrap_or_default());
    let profile = use_load(
        move || Some(id.get()),
        |id| async move { api::get::<ScriptProfile>(&format!("script-profiles/{id}")).await },
    );
    let watch = StoredValue::new_local(Some(Interval::new(10_000, move || profile.reload())));
    on_cleanup(move || {
        watch.try_update_value(Option::take);
    });
    let there = memo(move || profile.data.with(Option::is_some));
    move || {
        if there.get() {
            return view! { <Loaded profile=profile/> }.into_any();
        }
        match profile.error.get() {
            Some(error) => {
                view! { <Failed page=true title="The script profile could not be loaded" error=error retry=move |()| profile.reload()/> }.into_any()
            }
            None => profile.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
        }
    }
}

/// The profile while its page is open. What is drawn follows values, so that asking again moves
/// nothing that did not change.
#[derive(Clone, Copy)]
struct Shown {
    load: Load<ScriptProfile>,
    profile: Memo<Option<ScriptProfile>>,
}

impl Shown {
    fn of<T: PartialEq + Send + Sync + 'static>(self, read: fn(&ScriptProfile) -> T) -> Memo<Option<T>> {
        memo(move || self.profile.with(|profile| profile.as_ref().map(read)))
    }
}

#[component]
fn Loaded(profile: Load<ScriptProfile>) -> impl IntoView {
    let session = use_session();
    let tab = use_tab("overview");
    let shown = Shown { load: profile, profile: memo(move || profile.data.get()) };
    let id = shown.of(|p| p.id);
    let title = shown.of(|p| p.title.clone());
    let archived = shown.of(|p| p.archived);
    let reach = shown.of(|p| p.computers.num_associated_computers);
    let actions = move || {
        let active = archived.get() == Some(false);
        let run = (active && session.may(Permission::ExecuteScript)).then(|| {
            let ask = runner(shown);
            view! {
                <button type="button" class="btn" on:click=move |_| ask()><Icon glyph=Glyph::Running/>"Run now"</button>
            }
        });
        let manage = (active && session.may(KIND.outline().manage)).then(|| {
            let ask = archiver(shown);
            view! {
                <button type="button" class="btn danger" on:click=move |_| ask()><Icon glyph=Glyph::Archive/>"Archive profile"</button>
                <a class="btn primary" href=paths::edit(KIND, id.get().unwrap_or_default()) aria-keyshortcuts="e">
                    <Icon glyph=Glyph::Edit/>"Edit profile"
                </a>
            }
        });
        view! { {run}{manage} }
    };
    let tabs = Signal::derive(move || {
        vec![
            Tab::new("overview", "Overview"),
            Tab::new("computers", format!("Computers ({})", grouped(reach.get().unwrap_or_default()))),
            Tab::new("activities", "Activities"),
            Tab::new("runs", "Runs"),
        ]
    });
    let body = move || {
        let id = id.get().unwrap_or_default();
        match tab.get().as_str() {
            "computers" => view! { <Computers id=id/> }.into_any(),
            "activities" => view! { <Activities id=id/> }.into_any(),
            "runs" => view! { <Runs id=id/> }.into_any(),
            _ => view! { <Overview shown=shown/> }.into_any(),
        }
    };
    view! {
        <Detail
            crumb=(KIND.outline().plural, paths::list(KIND))
            title=Signal::derive(move || title.get().unwrap_or_default())
            status=move || (archived.get() == Some(true)).then(|| view! { <Status tone=Tone::Off word="Archived"/> })
            actions=actions
            tabs=tabs
        >
            {move || profile.error.get().map(|error| view! { <Note tone=Tone::Bad>"This may be out of date. "{error.message}</Note> })}
            {body}
        </Detail>
    }
}

/// The question before archiving; the answer archives.
fn archiver(shown: Shown) -> impl Fn() + 'static {
    let confirm = use_confirm();
    let toasts = use_toasts();
    move || {
        let Some(ScriptProfile { id, title, .. }) = shown.profile.get_untracked() else { return };
        let ask = Ask::new(
            format!("Archive script profile “{title}”?"),
            "It never runs again and cannot be edited. What it has started goes on, and its activities stay. This cannot be undone.",
            "Archive profile",
            move || {
                spawn_local(async move {
                    match api::send(Method::POST, &format!("script-profiles/{id}:archive"), &()).await {
                        Ok(_) => {
                            toasts.done("Script profile archived");
                            shown.load.reload();
                        }
                        Err(error) => toasts.failed("The script profile was not archived", &error),
                    }
                });
            },
        );
        confirm.ask(ask.danger());
    }
}

#[component]
fn Overview(shown: Shown) -> impl IntoView {
    let limits = use_load(|| Some(()), |()| async { api::get::<ScriptProfileLimits>("script-profile-limits").await });
    let trigger = shown.of(|p| (p.trigger.clone(), p.archived));
    let plan = Signal::derive(move || {
        let (trigger, archived) = trigger.get()?;
        match trigger {
            _ if archived => None,
            Trigger::Event { .. } => None,
            Trigger::OneTime { next_run, .. } => next_run.map(|at| RunPlan::At(at.0)),
            Trigger::Recurring { interval, start_after, next_run, time_zone, last_planned_run, .. } => {
                Some(RunPlan::Cron {
                    cron: Cron::parse(&interval).ok()?,
                    zone: Zone::find(&time_zone, &zone::known).ok()?,
                    start_after: start_after.0,
                    min_interval: limits.data.get()?.min_interval,
                    last: last_planned_run.map(|at| at.0),
                    next: next_run.map(|at| at.0),
                })
            }
        }
    });
    let none = Signal::derive(move || {
        match trigger.get() {
            Some((_, true)) => "Archived script profiles do not run.",
            Some((Trigger::Event { .. }, _)) => "Runs once on each computer that enrols and matches.",
            Some((Trigger::OneTime { .. }, _)) => "It has run. Give it another time to run it again.",
            _ => "",
        }
        .to_owned()
    });
    let last = shown.of(|p| p.activities.last_activity.clone());
    let what = shown.of(|p| (p.script_id, p.username.clone(), p.time_limit, p.access_group.clone()));
    let whom = shown.of(|p| (p.all_computers, p.tags.clone(), p.computers.num_associated_computers, p.archived));
    let made = shown.of(|p| (p.created_by.clone(), p.created_at, p.last_edited_at, p.id));
    view! {
        <div class="columns profile-panels">
            <div class="stack">
                <section class="card panel">
                    <h2>"When it runs"</h2>
                    {move || trigger.get().map(|(trigger, archived)| when_facts(trigger, archived))}
                </section>
                <section class="card panel">
                    <h2>"What runs"</h2>
                    {move || what.get().map(|(script, user, limit, group)| view! {
                        <Facts facts=vec![
                            Fact::new("Script", view! { <ScriptLink id=script/> }),
                            Fact::new("Run as user", view! { <code>{user}</code> }),
                            Fact::new("Time limit", format!("{} seconds", grouped(limit))),
                            Fact::new("Access group", group),
                        ]/>
                    })}
                </section>
                <section class="card panel">
                    <h2>"Where it runs"</h2>
                    {move || whom.get().map(|(all, tags, reach, archived)| view! {
                        <Facts facts=vec![
                            Fact::new("Computers", if all { "All of the access group".into_any() } else { view! { <TagList tags=tags/> }.into_any() }),
                            Fact::new("Match now", if archived { "None: it is archived".to_owned() } else { grouped(reach) }),
                        ]/>
                    })}
                </section>
            </div>
            <NextRuns plan=plan none=none/>
            <div class="stack">
                <section class="card panel">
                    <h2>"Last activity"</h2>
                    {move || last.get().map(|last| {
                        let when = last.as_ref().map(|activity| {
                            let href = paths::detail(Kind::Activity, activity.id);
                            view! { <a href=href>{activity.summary.clone()}</a>", "<When at=Some(activity.creation_time.0) absolute=true/> }
                        });
                        view! { <p class="row"><LastActivity activity=last/><span>{when}</span></p> }
                    })}
                </section>
                <section class="card panel">
                    <h2>"Profile"</h2>
                    {move || made.get().map(|(by, at, edited, id)| view! {
                        <Facts facts=vec![
                            Fact::new("Created", view! { <When at=Some(at.0) absolute=true/> }),
                            Fact::new("Created by", by.map_or_else(|| "–".to_owned(), |person| person.name)),
                            Fact::new("Last edited", view! { <When at=Some(edited.0) absolute=true/> }),
                            Fact::new("ID", view! { <code>{id}</code> }),
                        ]/>
                    })}
                </section>
            </div>
        </div>
    }
}

fn when_facts(trigger: Trigger, archived: bool) -> AnyView {
    let mut facts = match &trigger {
        Trigger::Event { .. } => vec![Fact::new("Trigger", "When a computer enrols")],
        Trigger::OneTime { timestamp, .. } => {
            vec![
                Fact::new("Trigger", "Once"),
                Fact::new("Run at", view! { <When at=Some(timestamp.0) absolute=true/> }),
            ]
        }
        Trigger::Recurring { interval, start_after, time_zone, catch_up, adjusted_interval, .. } => {
            let words = Cron::parse(interval).map(|cron| cron.describe()).unwrap_or_default();
            let adjusted = adjusted_interval.map(|minutes| {
                view! { <div class="muted">"Adjusted: at least "{span(minutes * 60)}" apart"</div> }
            });
            vec![
                Fact::new("Cron", view! { <code>{interval.clone()}</code><div class="muted">{words}</div>{adjusted} }),
                Fact::new("Time zone", time_zone.clone()),
                Fact::new("Start after", view! { <When at=Some(start_after.0) absolute=true/> }),
                Fact::new("Missed runs", missed(*catch_up)),
            ]
        }
    };
    if !matches!(trigger, Trigger::Event { .. }) {
        facts.push(Fact::new(
            "Last run",
            view! { <When at=trigger.last_run().map(|at| at.0) absolute=true none="never"/> },
        ));
    }
    if trigger.next_run().is_some() {
        facts.push(Fact::new("Next run", view! { <NextRun trigger=trigger archived=archived/> }));
    }
    view! { <Facts facts=facts/> }.into_any()
}

/// What becomes of missed runs.
const fn missed(rule: CatchUp) -> &'static str {
    match rule {
        CatchUp::None => "Left out",
        CatchUp::Last => "The last one runs",
        CatchUp::All => "All run, one after the other",
    }
}

/// The script by name.
#[component]
fn ScriptLink(id: i64) -> impl IntoView {
    let script = use_load(move || Some(id), |id| async move { api::get::<Script>(&format!("scripts/{id}")).await });
    let name = move || {
        script.data.with(|script| script.as_ref().map_or_else(|| format!("#{id}"), |script| script.title.clone()))
    };
    view! { <a href=paths::detail(Kind::Script, id)>{name}</a> }
}

#[component]
fn Computers(id: i64) -> impl IntoView {
    let spec = ListSpec::new(&computer::KIND)
        .path(format!("script-profiles/{id}/computers"))
        .without_facets()
        .purpose("No computer matches now. The profile reaches whatever matches by the time it runs.");
    view! { <div class="page fill"><ListView spec=spec/></div> }
}

#[component]
fn Activities(id: i64) -> impl IntoView {
    let spec = ListSpec::new(&activity::KIND)
        .path(format!("script-profiles/{id}/activities"))
        .without("type")
        .without_facets()
        .poll(5)
        .purpose(
            "This script profile has not run yet. Each run makes an activity here, with one part for each computer.",
        );
    view! { <div class="page fill"><ListView spec=spec/></div> }
}
