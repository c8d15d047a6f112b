//! The form's request as one would type it elsewhere.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use super::state::Form;
use crate::components::CopyButton;

/// How a form is sent, for whoever wants to send the same from elsewhere.
#[derive(Clone)]
pub struct Sent {
    method: &'static str,
    /// Without the origin.
    path: String,
    /// Name and value of each part of the body; none: JSON.
    parts: Option<Parts>,
    /// To the Conductor API: the path and body that a form's values are sent with.
    conductor: Option<Place>,
}

/// Path without prefix, and body.
type Place = Arc<dyn Fn(&Value) -> (String, Value) + Send + Sync>;

/// The parts that the legacy API takes for a form's values.
type Parts = Arc<dyn Fn(&Value) -> Vec<(String, String)> + Send + Sync>;

impl Sent {
    /// JSON to the v2 API; the path without prefix: `script-profiles`.
    pub fn json(method: &'static str, path: impl AsRef<str>) -> Self {
        Self { method, path: format!("{}{}", crate::api::client::BASE, path.as_ref()), parts: None, conductor: None }
    }

    /// JSON to the Conductor API, where the path may depend on what was entered.
    pub fn conductor(method: &'static str, place: impl Fn(&Value) -> (String, Value) + Send + Sync + 'static) -> Self {
        Self { method, path: String::new(), parts: None, conductor: Some(Arc::new(place)) }
    }

    /// An action of the legacy API.
    pub fn action(name: &str, parts: impl Fn(&Value) -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        Self { method: "POST", path: crate::api::legacy::url(name), parts: Some(Arc::new(parts)), conductor: None }
    }

    fn text(&self, body: &Value, python: bool) -> String {
        let origin = crate::api::server::origin();
        if let Some(place) = &self.conductor {
            let (path, body) = place(body);
            let url = format!("{origin}{}{path}", crate::api::client::CONDUCTOR);
            let tenant = crate::api::client::tenant().unwrap_or_default();
            return if python {
                as_python(self.method, &url, &body, &conductor_in_python(&tenant))
            } else {
                let who = format!(
                    "-u \"$BINNACLE_USER:$BINNACLE_PASSWORD\" \\\n  -H {}",
                    in_shell(&format!("Tenant: {tenant}"))
                );
                as_curl(self.method, &url, &body, &who)
            };
        }
        let url = format!("{origin}{}", self.path);
        match (&self.parts, python) {
            (None, true) => as_python(self.method, &url, body, BEARER_IN_PYTHON),
            (None, false) => as_curl(self.method, &url, body, BEARER),
            (Some(parts), true) => {
                let lines: Vec<String> = parts(body)
                    .iter()
                    .map(|(name, value)| format!("        {}: {},", in_python(name), in_python(value)))
                    .collect();
                format!(
                    "import os, requests\n\nanswer = requests.post(\n    \"{url}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['JWT']}}\"}},\n    data={{\n{}\n    }},\n)\nanswer.raise_for_status()\nprint(answer.json())",
                    lines.join("\n")
                )
            }
            (Some(parts), false) => {
                let mut lines = String::new();
                for (name, value) in parts(body) {
                    lines.push_str(" \\\n  --data-urlencode ");
                    lines.push_str(&in_shell(&format!("{name}={value}")));
                }
                format!("curl -X POST {} \\\n  -H \"Authorization: Bearer $JWT\"{lines}", in_shell(&url))
            }
        }
    }
}

fn in_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// JSON text of a string is a string of Python as well.
fn in_python(text: &str) -> String {
    crate::json::text(&Value::String(text.to_owned()))
}

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
    same_request(form, Sent::json(method, path))
}

/// The same, for whatever a form is sent with.
pub(super) fn same_request(form: Form, sent: Sent) -> AnyView {
    let python = RwSignal::new(false);
    let text = Signal::derive(move || sent.text(&form.body.get(), python.get()));
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
    .into_any()
}

/// Who asks, for the v2 API.
const BEARER: &str = "-H \"Authorization: Bearer $JWT\"";
const BEARER_IN_PYTHON: &str = "headers={\"Authorization\": f\"Bearer {os.environ['JWT']}\"},";

fn conductor_in_python(tenant: &str) -> String {
    format!(
        "auth=(os.environ[\"BINNACLE_USER\"], os.environ[\"BINNACLE_PASSWORD\"]),\n    headers={{\"Tenant\": {}}},",
        in_python(tenant)
    )
}

fn as_curl(method: &str, url: &str, body: &Value, who: &str) -> String {
    let json = crate::json::pretty(body).replace('\'', r"'\''");
    format!("curl -X {method} {url} \\\n  {who} \\\n  -H \"Content-Type: application/json\" \\\n  -d '{json}'")
}

fn as_python(method: &str, url: &str, body: &Value, who: &str) -> String {
    // JSON text inside a string: true, false and null need no translation that way.
    let json = crate::json::pretty(body).replace('\\', r"\\").replace("'''", r"\'\'\'");
    let call = method.to_lowercase();
    format!(
        "import json, os, requests\n\nanswer = requests.{call}(\n    \"{url}\",\n    {who}\n    json=json.loads('''{json}'''),\n)\nanswer.raise_for_status()\nprint(answer.json())"
    )
}

#[cfg(test)]
mod tests {
    use super::{in_python, in_shell};

    #[test]
    fn quotes_hold_what_they_are_given() {
        assert_eq!(in_shell("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(in_python("say \"so\"\n"), r#""say \"so\"\n""#);
    }
}
