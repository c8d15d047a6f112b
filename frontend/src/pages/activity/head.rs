//! Above the parts of a run: facts, progress, and how to cancel it.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::model::landscape::script::Script;
use binnacle_shared::model::landscape::script_profile::ScriptProfile;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::live::Live;
use crate::api::{self, legacy, use_load};
use crate::clock;
use crate::components::time::span;
use crate::components::{Ask, When, use_confirm, use_toasts};
use crate::go::use_go;
use crate::icons::{Glyph, Icon};
use crate::pages::profile_parts::count;
use crate::paths;
use crate::react::memo;
use crate::session::use_session;

fn runs(status: ActivityStatus) -> bool {
    status == ActivityStatus::Delivered
}

fn waits(status: ActivityStatus) -> bool {
    !status.is_final() && !runs(status)
}

/// Numbers of parts, by what people ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    all: u64,
    succeeded: u64,
    failed: u64,
    canceled: u64,
    running: u64,
    waiting: u64,
}

impl Counts {
    fn of(live: Live) -> Self {
        Self {
            all: live.count(|_| true),
            succeeded: live.count(|s| s == ActivityStatus::Succeeded),
            failed: live.count(|s| s == ActivityStatus::Failed),
            canceled: live.count(|s| s == ActivityStatus::Canceled),
            running: live.count(runs),
            waiting: live.count(waits),
        }
    }

    fn done(self) -> u64 {
        self.succeeded + self.failed + self.canceled
    }

    fn words(self) -> String {
        let parts = [
            (self.succeeded, "succeeded"),
            (self.failed, "failed"),
            (self.canceled, "canceled"),
            (self.running, "in progress"),
            (self.waiting, "waiting"),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", count(n))).collect();
        let sum = format!("{} of {} done", count(self.done()), count(self.all));
        if parts.is_empty() { sum } else { format!("{sum}: {}", parts.join(", ")) }
    }
}

/// What can be done with a run: approve, run again, cancel what is not done yet.
#[component]
pub fn Cancel(live: Live) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let counts = memo(move || Counts::of(live));
    let may = memo(move || {
        session.may(Kind::Activity.outline().manage)
            && live.group.with(|group| group.as_ref().is_some_and(|group| group.activity_status.is_cancelable()))
    });
    let label = move || {
        let Counts { running, waiting, .. } = counts.get();
        match (running, waiting) {
            (0, 1) | (1, 0) => "Cancel activity".to_owned(),
            (0, n) => format!("Cancel {} waiting", count(n)),
            (a, b) => format!("Cancel {} unfinished", count(a + b)),
        }
    };
    let ask = move |_| {
        let Some(group) = live.group.get_untracked() else { return };
        let Counts { running, waiting, .. } = counts.get_untracked();
        confirm.ask(question(live, group.id, &group.summary, running, waiting));
    };
    view! {
        <Approve live=live/>
        <RunAgain live=live/>
        <Show when=move || may.get()>
            <button type="button" class="btn danger" on:click=ask><Icon glyph=Glyph::Stop/>{label}</button>
        </Show>
    }
}

/// Lets computers fetch what waits for somebody's yes.
#[component]
fn Approve(live: Live) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let open =
        memo(move || session.may(Kind::Activity.outline().manage) && live.count(ActivityStatus::is_approvable) > 0);
    let approve = move |_| {
        let Some(id) = live.group.with_untracked(|group| group.as_ref().map(|group| group.id)) else { return };
        busy.set(true);
        spawn_local(async move {
            let query = format!("id:{id}");
            match legacy::act::<Value>("ApproveActivities", &[("query", &query)]).await {
                Ok(_) => toasts.done("Activity approved"),
                Err(error) => toasts.failed("The activity was not approved", &error),
            }
            busy.try_set(false);
            live.load.reload();
        });
    };
    view! {
        <Show when=move || open.get()>
            <button type="button" class="btn primary" disabled=move || busy.get() on:click=approve>
                <Icon glyph=Glyph::Check/>"Approve activity"
            </button>
        </Show>
    }
}

/// Does the same again on the same computers, once nothing of it is open.
#[component]
fn RunAgain(live: Live) -> impl IntoView {
    let session = use_session();
    let (confirm, toasts, go) = (use_confirm(), use_toasts(), use_go());
    let over = memo(move || {
        let all = live.count(|_| true);
        session.may(Kind::Activity.outline().manage) && all > 0 && live.count(ActivityStatus::is_reappliable) == all
    });
    let ask = move |_| {
        let Some(group) = live.group.get_untracked() else { return };
        let computers = match untrack(|| live.count(|_| true)) {
            1 => "1 computer".to_owned(),
            n => format!("{} computers", count(n)),
        };
        let text = format!("A new activity does the same on {computers}. This one stays as it is.");
        let ask = Ask::new(format!("Run “{}” again?", group.summary), text, "Run again", move || {
            spawn_local(async move {
                let ids = json!({ "activity_ids": [group.id] });
                match api::post::<Vec<i64>>("activities/reapply", &ids).await {
                    Ok(made) => {
                        let path = made
                            .first()
                            .map_or_else(|| paths::list(Kind::Activity), |id| paths::detail(Kind::Activity, id));
                        go.to(&path);
                    }
                    Err(error) => toasts.failed("The activity was not run again", &error),
                }
            });
        });
        confirm.ask(ask);
    };
    view! {
        <Show when=move || over.get()>
            <button type="button" class="btn" on:click=ask><Icon glyph=Glyph::Running/>"Run again"</button>
        </Show>
    }
}

