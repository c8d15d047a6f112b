//! What each role may do: a matrix in which every cell is switched at once, and can be taken back.

use std::collections::HashSet;
use std::iter;

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::common::{guarded, hands, text};
use crate::api::{conductor, use_load};
use crate::components::{Failed, SkeletonRows};
use crate::icons::{Glyph, Icon};
use crate::react::{effect, memo};

/// A cell that was switched: role, permission, whether it is held now.
type Switched = (Role, &'static str, bool);

/// `/permissions`
#[component]
pub fn PermissionsPage() -> impl IntoView {
    guarded("sys_admin", || {
        crate::frame::use_title(Signal::stored("Permissions".to_owned()));
        let load =
            use_load(|| Some(()), |()| async { conductor::list("permissions", &[("_get_all_results", "true")]).await });
        let held = RwSignal::new(HashSet::<(Role, String)>::new());
        effect(move || {
            let rows = load.data.with(|found| found.as_ref().map(|found| found.results.clone()).unwrap_or_default());
            let cell = |row: &Value| Some((Role::from_name(&text(row, "role"))?, text(row, "permission")));
            held.set(rows.iter().filter_map(cell).collect());
        });
        let body = move || {
            match (load.data.with(Option::is_some), load.error.get()) {
        (_, Some(error)) => {
            view! { <Failed title="The permissions could not be loaded" error=error retry=move |()| load.reload()/> }
                .into_any()
        }
        (true, None) => view! { <Matrix held=held/> }.into_any(),
        (false, None) => load.slow.get().then(|| view! { <SkeletonRows rows=8/> }).into_any(),
    }
        };
        view! {
            <div class="page fill">
                <div class="head"><h1>"Permissions"</h1></div>
                <p class="help lead">"What people with a role may do in the Conductor API. A change holds at once, in every tenant."</p>
                {body}
            </div>
        }
    })
}

/// Arrows go from cell to cell, over the rows that are shown.
fn walk(event: &leptos::ev::KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(cell) = target.and_then(|target| target.closest("td").ok().flatten()) else { return };
    let column = iter::successors(cell.previous_element_sibling(), Element::previous_element_sibling).count();
    let line = cell.parent_element();
    let shown = |line: &Element| !line.has_attribute("hidden");
    let to = match event.key().as_str() {
        "ArrowLeft" => cell.previous_element_sibling(),
        "ArrowRight" => cell.next_element_sibling(),
        "ArrowUp" => iter::successors(line, Element::previous_element_sibling).skip(1).find(shown),
        "ArrowDown" => iter::successors(line, Element::next_element_sibling).skip(1).find(shown),
        _ => return,
    };
    event.prevent_default();
    let place = u32::try_from(column).unwrap_or_default();
    let to = to.and_then(|to| if to.tag_name() == "TR" { to.children().item(place) } else { Some(to) });
    let input = to.and_then(|to| to.query_selector("input").ok().flatten());
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
        let _ = input.focus();
    }
}

#[component]
fn Matrix(held: RwSignal<HashSet<(Role, String)>>) -> impl IntoView {
    let hands = hands();
    let search = RwSignal::new(String::new());
    let last = RwSignal::new(None::<Switched>);
    let switch = Callback::new(move |(role, name, on): Switched| {
        let path = format!("permissions/{}/{name}", role.name());
        held.update(|held| {
            if on {
                held.insert((role, name.to_owned()));
            } else {
                held.remove(&(role, name.to_owned()));
            }
        });
        spawn_local(async move {
            let method = if on { Method::PUT } else { Method::DELETE };
            match conductor::send(method, &path, &json!({})).await {
                Ok(_) => {
                    last.try_set(Some((role, name, on)));
                }
                Err(error) => {
                    held.try_update(|held| {
                        if on {
                            held.remove(&(role, name.to_owned()));
                        } else {
                            held.insert((role, name.to_owned()));
                        }
                    });
                    hands.toasts.failed("The permission was not changed", &error);
                }
            }
        });
    });
    let fits = move |name: &str| {
        search.with(|text| text.trim().to_lowercase().split_whitespace().all(|word| name.contains(word)))
    };
    let shown = memo(move || Permission::ALL.iter().filter(|permission| fits(permission.name())).count());
    let mut names: Vec<&'static str> = Permission::ALL.iter().map(|permission| permission.name()).collect();
    names.sort_unstable_by_key(|name| name.to_lowercase());
    let lines = names
        .into_iter()
        .map(|name| {
            let cells = Role::ALL
                .iter()
                .map(|role| {
                    let role = *role;
                    let key = (role, name.to_owned());
                    let on = move || held.with(|held| held.contains(&key));
                    view! {
                        <td class="check"><label><input type="checkbox" aria-label=format!("{name} for {}", role.name()) prop:checked=on
                            on:change:target=move |event| switch.run((role, name, event.target().checked()))/></label></td>
                    }
                })
                .collect_view();
            view! { <tr class="data" hidden=move || !fits(&name.to_lowercase())><th scope="row" class="mono">{name}</th>{cells}</tr> }
        })
        .collect_view();
    let heads = Role::ALL
        .iter()
        .map(|role| view! { <th scope="col" title=role.description()>{role.name()}</th> })
        .collect_view();
    let done = move || {
        last.get().map(|(role, name, on)| {
            let words = if on { "now holds" } else { "no longer holds" };
            view! {
                <span>{role.name()}" "{words}" "<code>{name}</code>". "</span>
                <button type="button" class="link" on:click=move |_| switch.run((role, name, !on))>"Undo"</button>
            }
        })
    };
    view! {
        <div class="list-bar">
            <div class="quick">
                <Icon glyph=Glyph::Search/>
                <input type="search" aria-label="Filter by permission" placeholder="Filter by permission" autocomplete="off" spellcheck="false"
                    on:input:target=move |event| search.set(event.target().value())/>
            </div>
            <span role="status">{done}</span>
            <span class="list-tools"><span class="matches" role="status">{move || match shown.get() { 1 => "1 permission".to_owned(), count => format!("{count} permissions") }}</span></span>
        </div>
        <section class="card list-card" aria-label="Permissions">
            <div class="plain-table scroll matrix" tabindex="0" role="region" aria-label="Table of permissions by role">
                <table on:keydown=move |event| walk(&event)><thead><tr><th scope="col">"Permission"</th>{heads}</tr></thead><tbody>{lines}</tbody></table>
            </div>
        </section>
    }
}
