//! Takes secrets along to another manager, and brings them in.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value, json};
use wasm_bindgen_futures::JsFuture;

use super::common::hands;
use crate::api::conductor;
use crate::clock;
use crate::components::dialog::follow;
use crate::components::{Note, Tone, save};
use crate::paths;

/// Shorter passphrases are guessed.
const LEAST: usize = 8;

fn passphrase(value: RwSignal<String>, id: &'static str, help: &'static str) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>"Passphrase"</label>
            <input id=id class="input" type="password" autocomplete="off" aria-describedby=format!("{id}-help")
                prop:value=value on:input:target=move |event| value.set(event.target().value())/>
            <p class="help" id=format!("{id}-help")>{help}</p>
        </div>
    }
}

/// The dialog that saves secrets to a file.
#[component]
pub fn Export(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    follow(dialog, move || open.get());
    let hands = hands();
    let phrase = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None);
    let send = move || {
        if phrase.with_untracked(|phrase| phrase.chars().count() < LEAST) {
            return trouble.set(Some(format!("The passphrase must have at least {LEAST} characters.")));
        }
        trouble.set(None);
        busy.set(true);
        let query = [("_passphrase", phrase.get_untracked()), ("_include_metadata", "true".to_owned())];
        spawn_local(async move {
            let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
            match conductor::get::<Value>(&paths::with_query("secrets/share/export", &query)).await {
                Ok(secrets) => {
                    let day = clock::now().to_string();
                    save(
                        &format!("secrets-{}.json", day.get(..10).unwrap_or_default()),
                        &crate::json::pretty(&secrets),
                    );
                    let count = secrets.as_array().map_or(0, Vec::len);
                    hands.toasts.done(format!("{count} secrets exported"));
                    open.try_set(false);
                }
                Err(error) => hands.toasts.failed("Nothing was exported", &error),
            }
            busy.try_set(false);
            phrase.try_set(String::new());
        });
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="export-title" on:close=move |_| open.set(false)>
            <form on:submit=move |event| { event.prevent_default(); if !busy.get_untracked() { send(); } }>
                <div class="dialog-body">
                    <h2 id="export-title">"Export secrets"</h2>
                    <p>"The secrets of this tenant are saved to a file, encrypted with a passphrase. Values that are hidden from you are left out. The audit log notes it."</p>
                    {passphrase(phrase, "export-passphrase", "At least 8 characters. Whoever imports the file needs it.")}
                    <div aria-live="assertive">{move || trouble.get().map(|text| view! { <Note tone=Tone::Bad>{text}</Note> })}</div>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>"Cancel"</button>
                    <button type="submit" class="btn primary" disabled=move || busy.get()>"Export secrets"</button>
                </div>
            </form>
        </dialog>
    }
}

/// Lines such as `old: new`.
fn tenant_map(text: &str) -> Result<Map<String, Value>, String> {
    let mut map = Map::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (old, new) =
            line.split_once(':').ok_or_else(|| format!("“{line}” must be two names with a colon between."))?;
        map.insert(old.trim().to_owned(), Value::String(new.trim().to_owned()));
    }
    Ok(map)
}

/// What became of an import, in sentences.
fn outcome(answer: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let members = |name: &str| answer.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    for (tenant, keys) in members("colliding_secrets") {
        let keys: Vec<&str> = keys.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        lines.push(format!("There already in {tenant}: {}.", keys.join(", ")));
    }
    for (index, faults) in members("secrets_errors") {
        let faults = faults.as_object().cloned().unwrap_or_default();
        let said: Vec<String> = faults
            .iter()
            .map(|(field, why)| {
                format!("{field}: {}", why.as_str().map_or_else(|| crate::json::text(why), str::to_owned))
            })
            .collect();
        lines.push(format!("Entry {index} was left out: {}.", said.join("; ")));
    }
    lines
}

