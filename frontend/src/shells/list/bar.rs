//! Above the rows: segments, quick filter, filters, number of matches, columns.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Context;
use super::spec::{Facet, FacetValues};
use super::table::matches;
use crate::api;
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::{effect, memo};
use crate::shells::form::options;

/// A filter that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Active {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub shown: String,
}

/// Moves the focus, if the thing is there.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// What narrows the list now: search, filters.
pub(super) fn use_filters(context: Context) -> Memo<Vec<Active>> {
    let url = use_url();
    memo(move || {
        let search = url.get("search").map(|value| Active {
            name: "search",
            label: "Text".to_owned(),
            shown: value.clone(),
            value,
        });
        search.into_iter().chain(facets_in_force(context)).chain(segment_in_force(context)).collect()
    })
}

/// The chosen segment narrows the list too, unless it is the standard one.
fn segment_in_force(context: Context) -> Option<Active> {
    let url = use_url();
    context.spec.with_value(|spec| {
        let (name, segments) = spec.segments.as_ref()?;
        let value = url.get(name)?;
        let segment = segments.iter().find(|segment| segment.value == value)?;
        Some(Active { name, label: "Only".to_owned(), shown: segment.label.to_lowercase(), value })
    })
}

fn facets_in_force(context: Context) -> Vec<Active> {
    let url = use_url();
    context.spec.with_value(|spec| {
        spec.facets
            .iter()
            .filter_map(|facet| {
                let value = url.get(facet.name)?;
                let shown = value.split(',').map(|v| label_of(facet, v)).collect::<Vec<_>>().join(" or ");
                Some(Active { name: facet.name, label: facet.label.to_owned(), value, shown })
            })
            .collect()
    })
}

