//! Roles: what their people may do, and where.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::role::{self, NewRole, Role, RolePatch};
use binnacle_shared::permission::Permission;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::api::{self, use_load};
use crate::components::{Ask, Failed, SkeletonRows, TagList, use_confirm, use_toasts};
use crate::go::use_go;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::{Bulk, Detail, Fact, Facts, FormPage, FormSpec, ListPage, ListSpec, Sent, use_form};

const KIND: Kind = Kind::Role;
const REMOVED: &str = "Its people lose what it allowed them. This cannot be undone.";

/// `/roles`
#[component]
pub fn RolesPage() -> impl IntoView {
    let remove = Bulk::new("Remove", "Removing", "removed", REMOVED, |id: String| async move {
        api::send(Method::DELETE, &format!("roles/{id}"), &()).await.map(drop)
    });
    let spec = ListSpec::new(&role::KIND).bulk(remove.danger()).create("Create role", paths::create(KIND));
    view! { <ListPage spec=spec/> }
}

/// `/roles/create`
#[component]
pub fn CreateRole() -> impl IntoView {
    let spec = FormSpec::new(
        KIND,
        role::KIND.fields,
        None,
        json!({ "permissions": ["ViewComputer"], "access_groups": ["global"] }),
        |body| NewRole::parse(body).err().unwrap_or_default(),
        |body| async move {
            let role: Role = api::post("roles", &body).await?;
            Ok(paths::detail(KIND, role.id))
        },
    )
    .sent(Sent::json("POST", "roles"))
    .verb("Create role");
    view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create role"/> }
}

/// Loads the role of the address for a page.
fn loaded(page: fn(Role) -> AnyView) -> impl IntoView {
    let params = use_params_map();
    let role = use_load(
        move || params.with(|params| params.get("id")),
        |id| async move { api::get::<Role>(&format!("roles/{id}")).await },
    );
    move || match (role.data.get(), role.error.get()) {
        (Some(role), _) => page(role),
        (None, Some(error)) => {
            view! { <Failed page=true title="The role could not be loaded" error=error retry=move |()| role.reload()/> }
                .into_any()
        }
        (None, None) => role.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    }
}

/// `/roles/5/edit`
#[component]
pub fn EditRole() -> impl IntoView {
    loaded(edit)
}

fn edit(role: Role) -> AnyView {
    let id = role.id;
    let permissions = [role.permissions, role.global_permissions].concat();
    let spec = FormSpec::new(
        KIND,
        role::KIND.fields,
        Some(id),
        json!({
            "name": role.name,
            "description": role.description,
            "permissions": permissions,
            "access_groups": role.access_groups,
        }),
        |body| RolePatch::parse(body).err().unwrap_or_default(),
        move |body| async move {
            let role: Role = api::patch(&format!("roles/{id}"), &body).await?;
            Ok(paths::detail(KIND, role.id))
        },
    )
    .sent(Sent::json("PATCH", format!("roles/{id}")))
    .verb("Save role");
    let title = format!("Edit {}", role.name);
    view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title=title/> }.into_any()
}

/// `/roles/5`
#[component]
pub fn RolePage() -> impl IntoView {
    loaded(one)
}

/// Names as people read them.
fn titles(names: &[String]) -> AnyView {
    if names.is_empty() {
        return view! { <li class="muted">"None"</li> }.into_any();
    }
    names
        .iter()
        .map(|name| {
            let title = Permission::from_name(name).map_or("", Permission::title);
            view! { <li><code>{name.clone()}</code>" "<span class="muted">{title}</span></li> }
        })
        .collect_view()
        .into_any()
}

fn one(role: Role) -> AnyView {
    let session = use_session();
    let (confirm, toasts, go) = (use_confirm(), use_toasts(), use_go());
    let may = session.may(KIND.outline().manage) && !role.read_only;
    let (id, name) = (role.id, role.name.clone());
    let ask = move || {
        let ask = Ask::new(format!("Remove role “{name}”?"), REMOVED, "Remove role", move || {
            spawn_local(async move {
                match api::send(Method::DELETE, &format!("roles/{id}"), &()).await {
                    Ok(_) => {
                        toasts.done("Role removed");
                        go.at_once(&paths::list(KIND), false);
                    }
                    Err(error) => toasts.failed("The role was not removed", &error),
                }
            });
        });
        confirm.ask(ask.danger());
    };
    let ask = StoredValue::new(ask);
    let actions = move || {
        may.then(|| view! {
            <button type="button" class="btn danger" on:click=move |_| ask.with_value(|ask| ask())><Icon glyph=Glyph::Cross/>"Remove role"</button>
            <a class="btn primary" href=paths::edit(KIND, id) aria-keyshortcuts="e"><Icon glyph=Glyph::Edit/>"Edit role"</a>
        })
    };
    let facts = StoredValue::new(role.clone());
    let facts = move || {
        facts.with_value(|role| view! {
        <Facts row=true facts=vec![
            Fact::new("Description", if role.description.is_empty() { "–".to_owned() } else { role.description.clone() }),
            Fact::new("Access groups", view! { <TagList tags=role.access_groups.clone()/> }),
            Fact::new("Can be changed", if role.read_only { "No, it belongs to every account" } else { "Yes" }),
        ]/>
    })
    };
    view! {
        <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=role.name.clone() actions=actions facts=facts>
            <div class="columns">
                <section class="card panel"><h2>"Permissions in its access groups"</h2><ul class="plain-list">{titles(&role.permissions)}</ul></section>
                <section class="card panel"><h2>"Permissions for the account"</h2><ul class="plain-list">{titles(&role.global_permissions)}</ul></section>
                <section class="card panel"><h2>"Administrators with this role"</h2><TagList tags=role.persons/></section>
            </div>
        </Detail>
    }
    .into_any()
}
