//! The account's settings: its title, and how computers join it.

use binnacle_shared::field::{Field, FormUse, Widget};
use binnacle_shared::rules;
use binnacle_shared::{Kind, Problems};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::{self, use_load};
use crate::components::{Failed, SkeletonRows, use_toasts};
use crate::paths;
use crate::shells::{FormPage, FormSpec, Sent, use_form};

const FIELDS: &[Field] = &[
    Field::new("title", "Title", Widget::Text)
        .help("What this account is called, for the people in it.")
        .form(FormUse::required("Account")),
    Field::new("registration_password", "Registration key", Widget::Mono)
        .help("3 to 50 characters. Agents that give it join the account; empty takes it away.")
        .form(FormUse::optional("How computers join")),
    Field::new("auto_register_new_computers", "Accept computers with the right key at once", Widget::Switch)
        .help("Otherwise every computer waits until somebody accepts it.")
        .form(FormUse::optional("How computers join")),
];

/// `/settings`
#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = use_load(|| Some(()), |()| async { api::get::<Value>("preferences").await });
    move || {
        match (settings.data.get(), settings.error.get()) {
        (Some(settings), _) => edit(&settings),
        (None, Some(error)) => {
            view! { <Failed page=true title="The settings could not be loaded" error=error retry=move |()| settings.reload()/> }.into_any()
        }
        (None, None) => settings.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    }
    }
}

fn edit(settings: &Value) -> AnyView {
    let toasts = use_toasts();
    let initial: Value = FIELDS.iter().map(|field| (field.name, settings.get(field.name).cloned())).collect();
    let spec = FormSpec::new(Kind::Computer, FIELDS, Some(0), initial, judge, move |body| async move {
        let _: Value = api::patch("preferences", &whole(body)).await?;
        toasts.done("Settings saved");
        Ok(paths::list(Kind::Computer))
    })
    // The key is not for this browser to keep.
    .secret()
    .sent(Sent::json("PATCH", "preferences"))
    .cancel(paths::HOME)
    .verb("Save settings");
    view! { <FormPage form=use_form(spec) crumb=("Computers", paths::HOME.to_owned()) title="Settings"/> }.into_any()
}

/// An empty key is no key.
fn whole(mut body: Value) -> Value {
    if let Value::Object(object) = &mut body {
        let key = object.get("registration_password").and_then(Value::as_str).unwrap_or_default();
        if key.is_empty() {
            object.insert("registration_password".to_owned(), json!(null));
        }
    }
    body
}

/// The rest only the server knows.
fn judge(body: &Value) -> Problems {
    let mut problems = Problems::default();
    let title = body.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Err(violation) = rules::title(title) {
        problems.push(violation.at("/title".to_owned()));
    }
    problems
}
