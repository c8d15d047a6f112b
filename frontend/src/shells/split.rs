//! Two panes where people compare: the list at the left, the chosen thing at the right.

use leptos::prelude::*;

use crate::icons::{Glyph, Icon};

/// Both panes scroll on their own; on narrow screens one is shown at a time.
///
/// The right pane has a link back to the list, which narrow screens show.
#[component]
pub fn Split(
    /// Whether something is chosen.
    #[prop(into)]
    chosen: Signal<bool>,
    /// The address without the choice, for the way back.
    #[prop(into)]
    back: Signal<String>,
    /// Name of the list, for the way back: "Versions".
    back_label: &'static str,
    /// The left pane; put what scrolls into an element of class `scroll`.
    left: Children,
    /// The right pane, likewise.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="split" data-chosen=move || chosen.get().then_some("")>
            <section class="card">{left()}</section>
            <section class="card">
                <div class="card-bar top-edge back-to-list">
                    <a href=move || back.get()><Icon glyph=Glyph::Left/>{back_label}</a>
                </div>
                {children()}
            </section>
        </div>
    }
}
