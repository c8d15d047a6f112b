//! Writing and editing scripts. Both go through the legacy API, which is where scripts are made.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::access_group::ROOT;
use binnacle_shared::model::landscape::script::{self, Code, NewScript, Script, ScriptPatch};
use binnacle_shared::rules::TIME_LIMIT_DEFAULT;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::{self, ApiError, legacy, use_load};
use crate::components::{Failed, Note, SkeletonRows};
use crate::route::use_params_map;
use crate::shells::{FormPage, FormSpec, Sent, use_form};
use crate::{json as text_of, paths};

/// The form for a new script.
#[component]
pub fn CreateScript() -> impl IntoView {
    let initial = json!({
        "code": "#!/bin/bash\n",
        "time_limit": TIME_LIMIT_DEFAULT,
        "access_group": ROOT,
    });
    let spec = FormSpec::new(
        Kind::Script,
        script::KIND.fields,
        None,
        initial,
        |body| NewScript::parse(body).err().unwrap_or_default(),
        |body| async move {
            let script = send("CreateScript", &body, &[("script_type", "V2")]).await?;
            Ok(paths::detail(Kind::Script, script.id))
        },
    )
    .sent(Sent::action("CreateScript", |body| pairs(body, &[("script_type", "V2")])))
    .verb("Create script");
    view! {
        <FormPage form=use_form(spec) crumb=(Kind::Script.outline().plural, paths::list(Kind::Script)) title="Create script"/>
    }
}

/// The form for a script that exists.
#[component]
pub fn EditScript() -> impl IntoView {
    let params = use_params_map();
    let script = use_load(
        move || params.with(|params| params.get("id")),
        |id| async move { api::get::<Script>(&format!("scripts/{id}")).await },
    );
    move || {
        match (script.data.get(), script.error.get()) {
        (Some(script), _) => view! { <Edit script=script/> }.into_any(),
        (None, Some(error)) => {
            view! { <Failed page=true title="The script could not be loaded" error=error retry=move |()| script.reload()/> }.into_any()
        }
        (None, None) => script.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
    }
    }
}

#[component]
fn Edit(script: Script) -> impl IntoView {
    let id = script.id;
    let title = format!("Edit {}", script.title);
    let initial = json!({
        "title": script.title,
        "code": Code::join(&script.interpreter, &script.code),
        "time_limit": script.time_limit,
        "username": script.username,
        "access_group": script.access_group,
    });
    let next = script.version_number + 1;
    let spec = FormSpec::new(
        Kind::Script,
        script::KIND.fields,
        Some(id),
        initial,
        |body| ScriptPatch::parse(body).err().unwrap_or_default(),
        move |body| async move {
            let script = send("EditScript", &body, &[("script_id", &id.to_string())]).await?;
            Ok(paths::detail(Kind::Script, script.id))
        },
    )
    .sent(Sent::action("EditScript", move |body| pairs(body, &[("script_id", &id.to_string())])))
    .verb("Save script");
    let profiles = script.script_profiles.len();
    let extra = move |name: &'static str| {
        (name == "code").then(|| {
            let reach = match profiles {
                0 => String::new(),
                1 => " The script profile that uses it runs the new version from then on.".to_owned(),
                n => format!(" The {n} script profiles that use it run the new version from then on."),
            };
            view! { <Note>"Saving other code or another title makes version "{next}"."{reach}</Note> }.into_any()
        })
    };
    view! {
        <FormPage form=use_form(spec) crumb=(Kind::Script.outline().plural, paths::list(Kind::Script)) title=title
            extra=Callback::new(extra)/>
    }
}

async fn send(action: &str, body: &Value, more: &[(&str, &str)]) -> Result<Script, ApiError> {
    legacy::act(action, &legacy::borrow(&pairs(body, more))).await
}

/// The body as the legacy API takes it: a form, with the code in base64.
fn pairs(body: &Value, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> =
        more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in body.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) if name == "code" => base64(text),
            Value::String(text) => text.clone(),
            other => text_of::text(other),
        };
        pairs.push((name.clone(), text));
    }
    pairs
}

/// Base64 of a text's UTF-8. The browser's own `btoa` takes bytes written as characters.
fn base64(text: &str) -> String {
    let bytes: String = text.bytes().map(char::from).collect();
    window().btoa(&bytes).unwrap_or_default()
}
