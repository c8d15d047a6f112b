//! What operations of the Conductor API have in common: the tenant, and the parameters of lists.

use binnacle_shared::Kind;
use binnacle_shared::field::{Field, Widget};
use serde_json::{Value, json};

use crate::api::conductor::caller::TenantFrom;
use crate::api::conductor::query::SIZE_DEFAULT;

fn query(name: &str, about: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": about, "schema": schema})
}

/// A parameter that may be there several times.
fn repeated(name: &str, about: &str, items: &Value) -> Value {
    let mut parameter = query(name, about, &json!({"type": "array", "items": items}));
    parameter["style"] = json!("form");
    parameter["explode"] = json!(true);
    parameter
}

/// The header that names the tenant.
pub fn tenant(from: TenantFrom) -> Option<Value> {
    let required = match from {
        TenantFrom::Header => true,
        TenantFrom::Optional => false,
        TenantFrom::Path | TenantFrom::Body => return None,
    };
    let about = "The tenant that the request is about.";
    let schema = json!({"type": "string", "default": "default_tenant"});
    Some(json!({"name": "Tenant", "in": "header", "description": about, "required": required, "schema": schema}))
}

/// Things go by names.
pub fn path_parameter(name: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}})
}

/// What every list takes.
pub fn list_parameters(kind: Kind) -> Vec<Value> {
    let fields = kind.info().fields;
    let whole = |default: u32| json!({"type": "integer", "format": "int64", "minimum": 0, "default": default});
    let flag = || json!({"type": "boolean", "default": false});
    let names = |wanted: fn(&Field) -> bool| -> Vec<&str> {
        fields.iter().filter(|field| wanted(field)).map(|field| field.name).collect()
    };
    let mut all = vec![
        query("_size", "At most so many rows.", &whole(SIZE_DEFAULT)),
        query("_offset", "Leaves out so many rows at the start.", &whole(0)),
        query("_get_all_results", "Everything, however much that is.", &flag()),
        query("_all_tenants", "Rows of all tenants in which one may list them.", &flag()),
        query("_include", "Only these fields, with commas between them.", &json!({"type": "string"})),
    ];
    let sortable = names(|field| field.list.sortable);
    if !sortable.is_empty() {
        let sorted: Vec<String> = sortable.iter().flat_map(|name| [(*name).to_owned(), format!("-{name}")]).collect();
        let about = "Fields to sort by, in this order, with `-` the other way round.";
        all.push(repeated("_sort", about, &json!({"type": "string", "enum": sorted})));
    }
    let searched = names(|field| field.list.searchable);
    if !searched.is_empty() {
        let about = format!("Keeps the rows that hold this text in: {}.", searched.join(", "));
        all.push(query("_search", &about, &json!({"type": "string"})));
    }
    if fields.iter().any(|field| matches!(field.widget, Widget::Time) && field.list.sortable) {
        let about = "A field and two times, of which one may be missing: `created_at,2026-01-01,`.";
        all.push(repeated("_range", about, &json!({"type": "string"})));
    }
    for field in fields.iter().filter(|field| field.list.filterable) {
        let about = format!("Keeps the rows with one of these values; empty: without any. {}.", field.label);
        all.push(repeated(field.name, &about, &json!({"type": "string"})));
    }
    all
}
