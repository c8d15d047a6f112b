//! The agents' two addresses. Their notation is no JSON, so only the frame is described.

use serde_json::{Value, json};

pub const AREA: &str = "Agents";
pub const ABOUT: &str = "What agents on managed computers speak: the landscape-client message protocol. An agent \
    proves itself by its secure id; nothing here has to do with people's logins.";

const BPICKLE: &str = "application/octet-stream";

/// Path, method and operation.
pub fn operations() -> Vec<(&'static str, &'static str, Value)> {
    let exchange = json!({
        "operationId": "exchange_messages",
        "tags": [AREA],
        "summary": "Exchanges messages between an agent and the server",
        "description": "Body and answer are dictionaries in bpickle, a notation of tagged values. Messages of both \
            sides are numbered; each side says which number it expects next, and what was not confirmed is sent again.",
        "parameters": [
            header("X-Computer-ID", "The secure id that the server gave; absent before the first registration."),
            header("X-Exchange-Token", "The token of the exchange before."),
            header("X-Message-API", "The version of the message protocol, such as `3.3`."),
        ],
        "requestBody": {"required": true, "content": {BPICKLE: {"schema": {"type": "string", "format": "binary"}}}},
        "responses": {
            "200": answer("The server's messages."),
            "400": refusal("The body is not bpickle, or not a payload of this protocol."),
            "413": refusal("The body is too large."),
            "503": refusal("The server is busy; send the same again."),
        },
        "security": [],
    });
    let ping = json!({
        "operationId": "ping",
        "tags": [AREA],
        "summary": "Asks whether messages wait for an agent",
        "description": "Needs no secret: the insecure id tells nobody anything but that something waits.",
        "requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {"schema": {
            "type": "object",
            "properties": {
                "insecure_id": {"type": "string", "description": "The id that the server gave for pings."},
                "wait": {
                    "type": "integer", "minimum": 0,
                    "description": "Holds the answer so many seconds, or until something waits; at most 30.",
                },
            },
        }}}},
        "responses": {
            "200": answer("A dictionary in bpickle, with `messages` true when something waits."),
            "413": refusal("The body is too large."),
            "415": refusal("The body is not a form."),
            "503": refusal("The server is busy; ask again."),
        },
        "security": [],
    });
    vec![("/message-system", "post", exchange), ("/ping", "post", ping)]
}

fn header(name: &str, about: &str) -> Value {
    json!({"name": name, "in": "header", "description": about, "schema": {"type": "string"}})
}

fn answer(about: &str) -> Value {
    json!({"description": about, "content": {BPICKLE: {"schema": {"type": "string", "format": "binary"}}}})
}

fn refusal(about: &str) -> Value {
    json!({"description": about, "content": {"text/plain": {"schema": {"type": "string"}}}})
}