/// Asks before an activity, or a part of it, is cancelled.
pub fn question(live: Live, id: i64, name: &str, running: u64, waiting: u64) -> Ask {
    let toasts = use_toasts();
    let computers = |n: u64| if n == 1 { "1 computer".to_owned() } else { format!("{} computers", count(n)) };
    let mut text = Vec::new();
    if waiting > 0 {
        text.push(format!(
            "It does not start on {} that still wait{}.",
            computers(waiting),
            if waiting == 1 { "s" } else { "" }
        ));
    }
    if running > 0 {
        text.push(format!(
            "On {} it has started: there the script goes on to its end, and its result is still recorded.",
            computers(running)
        ));
    }
    Ask::new(format!("Cancel “{name}”?"), text.join("\n"), "Cancel activity", move || {
        spawn_local(async move {
            let query = format!("id:{id}");
            match legacy::act::<Value>("CancelActivities", &[("query", &query)]).await {
                Ok(_) => toasts.done("Activity canceled"),
                Err(error) => toasts.failed("The activity was not canceled", &error),
            }
            live.load.reload();
        });
    })
    .danger()
    .no("Let it run")
}

/// Facts side by side, and the progress.
#[component]
pub fn Meta(live: Live) -> impl IntoView {
    let of = move |read: fn(&binnacle_shared::model::landscape::activity::Activity) -> Option<i64>| {
        memo(move || live.group.with(|group| group.as_ref().and_then(read)))
    };
    let profile = of(|group| group.script_profile_id);
    let script = of(|group| group.script_id);
    let profile_name = use_load(
        move || profile.get(),
        |id| async move { Ok(api::get::<ScriptProfile>(&format!("script-profiles/{id}")).await?.title) },
    );
    let script_name = use_load(
        move || script.get(),
        |id| async move { Ok(api::get::<Script>(&format!("scripts/{id}")).await?.title) },
    );
    let link = move |kind: Kind, id: i64, name: Option<String>| {
        let name = name.unwrap_or_else(|| format!("#{id}"));
        view! { <a href=paths::detail(kind, id)>{name}</a> }
    };
    let started = memo(move || live.group.with(|group| group.as_ref().map(|group| group.creation_time.0)));
    let by = memo(move || {
        live.group.with(|group| group.as_ref().and_then(|g| g.creator.as_ref()).map(|person| person.name.clone()))
    });
    view! {
        <dl class="card meta">
            {move || profile.get().map(|id| view! {
                <div><dt>"Script profile"</dt><dd>{link(Kind::ScriptProfile, id, profile_name.data.get())}</dd></div>
            })}
            {move || script.get().map(|id| view! {
                <div><dt>"Script"</dt><dd>{link(Kind::Script, id, script_name.data.get())}</dd></div>
            })}
            <div><dt>"Started"</dt><dd><When at=started absolute=true/></dd></div>
            <Took live=live/>
            <div><dt>"By"</dt><dd>{move || by.get().unwrap_or_else(|| "–".to_owned())}</dd></div>
            <Progress live=live/>
        </dl>
    }
}

/// How long it has taken, or takes.
#[component]
fn Took(live: Live) -> impl IntoView {
    let now = clock::ticking(1000);
    let times = memo(move || {
        live.group.with(|group| group.as_ref().map(|g| (g.creation_time.0, g.completion_time.map(|at| at.0))))
    });
    let words = move || {
        let (from, to) = times.get()?;
        let to = to.unwrap_or_else(|| now.get());
        Some(seconds((to.as_second() - from.as_second()).max(0)))
    };
    let label = move || if times.get().is_some_and(|(_, to)| to.is_some()) { "Took" } else { "Running for" };
    view! { <div><dt>{label}</dt><dd>{words}</dd></div> }
}

/// A length of time that may be too short for the clock of the records.
pub fn seconds(n: i64) -> String {
    if n == 0 { "< 1 s".to_owned() } else { span(n) }
}

#[component]
fn Progress(live: Live) -> impl IntoView {
    let counts = memo(move || Counts::of(live));
    let bar = move || {
        let Counts { succeeded, failed, canceled, running, waiting, .. } = counts.get();
        [("ok", succeeded), ("bad", failed), ("off", canceled), ("run", running), ("rest", waiting)]
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(tone, n)| view! { <i data-tone=tone style:flex-grow=n.to_string()></i> })
            .collect_view()
    };
    let words = move || counts.get().words();
    view! {
        <div class="progress-fact">
            <dt>{words}</dt>
            <dd>
                <div class="progress" role="progressbar" aria-label="Computers done" aria-valuemin="0"
                    aria-valuemax=move || counts.get().all.to_string() aria-valuenow=move || counts.get().done().to_string()
                    aria-valuetext=words>
                    {bar}
                </div>
            </dd>
        </div>
    }
}
