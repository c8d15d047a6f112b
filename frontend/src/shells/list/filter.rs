//! Filters: which are in force, their chips, and adding one.

use binnacle_shared::query::Subject;
use leptos::prelude::*;

use super::Context;
use super::panels::{self, Panel};
use super::spec::{Facet, FacetValues};
use crate::api;
use crate::components::{Close, DropDown};
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::memo;
use crate::shells::form::options;

/// A filter that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Active {
    pub name: &'static str,
    pub label: String,
    pub shown: String,
}

/// What narrows the list now: search, filters.
pub(super) fn use_filters(context: Context) -> Memo<Vec<Active>> {
    let url = use_url();
    memo(move || {
        let search = url.get("search").map(|shown| Active { name: "search", label: "Text contains".to_owned(), shown });
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
        Some(Active { name, label: "Only".to_owned(), shown: segment.label.to_lowercase() })
    })
}

fn facets_in_force(context: Context) -> Vec<Active> {
    let url = use_url();
    context.spec.with_value(|spec| {
        let is_segment = |name: &str, value: &str| {
            spec.segments
                .as_ref()
                .is_some_and(|(of, segments)| *of == name && segments.iter().any(|segment| segment.value == value))
        };
        spec.facets
            .iter()
            .filter_map(|facet| {
                let value = url.get(facet.name).filter(|value| !is_segment(facet.name, value))?;
                let shown = match facet.values {
                    FacetValues::Query(_) => value,
                    _ => value.split(',').map(|v| label_of(facet, v)).collect::<Vec<_>>().join(" or "),
                };
                let several = shown.contains(" or ") || matches!(facet.values, FacetValues::Tags);
                let operator = match facet.values {
                    FacetValues::Query(_) => "matches",
                    _ if several => facet.values.operator(),
                    _ => "is",
                };
                Some(Active { name: facet.name, label: format!("{} {operator}", facet.label), shown })
            })
            .collect()
    })
}

fn label_of(facet: &Facet, value: &str) -> String {
    match &facet.values {
        FacetValues::Known(known) => {
            known.iter().find(|(name, _)| name == value).map_or_else(|| value.to_owned(), |(_, label)| label.clone())
        }
        _ => value.to_owned(),
    }
}

/// What is in force, each with a button that takes it away; and one to add another.
#[component]
pub(super) fn Filters(context: Context) -> impl IntoView {
    let url = use_url();
    let chips = move || {
        facets_in_force(context)
            .into_iter()
            .map(|filter| {
                let remove = format!("Remove filter {} {}", filter.label, filter.shown);
                let whole = filter.shown.clone();
                view! {
                    <span class="chip">
                        {filter.label}" "<b title=whole>{filter.shown}</b>
                        <button type="button" aria-label=remove.clone() title=remove
                            on:click=move |_| url.set(&[(filter.name, ""), ("row", "")], false)>
                            <Icon glyph=Glyph::Cross/>
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    let some = context.spec.with_value(|spec| !spec.facets.is_empty());
    view! {
        {chips}
        {some.then(|| view! {
            <DropDown class="chip-add" left=true summary=move || "+ Filter"
                panel=move |close| panels::open(Panel::Filter, context, close)/>
        })}
    }
}

/// Values that have to be asked for: value and label.
async fn load_values(values: FacetValues) -> Result<Vec<(String, String)>, api::ApiError> {
    Ok(match values {
        FacetValues::Tags => options::tags().await.into_iter().map(|tag| (tag.clone(), tag)).collect(),
        FacetValues::Kind(kind, by) => options::load(kind, by, "")
            .await?
            .into_iter()
            .map(|option| (super::column::raw(&option.value), option.label))
            .collect(),
        FacetValues::Known(known) => known,
        FacetValues::Text | FacetValues::Query(_) => Vec::new(),
    })
}

#[component]
pub(super) fn AddFilter(context: Context, close: Close) -> impl IntoView {
    let url = use_url();
    let facets = StoredValue::new(context.spec.with_value(|spec| spec.facets.clone()));
    let at = RwSignal::new(0_usize);
    let value = RwSignal::new(String::new());
    let facet = move || facets.with_value(|facets| facets.get(at.get()).cloned());
    let values = api::use_load(
        move || Some(at.get()),
        move |at| {
            load_values(facets.with_value(|facets| facets.get(at).map_or(FacetValues::Text, |f| f.values.clone())))
        },
    );
    let fields = facets.with_value(|facets| {
        facets
            .iter()
            .enumerate()
            .map(|(index, facet)| view! { <option value=index.to_string()>{facet.label}</option> })
            .collect_view()
    });
    let add = move || {
        let Some(facet) = untrack(facet) else { return };
        let wanted = value.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            return;
        }
        let several = !matches!(facet.values, FacetValues::Query(_));
        let before = untrack(|| url.get(facet.name)).filter(|_| several);
        let mut all: Vec<String> =
            before.map(|before| before.split(',').map(str::to_owned).collect()).unwrap_or_default();
        if !all.contains(&wanted) {
            all.push(wanted);
        }
        url.set(&[(facet.name, &all.join(",")), ("row", "")], false);
        close.run(());
    };
    let control = move || match facet().map(|facet| facet.values) {
        Some(FacetValues::Text | FacetValues::Query(_)) | None => {
            let mono = matches!(facet().map(|facet| facet.values), Some(FacetValues::Query(_)));
            view! {
                <input class="input" class:mono=mono type="text" aria-label="Value" autocomplete="off" autocapitalize="off" spellcheck="false"
                    prop:value=value on:input:target=move |event| value.set(event.target().value())/>
            }
            .into_any()
        }
        Some(_) => {
            let options = move || {
                values
                    .data
                    .get()
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(value, label)| view! { <option value=value>{label}</option> })
                    .collect_view()
            };
            view! {
                <select class="input" aria-label="Value" on:change:target=move |event| value.set(event.target().value())>
                    <option value="">"Choose…"</option>
                    {options}
                </select>
            }
            .into_any()
        }
    };
    let help = move || match facet()?.values {
        FacetValues::Query(subject) => Some(query_help(subject)),
        _ => None,
    };
    view! {
        <form class="stack small" on:submit=move |event| { event.prevent_default(); add(); }>
            <select class="input" aria-label="Field"
                on:change:target=move |event| { value.set(String::new()); at.set(event.target().value().parse().unwrap_or(0)); }>
                {fields}
            </select>
            <span class="muted">{move || facet().map(|facet| facet.values.operator())}</span>
            {control}
            {move || help().map(|help| view! { <p class="help">{help}</p> })}
            <button type="submit" class="btn small" disabled=move || value.with(|value| value.trim().is_empty())>"Add filter"</button>
        </form>
    }
}

/// What the query language knows.
fn query_help(subject: Subject) -> String {
    let names: Vec<String> = subject.selectors().iter().map(|name| format!("{name}:")).collect();
    format!("Words, and {}. Neighbours must all match; OR between two, NOT before one.", names.join(", "))
}
