//! A row of the route table as an operation.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use binnacle_shared::Kind;
use binnacle_shared::field::{Field, Widget};
use binnacle_shared::list::{LIMIT_DEFAULT, LIMIT_MAX};
use serde_json::{Map, Value, json};

use super::conductor;
use super::refusals::{self, Shape};
use super::schemas::Schemas;
use crate::api::conductor::caller::{Entry, TenantFrom};
use crate::api::context::Access;
use crate::api::routes::Route;
use crate::api::routes::doc::{Content, Parameter};
use crate::api::{BODY_LIMIT, PREFIXES};

/// Describes one row.
pub fn of(route: &Route, schemas: &mut Schemas) -> Value {
    let mut description = vec![permission(route.access)];
    if let Some(body_limit) = route.doc.body.map(|_| BODY_LIMIT / 1024) {
        description.push(format!("Takes at most {body_limit} KiB."));
    }
    let others = PREFIXES.iter().skip(1).filter(|_| !route.is_conductor);
    let also: Vec<String> = others.map(|prefix| format!("{prefix}{}", route.path)).collect();
    let mut operation = json!({
        "operationId": id(route),
        "tags": [route.area],
        "summary": route.doc.about.trim_end_matches('.'),
        "description": description.join(" "),
        "parameters": parameters(route),
        "responses": responses(route, schemas),
        "security": security(route),
        "x-also": also,
    });
    match route.access {
        Access::Needs(permission) => operation["x-permission"] = json!(permission.name()),
        Access::Conductor(Entry { permission: Some(permission), .. }) => {
            operation["x-permission"] = json!(permission.name());
        }
        Access::Public | Access::Session | Access::Conductor(_) => {}
    }
    if let Some(body) = route.doc.body {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schemas.sent(body)}}});
    }
    operation
}

/// `get_script_profiles_id`, `post_script_profiles_id_archive`.
fn id(route: &Route) -> String {
    let family = if route.is_conductor { "/conductor" } else { "" };
    let words = format!("{}{family}{}", route.method.as_str().to_ascii_lowercase(), route.path);
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_")
}

pub(super) fn permission(access: Access) -> String {
    match access {
        Access::Public => "Needs no login.".into(),
        Access::Session | Access::Conductor(Entry { permission: None, .. }) => {
            "Needs a login, with whatever role.".into()
        }
        Access::Conductor(Entry { permission: Some(permission), tenant }) => {
            let place = match tenant {
                TenantFrom::Header => "in the tenant",
                TenantFrom::Optional => "in the tenant, or everywhere",
                TenantFrom::Path | TenantFrom::Body => "in the tenant that is named",
            };
            format!("Needs the permission `{}` {place}.", permission.name())
        }
        Access::Needs(permission) => format!("Needs the permission `{}` ({}).", permission.name(), permission.title()),
    }
}

fn security(route: &Route) -> Value {
    let changes = !matches!(route.method, Method::GET | Method::HEAD);
    match route.access {
        Access::Public => json!([]),
        Access::Conductor(_) if changes => {
            json!([{"basic": []}, {"api_token": []}, {"bearer": []}, {"session": [], "csrf": []}])
        }
        Access::Conductor(_) => json!([{"basic": []}, {"api_token": []}, {"bearer": []}, {"session": []}]),
        _ if changes => json!([{"bearer": []}, {"session": [], "csrf": []}]),
        _ => json!([{"bearer": []}, {"session": []}]),
    }
}

/// The names between braces.
pub fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn parameters(route: &Route) -> Vec<Value> {
    let is_conductor = route.is_conductor;
    let mut all: Vec<Value> = in_path(&route.path)
        .map(|name| if is_conductor { conductor::path_parameter(name) } else { path_parameter(name) })
        .collect();
    if let Access::Conductor(entry) = route.access {
        all.extend(conductor::tenant(entry.tenant));
        all.extend(route.doc.lists.into_iter().flat_map(conductor::list_parameters));
    } else if let Some(kind) = route.doc.lists {
        all.extend(list_parameters(kind));
    }
    for Parameter { name, about, required } in &route.doc.query {
        // A row says more of a parameter than the registry does.
        all.retain(|parameter| parameter["name"] != *name);
        let schema = json!({"type": "string"});
        all.push(json!({"name": name, "in": "query", "description": about, "required": required, "schema": schema}));
    }
    all
}

