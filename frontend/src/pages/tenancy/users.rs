//! Users: making them, their password and role, whether they may sign in, where they belong.

use binnacle_shared::field::{Field, FormUse, Widget};
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user::{self, SYSTEM_ROLES};
use binnacle_shared::model::landscape::session::Myself;
use binnacle_shared::{Kind, Problems};
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::common::{
    flag, guarded, hands, judge, list, loaded, may, page_of, path, path_of, taken, text, with_removal,
};
use super::members::{Allowed, Members};
use super::tenants::membership;
use super::user_groups::in_tenants;
use crate::api::{self, conductor, use_load};
use crate::components::{Ask, AskInput, Status, TagList, Tone};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::shells::list::draw;
use crate::shells::{Detail, Fact, Facts, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::User;
const REMOVED: &str = "They cannot sign in any more. Who owns things, or is in a group or tenant, cannot be removed.";

const PASSWORD: Field = Field::new("password", "Password", Widget::Password)
    .help("5 to 256 characters.")
    .rule(user::password)
    .form(FormUse::required("User"));

/// What a new one is asked for.
const FIELDS: &[Field] = &[
    Field::new("username", "User name", Widget::Mono)
        .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
        .rule(fields::name)
        .form(FormUse::required("User")),
    PASSWORD,
    Field::new("role", "Role", Widget::Cards(SYSTEM_ROLES)).form(FormUse::required("User")),
];

/// `/users`
#[component]
pub fn UsersPage() -> impl IntoView {
    let mut spec =
        with_removal(list(&user::KIND), KIND, "user_delete", REMOVED).create("Create user", paths::create(KIND));
    if untrack(|| may("user_set_activated")) {
        for (verb, doing, done, consequence, action) in [
            (
                "Deactivate",
                "Deactivating",
                "deactivated",
                "They cannot sign in until they are activated.",
                "deactivate",
            ),
            ("Activate", "Activating", "activated", "They can sign in again.", "activate"),
        ] {
            let each = move |name: String| async move {
                let path = format!("users/active/{}", paths::escape(&name));
                conductor::send(Method::POST, &path, &json!({ "action": action })).await.map(drop)
            };
            spec = spec.bulk(crate::shells::Bulk::new(verb, doing, done, consequence, each));
        }
    }
    view! { <ListPage spec=spec/> }
}

/// The request as others may see it.
fn without_password(body: &Value) -> Value {
    let mut shown = body.clone();
    if !text(body, "password").is_empty() {
        shown["password"] = json!("…");
    }
    shown
}

fn rules(fields: &'static [Field]) -> impl Fn(&Value) -> Problems {
    move |body| judge(fields, body, false)
}

/// `/users/create`
#[component]
pub fn CreateUser() -> impl IntoView {
    guarded("user_create", || {
        let spec =
            FormSpec::named(KIND, FIELDS, None, json!({ "role": "default" }), rules(FIELDS), |body| async move {
                conductor::send(Method::PUT, path(KIND), &body).await.map_err(taken("/username"))?;
                Ok(page_of(KIND, &text(&body, "username")))
            })
            .secret()
            .sent(Sent::conductor("PUT", |body| (path(KIND).to_owned(), without_password(body))))
            .verb("Create user");
        view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create user"/> }
    })
}

/// `/users/ada/password`
#[component]
pub fn UserPassword() -> impl IntoView {
    guarded("user_update", || {
        const ONLY: &[Field] = &[PASSWORD];
        let name = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
        let (to, at, shown) = (name.clone(), path_of(KIND, &name), path_of(KIND, &name));
        let spec = FormSpec::named(KIND, ONLY, None, json!({}), rules(ONLY), move |body| {
            let (to, at) = (to.clone(), at.clone());
            async move {
                conductor::send(Method::POST, &at, &body).await?;
                Ok(page_of(KIND, &to))
            }
        })
        .secret()
        .sent(Sent::conductor("POST", move |body| (shown.clone(), without_password(body))))
        .cancel(page_of(KIND, &name))
        .verb("Change password");
        let title = format!("Password of {name}");
        view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title=title/> }
    })
}

/// `/users/ada`
#[component]
pub fn UserPage() -> impl IntoView {
    // The name that one signs in with; the session knows only the one that others read.
    let myself = use_load(|| Some(()), |()| async { api::get::<Myself>("person").await });
    loaded(KIND, "?_get_data=true", move |user, again| {
        let name = text(user, "username");
        // Nobody is offered to lock themselves out, not even until it is known who asks.
        let other = memo(move || match myself.data.with(|found| found.as_ref().map(|me| me.identity.clone())) {
            Some(identity) => identity.to_lowercase() != name.to_lowercase(),
            None => myself.error.with(Option::is_some),
        });
        one(user, other, again)
    })
}

