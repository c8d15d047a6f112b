//! Secrets providers: where values are fetched from that are kept elsewhere.

use binnacle_shared::field::{Choice, Field, FormUse, Widget};
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::secrets_provider::{self, TYPES};
use binnacle_shared::{FieldError, Kind, Problems};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::common::{
    edit_and_remove, facts, first_fault, guarded, hands, judge, list, loaded, may, only, page_of, path, path_of, taken,
    text, with_removal,
};
use crate::api::conductor;
use crate::components::{Note, Tone};
use crate::paths;
use crate::shells::list::draw;
use crate::shells::{Detail, Fact, Facts, Form, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::SecretsProvider;
const REMOVED: &str = "Values that are fetched from it cannot be read any more. This cannot be undone.";
const CONNECTION: &str = "Connection";
const PARAMETERS: &str = "connection_parameters/";
const VAULT: &[&str] = &["vault"];
const MANAGER: &[&str] = &["cloudify"];
const PROTOCOLS: &[Choice] =
    &[Choice { value: "https", label: "https", help: "" }, Choice { value: "http", label: "http", help: "" }];

const FIELDS: &[Field] = &[
    Field::new("name", "Name", Widget::Mono)
        .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
        .rule(fields::name)
        .form(FormUse::required("Secrets provider").fixed()),
    Field::new("type", "Type", Widget::Cards(TYPES)).form(FormUse::required("Secrets provider")),
    Field::new("visibility", "Visibility", Widget::Select(fields::VISIBILITIES))
        .form(FormUse::optional("Secrets provider")),
    Field::new("connection_parameters/url", "Address", Widget::Text)
        .help("Such as https://vault.example:8200.")
        .form(FormUse::required(CONNECTION).when("type", VAULT)),
    Field::new("connection_parameters/token", "Token", Widget::Password)
        .help("It is stored encrypted.")
        .form(FormUse::required(CONNECTION).when("type", VAULT)),
    Field::new("connection_parameters/path", "Path", Widget::Mono)
        .help("Of the key-value engine and the folder in it, such as kv/web.")
        .form(FormUse::optional(CONNECTION).when("type", VAULT)),
    Field::new("connection_parameters/host", "Host", Widget::Text)
        .help("Name or address, without port.")
        .form(FormUse::required(CONNECTION).when("type", MANAGER)),
    Field::new("connection_parameters/protocol", "Protocol", Widget::Select(PROTOCOLS))
        .form(FormUse::optional(CONNECTION).when("type", MANAGER).half()),
    Field::new("connection_parameters/port", "Port", Widget::Number { unit: "", min: 1, max: 65_535 })
        .form(FormUse::optional(CONNECTION).when("type", MANAGER).half()),
    Field::new("connection_parameters/tenant", "Tenant", Widget::Mono)
        .form(FormUse::optional(CONNECTION).when("type", MANAGER)),
    Field::new("connection_parameters/username", "User name", Widget::Mono)
        .form(FormUse::required(CONNECTION).when("type", MANAGER)),
    Field::new("connection_parameters/password", "Password", Widget::Password)
        .help("It is stored encrypted.")
        .form(FormUse::required(CONNECTION).when("type", MANAGER)),
];

/// `/secrets-providers`
#[component]
pub fn ProvidersPage() -> impl IntoView {
    let spec = with_removal(list(&secrets_provider::KIND), KIND, "secrets_provider_delete", REMOVED)
        .create("Create secrets provider", paths::create(KIND));
    view! { <ListPage spec=spec/> }
}

/// What applies and is required has to be there.
fn rules(edits: bool) -> impl Fn(&Value) -> Problems {
    move |body| {
        let mut problems = judge(FIELDS, body, edits);
        let of = text(body, "type");
        let missing = |field: &&Field| {
            let form = field.form.filter(|form| form.required);
            let applies = form.and_then(|form| form.shown_when).is_some_and(|when| when.one_of.contains(&of.as_str()));
            let value = body.pointer(&field.pointer()).and_then(Value::as_str).unwrap_or_default();
            applies && value.trim().is_empty()
        };
        for field in FIELDS.iter().filter(missing) {
            problems.push(FieldError::new(field.pointer(), "required", "Is required."));
        }
        problems
    }
}

/// The body as the API takes it, or as others may see it.
fn sent(body: &Value, shown: bool) -> Value {
    let mut sent = only(body, &["name", "type", "visibility", "connection_parameters"]);
    if let Some(Value::Object(parameters)) = sent.get_mut("connection_parameters") {
        parameters.retain(|_, value| *value != "");
        for secret in ["token", "password"] {
            if shown && parameters.contains_key(secret) {
                parameters.insert(secret.to_owned(), json!("…"));
            }
        }
    }
    sent
}

/// Asks the provider whether it answers.
#[component]
fn Test(form: Form) -> impl IntoView {
    let busy = RwSignal::new(false);
    let said = RwSignal::new(None::<Result<(), String>>);
    let test = move || {
        let faults = form.problems.with_untracked(|problems| first_fault(FIELDS, problems));
        if let Some(fault) = faults {
            return said.set(Some(Err(fault)));
        }
        let mut body = sent(&form.body.get_untracked(), false);
        body["test"] = json!(true);
        busy.set(true);
        said.set(None);
        spawn_local(async move {
            let answer = conductor::send(Method::PUT, path(KIND), &body).await;
            busy.try_set(false);
            said.try_set(Some(answer.map(drop).map_err(|error| error.message)));
        });
    };
    view! {
        <section class="card panel stack">
            <h2>"Test"</h2>
            <p class="help">"Tries what was entered, and keeps nothing."</p>
            <div><button type="button" class="btn" disabled=move || busy.get() on:click=move |_| test()>"Test connection"</button></div>
            <div aria-live="polite">{move || said.get().map(|said| match said {
                Ok(()) => view! { <Note tone=Tone::Ok>"It answers."</Note> },
                Err(message) => view! { <Note tone=Tone::Bad>{message}</Note> },
            })}</div>
        </section>
    }
}

/// `/secrets-providers/create`
#[component]
pub fn CreateProvider() -> impl IntoView {
    guarded("secrets_provider_create", || {
        let spec = FormSpec::named(
            KIND,
            FIELDS,
            None,
            json!({ "type": "vault", "visibility": "tenant", "connection_parameters": { "protocol": "https" } }),
            rules(false),
            |body| async move {
                conductor::send(Method::PUT, path(KIND), &sent(&body, false)).await.map_err(taken("/name"))?;
                Ok(page_of(KIND, &text(&body, "name")))
            },
        )
        .secret()
        .sent(Sent::conductor("PUT", |body| (path(KIND).to_owned(), sent(body, true))))
        .verb("Create secrets provider");
        let form = use_form(spec);
        let side = move || view! { <Test form=form/> };
        view! { <FormPage form=form crumb=(KIND.outline().plural, paths::list(KIND)) title="Create secrets provider" side=side/> }
    })
}

/// `/secrets-providers/vault/edit`
#[component]
pub fn EditProvider() -> impl IntoView {
    guarded("secrets_provider_update", || {
        loaded(KIND, "", |provider, _| {
            let name = text(provider, "name");
            let (at, shown, to, named) = (path_of(KIND, &name), path_of(KIND, &name), name.clone(), name.clone());
            let mut initial = only(provider, &["name", "type", "visibility", "connection_parameters"]);
            // What is not given again is asked for again.
            if let Some(Value::Object(parameters)) = initial.get_mut("connection_parameters") {
                parameters.retain(|_, value| value.as_str().is_none_or(|text| !text.starts_with("****")));
            }
            let spec = FormSpec::named(KIND, FIELDS, Some(name.clone()), initial, rules(true), move |body| {
                let (at, to) = (at.clone(), to.clone());
                async move {
                    conductor::send(Method::PATCH, &at, &sent(&body, false)).await?;
                    Ok(page_of(KIND, &to))
                }
            })
            .secret()
            .sent(Sent::conductor("PATCH", move |body| (shown.clone(), sent(body, true))))
            .verb("Save secrets provider");
            let form = use_form(spec);
            let title = format!("Edit {named}");
            let side = move || view! { <Test form=form/> };
            view! { <FormPage form=form crumb=(KIND.outline().plural, paths::list(KIND)) title=title side=side/> }
                .into_any()
        })
    })
}

/// `/secrets-providers/vault`
#[component]
pub fn ProviderPage() -> impl IntoView {
    loaded(KIND, "", |provider, _| {
        let name = text(provider, "name");
        let hands = hands();
        let removal = hands.remove(KIND, &name, REMOVED, false);
        let buttons = edit_and_remove(KIND, &name, ["secrets_provider_update", "secrets_provider_delete"], removal);
        let tested = StoredValue::new(name.clone());
        let test = move |_| {
            let body = json!({ "name": tested.get_value(), "test": true });
            let work = async move { conductor::send(Method::PUT, path(KIND), &body).await };
            hands.run(work, "It answers", "It does not answer", Callback::new(|()| {}));
        };
        let actions = move || {
            view! {
                {may("secrets_provider_create").then(|| view! { <button type="button" class="btn" on:click=test>"Test connection"</button> })}
                {buttons()}
            }
        };
        let mut facts = facts(&secrets_provider::KIND, provider, &[]);
        // How it is reached, without what opens it.
        for field in FIELDS.iter().filter(|field| !matches!(field.widget, Widget::Password)) {
            if let Some(value) = provider.pointer(&field.pointer()).filter(|_| field.name.starts_with(PARAMETERS)) {
                facts.push(Fact::new(field.label, draw(field.widget, value)));
            }
        }
        view! {
            <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=name actions=actions>
                <section class="card" aria-label="Facts"><Facts facts=facts/></section>
            </Detail>
        }
        .into_any()
    })
}
