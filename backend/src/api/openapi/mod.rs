//! The API description: an OpenAPI 3.1 document, drawn from the tables that also make the routers.

mod agents;
mod conductor;
mod legacy;
mod operation;
pub mod page;
mod refusals;
mod schemas;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::PREFIXES;
use super::conductor::PREFIX;
use super::routes::{self, Route};
use page::Asset;
use schemas::Schemas;

/// What stands before the list of operations.
const ABOUT: &str = "\
The HTTP API of Binnacle.

**Prefixes.** Every path below `/api/v2` is served below `/api` as well; `x-also` names the second one.

**Logging in.** `POST /api/v2/login` answers a token for the `Authorization: Bearer` header, and sets the \
cookie of a session. With the cookie alone, what changes something also needs the header `X-CSRF-Token`, whose \
value the same answer holds.

**Bodies** are JSON whatever the content type says. All faults of a body are reported at once, each with a JSON \
pointer in `detail`. In a PATCH, what is left out or null stays as it is, unless the field says otherwise.

**Lists** take `limit`, `offset`, `search` and `sort` and answer a page with the total `count` and links to the \
pages beside it. A parameter by a field's name keeps the rows with that value.

**Permissions** belong to roles; what an operation needs is in `x-permission`. Rows outside of one's access groups \
are as if they were not there: 404.

**The Conductor API** is below `/api/v3.1`. It takes a password with every request, or a token in \
`Authentication-Token`, and the tenant in the header `Tenant`. Its lists take `_size`, `_offset`, `_sort`, \
`_search`, `_range`, `_include` and `_all_tenants`, and answer `items` with `metadata`. Its errors have a stable \
`error_code`.

**Times** are RFC 3339 in UTC.";

/// The whole document.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    for route in routes::table().into_iter().chain(routes::conductor::table()) {
        if !tags.iter().any(|tag| tag["name"] == route.area) {
            tags.push(json!({"name": route.area}));
        }
        let operation = operation::of(&route, &mut schemas);
        add(&mut paths, &listed_path(&route), route.method.as_str(), operation);
    }
    for (path, method, operation) in legacy::operations(&mut schemas).into_iter().chain(agents::operations()) {
        add(&mut paths, path, method, operation);
    }
    tags.push(json!({"name": legacy::AREA, "description": legacy::ABOUT}));
    tags.push(json!({"name": agents::AREA, "description": agents::ABOUT}));
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Binnacle",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": env!("CARGO_PKG_LICENSE")},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {"securitySchemes": security_schemes(), "responses": refusals::components()},
    });
    // Last, since the operations have asked for their schemas by now.
    schemas.finish(&mut document);
    document
}

/// The path under the first prefix of its family.
fn listed_path(route: &Route) -> String {
    let prefix = if route.is_conductor { PREFIX } else { PREFIXES.first().copied().unwrap_or_default() };
    format!("{prefix}{}", route.path)
}

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let entry = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
    if let Some(entry) = entry.as_object_mut() {
        entry.insert(method.to_ascii_lowercase(), operation);
    }
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The `token` of the answer to a login.",
        },
        "basic": {"type": "http", "scheme": "basic", "description": "User name and password, for `/api/v3.1`."},
        "api_token": {
            "type": "apiKey", "in": "header", "name": "Authentication-Token",
            "description": "A token that `POST /api/v3.1/tokens` made, for `/api/v3.1`.",
        },
        "session": {
            "type": "apiKey", "in": "cookie", "name": crate::auth::session::COOKIE,
            "description": "The cookie that a login sets.",
        },
        "csrf": {
            "type": "apiKey", "in": "header", "name": crate::auth::session::CSRF_HEADER,
            "description": "The `csrf_token` of the answer to a login. Goes with the cookie where something changes.",
        },
        "signature": {
            "type": "apiKey", "in": "query", "name": "signature",
            "description": "HMAC-SHA256 of the request with the secret of an access key, in base64. Goes with \
                `access_key_id`, `signature_method` (`HmacSHA256`), `signature_version` (`2`) and `timestamp` \
                or `expires`.",
        },
    })
}

/// The document as a file.
fn file() -> &'static Asset {
    static FILE: OnceLock<Asset> = OnceLock::new();
    FILE.get_or_init(|| Asset::new("application/json", document().to_string().into_bytes()))
}

/// `GET openapi.json`
pub async fn description(headers: HeaderMap) -> Response {
    file().answer(&headers)
}
