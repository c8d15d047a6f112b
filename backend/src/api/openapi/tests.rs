//! The description is whole: every route, every reference, every status.

use std::collections::BTreeSet;

use insta::{Settings, assert_snapshot};
use serde_json::Value;

use super::{document, listed_path};
use crate::api::legacy::actions::ACTIONS;
use crate::api::{PREFIXES, routes};

fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str, &'a Value)) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                visit(name, inner);
                walk(inner, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, visit)),
        _ => {}
    }
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

#[test]
fn every_route_is_described_under_both_prefixes() {
    let document = document();
    let mut described: BTreeSet<String> =
        operations(&document).into_iter().map(|(path, method, _)| format!("{method} {path}")).collect();
    for route in routes::table() {
        let (path, method) = (listed_path(&route), route.method.as_str().to_ascii_lowercase());
        let operation = &document["paths"][&path][&method];
        assert_eq!(operation["summary"], route.doc.about.trim_end_matches('.'), "{method} {path}");
        let also: Vec<&str> = operation["x-also"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        assert_eq!(also.len() + 1, PREFIXES.len(), "{method} {path}");
        assert!(also.iter().zip(PREFIXES.iter().skip(1)).all(|(p, prefix)| *p == format!("{prefix}{}", route.path)));
        assert!(described.remove(&format!("{method} {path}")));
    }
    for route in routes::conductor::table() {
        let name = format!("{} {}", route.method.as_str().to_ascii_lowercase(), listed_path(&route));
        assert!(described.remove(&name), "{name}");
    }
    let rest: Vec<_> = described.into_iter().collect();
    assert_eq!(rest, ["get /api/", "post /api/", "post /message-system", "post /ping"]);
}

#[test]
fn every_action_has_its_form() {
    let document = document();
    let post = &document["paths"]["/api/"]["post"];
    let forms = &post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["oneOf"];
    assert_eq!(forms.as_array().unwrap().len(), ACTIONS.len());
    for action in ACTIONS {
        let form = &document["components"]["schemas"][format!("Action.{}", action.name)];
        assert_eq!(form["properties"]["action"]["const"], action.name);
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut count = 0;
    walk(&document, &mut |name, value| {
        if let ("$ref", Some(reference)) = (name, value.as_str()) {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} is not in here"));
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
            count += 1;
        }
    });
    assert!(count > 50, "only {count} references");
}

#[test]
fn every_component_is_used_and_well_named() {
    let document = document();
    let mut used = BTreeSet::new();
    walk(&document, &mut |name, value| {
        if name == "$ref" {
            used.extend(value.as_str());
        }
    });
    for (name, _) in document["components"]["schemas"].as_object().unwrap() {
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{name}");
        assert!(used.contains(format!("#/components/schemas/{name}").as_str()), "{name} is used by nobody");
    }
}

/// What only other editions or installations of the Conductor API have.
const MISSING: &[&str] = &[
    "post /api/v3.1/brokers",
    "get /api/v3.1/brokers/{name}",
    "put /api/v3.1/brokers/{name}",
    "delete /api/v3.1/brokers/{name}",
    "post /api/v3.1/managers",
    "put /api/v3.1/managers/{hostname}",
    "post /api/v3.1/contacts",
    "post /api/v3.1/license",
];

#[test]
fn operations_are_whole() {
    let document = document();
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: the id is taken");
        assert!(tags.contains(&&operation["tags"][0]), "{name}");
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        // What other servers of the family have and this one has not, says so with a 404.
        let is_elsewhere = operation["tags"][0] == "Not available" || MISSING.contains(&name.as_str());
        let is_missing = is_elsewhere && operation["responses"]["404"].is_object();
        assert!(is_missing || statuses.iter().any(|status| status.starts_with('2')), "{name}: {statuses:?}");
        let in_path = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path").count();
        assert_eq!(in_path, path.matches('{').count(), "{name}");
    }
}

#[test]
fn the_list_of_operations() {
    let document = document();
    let lines: Vec<String> = operations(&document)
        .into_iter()
        .map(|(path, method, operation)| {
            let statuses: Vec<&str> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            let permission = operation["x-permission"].as_str().unwrap_or("–");
            format!("{:6} {path}  {permission}  {}", method.to_uppercase(), statuses.join(" "))
        })
        .collect();
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| assert_snapshot!("operations", lines.join("\n")));
}
