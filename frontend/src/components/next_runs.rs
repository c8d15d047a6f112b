//! When something runs next: a strip with a tick for each run, and a list.

mod axis;

use std::fmt::Write as _;

use binnacle_shared::recurrence::{Cron, Plan, Zone, upcoming};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;

use self::axis::Axis;
use crate::clock;
use crate::components::Note;
use crate::components::time::{day_and_time, long, relative, span};
use crate::prefs::use_prefs;
use crate::react::memo;

/// Runs in the list.
const LISTED: usize = 10;
/// Ticks on the strip; a run each minute for a day fits.
const TICKS: usize = 1500;
/// The drawing's width and height in its own units.
const WIDTH: i32 = 4400;
const BASE: i32 = 34;

/// When something runs.
#[derive(Clone, Debug, PartialEq)]
pub enum RunPlan {
    /// Once.
    At(Timestamp),
    /// Again and again; `min_interval` in minutes.
    Cron {
        cron: Cron,
        zone: Zone,
        start_after: Timestamp,
        min_interval: i64,
        /// The run that was planned last.
        last: Option<Timestamp>,
        /// The next one, where the server has planned it already.
        next: Option<Timestamp>,
    },
}

impl RunPlan {
    /// The next runs.
    fn runs(&self, now: Timestamp, count: usize) -> Vec<Timestamp> {
        match self {
            Self::At(at) => vec![*at],
            Self::Cron { cron, zone, start_after, min_interval, last, next } => {
                let plan = Plan {
                    cron,
                    zone: zone.rules(),
                    start_after: *start_after,
                    min_interval: SignedDuration::from_mins(*min_interval),
                };
                let Some(next) = next.filter(|next| *next > now) else { return upcoming(&plan, now, *last, count) };
                let mut runs = vec![next];
                runs.extend(upcoming(&plan, next, Some(next), count.saturating_sub(1)));
                runs
            }
        }
    }

    /// The minimum interval, if without it some runs would be others.
    fn moved(&self) -> Option<i64> {
        let Self::Cron { cron, min_interval, .. } = self else { return None };
        cron.fires_within(*min_interval).then_some(*min_interval)
    }
}

/// A panel with the next runs in the chosen zone.
#[component]
pub fn NextRuns(
    /// When it runs; none where that is not known (yet).
    #[prop(into)]
    plan: Signal<Option<RunPlan>>,
    /// Stands there without a plan.
    #[prop(into)]
    none: Signal<String>,
) -> impl IntoView {
    let prefs = use_prefs();
    let now = clock::use_now();
    // Drawn anew when the plan is another one, and not whenever it was looked at.
    let plan = memo(move || plan.get());
    let start = memo(move || {
        // The strip moves on with each minute and not with each tick of the clock.
        let second = now.get().as_second();
        Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(Timestamp::UNIX_EPOCH)
    });
    let body = move || {
        plan.with(|plan| {
            let Some(plan) = plan else { return view! { <p class="muted">{none.get()}</p> }.into_any() };
            if matches!(plan, RunPlan::At(at) if *at <= start.get()) {
                return view! { <p>"Runs at once: that time has passed."</p> }.into_any();
            }
            let zone = prefs.zone.get();
            let runs = plan.runs(start.get(), LISTED);
            let Some(last) = runs.last() else {
                return view! { <p class="muted">"Does not run in the next 40 years."</p> }.into_any();
            };
            let strip = Axis::new(start.get(), *last, &zone).map(|axis| {
                let all = plan.runs(start.get(), TICKS);
                strip(&axis, &all)
            });
            let moved = plan.moved().map(moved);
            let list = runs.iter().map(|run| line(*run, &zone, now)).collect_view();
            view! { {strip}<ol class="next-runs">{list}</ol>{moved} }.into_any()
        })
    };
    view! {
        <section class="card panel" aria-labelledby="next-runs-title">
            <h2 id="next-runs-title">"Next runs"<span class="muted">{move || prefs.zone_name.get()}</span></h2>
            {body}
        </section>
    }
}

fn line(run: Timestamp, zone: &TimeZone, now: ReadSignal<Timestamp>) -> impl IntoView + use<> {
    let words = day_and_time(run, zone);
    let hover = format!("{} UTC", long(run, &TimeZone::UTC));
    view! {
        <li>
            <time datetime=run.to_string() title=hover>{words}</time>
            <span class="muted">{move || relative(run, now.get())}</span>
        </li>
    }
}

fn moved(minutes: i64) -> impl IntoView {
    let interval = span(minutes * 60);
    view! {
        <Note>
            "In this account runs are at least "{interval}" apart. A run that would follow sooner moves to the next matching time after that."
        </Note>
    }
}

/// A path of lines from a height down to the base.
fn verticals(places: impl Iterator<Item = i32>, top: u8) -> String {
    places.fold(String::new(), |mut path, x| {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{x} {top}V{BASE}");
        path
    })
}

/// The strip. All its ticks are one path, so many of them cost little.
fn strip(axis: &Axis, runs: &[Timestamp]) -> impl IntoView + use<> {
    let on_it: Vec<i32> = runs.iter().filter(|run| **run < axis.end).map(|run| axis.place(*run, WIDTH)).collect();
    let ticks = verticals(on_it.iter().copied(), 6);
    // Many ticks are thin, or they would melt into one.
    let weight = match on_it.len() {
        0..=40 => "4",
        41..=120 => "2",
        _ => "0.8",
    };
    let count = if on_it.len() >= TICKS { "many".to_owned() } else { on_it.len().to_string() };
    let plural = if on_it.len() == 1 { "" } else { "s" };
    let name = format!("{count} run{plural} in {}; the first {} follow as a list.", axis.words, runs.len().min(LISTED));
    let name = if runs.len() == 1 { format!("1 run in {}.", axis.words) } else { name };
    let lines = verticals(axis.marks.iter().map(|mark| axis.place(mark.at, WIDTH)), 0);
    let labels = axis
        .marks
        .iter()
        .map(|mark| view! { <span style:left=format!("calc(1% * {} / 100)", axis.place(mark.at, 10_000))>{mark.label.clone()}</span> })
        .collect_view();
    // The drawing stretches with the panel; words and the width of strokes do not.
    view! {
        <div class="strip" role="img" aria-label=name>
            <svg viewBox=format!("0 0 {WIDTH} {BASE}") preserveAspectRatio="none">
                <path class="strip-lines" d=lines></path>
                <path class="strip-base" d=format!("M0 {BASE}H{WIDTH}")></path>
                <path class="strip-ticks" d=ticks stroke-width=weight></path>
            </svg>
            <div class="strip-labels">{labels}</div>
        </div>
    }
}
