//! Views: search, filters, order and columns under a name, kept in this browser for this person.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::Context;
use super::panels::{self, Panel};
use crate::components::DropDown;
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::session::use_session;
use crate::{json, storage};

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saved {
    name: String,
    /// What stands after the question mark.
    query: String,
    /// Names of the columns, with commas.
    columns: String,
}

fn read(key: &str) -> Vec<Saved> {
    let text = storage::read(key).unwrap_or_default();
    let list: Value = serde_json::from_str(&text).unwrap_or_default();
    let saved = |item: &Value| {
        let part = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Saved { name: part("name")?, query: part("query")?, columns: part("columns").unwrap_or_default() })
    };
    list.as_array().map(|items| items.iter().filter_map(saved).collect()).unwrap_or_default()
}

fn write(key: &str, list: &[Saved]) {
    let items = list.iter().map(|view| json!({"name": view.name, "query": view.query, "columns": view.columns}));
    storage::write(key, &json::text(&Value::Array(items.collect())));
}

#[component]
pub(super) fn Views(context: Context) -> impl IntoView {
    let key = context.spec.with_value(|spec| format!("views.{}.{}", use_session().storage_key(), spec.memory()));
    let list = RwSignal::new(read(&key));
    let key = StoredValue::new(key);
    let url = use_url();
    let present = move || list.with(|list| list.iter().find(|view| view.query == url.query()).map(|v| v.name.clone()));
    let summary = move || view! { <Icon glyph=Glyph::View/>{move || present().unwrap_or_else(|| "Views".to_owned())} };
    view! { <DropDown summary=summary panel=move |close| panels::open(Panel::Views(list, key), context, close)/> }
}

pub(super) fn panel(context: Context, list: RwSignal<Vec<Saved>>, key: StoredValue<String>) -> AnyView {
    let url = use_url();
    let change = move |change: &dyn Fn(&mut Vec<Saved>)| {
        list.update(|list| change(list));
        key.with_value(|key| list.with_untracked(|list| write(key, list)));
    };
    let name = RwSignal::new(String::new());
    let save = move || {
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return;
        }
        let columns = context.layout.wanted.with_untracked(|names| names.join(","));
        let saved = Saved { name: name.clone(), query: untrack(|| url.query()), columns };
        change(&move |list| {
            list.retain(|other| other.name != name);
            list.push(saved.clone());
            list.sort_by_key(|view| view.name.to_lowercase());
        });
    };
    let lines = move || {
        list.get()
            .into_iter()
            .map(|view| {
                let Saved { name, query, columns } = view;
                let href = if query.is_empty() { url.path() } else { format!("{}?{query}", url.path()) };
                let remove = format!("Remove view {name}");
                let gone = name.clone();
                let here = move || (url.query() == query).then_some("true");
                view! {
                    <li>
                        <a href=href aria-current=here on:click=move |_| context.layout.take(&columns)>{name}</a>
                        <button type="button" class="copy" aria-label=remove.clone() title=remove
                            on:click=move |_| { let gone = gone.clone(); change(&move |list| list.retain(|other| other.name != gone)); }>
                            <Icon glyph=Glyph::Cross/>
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <ul class="views">{lines}</ul>
        {move || list.with(Vec::is_empty).then(|| view! {
            <p class="help">"A view keeps filters, order and columns under a name, in this browser."</p>
        })}
        <form class="row" on:submit=move |event| { event.prevent_default(); save(); name.set(String::new()); }>
            <input class="input" type="text" aria-label="Name of the view" placeholder="Name" autocomplete="off" maxlength="80"
                prop:value=name on:input:target=move |event| name.set(event.target().value())/>
            <button type="submit" class="btn small" disabled=move || name.with(|name| name.trim().is_empty())>"Save view"</button>
        </form>
    }
    .into_any()
}
