//! A long table of what one thing has: a hundred rows at a time, with a search and segments in
//! the address. For what is no kind of its own; kinds have [`super::ListView`].

use std::time::Duration;

use binnacle_shared::list::Envelope;
use leptos::prelude::*;
use serde_json::Value;

use crate::api::{self, use_load};
use crate::components::{Empty, Failed, SkeletonRows};
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::{effect, memo};
use crate::shells::list::grouped;

/// Rows on a page.
const PAGE: u64 = 100;

/// One of a few exclusive views: value of `?show=`, label, the parameter that asks for it.
pub type View = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// What a table shows.
#[derive(Clone, Copy)]
pub struct Paged {
    /// In words: "Packages".
    pub what: &'static str,
    /// Headings; those that start with `#` are of numbers.
    pub heads: &'static [&'static str],
    /// The cells of a row.
    pub row: fn(&Value) -> AnyView,
    /// The first is the standard one.
    pub views: &'static [View],
    /// Label of the search; none: the server does not search here.
    pub search: Option<&'static str>,
    /// Stands where nothing is known.
    pub none: &'static str,
}

/// The table of what a path of the API lists.
#[component]
pub fn PagedTable(spec: Paged, #[prop(into)] path: String) -> impl IntoView {
    let url = use_url();
    let page = memo(move || url.get("page").and_then(|text| text.parse::<u64>().ok()).unwrap_or(1).max(1));
    let asked = memo(move || (url.get("search").unwrap_or_default(), url.get("show").unwrap_or_default(), page.get()));
    let load = use_load(
        move || Some((path.clone(), asked.get())),
        move |(path, (search, show, page))| async move {
            let offset = ((page - 1).saturating_mul(PAGE)).to_string();
            let limit = PAGE.to_string();
            let mut query = vec![("limit", limit.as_str()), ("offset", offset.as_str())];
            if spec.search.is_some() {
                query.push(("search", search.as_str()));
            }
            let view = spec.views.iter().find(|(value, ..)| *value == show).or(spec.views.first());
            query.extend(view.and_then(|(.., pair)| *pair));
            api::list::<Value>(&path, &query).await
        },
    );
    let narrowed = move || asked.with(|(search, show, _)| !search.is_empty() || !show.is_empty());
    let body = move || match (load.data.get(), load.error.get()) {
        (_, Some(error)) => {
            let title = format!("{} could not be loaded", spec.what);
            view! { <Failed title=title error=error retry=move |()| load.reload()/> }.into_any()
        }
        (Some(found), None) if found.results.is_empty() && narrowed() => {
            let loosen = url.with(&[("search", ""), ("show", ""), ("page", "")]);
            view! {
                <Empty glyph=Glyph::Search title="Nothing matches" text="Another search or another choice above may show more.">
                    <a class="btn" href=loosen>"Show all"</a>
                </Empty>
            }
            .into_any()
        }
        (Some(found), None) if found.results.is_empty() => {
            view! { <Empty glyph=Glyph::Inbox title=format!("No {} known", spec.what.to_lowercase()) text=spec.none/> }
                .into_any()
        }
        (Some(found), None) => table(spec, &found),
        (None, None) => load.slow.get().then(|| view! { <SkeletonRows rows=6/> }).into_any(),
    };
    let total = memo(move || load.data.with(|found| found.as_ref().map(|found| found.count)));
    view! {
        <div class="list-bar">
            <Views spec=spec/>
            {spec.search.map(|label| view! { <Search label=label/> })}
            <span class="list-tools">
                <span class="matches" role="status">{move || total.get().map(|n| match n {
                    1 => "1 row".to_owned(),
                    n => format!("{} rows", number(n)),
                })}</span>
            </span>
        </div>
        <section class="card list-card" aria-label=spec.what class:dimmed=move || load.slow.get()>
            {body}
            {move || pages(total.get().unwrap_or_default(), page.get())}
        </section>
    }
}

fn number(n: u64) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

fn table(spec: Paged, found: &Envelope<Value>) -> AnyView {
    let heads = spec.heads.iter().map(|head| match head.strip_prefix('#') {
        Some(label) => view! { <th scope="col" class="num">{label}</th> },
        None => view! { <th scope="col" class="">{*head}</th> },
    });
    let rows = found.results.iter().map(|row| view! { <tr>{(spec.row)(row)}</tr> }).collect_view();
    view! {
        <div class="plain-table scroll" tabindex="0" role="region" aria-label=format!("Table of {}", spec.what.to_lowercase())>
            <table><thead><tr>{heads.collect_view()}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

#[component]
fn Views(spec: Paged) -> impl IntoView {
    let url = use_url();
    if spec.views.is_empty() {
        return ().into_any();
    }
    let first = spec.views.first().map_or("", |(value, ..)| *value);
    let items = spec.views.iter().map(|(value, label, _)| {
        let sent = if *value == first { "" } else { *value };
        let href = move || url.with(&[("show", sent), ("page", "")]);
        let current = move || (url.get("show").unwrap_or_default() == sent).then_some("true");
        view! { <a href=href aria-current=current>{*label}</a> }
    });
    view! { <nav class="segments" aria-label=format!("Which {}", spec.what.to_lowercase())>{items.collect_view()}</nav> }
        .into_any()
}

/// Searches as one types.
#[component]
fn Search(label: &'static str) -> impl IntoView {
    let url = use_url();
    let typed = RwSignal::new(String::new());
    // The address may change without us: back, forward, another tab.
    effect(move || typed.set(url.get("search").unwrap_or_default()));
    let mut later = debounce(Duration::from_millis(220), move |()| {
        if let Some(text) = typed.try_get_untracked()
            && text.trim() != untrack(|| url.get("search")).unwrap_or_default()
        {
            url.set(&[("search", text.trim()), ("page", "")], true);
        }
    });
    view! {
        <div class="quick">
            <Icon glyph=Glyph::Search/>
            <input type="search" aria-label=label placeholder=label autocomplete="off" spellcheck="false" prop:value=typed
                on:input:target=move |event| { typed.set(event.target().value()); later(()); }/>
        </div>
    }
}

/// Which of the rows are shown, and links to those before and after.
fn pages(total: u64, page: u64) -> Option<impl IntoView> {
    let url = use_url();
    let last = total.div_ceil(PAGE);
    (last > 1).then(|| {
        let link = move |page: u64, label: &'static str, there: bool| {
            there.then(|| {
                let page = page.to_string();
                let href = untrack(|| url.with(&[("page", if page == "1" { "" } else { &page })]));
                view! { <a class="btn small" href=href>{label}</a> }
            })
        };
        let from = (page - 1).saturating_mul(PAGE) + 1;
        let to = (from + PAGE - 1).min(total);
        view! {
            <nav class="card-bar bottom-edge" aria-label="Pages">
                <span class="grow">{format!("{} to {} of {}", number(from), number(to), number(total))}</span>
                {link(page - 1, "Previous page", page > 1)}
                {link(page + 1, "Next page", page < last)}
            </nav>
        }
    })
}
