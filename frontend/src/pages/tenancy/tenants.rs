//! Tenants: making them, and who is in them with which role.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::tenant;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::common::{Hands, guarded, hands, judge, list, loaded, may, page_of, path_of, taken, text, with_removal};
use super::members::{Allowed, Change, Member, Members, request};
use crate::api::conductor;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::{Detail, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::Tenant;
const REMOVED: &str = "Only a tenant without blueprints, deployments, secrets and other things can be removed.\n\
                       Its members lose what they were allowed in it. This cannot be undone.";

/// `/tenants`
#[component]
pub fn TenantsPage() -> impl IntoView {
    let spec =
        with_removal(list(&tenant::KIND), KIND, "tenant_delete", REMOVED).create("Create tenant", paths::create(KIND));
    view! { <ListPage spec=spec/> }
}

/// `/tenants/create`
#[component]
pub fn CreateTenant() -> impl IntoView {
    guarded("tenant_create", || {
        let sent = |body: &Value| (path_of(KIND, &text(body, "name")), json!({}));
        let spec = FormSpec::named(
            KIND,
            tenant::KIND.fields,
            None,
            json!({}),
            |body| judge(tenant::KIND.fields, body, false),
            move |body| async move {
                let (path, sent) = sent(&body);
                conductor::send(Method::POST, &path, &sent).await.map_err(taken("/name"))?;
                Ok(page_of(KIND, &text(&body, "name")))
            },
        )
        .sent(Sent::conductor("POST", sent))
        .verb("Create tenant");
        view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create tenant"/> }
    })
}

/// The members of an object, in the order of their names.
fn entries(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Users with a role of their own come first; who is here only through a group has none.
fn users(tenant: &Value) -> Vec<Member> {
    let direct = entries(tenant.pointer("/user_roles/direct"));
    let groups = entries(tenant.pointer("/user_roles/groups"));
    let through = |name: &str| {
        let of: Vec<String> = groups
            .iter()
            .filter(|(_, group)| {
                let users = group.get("users").and_then(Value::as_array);
                users.is_some_and(|users| users.iter().any(|user| user == name))
            })
            .map(|(group, given)| format!("{} through {group}", text(given, "role")))
            .collect();
        of.join(", ")
    };
    entries(tenant.get("users"))
        .keys()
        .map(|name| Member {
            name: name.clone(),
            role: direct.get(name).and_then(Value::as_str).map(str::to_owned),
            note: through(name),
        })
        .collect()
}

fn groups(tenant: &Value) -> Vec<Member> {
    let role = |value: &Value| value.as_str().or_else(|| value.get("role")?.as_str()).map(str::to_owned);
    entries(tenant.get("groups"))
        .iter()
        .map(|(name, given)| Member { name: name.clone(), role: role(given), note: String::new() })
        .collect()
}

/// Changes who is in a tenant, and shows it.
pub fn membership(
    hands: Hands,
    path: &'static str,
    body: impl Fn(&str) -> Value + Send + Sync + 'static,
    again: Callback<()>,
) -> Callback<Change> {
    Callback::new(move |change: Change| {
        let (method, body, done) = request(&change, &body, Some("role"));
        let work = async move { conductor::send(method, path, &body).await };
        hands.run(work, done, "The membership was not changed", again);
    })
}

/// `/tenants/default_tenant`
#[component]
pub fn TenantPage() -> impl IntoView {
    let named = use_params_map();
    let sees = crate::react::memo(|| may("tenant_get"));
    move || {
        if sees.get() { whole() } else { outline(&named.with(|params| params.get("id")).unwrap_or_default()) }
    }
}

/// What those see who may not know who is in it: that one can work there.
fn outline(name: &str) -> AnyView {
    let session = use_session();
    let to = StoredValue::new(name.to_owned());
    let other = crate::react::memo(move || session.tenant() != Some(to.get_value()));
    let actions = move || {
        other.get().then(|| view! {
            <button type="button" class="btn primary" on:click=move |_| session.switch(&to.get_value())><Icon glyph=Glyph::Tenant/>"Work in this tenant"</button>
        })
    };
    view! {
        <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=name.to_owned() actions=actions>
            <p class="card panel muted">"Who is in it is shown to those who manage it."</p>
        </Detail>
    }
    .into_any()
}

fn whole() -> AnyView {
    loaded(KIND, "?_get_data=true", |tenant, again| {
        let session = use_session();
        let hands = hands();
        let name = text(tenant, "name");
        let removal = hands.remove(KIND, &name, REMOVED, true);
        let other = {
            let name = name.clone();
            crate::react::memo(move || session.tenant().as_deref() != Some(name.as_str()))
        };
        let to = StoredValue::new(name.clone());
        let actions = move || {
            view! {
                {may("tenant_delete").then(|| view! {
                    <button type="button" class="btn danger" on:click=move |_| removal.run(())><Icon glyph=Glyph::Cross/>"Remove tenant"</button>
                })}
                {other.get().then(|| view! {
                    <button type="button" class="btn primary" on:click=move |_| session.switch(&to.get_value())><Icon glyph=Glyph::Tenant/>"Work in this tenant"</button>
                })}
            }
        };
        let for_users = name.clone();
        let user = membership(
            hands,
            "tenants/users",
            move |user| json!({ "username": user, "tenant_name": for_users }),
            again,
        );
        let for_groups = name.clone();
        let group = membership(
            hands,
            "tenants/user-groups",
            move |group| json!({ "group_name": group, "tenant_name": for_groups }),
            again,
        );
        let allowed_users = untrack(|| Allowed {
            add: may("tenant_add_user"),
            role: may("tenant_update_user"),
            remove: may("tenant_remove_user"),
        });
        let allowed_groups = untrack(|| Allowed {
            add: may("tenant_add_group"),
            role: may("tenant_update_group"),
            remove: may("tenant_remove_group"),
        });
        let (users, groups) = (users(tenant), groups(tenant));
        view! {
            <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=name actions=actions>
                <div class="columns">
                    <Members title="Users" kind=Kind::User members=users of=Role::OF_TENANTS allowed=allowed_users
                        consequence="They lose what the role allowed them in this tenant." change=user/>
                    <Members title="User groups" kind=Kind::UserGroup members=groups of=Role::OF_TENANTS allowed=allowed_groups
                        consequence="Its users lose what the role allowed them in this tenant." change=group/>
                </div>
            </Detail>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{groups, users};

    #[test]
    fn a_member_has_a_role_of_its_own_or_one_through_a_group() {
        let tenant = json!({
            "name": "north",
            "users": {"ada": {"tenant-role": "manager", "roles": ["manager", "viewer"]}, "bob": {"tenant-role": null, "roles": ["viewer"]}},
            "groups": {"ops": "viewer"},
            "user_roles": {"direct": {"ada": "manager"}, "groups": {"ops": {"role": "viewer", "users": ["ada", "bob"]}}},
        });
        let users = users(&tenant);
        assert_eq!((users[0].role.as_deref(), users[0].note.as_str()), (Some("manager"), "viewer through ops"));
        assert_eq!((users[1].role.as_deref(), users[1].note.as_str()), (None, "viewer through ops"));
        assert_eq!(groups(&tenant)[0].role.as_deref(), Some("viewer"));
    }
}
