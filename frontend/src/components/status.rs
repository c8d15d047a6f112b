//! Status: always colour, icon and word.

use binnacle_shared::model::landscape::activity::ActivityStatus;
use leptos::prelude::*;

use crate::icons::{Glyph, Icon};

/// The five colours of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Run,
    Wait,
    Bad,
    Off,
}

impl Tone {
    /// As styles know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Run => "run",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Off => "off",
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Ok => Glyph::Check,
            Self::Run => Glyph::Running,
            Self::Wait => Glyph::Waiting,
            Self::Bad => Glyph::Cross,
            Self::Off => Glyph::Dash,
        }
    }
}

/// A status pill.
#[component]
pub fn Status(
    /// Colour and icon.
    tone: Tone,
    /// The word.
    #[prop(into)]
    word: String,
) -> impl IntoView {
    view! { <span class="status" data-tone=tone.name()><Icon glyph=tone.glyph()/>{word}</span> }
}

/// Colour of an activity's status; its word is `ActivityStatus::label`.
pub const fn activity_tone(status: ActivityStatus) -> Tone {
    match status {
        ActivityStatus::Succeeded => Tone::Ok,
        ActivityStatus::Delivered => Tone::Run,
        ActivityStatus::Failed => Tone::Bad,
        ActivityStatus::Canceled => Tone::Off,
        ActivityStatus::Undelivered
        | ActivityStatus::Scheduled
        | ActivityStatus::Waiting
        | ActivityStatus::Blocked
        | ActivityStatus::Unapproved => Tone::Wait,
    }
}

/// Colour and word of any status value that a list may hold.
pub fn of_value(value: &str) -> (Tone, String) {
    if let Some(status) = ActivityStatus::from_name(value) {
        return (activity_tone(status), status.label().to_owned());
    }
    let mut word = value.to_lowercase().replace('_', " ");
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let tone = match word.as_str() {
        "Active" => Tone::Ok,
        "Redacted" => Tone::Bad,
        _ => Tone::Off,
    };
    (tone, word)
}
