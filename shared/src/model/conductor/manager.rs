//! The nodes that serve the same database.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::permission::Permission;
use crate::field::{Column, Field, Widget};
use crate::registry::{Family, Kind, KindInfo, Need};
use crate::time::Millis;

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Manager,
    singular: "manager",
    plural: "Managers",
    path: "managers",
    purpose: "Managers are the servers that work on the same database.",
    fields: &[
        Field::new("hostname", "Host name", Widget::Mono).column(Column::Title).sortable().searchable().filterable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable().filterable(),
        Field::new("private_ip", "Private address", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("public_ip", "Public address", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("distribution", "System", Widget::Text).column(Column::Shown).sortable().filterable(),
        Field::new("distro_release", "Release", Widget::Text).column(Column::Optional).sortable().filterable(),
        Field::new("binnacle_version", "Version", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("last_seen", "Last seen", Widget::Time).column(Column::Shown).sortable(),
    ],
    default_sort: "id",
    family: Family::Conductor { path: "managers", key: "hostname" },
    view: Need::Conductor(Permission::ManagerGet.name()),
    manage: Need::Conductor(Permission::ManagerManage.name()),
    nav: None,
    storage: None,
};

/// A node, as the API gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Manager {
    pub id: i64,
    pub hostname: String,
    pub private_ip: String,
    pub public_ip: String,
    /// The version of the manager's API that clients find here.
    pub version: String,
    pub edition: String,
    pub distribution: String,
    pub distro_release: String,
    /// When it said last that it is there.
    pub last_seen: Millis,
    pub started_at: Millis,
    /// The version of the program.
    pub binnacle_version: String,
    pub networks: Value,
    pub fs_sync_node_id: Option<String>,
    pub ca_cert_content: Option<String>,
    pub status_report_frequency: Option<i64>,
}

/// A database that is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DbNode {
    pub name: String,
    pub host: String,
    /// Whether it runs on another machine.
    pub is_external: bool,
}

/// Which manager this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Version {
    pub edition: String,
    /// The version of the manager's API that clients find here.
    pub version: String,
    pub build: Option<String>,
    pub date: Option<String>,
    pub commit: Option<String>,
    pub distribution: Option<String>,
    pub distro_release: Option<String>,
    /// The version of the program.
    pub binnacle_version: String,
}

/// What a bootstrap has left for later clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProviderContext {
    pub name: String,
    pub context: Value,
}
