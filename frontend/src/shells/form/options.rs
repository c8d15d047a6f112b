//! What a reference can refer to.

use binnacle_shared::Kind;
use binnacle_shared::field::ReferenceBy;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::access_group::AccessGroup;
use binnacle_shared::permission::Permission;
use binnacle_shared::registry::Family;
use serde_json::Value;

use crate::api::{self, ApiError, conductor, legacy};

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is stored.
    pub value: Value,
    /// What it is called.
    pub label: String,
    /// A remark behind it: "version 4, /bin/bash".
    pub detail: String,
}

/// How many are offered at a time; typing finds the others.
const OFFERED: &str = "30";

/// The things of a kind whose name contains `search`.
pub async fn load(kind: Kind, by: ReferenceBy, search: &str) -> Result<Vec<Choice>, ApiError> {
    if kind == Kind::AccessGroup {
        let groups: Vec<AccessGroup> = legacy::read("GetAccessGroups", &[]).await?;
        return Ok(groups.into_iter().map(access_group).collect());
    }
    if let Family::Conductor { path, key } = kind.outline().family {
        let query = [("_search", search), ("_sort", key), ("_size", OFFERED)];
        let found = conductor::list(path, &query).await?;
        return Ok(found.results.iter().filter_map(|row| row.get(key)?.as_str()).map(by_name).collect());
    }
    // Profiles accept v2 scripts only, and other kinds ignore the parameter.
    let query = [("script_type", "v2"), ("search", search), ("sort", "title"), ("limit", OFFERED)];
    let found: Envelope<Value> = api::list(kind.outline().path, &query).await?;
    Ok(found.results.iter().map(|row| of_row(row, by)).collect())
}

/// The name of what is already chosen.
pub async fn find(kind: Kind, by: ReferenceBy, value: &Value) -> Option<Choice> {
    if let (Family::Conductor { .. }, Value::String(name)) = (kind.outline().family, value) {
        return Some(by_name(name));
    }
    match (by, value) {
        (ReferenceBy::Id, Value::Number(id)) => {
            let row: Value = api::get(&format!("{}/{id}", kind.outline().path)).await.ok()?;
            Some(of_row(&row, by))
        }
        _ => load(kind, by, "").await.ok()?.into_iter().find(|choice| choice.value == *value),
    }
}

/// Whether several of a few known values are chosen under this name, not words made up.
pub const fn closed(name: &str) -> bool {
    matches!(name.as_bytes(), b"permissions" | b"access_groups" | b"roles")
}

/// What can be chosen under such a name.
pub async fn of_closed(name: &str) -> Result<Vec<Choice>, ApiError> {
    match name {
        "permissions" => Ok(Permission::ALL
            .iter()
            .map(|permission| Choice {
                value: Value::String(permission.name().to_owned()),
                label: permission.title().to_owned(),
                detail: if permission.is_global() { "for the whole account".to_owned() } else { String::new() },
            })
            .collect()),
        "access_groups" => load(Kind::AccessGroup, ReferenceBy::Name, "").await,
        _ => {
            let found: Envelope<Value> = api::list("roles", &[("sort", "name"), ("limit", "1000")]).await?;
            let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let choice = |row: &Value| Choice {
                value: Value::String(text(row, "name")),
                label: text(row, "name"),
                detail: text(row, "description"),
            };
            Ok(found.results.iter().map(choice).collect())
        }
    }
}

/// The tags in use.
pub async fn tags() -> Vec<String> {
    api::list::<String>("tags", &[]).await.map(|answer| answer.results).unwrap_or_default()
}

/// A thing whose name says all.
fn by_name(name: &str) -> Choice {
    Choice { value: Value::String(name.to_owned()), label: name.to_owned(), detail: String::new() }
}

fn access_group(group: AccessGroup) -> Choice {
    let detail = if group.parent.is_empty() { "all computers".to_owned() } else { format!("below {}", group.parent) };
    Choice { value: Value::String(group.name), label: group.title, detail }
}

fn of_row(row: &Value, by: ReferenceBy) -> Choice {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let stored = match by {
        ReferenceBy::Id => row.get("id"),
        ReferenceBy::Name => row.get("name"),
    };
    let version = row.get("version_number").and_then(Value::as_i64).map(|n| format!("version {n}"));
    let interpreter = row.get("interpreter").and_then(Value::as_str).map(str::to_owned);
    let detail: Vec<String> = version.into_iter().chain(interpreter).collect();
    Choice { value: stored.cloned().unwrap_or_default(), label: text("title"), detail: detail.join(", ") }
}
