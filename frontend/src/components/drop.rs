//! A button with a panel under it: columns, filters, views, export.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;

/// Closes a [`DropDown`] from inside and gives the focus back to its button.
pub type Close = Callback<()>;

/// The button and its panel. What is in the panel is made when it is opened, and anew each time.
#[component]
pub fn DropDown(
    /// What the button shows.
    #[prop(into)]
    summary: ViewFn,
    /// The button's look.
    #[prop(default = "btn quiet small")]
    class: &'static str,
    /// The panel; told how to close itself.
    #[prop(into)]
    panel: Callback<Close, AnyView>,
    /// The panel hangs from the button's left edge.
    #[prop(optional)]
    left: bool,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let open = RwSignal::new(false);
    let close = move |back: bool| {
        let Some(details) = details.try_get_untracked().flatten() else { return };
        details.set_open(false);
        let summary = details.query_selector("summary").ok().flatten().filter(|_| back);
        if let Some(summary) = summary.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = summary.focus();
        }
    };
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let Some(details) = details.try_get_untracked().flatten().filter(web_sys::HtmlDetailsElement::open) else {
            return;
        };
        let target: Option<web_sys::Node> = event.target().and_then(|target| target.dyn_into().ok());
        if !details.contains(target.as_ref()) {
            close(false);
        }
    });
    on_cleanup(move || outside.remove());
    let closer: Close = Callback::new(move |()| close(true));
    view! {
        <details class="drop" node_ref=details
            on:toggle=move |_| { open.try_set(details.try_get_untracked().flatten().is_some_and(|details| details.open())); }
            on:keydown=move |event| if event.key() == "Escape" && open.get_untracked() { event.stop_propagation(); close(true); }>
            <summary class=class>{move || summary.run()}</summary>
            <div class="drop-panel" class:from-left=left>{move || open.get().then(|| panel.run(closer))}</div>
        </details>
    }
}
