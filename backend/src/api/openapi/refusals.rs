//! The answers of refused requests, by status, in the shape of each family.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// Statuses of refusals and what they mean.
const REFUSALS: &[(u16, &str)] = &[
    (400, "The request is not as it should be; `detail` says where."),
    (401, "Nobody is logged in, or the token or session is no longer good."),
    (403, "The caller's role lacks the permission, or the CSRF token is missing."),
    (404, "It does not exist, or the caller does not see it."),
    (409, "Something in the way: a name that is taken, or a state that does not fit."),
    (405, "The method is not allowed here."),
    (413, "The body is too large."),
    (415, "The body is not said to be `application/json`."),
    (422, "A value cannot be used; `detail` says which."),
    (429, "Too many tries; `Retry-After` says when to come again."),
    (500, "Something does not work."),
    (501, "This part is not there."),
    (503, "The server is busy; `Retry-After` says when to come again."),
];

/// The shape of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Landscape,
    Legacy,
    Conductor,
}

impl Shape {
    fn prefix(self) -> &'static str {
        match self {
            Self::Landscape => "Refused",
            Self::Legacy => "LegacyRefused",
            Self::Conductor => "ConductorRefused",
        }
    }
}

/// References to the answers of these statuses.
pub fn answers(statuses: impl IntoIterator<Item = u16>, shape: Shape) -> Map<String, Value> {
    let reference = |status| json!({"$ref": format!("#/components/responses/{}{status}", shape.prefix())});
    statuses.into_iter().map(|status| (status.to_string(), reference(status))).collect()
}

/// The answers that [`answers`] refers to.
pub fn components() -> Value {
    let mut all = Map::new();
    for shape in [Shape::Landscape, Shape::Legacy, Shape::Conductor] {
        for (status, about) in REFUSALS {
            all.insert(format!("{}{status}", shape.prefix()), component(*status, about, shape));
        }
    }
    Value::Object(all)
}

/// What cannot be used, as the audit log says it: it is a service of its own for clients.
fn unprocessable() -> Value {
    let fault = json!({
        "type": "object",
        "required": ["loc", "msg", "type"],
        "properties": {
            "loc": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "The way to the value."},
            "msg": {"type": "string", "description": "One sentence for a person."},
            "type": {"type": "string", "description": "A stable word for programs."},
        },
    });
    json!({
        "type": "object",
        "required": ["detail"],
        "properties": {"detail": {"type": "array", "items": fault}},
    })
}

/// Where something is not there at all, the Conductor API says so in plain text.
fn of_conductor(status: u16, reason: &str, about: &str) -> Value {
    let usual = json!({
        "type": "object",
        "required": ["message", "error_code"],
        "properties": {
            "message": {"type": "string", "description": "For a person."},
            "error_code": {"type": "string", "description": "A stable name for programs."},
            "server_traceback": {"type": ["string", "null"]},
            "detail": {
                "type": ["array", "string"],
                "description": "Each fault by its place in the body; of the audit log also a sentence.",
            },
        },
    });
    let schema = if status == 422 { unprocessable() } else { usual };
    json!({"description": format!("{reason}. {about}"), "content": {"application/json": {"schema": schema}}})
}

fn component(status: u16, about: &str, shape: Shape) -> Value {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    if shape == Shape::Conductor {
        return of_conductor(status, reason, about);
    }
    let faults = json!({
        "type": ["array", "null"],
        "description": "Each fault by its place in the body or its parameter.",
        "items": {
            "type": "object",
            "required": ["pointer", "code", "message"],
            "properties": {
                "pointer": {"type": "string", "description": "JSON pointer; empty for the whole."},
                "code": {"type": "string", "description": "A stable word for programs."},
                "message": {"type": "string", "description": "One sentence for a person."},
            },
        },
    });
    let mut required = vec!["error", "message"];
    let mut properties = json!({
        "error": {"type": "string", "description": "A stable name for programs."},
        "message": {"type": "string", "description": "For a person."},
        "detail": faults,
    });
    if shape == Shape::Landscape {
        required.extend(["detail", "code"]);
        properties["code"] = json!({"const": status});
    } else {
        properties["errors"] = json!({
            "type": "array",
            "description": "Of a MultiError: what each of several faults is by itself.",
            "items": {
                "type": "object",
                "required": ["error", "message"],
                "properties": {"error": {"type": "string"}, "message": {"type": "string"}},
            },
        });
    }
    let schema = json!({"type": "object", "required": required, "properties": properties});
    let mut answer =
        json!({"description": format!("{reason}. {about}"), "content": {"application/json": {"schema": schema}}});
    if matches!(status, 429 | 503) {
        let header = json!({"description": "Seconds to wait.", "schema": {"type": "integer"}});
        answer["headers"] = json!({"Retry-After": header});
    }
    answer
}
