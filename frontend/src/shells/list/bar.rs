//! Above the rows: segments, quick filter, filters, number of matches, views, export, columns.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Context;
use super::export::Export;
use super::filter::Filters;
use super::picker::Columns;
use super::table::matches;
use super::views::Views;
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::effect;

/// Moves the focus, if the thing is there.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

#[component]
pub(super) fn Bar(context: Context) -> impl IntoView {
    let url = use_url();
    let Context { spec, rows, .. } = context;
    let segments = spec.with_value(|spec| spec.segments.clone()).map(|(parameter, segments)| {
        let items = segments
            .into_iter()
            .map(|segment| {
                let href = move || url.with(&[(parameter, segment.value), ("row", "")]);
                let current = move || (url.get(parameter).unwrap_or_default() == segment.value).then_some("true");
                view! { <a href=href aria-current=current>{segment.label}</a> }
            })
            .collect_view();
        view! { <nav class="segments" aria-label="Which">{items}</nav> }
    });
    view! {
        <div class="list-bar">
            {segments}
            <Quick context=context/>
            <Filters context=context/>
            <span class="list-tools">
                <span class="matches" role="status">{move || rows.total.get().map(matches)}</span>
                <Views context=context/>
                <Export context=context/>
                <Columns context=context/>
            </span>
        </div>
    }
}

/// Filters as one types.
#[component]
fn Quick(context: Context) -> impl IntoView {
    let url = use_url();
    let labels: Vec<String> = context.spec.with_value(|spec| spec.searchable.clone());
    if labels.is_empty() {
        return ().into_any();
    }
    let label = format!("Filter by {}", labels.first().map_or("", String::as_str));
    let title = format!("Filters by {}", labels.join(", "));
    let typed = RwSignal::new(untrack(|| url.get("search")).unwrap_or_default());
    // The address may change without us: back, forward, a removed filter.
    effect(move || typed.set(url.get("search").unwrap_or_default()));
    let input = NodeRef::<html::Input>::new();
    let apply = move || {
        if let Some(text) = typed.try_get_untracked()
            && text.trim() != untrack(|| url.get("search")).unwrap_or_default()
        {
            url.set(&[("search", text.trim()), ("row", "")], true);
        }
    };
    let mut later = debounce(Duration::from_millis(220), move |()| apply());
    view! {
        <div class="quick" title=title>
            <Icon glyph=Glyph::Search/>
            <input node_ref=input type="search" aria-label=label.clone() placeholder=label autocomplete="off" spellcheck="false"
                prop:value=typed
                on:input:target=move |event| { typed.set(event.target().value()); later(()); }/>
        </div>
    }
    .into_any()
}