/// The dialog that brings secrets in from a file.
#[component]
pub fn Import(open: RwSignal<bool>, then: Callback<()>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    follow(dialog, move || open.get());
    let hands = hands();
    let phrase = RwSignal::new(String::new());
    let map = RwSignal::new(String::new());
    let replace = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(Vec::<String>::new());
    let send = move || {
        let chosen = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = chosen else { return trouble.set(vec!["Choose the file that was exported.".to_owned()]) };
        let tenants = match tenant_map(&map.get_untracked()) {
            Ok(tenants) => tenants,
            Err(fault) => return trouble.set(vec![fault]),
        };
        let (phrase_given, override_collisions) = (phrase.get_untracked(), replace.get_untracked());
        busy.set(true);
        trouble.set(Vec::new());
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
            let secrets: Result<Vec<Value>, _> = serde_json::from_str(&text);
            let Ok(secrets) = secrets else {
                busy.try_set(false);
                trouble.try_set(vec!["The file is not a list of secrets as JSON.".to_owned()]);
                return;
            };
            let count = secrets.len();
            let mut body = json!({ "secrets_list": secrets, "override_collisions": override_collisions });
            if !phrase_given.is_empty() {
                body["passphrase"] = json!(phrase_given);
            }
            if !tenants.is_empty() {
                body["tenant_map"] = Value::Object(tenants);
            }
            let answer = conductor::change(gloo_net::http::Method::POST, "secrets/share/import", &body).await;
            busy.try_set(false);
            match answer {
                Ok(answer) => {
                    let lines = outcome(&answer);
                    then.try_run(());
                    if lines.is_empty() {
                        hands.toasts.done(format!("{count} secrets imported"));
                        phrase.try_set(String::new());
                        open.try_set(false);
                    } else {
                        trouble.try_set(lines);
                    }
                }
                Err(error) => {
                    trouble.try_set(vec![error.message]);
                }
            }
        });
    };
    let said = move || {
        let lines = trouble.get();
        (!lines.is_empty()).then(|| {
            let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! { <Note tone=Tone::Wait><ul>{lines}</ul></Note> }
        })
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="import-title" on:close=move |_| open.set(false)>
            <form on:submit=move |event| { event.prevent_default(); if !busy.get_untracked() { send(); } }>
                <div class="dialog-body">
                    <h2 id="import-title">"Import secrets"</h2>
                    <div class="field">
                        <label for="import-file">"File"</label>
                        <input id="import-file" class="input" type="file" accept=".json,application/json" node_ref=input/>
                    </div>
                    {passphrase(phrase, "import-passphrase", "With which the file was exported.")}
                    <div class="field">
                        <label for="import-map">"Tenants "<span class="optional">"optional"</span></label>
                        <textarea id="import-map" class="input mono" rows="3" aria-describedby="import-map-help" prop:value=map
                            on:input:target=move |event| map.set(event.target().value())></textarea>
                        <p class="help" id="import-map-help">"One a line, the old name and the new one: north: south"</p>
                    </div>
                    <label class="check-line"><input type="checkbox" prop:checked=replace on:change:target=move |event| replace.set(event.target().checked())/>
                        "Replace secrets that exist already"</label>
                    <div aria-live="assertive">{said}</div>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>"Close"</button>
                    <button type="submit" class="btn primary" disabled=move || busy.get()>"Import secrets"</button>
                </div>
            </form>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{outcome, tenant_map};

    #[test]
    fn tenants_stand_one_a_line() {
        assert_eq!(tenant_map("a: b\n\n c:d ").map(serde_json::Value::Object), Ok(json!({"a": "b", "c": "d"})));
        assert!(tenant_map("a b").is_err());
    }

    #[test]
    fn what_was_left_out_is_told() {
        let answer =
            json!({"colliding_secrets": {"north": ["a", "b"]}, "secrets_errors": {"3": {"visibility": "wrong"}}});
        assert_eq!(outcome(&answer), ["There already in north: a, b.", "Entry 3 was left out: visibility: wrong."]);
        assert!(outcome(&json!({"colliding_secrets": {}, "secrets_errors": {}})).is_empty());
    }
}
