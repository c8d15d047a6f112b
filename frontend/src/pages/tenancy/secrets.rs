//! Secrets: lists and forms without their values; a value is fetched when somebody asks to see it,
//! and goes away again.

use std::time::Duration;

use binnacle_shared::field::{Field, FormUse, ReferenceBy, Widget};
use binnacle_shared::model::conductor::{fields, secret};
use binnacle_shared::{FieldError, Kind, Problems};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value, json};

use super::common::{
    edit_and_remove, facts, flag, guarded, hands, judge, list, loaded, may, page_of, path_of, taken, text, with_removal,
};
use super::secret_transfer::{Export, Import};
use crate::api::conductor;
use crate::components::{CodeView, CopyButton, Note, Status, Tone};
use crate::paths;
use crate::shells::list::Rows;
use crate::shells::{Detail, Facts, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::Secret;
const REMOVED: &str = "Blueprints that ask for it cannot be deployed any more. This cannot be undone.";
/// How long a value stays on screen.
const SHOWN: Duration = Duration::from_secs(30);

const VALUE: Field = Field::new("value", "Value", Widget::TextArea)
    .help("It is stored encrypted, and shown to those who ask for it, which the audit log notes. Not needed with a provider.")
    .form(FormUse::optional("Secret"));
const HIDDEN: Field = Field::new("is_hidden_value", "Hidden value", Widget::Switch)
    .help("Shown only to whoever made it and to the tenant's administrators.")
    .form(FormUse::optional("Who sees it"));
const VISIBILITY: Field =
    Field::new("visibility", "Visibility", Widget::Select(fields::VISIBILITIES)).form(FormUse::optional("Who sees it"));
const PROVIDER: Field =
    Field::new("provider_name", "Provider", Widget::Reference { kind: Kind::SecretsProvider, by: ReferenceBy::Name })
        .help("Where the value is fetched from, if it is not kept here.")
        .form(FormUse::optional("Kept elsewhere"));
const OPTIONS: Field = Field::new("provider_options", "Options of the provider", Widget::Code)
    .help("A JSON object, such as {\"path\": \"kv/web\"}.")
    .form(FormUse::optional("Kept elsewhere"));

/// What a new one is asked for.
const FIELDS: &[Field] = &[
    Field::new("key", "Key", Widget::Mono)
        .help("By which blueprints ask for it. Begins with a letter.")
        .rule(fields::name)
        .form(FormUse::required("Secret")),
    VALUE,
    VISIBILITY,
    HIDDEN,
    Field::new("schema", "Schema of the value", Widget::Code)
        .help(
            "A JSON schema. The value is checked against it, now and when it is changed; it cannot be changed itself.",
        )
        .form(FormUse::optional("Schema")),
    PROVIDER,
    OPTIONS,
];

/// What can be changed. An empty value is left as it is.
const EDITED: &[Field] = &[
    Field::new("value", "New value", Widget::TextArea)
        .help("Empty: it stays as it is.")
        .form(FormUse::optional("Secret")),
    VISIBILITY,
    HIDDEN,
    PROVIDER,
    OPTIONS,
];

/// `/secrets`
#[component]
pub fn SecretsPage() -> impl IntoView {
    let rows = RwSignal::new(None::<Rows>);
    let (exports, imports) = (RwSignal::new(false), RwSignal::new(false));
    let spec =
        with_removal(list(&secret::KIND), KIND, "secret_delete", REMOVED).create("Create secret", paths::create(KIND));
    let actions = move || {
        view! {
            {may("secret_export").then(|| view! { <button type="button" class="btn" on:click=move |_| exports.set(true)>"Export secrets"</button> })}
            {may("secret_import").then(|| view! { <button type="button" class="btn" on:click=move |_| imports.set(true)>"Import secrets"</button> })}
        }
    };
    let again = Callback::new(move |()| {
        if let Some(rows) = rows.get_untracked() {
            rows.reload();
        }
    });
    view! {
        <ListPage spec=spec actions=actions handle=rows/>
        <Export open=exports/>
        <Import open=imports then=again/>
    }
}

/// JSON that was typed; none if nothing was, or a fault at its place.
fn object(body: &Value, name: &str) -> Result<Option<Value>, FieldError> {
    let given = text(body, name);
    if given.trim().is_empty() {
        return Ok(body.get(name).filter(|value| value.is_object()).cloned());
    }
    let fault = |message: &str| FieldError::new(format!("/{name}"), "format", message);
    match serde_json::from_str(&given) {
        Ok(Value::Object(object)) => Ok(Some(Value::Object(object))),
        Ok(_) => Err(fault("Must be a JSON object, in curly brackets.")),
        Err(error) => Err(fault(&format!("Is not JSON: {error}."))),
    }
}

fn rules(fields: &'static [Field], edits: bool) -> impl Fn(&Value) -> Problems {
    move |body| {
        let mut problems = judge(fields, body, edits);
        for name in ["schema", "provider_options"] {
            if let Err(fault) = object(body, name) {
                problems.push(fault);
            }
        }
        if !edits && text(body, "value").is_empty() && text(body, "provider_name").is_empty() {
            problems.push(FieldError::new("/value", "blank", "Must not be empty, unless a provider keeps the value."));
        }
        problems
    }
}

/// The body as the API takes it. With a schema a value that is JSON is sent as such.
fn sent(body: &Value, shown: bool) -> Value {
    let mut sent = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() && value != "" {
            sent.insert(name.to_owned(), value);
        }
    };
    let schema = object(body, "schema").ok().flatten();
    let value = text(body, "value");
    let typed = schema.as_ref().filter(|schema| schema.get("type").is_none_or(|of| of != "string"));
    let value = typed.and_then(|_| serde_json::from_str(&value).ok()).unwrap_or(Value::String(value));
    put("value", if shown && value != "" { json!("…") } else { value });
    for name in ["visibility", "is_hidden_value", "provider_name"] {
        put(name, body.get(name).cloned().unwrap_or_default());
    }
    put("schema", schema.unwrap_or_default());
    put("provider_options", object(body, "provider_options").ok().flatten().unwrap_or_default());
    Value::Object(sent)
}

