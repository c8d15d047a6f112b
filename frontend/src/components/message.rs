//! A sentence that stands out.

use leptos::prelude::*;

use super::Tone;
use crate::icons::{Glyph, Icon};

/// A note on a soft ground.
#[component]
pub fn Note(
    /// Its colour; none is neutral.
    #[prop(optional, into)]
    tone: Option<Tone>,
    children: Children,
) -> impl IntoView {
    let glyph = match tone {
        Some(Tone::Bad | Tone::Wait) => Glyph::Warning,
        Some(Tone::Ok) => Glyph::Check,
        _ => Glyph::Info,
    };
    view! {
        <div class="note" data-tone=tone.map(Tone::name)>
            <Icon glyph=glyph/>
            <div class="grow">{children()}</div>
        </div>
    }
}