fn one(user: &Value, other: Memo<bool>, again: Callback<()>) -> AnyView {
    let hands = hands();
    let name = text(user, "username");
    let (active, locked) = (flag(user, "active"), flag(user, "is_locked"));
    let removal = hands.remove(KIND, &name, REMOVED, true);
    let kept = StoredValue::new(name.clone());
    let act = move |path: String, body: Value, done: &'static str| {
        let work = async move { conductor::send(Method::POST, &path, &body).await };
        hands.run(work, done, "The user was not changed", again);
    };
    let switch = move || {
        let path = format!("users/active/{}", paths::escape(&kept.get_value()));
        if active {
            let yes = move || act(path.clone(), json!({ "action": "deactivate" }), "User deactivated");
            let title = format!("Deactivate user “{}”?", kept.get_value());
            let text = "They are refused until they are activated again. What they made stays.";
            hands.confirm.ask(Ask::new(title, text, "Deactivate user", yes).danger());
        } else {
            act(path, json!({ "action": "activate" }), "User activated");
        }
    };
    let unlock = move || act(format!("users/unlock/{}", paths::escape(&kept.get_value())), json!({}), "User unlocked");
    // The one it has is no change.
    let present = StoredValue::new(text(user, "role"));
    let change_role = move || {
        let yes = move |role: String| act(path_of(KIND, &kept.get_value()), json!({ "role": role }), "Role changed");
        let choices = SYSTEM_ROLES
            .iter()
            .filter(|role| role.value != present.get_value())
            .map(|role| (role.value.to_owned(), role.label.to_owned()))
            .collect();
        let ask = Ask::told("Change the role?", "It holds in every tenant, from now on.", "Change role", yes);
        hands.confirm.ask(ask.input(AskInput::One { label: "Role", choices }));
    };
    let password = format!("{}/password", page_of(KIND, &name));
    let actions = move || {
        let password = password.clone();
        view! {
            {(may("user_delete") && other.get()).then(|| view! {
                <button type="button" class="btn danger" on:click=move |_| removal.run(())><Icon glyph=Glyph::Cross/>"Remove user"</button>
            })}
            {(may("user_set_activated") && other.get()).then(|| view! {
                <button type="button" class="btn" on:click=move |_| switch()>{if active { "Deactivate user" } else { "Activate user" }}</button>
            })}
            {(may("user_unlock") && locked).then(|| view! {
                <button type="button" class="btn" on:click=move |_| unlock()>"Unlock user"</button>
            })}
            {may("user_update").then(|| view! {
                <button type="button" class="btn" on:click=move |_| change_role()><Icon glyph=Glyph::Shield/>"Change role"</button>
                <a class="btn" href=password><Icon glyph=Glyph::Key/>"Change password"</a>
            })}
        }
    };
    let status = move || {
        let (tone, word) = match (active, locked) {
            (false, _) => (Tone::Off, "Deactivated"),
            (true, true) => (Tone::Bad, "Locked"),
            (true, false) => (Tone::Ok, "Active"),
        };
        view! { <Status tone=tone word=word/> }
    };
    let shown = StoredValue::new(user.clone());
    let facts = move || {
        shown.with_value(|user| {
            let time = |name: &str| draw(Widget::Time, user.get(name).unwrap_or(&Value::Null));
            let groups = user.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
            let groups = groups.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            view! {
                <Facts row=true facts=vec![
                    Fact::new("Role", draw(Widget::Select(SYSTEM_ROLES), user.get("role").unwrap_or(&Value::Null))),
                    Fact::new("User groups", view! { <TagList tags=groups/> }),
                    Fact::new("Last sign-in", time("last_login_at")),
                    Fact::new("First sign-in", time("first_login_at")),
                    Fact::new("Created", time("created_at")),
                ]/>
            }
        })
    };
    let of = name.clone();
    let tenant =
        membership(hands, "tenants/users", move |tenant| json!({ "username": of, "tenant_name": tenant }), again);
    let allowed = untrack(|| Allowed {
        add: may("tenant_add_user"),
        role: may("tenant_update_user"),
        remove: may("tenant_remove_user"),
    });
    let tenants = in_tenants(user.get("tenants"));
    view! {
        <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=name status=status actions=actions facts=facts>
            <Members title="Tenants" kind=Kind::Tenant members=tenants of=Role::OF_TENANTS allowed=allowed
                consequence="They lose what the role allowed them there." change=tenant/>
        </Detail>
    }
    .into_any()
}
