//! What the pages of script profiles have in common: statuses, triggers and times in words.

use std::collections::BTreeMap;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::{Activity, ActivityStatus};
use binnacle_shared::model::landscape::script_profile::Trigger;
use binnacle_shared::recurrence::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use crate::clock;
use crate::components::status::activity_tone;
use crate::components::time::{long, month, relative, weekday};
use crate::components::{Status, Tone, When};
use crate::paths;
use crate::prefs::use_prefs;
use crate::shells::list::grouped;

/// How many children have one of these statuses.
pub fn how_many(counts: &BTreeMap<ActivityStatus, u64>, wanted: impl Fn(ActivityStatus) -> bool) -> u64 {
    counts.iter().filter(|(status, _)| wanted(**status)).map(|(_, n)| n).sum()
}

/// A number for people.
pub fn count(n: u64) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Colour and words for a group: how far it is, on how many it failed.
pub fn group_status(activity: &Activity) -> (Tone, String) {
    let status = activity.activity_status;
    let tone = activity_tone(status);
    let Some(group) = activity.group.as_ref().filter(|group| group.children_count > 1) else {
        return (tone, status.label().to_owned());
    };
    let counts = &group.children_statuses;
    let words = match status {
        ActivityStatus::Delivered | ActivityStatus::Undelivered => {
            let done = how_many(counts, ActivityStatus::is_final);
            format!("{} {} of {}", status.label(), count(done), count(group.children_count))
        }
        ActivityStatus::Failed => format!("Failed on {}", count(how_many(counts, |s| s == ActivityStatus::Failed))),
        other => other.label().to_owned(),
    };
    (tone, words)
}

/// The status of a profile's last activity, leading to it.
#[component]
pub fn LastActivity(activity: Option<Activity>) -> impl IntoView {
    match activity {
        None => view! { <Status tone=Tone::Off word="Never ran"/> }.into_any(),
        Some(activity) => {
            let (tone, word) = group_status(&activity);
            let href = paths::detail(Kind::Activity, activity.id);
            let label = format!("{word}, open the last activity");
            view! { <a class="quiet-link" href=href aria-label=label title="Open the last activity"><Status tone=tone word=word/></a> }
                .into_any()
        }
    }
}

/// A trigger in a few words: the cron expression, "Once", "On enrolment".
#[component]
pub fn TriggerWords(trigger: Trigger) -> impl IntoView {
    match trigger {
        Trigger::Event { .. } => "On enrolment".into_any(),
        Trigger::OneTime { .. } => "Once".into_any(),
        Trigger::Recurring { interval, time_zone, .. } => {
            let words =
                Cron::parse(&interval).map(|cron| format!("{} ({time_zone})", cron.describe())).unwrap_or_default();
            view! { <code title=words>{interval}</code> }.into_any()
        }
    }
}

/// When a profile runs next, in the chosen zone, and how long that is from now.
#[component]
pub fn NextRun(trigger: Trigger, archived: bool) -> impl IntoView {
    let prefs = use_prefs();
    let now = clock::use_now();
    match (trigger.next_run(), trigger) {
        _ if archived => view! { <span class="muted">"–"</span> }.into_any(),
        (Some(next), _) => {
            let at = next.0;
            let hover = move || {
                let zone = prefs.zone.get();
                prefs.zone_name.with(|name| format!("{} {name}\n{} UTC", long(at, &zone), long(at, &TimeZone::UTC)))
            };
            view! {
                <time datetime=at.to_string() title=hover>
                    {move || short(at, now.get(), &prefs.zone.get())}" "<span class="muted">{move || relative(at, now.get())}</span>
                </time>
            }
            .into_any()
        }
        (None, Trigger::Event { .. }) => view! { <span class="muted">"When a computer enrols"</span> }.into_any(),
        (None, Trigger::OneTime { last_run, .. }) => {
            view! { <span class="muted">"Ran "<When at=last_run.map(|at| at.0)/></span> }.into_any()
        }
        (None, Trigger::Recurring { .. }) => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

/// "Today 08:00", "Tomorrow 06:30", "Mon 06:00", "1 Dec 03:00", "1 Jan 2028".
pub fn short(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    let days = at.date().duration_since(now.date()).as_hours() / 24;
    let day = match days {
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
        2..=6 => weekday(at).to_owned(),
        7..180 => format!("{} {}", at.day(), month(at)),
        _ => return format!("{} {} {}", at.day(), month(at), at.year()),
    };
    format!("{day} {:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::short;

    #[test]
    fn near_times_are_said_by_their_day() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        let now: Timestamp = "2026-11-21T22:30:00Z".parse().unwrap();
        for (at, words) in [
            ("2026-11-21T22:45:00Z", "Today 23:45"),
            ("2026-11-21T23:30:00Z", "Tomorrow 00:30"),
            ("2026-11-24T08:00:00Z", "Tue 09:00"),
            ("2026-12-24T08:00:00Z", "24 Dec 09:00"),
            ("2027-01-24T08:00:00Z", "24 Jan 09:00"),
            ("2028-11-24T08:00:00Z", "24 Nov 2028"),
        ] {
            assert_eq!(short(at.parse().unwrap(), now, &berlin), words);
        }
    }
}