fn label_of(facet: &Facet, value: &str) -> String {
    match &facet.values {
        FacetValues::Known(known) => {
            known.iter().find(|(name, _)| name == value).map_or_else(|| value.to_owned(), |(_, label)| label.clone())
        }
        FacetValues::Kind(_) | FacetValues::Tags => value.to_owned(),
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
    let chips = move || {
        facets_in_force(context)
            .into_iter()
            .map(|filter| {
                let remove = format!("Remove filter {} {}", filter.label, filter.shown);
                view! {
                    <span class="chip">
                        {filter.label}" "<b>{filter.shown}</b>
                        <button type="button" aria-label=remove.clone() title=remove
                            on:click=move |_| url.set(&[(filter.name, ""), ("row", "")], false)>
                            <Icon glyph=Glyph::Cross/>
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    let facets = spec.with_value(|spec| !spec.facets.is_empty());
    view! {
        <div class="list-bar">
            {segments}
            <Quick context=context/>
            {chips}
            {facets.then(|| view! { <AddFilter context=context/> })}
            <span class="matches" role="status">{move || rows.total.get().map(matches)}</span>
            <Columns context=context/>
        </div>
    }
}

/// Filters as one types.
#[component]
fn Quick(context: Context) -> impl IntoView {
    let url = use_url();
    let labels: Vec<String> = context.spec.with_value(|spec| {
        spec.kind.info().fields.iter().filter(|f| f.list.searchable).map(|f| f.label.to_lowercase()).collect()
    });
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

/// One list to choose from: each filter with its values.
#[component]
fn AddFilter(context: Context) -> impl IntoView {
    let url = use_url();
    let facets = context.spec.with_value(|spec| spec.facets.clone());
    let wanted = RwSignal::new(false);
    // What has to be asked for is asked for when somebody is about to choose.
    let loaded = {
        let facets = facets.clone();
        api::use_load(
            move || wanted.get().then_some(()),
            move |()| {
                let facets = facets.clone();
                async move { Ok(load_values(&facets).await) }
            },
        )
    };
    let groups = move || {
        let loaded = loaded.data.get().unwrap_or_default();
        facets
            .iter()
            .filter_map(|facet| {
                let values = match &facet.values {
                    FacetValues::Known(values) => values.clone(),
                    FacetValues::Kind(_) | FacetValues::Tags => {
                        loaded.iter().find(|(name, _)| *name == facet.name)?.1.clone()
                    }
                };
                let name = facet.name;
                let options = values
                    .into_iter()
                    .map(|(value, label)| view! { <option value=format!("{name}={value}")>{label}</option> })
                    .collect_view();
                Some(view! { <optgroup label=facet.label>{options}</optgroup> })
            })
            .collect_view()
    };
    let choose = move |chosen: String| {
        let Some((name, value)) = chosen.split_once('=') else { return };
        let mut values: Vec<String> =
            untrack(|| url.get(name)).map(|v| v.split(',').map(str::to_owned).collect()).unwrap_or_default();
        if !values.iter().any(|v| v == value) {
            values.push(value.to_owned());
        }
        url.set(&[(name, &values.join(",")), ("row", "")], false);
    };
    view! {
        <select class="chip-select" aria-label="Add a filter"
            on:pointerenter=move |_| wanted.set(true) on:focus=move |_| wanted.set(true)
            on:change:target=move |event| { choose(event.target().value()); event.target().set_value(""); }>
            <option value="">"+ Filter"</option>
            {groups}
        </select>
    }
}

async fn load_values(facets: &[Facet]) -> Vec<(&'static str, Vec<(String, String)>)> {
    let mut all = Vec::new();
    for facet in facets {
        let values = match &facet.values {
            FacetValues::Known(_) => continue,
            FacetValues::Tags => options::tags().await.into_iter().map(|tag| (tag.clone(), tag)).collect(),
            FacetValues::Kind(kind) => options::load(*kind, binnacle_shared::field::ReferenceBy::Name, "")
                .await
                .unwrap_or_default()
                .into_iter()
                .filter_map(|option| Some((option.value.as_str()?.to_owned(), option.label)))
                .collect(),
        };
        all.push((facet.name, values));
    }
    all
}

/// Which columns, and in which order.
#[component]
fn Columns(context: Context) -> impl IntoView {
    let Context { spec, shown, .. } = context;
    let all: Vec<(&'static str, &'static str, bool)> =
        spec.with_value(|spec| spec.columns.iter().map(|c| (c.name, c.label, c.title)).collect());
    let toggle = move |name: &'static str| {
        shown.update(|shown| match shown.iter().position(|n| *n == name) {
            Some(index) => {
                shown.remove(index);
            }
            None => shown.push(name),
        });
    };
    let earlier = move |name: &'static str| {
        shown.update(|shown| {
            // The first column names the row and stays.
            if let Some(index) = shown.iter().position(|n| *n == name).filter(|index| *index > 1) {
                shown.swap(index, index - 1);
            }
        });
    };
    let details = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
            focus(".drop > summary");
        }
    };
    let lines = move || {
        let order = shown.get();
        let mut lines = all.clone();
        lines.sort_by_key(|(name, ..)| order.iter().position(|n| n == name).unwrap_or(usize::MAX));
        lines
            .into_iter()
            .map(|(name, label, title)| {
                let on = order.contains(&name);
                let move_name = format!("Move {label} to the left");
                let movable = on && order.iter().position(|n| *n == name).is_some_and(|index| index > 1);
                view! {
                    <li>
                        <label class="check-line">
                            <input type="checkbox" prop:checked=on disabled=title on:change=move |_| toggle(name)/>{label}
                        </label>
                        {movable.then(|| view! {
                            <button type="button" class="copy" aria-label=move_name.clone() title=move_name on:click=move |_| earlier(name)>
                                <Icon glyph=Glyph::Up/>
                            </button>
                        })}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <details class="drop" node_ref=details
            on:keydown=move |event| if event.key() == "Escape" { event.stop_propagation(); close(); }>
            <summary class="btn quiet small"><Icon glyph=Glyph::Columns/>"Columns"</summary>
            <ul class="drop-panel">{lines}</ul>
        </details>
    }
}
