//! The form's request as one would type it elsewhere.

use leptos::prelude::*;

use super::state::Form;
use crate::components::CopyButton;

/// A panel with the request as curl and as Python.
#[component]
pub fn SameRequest(
    form: Form,
    /// `POST`, `PATCH`, …
    method: &'static str,
    /// Without prefix: `script-profiles`.
    #[prop(into)]
    path: String,
) -> impl IntoView {
    let python = RwSignal::new(false);
    let origin = window().location().origin().unwrap_or_default();
    let mut url = path;
    url.insert_str(0, &format!("{origin}{}", crate::api::client::BASE));
    let text = Signal::derive(move || {
        let body = form.body.get();
        if python.get() { as_python(method, &url, &body) } else { as_curl(method, &url, &body) }
    });
    let tab = move |label: &'static str, is_python: bool| {
        view! {
            <button type="button" class="seg-button" aria-pressed=move || (python.get() == is_python).to_string()
                on:click=move |_| python.set(is_python)>{label}</button>
        }
    };
    view! {
        <section class="card panel">
            <h2>"The same request with "<span class="seg-buttons">{tab("curl", false)}{tab("Python", true)}</span><CopyButton text=text what="request"/></h2>
            <pre class="sample" tabindex="0">{move || text.get()}</pre>
        </section>
    }
}

fn as_curl(method: &str, url: &str, body: &serde_json::Value) -> String {
    let json = crate::json::pretty(body).replace('\'', r"'\''");
    format!(
        "curl -X {method} {url} \\\n  -H \"Authorization: Bearer $JWT\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{json}'"
    )
}

fn as_python(method: &str, url: &str, body: &serde_json::Value) -> String {
    // JSON text inside a string: true, false and null need no translation that way.
    let json = crate::json::pretty(body).replace('\\', r"\\").replace("'''", r"\'\'\'");
    let call = method.to_lowercase();
    format!(
        "import json, os, requests\n\nanswer = requests.{call}(\n    \"{url}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['JWT']}}\"}},\n    json=json.loads('''{json}'''),\n)\nanswer.raise_for_status()\nprint(answer.json())"
    )
}
