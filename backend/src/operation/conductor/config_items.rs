//! The settings that there are: their values until somebody changes them, and what they may be.

use binnacle_shared::model::conductor::config::ConfigItem;
use serde_json::{Value, json};

use crate::store::conductor::caller::PAGE_SIZE;

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub scope: &'static str,
    pub name: &'static str,
    value: Given,
    kind: Kind,
    /// Others can be changed by force only.
    pub editable: bool,
    pub admin_only: bool,
}

/// The value that a setting has from the start.
#[derive(Clone, Copy, Debug)]
enum Given {
    Number(i64),
    Text(&'static str),
    Flag(bool),
    /// The address of this node.
    Address,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// From and to, both included.
    Number(i64, i64),
    Text,
    Flag,
    OneOf(&'static [&'static str]),
}

const MOST: i64 = i32::MAX as i64;

const fn item(scope: &'static str, name: &'static str, value: Given, kind: Kind) -> Item {
    Item { scope, name, value, kind, editable: true, admin_only: false }
}

const fn number(scope: &'static str, name: &'static str, value: i64, least: i64, most: i64) -> Item {
    item(scope, name, Given::Number(value), Kind::Number(least, most))
}

const fn text(scope: &'static str, name: &'static str) -> Item {
    item(scope, name, Given::Text(""), Kind::Text)
}

impl Item {
    const fn fixed(mut self) -> Self {
        self.editable = false;
        self
    }

    const fn for_administrators(mut self) -> Self {
        self.admin_only = true;
        self
    }
}

/// All settings, by scope and name.
pub const ITEMS: &[Item] = &[
    number("agent", "broker_port", 5671, 1, 65_535),
    number("agent", "heartbeat", 30, 1, MOST),
    item("agent", "log_level", Given::Text("info"), Kind::OneOf(&["critical", "error", "warning", "info", "debug"])),
    number("agent", "max_workers", 5, 1, MOST),
    number("agent", "min_workers", 2, 1, MOST),
    number("mgmtworker", "max_workers", 5, 1, MOST),
    number("mgmtworker", "min_workers", 2, 1, MOST),
    // Minutes; negative: nobody is locked out.
    number("rest", "account_lock_period", -1, -1, MOST),
    number("rest", "blueprint_folder_max_files", 10_000, 0, MOST),
    number("rest", "blueprint_folder_max_size_mb", 50, 0, MOST),
    number(PAGE_SIZE.0, PAGE_SIZE.1, 1000, 1, 1_000_000),
    number("rest", "failed_logins_before_account_lock", 4, 1, MOST),
    text("rest", "file_server_root").fixed(),
    text("rest", "file_server_url").fixed(),
    item("rest", "insecure_endpoints_disabled", Given::Flag(true), Kind::Flag).fixed(),
    text("rest", "log_fetch_password").for_administrators(),
    text("rest", "log_fetch_username").for_administrators(),
    text("rest", "maintenance_folder").fixed(),
    text("rest", "marketplace_api_url"),
    number("rest", "max_concurrent_workflows", 20, 1, 1000),
    number("rest", "min_available_memory_mb", 100, 0, MOST),
    item("rest", "public_ip", Given::Address, Kind::Text).fixed(),
    // -1: for ever.
    number("workflow", "subgraph_retries", 0, -1, MOST),
    number("workflow", "task_retries", 60, -1, MOST),
    number("workflow", "task_retry_interval", 15, 0, MOST),
];

impl Item {
    /// The JSON schema of its values.
    pub fn schema(&self) -> Value {
        match self.kind {
            Kind::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Kind::Text => json!({"type": "string", "maxLength": 4096}),
            Kind::Flag => json!({"type": "boolean"}),
            Kind::OneOf(words) => json!({"type": "string", "enum": words}),
        }
    }

    /// The value that it has until somebody changes it.
    pub fn given(&self, address: Option<&str>) -> Value {
        match self.value {
            Given::Number(number) => json!(number),
            Given::Text(text) => json!(text),
            Given::Flag(flag) => json!(flag),
            Given::Address => json!(address.unwrap_or_default()),
        }
    }

    /// The setting as the API gives it, with the value that it has from the start.
    pub fn unchanged(&self, address: Option<&str>) -> ConfigItem {
        ConfigItem {
            name: self.name.to_owned(),
            value: self.given(address),
            schema: Some(self.schema()),
            scope: self.scope.to_owned(),
            is_editable: self.editable,
            admin_only: self.admin_only,
            updated_at: None,
            updater_name: None,
        }
    }

    /// `scope.name`: no two are called so.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.scope, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::ITEMS;
    use crate::secrets::schema::{check_json, check_schema};

    #[test]
    fn what_a_setting_is_from_the_start_fits_its_schema() {
        for item in ITEMS {
            let name = item.full_name();
            assert!(check_schema(&item.schema()).is_ok(), "{name}");
            assert!(check_json(&item.schema(), &item.given(Some("10.0.0.1"))).is_ok(), "{name}");
        }
        assert!(ITEMS.is_sorted_by_key(super::Item::full_name), "by scope and name");
    }
}
