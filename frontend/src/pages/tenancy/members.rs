//! Who is in something, and as what: a table with a line that adds another.

use binnacle_shared::Kind;
use binnacle_shared::field::ReferenceBy;
use binnacle_shared::model::conductor::role::Role;
use leptos::prelude::*;

use super::common::page_of;
use crate::api::use_load;
use crate::components::{Ask, Note, Tone, use_confirm};
use crate::icons::{Glyph, Icon};
use crate::shells::form::options;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    /// As what; none where there are no roles.
    pub role: Option<String>,
    /// What else is to be said: the groups through which there are further roles.
    pub note: String,
}

/// What somebody wants changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Add(String, String),
    Role(String, String),
    Remove(String),
}

/// What may be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    pub add: bool,
    pub role: bool,
    pub remove: bool,
}

fn roles(of: &'static [Role], chosen: &str) -> AnyView {
    of.iter()
        .map(|role| {
            let name = role.name();
            view! { <option value=name selected={name == chosen}>{name}</option> }
        })
        .collect_view()
        .into_any()
}

/// The table.
#[component]
pub fn Members(
    /// The heading: "Users".
    title: &'static str,
    /// What they are.
    kind: Kind,
    members: Vec<Member>,
    /// The roles that they can have; none: they just belong.
    #[prop(default = &[])]
    of: &'static [Role],
    allowed: Allowed,
    /// Removes in these words: "They lose what the role allowed them here."
    consequence: &'static str,
    change: Callback<Change>,
) -> impl IntoView {
    let singular = kind.outline().singular;
    let confirm = use_confirm();
    let present: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
    let none = members.is_empty();
    let with_roles = !of.is_empty();
    let line = move |member: Member| {
        let Member { name, role, note } = member;
        // Who is here only through a group is removed from that.
        let removable = allowed.remove && (!with_roles || role.is_some());
        let role = role.unwrap_or_default();
        let (changed, gone) = (name.clone(), name.clone());
        let control = if allowed.role && with_roles && of.iter().any(|known| known.name() == role) {
            let label = format!("Role of {name}");
            let options = roles(of, &role);
            view! {
                <span class="select-box">
                    <select class="input" aria-label=label
                        on:change:target=move |event| change.run(Change::Role(changed.clone(), event.target().value()))>{options}</select>
                    <Icon glyph=Glyph::Down/>
                </span>
            }
            .into_any()
        } else {
            role.into_any()
        };
        let label = format!("Remove {name}");
        let href = page_of(kind, &name);
        let ask = move |_| {
            let name = gone.clone();
            let title = format!("Remove {singular} “{name}” from here?");
            confirm.ask(
                Ask::new(title, consequence, format!("Remove {singular}"), move || {
                    change.run(Change::Remove(name.clone()));
                })
                .danger(),
            );
        };
        view! {
            <tr class="data">
                <td class="key"><a href=href>{name}</a>
                    {(!note.is_empty()).then(|| view! { <span class="note">{note}</span> })}
                </td>
                {with_roles.then(|| view! { <td>{control}</td> })}
                <td class="end">{removable.then(|| view! {
                    <button type="button" class="btn quiet small danger" aria-label=label on:click=ask>"Remove"</button>
                })}</td>
            </tr>
        }
    };
    let lines = members.into_iter().map(line).collect_view();
    view! {
        <section class="card" aria-label=title>
            <div class="card-bar top-edge"><h2>{title}</h2></div>
            {if none {
                view! { <p class="muted panel">{format!("There are no {}.", kind.outline().plural.to_lowercase())}</p> }.into_any()
            } else {
                view! {
                    <table class="table members" aria-label=title>
                        <thead><tr><th scope="col">"Name"</th>{with_roles.then(|| view! { <th scope="col">"Role"</th> })}
                            <th scope="col"><span class="visually-hidden">"Actions"</span></th></tr></thead>
                        <tbody>{lines}</tbody>
                    </table>
                }
                .into_any()
            }}
            {allowed.add.then(|| view! { <Add kind=kind of=of present=present change=change/> })}
        </section>
    }
}

/// One more: the name is proposed as one types.
#[component]
fn Add(kind: Kind, of: &'static [Role], present: Vec<String>, change: Callback<Change>) -> impl IntoView {
    let singular = kind.outline().singular;
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(of.last().map_or("", |role| role.name()).to_owned());
    let known = use_load(
        move || Some(name.get()),
        move |text| async move { options::load(kind, ReferenceBy::Name, &text).await },
    );
    let list = format!("add-{}", kind.outline().path);
    let proposals = move || {
        let present = present.clone();
        known
            .data
            .get()
            .unwrap_or_default()
            .into_iter()
            .filter(move |choice| !present.contains(&choice.label))
            .map(|choice| view! { <option value=choice.label></option> })
            .collect_view()
    };
    let missing = RwSignal::new(false);
    let add = move || {
        let wanted = name.get_untracked().trim().to_owned();
        missing.set(wanted.is_empty());
        if !wanted.is_empty() {
            change.run(Change::Add(wanted, role.get_untracked()));
        }
    };
    let said = move || {
        missing.get().then(|| view! { <Note tone=Tone::Bad>{format!("Enter the name of a {singular}.")}</Note> })
    };
    view! {
        <form class="card-bar bottom-edge member-add" on:submit=move |event| { event.prevent_default(); add(); }>
            <input class="input mono" type="text" list=list.clone() aria-label=format!("Name of a {singular}")
                placeholder=format!("Name of a {singular}") autocomplete="off" autocapitalize="off" spellcheck="false"
                aria-invalid=move || missing.get().to_string() prop:value=name on:input:target=move |event| name.set(event.target().value())/>
            <datalist id=list>{proposals}</datalist>
            {(!of.is_empty()).then(|| view! {
                <span class="select-box">
                    <select class="input" aria-label=format!("Role of the {singular}")
                        on:change:target=move |event| role.set(event.target().value())>{roles(of, &role.get_untracked())}</select>
                    <Icon glyph=Glyph::Down/>
                </span>
            })}
            <button type="submit" class="btn small">{format!("Add {singular}")}</button>
            <div class="whole" aria-live="assertive">{said}</div>
        </form>
    }
}

/// Asks the server for a change of a membership; `body` is what names both sides.
pub fn request(
    change: &Change,
    body: impl Fn(&str) -> serde_json::Value,
    role_key: Option<&'static str>,
) -> (gloo_net::http::Method, serde_json::Value, &'static str) {
    use gloo_net::http::Method;
    let (method, name, role, done) = match change {
        Change::Add(name, role) => (Method::PUT, name, Some(role), "Added"),
        Change::Role(name, role) => (Method::PATCH, name, Some(role), "Role changed"),
        Change::Remove(name) => (Method::DELETE, name, None, "Removed"),
    };
    let mut body = body(name);
    if let (Some(key), Some(role)) = (role_key, role) {
        body[key] = serde_json::Value::String(role.clone());
    }
    (method, body, done)
}