/// `/secrets/create`
#[component]
pub fn CreateSecret() -> impl IntoView {
    guarded("secret_create", || {
        let spec = FormSpec::named(
            KIND,
            FIELDS,
            None,
            json!({ "visibility": "tenant", "is_hidden_value": false }),
            rules(FIELDS, false),
            |body| async move {
                let key = text(&body, "key");
                let mut sent = sent(&body, false);
                if sent.get("value").is_none() {
                    sent["value"] = json!("");
                }
                conductor::send(Method::PUT, &path_of(KIND, &key), &sent).await.map_err(taken("/key"))?;
                Ok(page_of(KIND, &key))
            },
        )
        .secret()
        .sent(Sent::conductor("PUT", |body| (path_of(KIND, &text(body, "key")), sent(body, true))))
        .verb("Create secret");
        view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create secret"/> }
    })
}

/// What is known of a secret without its value; reading that is noted in the audit log.
const WITHOUT_VALUE: &str = "?_skip_value=true";

/// `/secrets/database/edit`
#[component]
pub fn EditSecret() -> impl IntoView {
    guarded("secret_update", || {
        loaded(KIND, WITHOUT_VALUE, |secret, _| {
            let key = text(secret, "key");
            let options = secret.get("provider_options").filter(|options| options.is_object()).map(crate::json::pretty);
            let initial = json!({
                "value": "",
                "visibility": secret.get("visibility"),
                "is_hidden_value": secret.get("is_hidden_value"),
                "provider_name": secret.get("provider_name"),
                "provider_options": options,
            });
            let (at, shown, to) = (path_of(KIND, &key), path_of(KIND, &key), key.clone());
            let spec = FormSpec::named(KIND, EDITED, Some(key.clone()), initial, rules(EDITED, true), move |body| {
                let (at, to) = (at.clone(), to.clone());
                async move {
                    conductor::send(Method::PATCH, &at, &sent(&body, false)).await?;
                    Ok(page_of(KIND, &to))
                }
            })
            .secret()
            .sent(Sent::conductor("PATCH", move |body| (shown.clone(), sent(body, true))))
            .verb("Save secret");
            let title = format!("Edit {key}");
            view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title=title/> }
                .into_any()
        })
    })
}