fn path_parameter(name: &str) -> Value {
    let is_number = name == "id" || name.ends_with("_id") || name.ends_with("_number");
    let schema = if is_number {
        json!({"type": "integer", "format": "int64", "minimum": 1})
    } else {
        json!({"type": "string", "minLength": 1})
    };
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

fn list_parameters(kind: Kind) -> Vec<Value> {
    let fields = kind.info().fields;
    let query = |name: &str, about: String, schema: Value| json!({"name": name, "in": "query", "description": about, "schema": schema});
    let whole = |default: Value| json!({"type": "integer", "format": "int64", "minimum": 0, "default": default});
    let mut all = vec![
        query(
            "limit",
            format!("At most so many rows; more than {LIMIT_MAX} is cut to that."),
            whole(json!(LIMIT_DEFAULT)),
        ),
        query("offset", "Leaves out so many rows at the start.".into(), whole(json!(0))),
    ];
    let labels = |wanted: fn(&Field) -> bool| -> Vec<&str> {
        fields.iter().filter(|field| wanted(field)).map(|field| field.label).collect()
    };
    let searched = labels(|field| field.list.searchable);
    if !searched.is_empty() {
        let about = format!("Keeps the rows that hold these words. Looks into: {}.", searched.join(", "));
        all.push(query("search", about, json!({"type": "string"})));
    }
    let sorted: Vec<String> =
        fields.iter().filter(|f| f.list.sortable).flat_map(|f| [f.name.to_owned(), format!("-{}", f.name)]).collect();
    if !sorted.is_empty() {
        let about =
            format!("Fields to sort by, with `-` the other way round. Default: `{}`.", kind.info().default_sort);
        let items = json!({"type": "array", "items": {"type": "string", "enum": sorted}});
        all.push(joined(query("sort", about, items)));
    }
    for field in fields.iter().filter(|field| field.list.filterable) {
        let about = format!("Keeps the rows with one of these values. {}.", field.label);
        let items = match field.widget {
            Widget::Select(choices) | Widget::Cards(choices) => {
                json!({"type": "string", "enum": choices.iter().map(|choice| choice.value).collect::<Vec<_>>()})
            }
            _ => json!({"type": "string"}),
        };
        all.push(joined(query(field.name, about, json!({"type": "array", "items": items}))));
    }
    all
}

/// Several values of one parameter are joined by commas.
fn joined(mut parameter: Value) -> Value {
    parameter["style"] = json!("form");
    parameter["explode"] = json!(false);
    parameter
}

fn responses(route: &Route, schemas: &mut Schemas) -> Value {
    let mut all = Map::new();
    for answer in &route.doc.answers {
        let content = match answer.content {
            Content::Nothing => None,
            Content::Json(of) => Some(("application/json", schemas.answered(of))),
            Content::Record(kind) => Some(("application/json", schemas.record(kind))),
            Content::Records(kind) => {
                let item = schemas.record(kind);
                Some(("application/json", schemas.named(format!("List_of_{}", kind.name()), page(&item))))
            }
            // What any JSON may be, and events that end only with the activity.
            Content::Other(media_type @ ("application/json" | "text/event-stream")) => Some((media_type, json!({}))),
            Content::Other(media_type) => Some((media_type, json!({"type": "string"}))),
        };
        let reason = StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
        let mut response = json!({"description": reason.unwrap_or("Success")});
        if let Some((media_type, schema)) = content {
            response["content"] = json!({media_type: {"schema": schema}});
        }
        all.insert(answer.status.to_string(), response);
    }
    let is_conductor = route.is_conductor;
    let shape = if is_conductor { Shape::Conductor } else { Shape::Landscape };
    all.extend(refusals::answers(refused(route), shape));
    Value::Object(all)
}

/// A page of things.
fn page(item: &Value) -> Value {
    let link = json!({"type": ["string", "null"]});
    json!({
        "type": "object",
        "required": ["results", "count", "next", "previous"],
        "properties": {
            "results": {"type": "array", "items": item},
            "count": {"type": "integer", "minimum": 0},
            "next": link,
            "previous": link,
        },
    })
}

/// The statuses that follow from the row, and those that it names.
pub fn refused(route: &Route) -> BTreeSet<u16> {
    let mut statuses: BTreeSet<u16> = route.doc.refusals.iter().copied().collect();
    statuses.insert(503);
    if route.doc.body.is_some() {
        statuses.extend([400, 413]);
    }
    if route.doc.lists.is_some() || !route.doc.query.is_empty() {
        statuses.insert(400);
    }
    if in_path(&route.path).next().is_some() {
        statuses.insert(404);
    }
    let changes = !matches!(route.method, Method::GET | Method::HEAD);
    match route.access {
        Access::Public => {}
        Access::Conductor(_) => {
            statuses.extend([400, 401, 403]);
            if route.doc.body.is_some() {
                statuses.insert(415);
            }
        }
        Access::Session if !changes => {
            statuses.insert(401);
        }
        _ => statuses.extend([401, 403]),
    }
    statuses
}
