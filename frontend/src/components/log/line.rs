//! One line of a log.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use super::Log;
use super::ansi::{Color, Style};
use super::find::{Match, Segment, segments};
use crate::components::time::long;
use crate::prefs::use_prefs;
use crate::react::memo;

/// A line: number, time, text.
#[component]
pub(super) fn LineView(log: Log, index: usize) -> impl IntoView {
    let prefs = use_prefs();
    // Most lines never change: what is drawn follows the line and not the log.
    let line = memo(move || log.text.with(|text| text.lines.get(index).cloned()).unwrap_or_default());
    let found = memo(move || {
        log.matches.with(|all| {
            let from = all.partition_point(|found| found.line < index);
            let to = all.partition_point(|found| found.line <= index);
            all.get(from..to).unwrap_or_default().to_vec()
        })
    });
    let present = memo(move || {
        let present = log.matches.with(|all| all.get(log.present.get()).copied());
        present.filter(|found: &Match| found.line == index)
    });
    let parts = move || {
        line.with(|line| found.with(|found| segments(line, found, present.get())))
            .into_iter()
            .map(segment)
            .collect_view()
    };
    let time = move || {
        line.with(|line| line.at).map(|at| {
            let zone = prefs.zone.get();
            let hover =
                prefs.zone_name.with(|name| format!("{} {name}\n{} UTC", long(at, &zone), long(at, &TimeZone::UTC)));
            view! { <time datetime=at.to_string() title=hover>{clock(at, &zone)}</time> }
        })
    };
    view! {
        <div class="log-line" data-here=move || present.get().map(|_| "")>
            <span class="log-number" aria-hidden="true">{index + 1}</span>
            <span class="log-time">{time}</span>
            <code>{parts}</code>
        </div>
    }
}

/// "09:44:57.689".
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    format!("{:02}:{:02}:{:02}.{:03}", at.hour(), at.minute(), at.second(), at.millisecond())
}

fn segment(segment: Segment) -> AnyView {
    let Segment { text, style, mark } = segment;
    let inner = if style == Style::default() { text.into_any() } else { styled(text, style) };
    match mark {
        Some(present) => view! { <mark data-present=present.then_some("")>{inner}</mark> }.into_any(),
        None => inner,
    }
}

fn styled(text: String, style: Style) -> AnyView {
    let look = Look::of(style);
    view! {
        <span class=look.class data-tint=look.tint.then_some("") style:color=look.color style:background-color=look.ground style:--tint=look.tint_value>
            {text}
        </span>
    }
    .into_any()
}

/// A style in the words of the browser.
#[derive(Debug, Default)]
struct Look {
    class: String,
    color: Option<String>,
    ground: Option<String>,
    /// The colour is moved by the style sheet until it can be read on the theme's ground.
    tint: bool,
    tint_value: Option<String>,
}

impl Look {
    fn of(style: Style) -> Self {
        let words = [
            (style.bold, "bold"),
            (style.dim, "dim"),
            (style.italic, "italic"),
            (style.underline, "underlined"),
            (style.strike, "struck"),
        ];
        let mut class: Vec<&str> = words.into_iter().filter(|(on, _)| *on).map(|(_, word)| word).collect();
        let (text, ground) = if style.inverse { (style.ground, style.text) } else { (style.text, style.ground) };
        let mut look = Self::default();
        match (text, ground) {
            (text, Some(ground)) => {
                look.ground = Some(css(ground));
                look.color = Some(css(ground.readable_on_it(text)));
            }
            (_, None) if style.inverse => class.push("inverse"),
            (Some(Color::Indexed(n @ 0..=15)), None) => look.color = Some(format!("var(--ansi-{n})")),
            (Some(color), None) => {
                look.tint = true;
                look.tint_value = Some(css(color));
            }
            (None, None) => {}
        }
        look.class = class.join(" ");
        look
    }
}

fn css(color: Color) -> String {
    let (r, g, b) = color.rgb();
    format!("rgb({r} {g} {b})")
}
