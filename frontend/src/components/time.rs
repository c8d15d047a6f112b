//! Times: relative where one scans, absolute where one reads, both zones on hover.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use crate::clock;
use crate::prefs::use_prefs;
use crate::react::memo;

/// A point in time.
#[component]
pub fn When(
    /// The time; without one a dash is shown.
    #[prop(into)]
    at: Signal<Option<Timestamp>>,
    /// Absolute in front, relative behind it: for details.
    #[prop(optional)]
    absolute: bool,
    /// What to show without a time.
    #[prop(default = "–")]
    none: &'static str,
) -> impl IntoView {
    let now = clock::use_now();
    let prefs = use_prefs();
    let words = memo(move || at.get().map(|at| relative(at, now.get())));
    move || {
        let Some(at) = at.get() else {
            return view! { <span class="muted">{none}</span> }.into_any();
        };
        let zone = prefs.zone.get();
        let machine = at.to_string();
        let hover =
            prefs.zone_name.with(|name| format!("{} {name}\n{} UTC", long(at, &zone), long(at, &TimeZone::UTC)));
        let words = move || words.get().unwrap_or_default();
        if absolute {
            view! {
                <time datetime=machine title=hover>
                    {medium(at, &zone)}" "<span class="muted">{words}</span>
                </time>
            }
            .into_any()
        } else {
            view! { <time datetime=machine title=hover>{words}</time> }.into_any()
        }
    }
}

/// "3 min ago", "in 2 days".
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    let amount = span(seconds.abs());
    match seconds {
        0..10 => "now".to_owned(),
        -10..0 => "just now".to_owned(),
        10.. => format!("in {amount}"),
        _ => format!("{amount} ago"),
    }
}

/// A length of time in one unit: "42 s", "5 min", "3 h", "2 days".
pub fn span(seconds: i64) -> String {
    let many = |n: i64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        86_400..5_184_000 => many(seconds / 86_400, "day"),
        5_184_000..63_072_000 => many(seconds / 2_592_000, "month"),
        _ => many(seconds / 31_536_000, "year"),
    }
}

/// "21 Nov 2026, 09:00".
pub fn medium(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    format!("{} {} {}, {:02}:{:02}", at.day(), month(at), at.year(), at.hour(), at.minute())
}

/// "Sat 21 Nov 2026, 09:00:05".
pub fn long(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    format!("{} {} {} {}, {}", weekday(at), at.day(), month(at), at.year(), clock_of(at))
}

/// "Sat 21 Nov 2026, 09:00".
pub fn day_and_time(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    format!("{} {} {} {}, {:02}:{:02}", weekday(at), at.day(), month(at), at.year(), at.hour(), at.minute())
}

/// "09:00:05".
fn clock_of(at: DateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

// jiff's `strftime` can do this too; its whole formatter would come along.
/// "Sat".
pub fn weekday(at: DateTime) -> &'static str {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    NAMES.get(usize::from(at.weekday().to_monday_zero_offset().unsigned_abs())).copied().unwrap_or_default()
}

/// "Nov".
pub fn month(at: DateTime) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES.get(usize::from(at.month().unsigned_abs()) - 1).copied().unwrap_or_default()
}
