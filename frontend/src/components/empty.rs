//! Where there is nothing to show: none yet, none found, not loaded.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::icons::{Glyph, Icon};

/// Nothing here: what it is, why one would want it, and (as children) the button that makes it.
#[component]
pub fn Empty(
    glyph: Glyph,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <Icon glyph=glyph/>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}

/// What failed, the request's id, and another try.
#[component]
pub fn Failed(
    /// What was tried: "The computers could not be loaded."
    #[prop(into)]
    title: String,
    error: ApiError,
    /// Tries again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
    /// The whole page failed: this is its heading.
    #[prop(optional)]
    page: bool,
) -> impl IntoView {
    // What is not there does not come by asking again.
    let retry = retry.filter(|_| !error.is_not_found());
    let status = (error.status != 0).then(|| format!("Status {}", error.status));
    let request = error.request_id.map(|id| format!("request {id}"));
    let trace: Vec<String> = status.into_iter().chain(request).collect();
    view! {
        <div class="state" role="alert">
            <Icon glyph=Glyph::Warning/>
            {if page { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() }}
            <p>{error.message}</p>
            {(!trace.is_empty()).then(|| view! { <p><code>{trace.join(", ")}</code></p> })}
            {retry.map(|retry| view! {
                <div class="row">
                    <button type="button" class="btn" on:click=move |_| retry.run(())>
                        <Icon glyph=Glyph::Reload/>"Try again"
                    </button>
                </div>
            })}
        </div>
    }
}

/// Grey lines in the place of what is being loaded.
#[component]
pub fn SkeletonRows(#[prop(default = 4)] rows: usize) -> impl IntoView {
    view! {
        <div class="stack panel" aria-hidden="true">
            {(0..rows)
                .map(|row| {
                    let width = format!("{}%", [62, 84, 48, 73][row % 4]);
                    view! { <span class="skeleton" style:width=width></span> }
                })
                .collect_view()}
        </div>
        <span class="visually-hidden" role="status">"Loading"</span>
    }
}
