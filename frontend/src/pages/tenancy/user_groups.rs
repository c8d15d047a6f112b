//! User groups: who is in them, their role everywhere and those in tenants.

use binnacle_shared::Kind;
use binnacle_shared::field::{Field, FormUse, Widget};
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user::SYSTEM_ROLES;
use binnacle_shared::model::conductor::user_group;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::common::{guarded, hands, judge, list, loaded, may, page_of, path, path_of, taken, text, with_removal};
use super::members::{Allowed, Member, Members, request};
use super::tenants::membership;
use crate::api::conductor;
use crate::components::{Ask, AskInput, cut};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::shells::list::draw;
use crate::shells::{Detail, Fact, Facts, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::UserGroup;
const REMOVED: &str = "Its users lose the roles that it gave them. It must not be in any tenant.";

/// What a new one is asked for.
const FIELDS: &[Field] = &[
    Field::new("group_name", "Name", Widget::Mono)
        .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
        .rule(fields::name)
        .form(FormUse::required("User group")),
    Field::new("role", "Role", Widget::Cards(SYSTEM_ROLES)).form(FormUse::required("User group")),
    Field::new("ldap_group_dn", "LDAP group", Widget::Mono)
        .help("Only with a directory: the distinguished name of the group there whose members these are.")
        .form(FormUse::optional("User group")),
];

/// `/user-groups`
#[component]
pub fn UserGroupsPage() -> impl IntoView {
    let spec = with_removal(list(&user_group::KIND), KIND, "user_group_delete", REMOVED)
        .create("Create user group", paths::create(KIND));
    view! { <ListPage spec=spec/> }
}

/// `/user-groups/create`
#[component]
pub fn CreateUserGroup() -> impl IntoView {
    guarded("user_group_create", || {
        let sent = |body: &Value| (path(KIND).to_owned(), body.clone());
        let spec = FormSpec::named(
            KIND,
            FIELDS,
            None,
            json!({ "role": "default" }),
            |body| judge(FIELDS, body, false),
            move |body| async move {
                conductor::send(Method::POST, path(KIND), &body).await.map_err(taken("/group_name"))?;
                Ok(page_of(KIND, &text(&body, "group_name")))
            },
        )
        .sent(Sent::conductor("POST", sent))
        .verb("Create user group");
        view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create user group"/> }
    })
}

fn named(names: Option<&Value>) -> Vec<Member> {
    let names = names.and_then(Value::as_array).cloned().unwrap_or_default();
    let member = |name: &Value| Some(Member { name: name.as_str()?.to_owned(), role: None, note: String::new() });
    names.iter().filter_map(member).collect()
}

/// Tenants with the role in each.
pub fn in_tenants(tenants: Option<&Value>) -> Vec<Member> {
    let tenants = tenants.and_then(Value::as_object).cloned().unwrap_or_default();
    let role = |given: &Value| given.as_str().or_else(|| given.get("tenant-role")?.as_str()).map(str::to_owned);
    let all = |given: &Value| {
        let all: Vec<&str> =
            given.get("roles").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let further: Vec<&str> = all.into_iter().filter(|name| role(given).as_deref() != Some(name)).collect();
        if further.is_empty() { String::new() } else { format!("also {}", further.join(", ")) }
    };
    tenants.iter().map(|(name, given)| Member { name: name.clone(), role: role(given), note: all(given) }).collect()
}

/// `/user-groups/ops`
#[component]
pub fn UserGroupPage() -> impl IntoView {
    loaded(KIND, "?_get_data=true", |group, again| {
        let hands = hands();
        let name = text(group, "name");
        let removal = hands.remove(KIND, &name, REMOVED, false);
        let role_path = StoredValue::new(path_of(KIND, &name));
        // The one it has is no change.
        let present = StoredValue::new(text(group, "role"));
        let ask_role = move || {
            let yes = move |role: String| {
                let path = role_path.get_value();
                let work = async move { conductor::send(Method::POST, &path, &json!({ "role": role })).await };
                hands.run(work, "Role changed", "The role was not changed", again);
            };
            let choices = SYSTEM_ROLES
                .iter()
                .filter(|role| role.value != present.get_value())
                .map(|role| (role.value.to_owned(), role.label.to_owned()))
                .collect();
            hands.confirm.ask(
                Ask::told(
                    "Change the role?",
                    "It holds in every tenant for all users of the group.",
                    "Change role",
                    yes,
                )
                .input(AskInput::One { label: "Role", choices }),
            );
        };
        let actions = move || {
            view! {
                {may("user_group_delete").then(|| view! {
                    <button type="button" class="btn danger" on:click=move |_| removal.run(())><Icon glyph=Glyph::Cross/>"Remove user group"</button>
                })}
                {may("user_group_update").then(|| view! {
                    <button type="button" class="btn" on:click=move |_| ask_role()><Icon glyph=Glyph::Shield/>"Change role"</button>
                })}
            }
        };
        let of = name.clone();
        let user = Callback::new(move |change| {
            let (method, body, done) = request(&change, |user| json!({ "username": user, "group_name": of }), None);
            let work = async move { conductor::send(method, "user-groups/users", &body).await };
            hands.run(work, done, "The group was not changed", again);
        });
        let of = name.clone();
        let tenant = membership(
            hands,
            "tenants/user-groups",
            move |tenant| json!({ "group_name": of, "tenant_name": tenant }),
            again,
        );
        let dn = text(group, "ldap_dn");
        let from_directory = !dn.is_empty();
        let of_users = untrack(|| Allowed {
            add: !from_directory && may("user_group_add_user"),
            role: false,
            remove: !from_directory && may("user_group_remove_user"),
        });
        let of_tenants = untrack(|| Allowed {
            add: may("tenant_add_group"),
            role: may("tenant_update_group"),
            remove: may("tenant_remove_group"),
        });
        let role = group.get("role").cloned().unwrap_or_default();
        let facts = move || {
            view! {
                <Facts row=true facts=vec![
                    Fact::new("Role", draw(Widget::Select(SYSTEM_ROLES), &role)),
                    Fact::new("LDAP group", if dn.is_empty() { "–".into_any() } else { cut(&dn, true) }),
                ]/>
            }
        };
        let (users, tenants) = (named(group.get("users")), in_tenants(group.get("tenants")));
        view! {
            <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=name actions=actions facts=facts>
                <div class="columns">
                    <Members title="Users" kind=Kind::User members=users allowed=of_users
                        consequence="They lose the roles that the group gave them." change=user/>
                    <Members title="Tenants" kind=Kind::Tenant members=tenants of=Role::OF_TENANTS allowed=of_tenants
                        consequence="Its users lose what the role allowed them there." change=tenant/>
                </div>
            </Detail>
        }
        .into_any()
    })
}
