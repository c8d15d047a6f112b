//! The query API as two operations: all actions by GET, and by POST with each action's own form.

use serde_json::{Map, Value, json};

use super::operation::permission;
use super::refusals::{self, Shape};
use super::schemas::Schemas;
use crate::api::context::Access;
use crate::api::legacy::actions::{ACTIONS, Action, Form, Parameter};
use crate::api::legacy::parameters::VERSIONS;

pub const AREA: &str = "Query API";
pub const ABOUT: &str = "The older API: one address, and the action by its name.";

const PATH: &str = "/api/";

const RULES: &str = "Parameters may stand in the query or in the body; of two with one name that of the body counts. \
    Lists are written `name.1`, `name.2`, …, values by key `name.key`. A request is let in by a signature, a bearer \
    token or a session's cookie. With the cookie alone, a GET changes nothing and a POST needs the header \
    `X-CSRF-Token`.";

/// Path, method and operation.
pub fn operations(schemas: &mut Schemas) -> Vec<(&'static str, &'static str, Value)> {
    let forms: Vec<Value> =
        ACTIONS.iter().map(|action| schemas.named(format!("Action.{}", action.name), form(action))).collect();
    let mapping: Map<String, Value> = ACTIONS
        .iter()
        .map(|action| (action.name.to_owned(), json!(format!("#/components/schemas/Action.{}", action.name))))
        .collect();
    let body = json!({"oneOf": forms, "discriminator": {"propertyName": "action", "mapping": mapping}});
    let mut post = operation("post_action", "Runs an action");
    post["requestBody"] = json!({"required": true, "content": {"application/x-www-form-urlencoded": {"schema": body}}});
    let mut get = operation("get_action", "Runs an action named in the query");
    let names: Vec<&str> = ACTIONS.iter().map(|action| action.name).collect();
    get["parameters"] = json!([
        {"name": "action", "in": "query", "required": true, "schema": {"type": "string", "enum": names}},
        {"name": "version", "in": "query", "required": true, "schema": {"type": "string", "enum": VERSIONS}},
        {
            "name": "parameters", "in": "query", "style": "form", "explode": true,
            "description": "The action's own parameters, as in the form of the POST.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    ]);
    vec![(PATH, "get", get), (PATH, "post", post)]
}

fn operation(id: &str, summary: &str) -> Value {
    let mut responses = refusals::answers([400, 401, 403, 404, 413, 429, 503], Shape::Legacy);
    let answer = json!({"description": "What the action answers.", "content": {"application/json": {"schema": {}}}});
    responses.insert("200".into(), answer);
    json!({
        "operationId": id,
        "tags": [AREA],
        "summary": summary,
        "description": RULES,
        "responses": responses,
        "security": [{"bearer": []}, {"signature": []}, {"session": [], "csrf": []}],
    })
}

/// The form of one action.
fn form(action: &Action) -> Value {
    let mut properties = Map::new();
    properties.insert("action".into(), json!({"const": action.name}));
    properties.insert("version".into(), json!({"type": "string", "enum": VERSIONS}));
    let mut required = vec!["action".to_owned(), "version".to_owned()];
    let mut by_key = Map::new();
    for Parameter { name, form, required: is_required } in action.parameters() {
        let several = |items: Value, about: &str| {
            let pattern = format!("^{}\\.[1-9][0-9]*$", name.replace('.', "\\."));
            (format!("{name}.1"), items, about.to_owned(), Some(pattern))
        };
        let integer = || json!({"type": "integer"});
        let text = || json!({"type": "string"});
        let (key, schema, about, pattern) = match form {
            Form::Text => (name.to_owned(), text(), String::new(), None),
            Form::Integer => (name.to_owned(), integer(), String::new(), None),
            Form::Boolean => (name.to_owned(), json!({"type": "boolean"}), String::new(), None),
            Form::Time => (name.to_owned(), json!({"type": "string", "format": "date-time"}), String::new(), None),
            Form::Data => {
                (name.to_owned(), json!({"type": "string", "contentEncoding": "base64"}), String::new(), None)
            }
            Form::List => several(text(), "The first of several."),
            Form::Integers => several(integer(), "The first of several."),
            Form::Map => {
                by_key.insert(format!("^{}\\..+$", name.replace('.', "\\.")), text());
                continue;
            }
        };
        if let Some(pattern) = pattern {
            by_key.insert(pattern, schema.clone());
        }
        if is_required {
            required.push(key.clone());
        }
        let mut schema = schema;
        if !about.is_empty() {
            schema["description"] = json!(about);
        }
        properties.insert(key, schema);
    }
    let mut form = json!({
        "type": "object",
        "description": format!("{} {}", action.about, permission(action.access)),
        "properties": properties,
        "required": required,
        "x-changes": action.changes,
    });
    if let Access::Needs(permission) = action.access {
        form["x-permission"] = json!(permission.name());
    }
    if !by_key.is_empty() {
        form["patternProperties"] = Value::Object(by_key);
    }
    form
}