/// `/secrets/database`
#[component]
pub fn SecretPage() -> impl IntoView {
    loaded(KIND, WITHOUT_VALUE, |secret, _| {
        let key = text(secret, "key");
        let removal = hands().remove(KIND, &key, REMOVED, true);
        let actions = edit_and_remove(KIND, &key, ["secret_update", "secret_delete"], removal);
        let hidden = flag(secret, "is_hidden_value");
        let status = move || hidden.then(|| view! { <Status tone=Tone::Off word="Hidden value"/> });
        let facts = facts(&secret::KIND, secret, &["is_hidden_value"]);
        let documents = [("Schema of the value", "schema"), ("Options of the provider", "provider_options")];
        let documents = documents.into_iter().filter_map(|(title, name)| {
            let value = secret.get(name).filter(|value| !value.is_null())?;
            Some(view! { <section class="card" aria-label=title><div class="card-bar top-edge"><h2>{title}</h2></div><CodeView text=crate::json::pretty(value)/></section> })
        });
        let documents = documents.collect_view();
        view! {
            <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=key.clone() actions=actions status=status>
                <div class="columns">
                    {may("secret_get").then(|| view! { <Reveal name=key/> })}
                    <section class="card" aria-label="Facts"><Facts facts=facts/></section>
                    {documents}
                </div>
            </Detail>
        }
        .into_any()
    })
}

/// The value, while somebody looks at it.
#[component]
fn Reveal(name: String) -> impl IntoView {
    let hands = hands();
    let value = RwSignal::new(None::<String>);
    // Which showing a timer belongs to: a second one is not ended by the first one's.
    let turn = StoredValue::new(0_u32);
    let name = StoredValue::new(name);
    let hide = move || {
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        value.set(None);
    };
    let reveal = move || {
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        spawn_local(async move {
            match conductor::get::<Value>(&path_of(KIND, &name.get_value())).await {
                Ok(found) if turn.try_get_value() == Some(mine) => {
                    let found = match found.get("value") {
                        Some(Value::String(text)) => text.clone(),
                        Some(Value::Null) | None => String::new(),
                        Some(other) => crate::json::pretty(other),
                    };
                    value.try_set(Some(found));
                    set_timeout(
                        move || {
                            if turn.try_get_value() == Some(mine) {
                                value.try_set(None);
                            }
                        },
                        SHOWN,
                    );
                }
                Ok(_) => {}
                Err(error) => hands.toasts.failed("The value could not be read", &error),
            }
        });
    };
    let body = move || {
        match value.get() {
        None => view! {
            <p class="muted">"Showing it is noted in the audit log."</p>
            <div><button type="button" class="btn" on:click=move |_| reveal()>"Show value"</button></div>
        }
        .into_any(),
        Some(text) if text.is_empty() => view! {
            <Note>"It is hidden from you: only whoever made it and the tenant's administrators see it."</Note>
            <div><button type="button" class="btn" on:click=move |_| hide()>"Hide value"</button></div>
        }
        .into_any(),
        Some(text) => view! {
            <pre class="sample" tabindex="0" aria-label="Value">{text.clone()}</pre>
            <div class="row"><button type="button" class="btn" on:click=move |_| hide()>"Hide value"</button><CopyButton text=text what="value"/>
                <span class="muted">"It is hidden again after 30 seconds."</span></div>
        }
        .into_any(),
    }
    };
    view! { <section class="card panel stack" aria-label="Value"><h2>"Value"</h2><div class="stack" aria-live="polite">{body}</div></section> }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{object, sent};

    #[test]
    fn a_value_with_a_schema_is_sent_as_what_it_is() {
        let body =
            json!({"key": "a", "value": "{\"n\": 1}", "schema": "{\"type\": \"object\"}", "visibility": "tenant"});
        assert_eq!(sent(&body, false)["value"], json!({"n": 1}));
        let text = json!({"value": "12", "schema": "{\"type\": \"string\"}"});
        assert_eq!(sent(&text, false)["value"], json!("12"));
        assert_eq!(sent(&json!({"value": "12"}), false)["value"], json!("12"));
        assert_eq!(sent(&body, true)["value"], json!("…"));
        assert_eq!(sent(&json!({"value": ""}), true), json!({}));
    }

    #[test]
    fn what_should_be_an_object_has_to_be_one() {
        assert_eq!(object(&json!({"schema": ""}), "schema"), Ok(None));
        assert_eq!(object(&json!({"schema": "[]"}), "schema").unwrap_err().pointer, "/schema");
        assert!(object(&json!({"schema": "{"}), "schema").is_err());
    }
}
