//! The audit log: who changed what, when and from where.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::permission::Permission;
use crate::field::{Choice, Column, Field, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::NaiveMillis;

/// What was done.
pub const OPERATIONS: &[Choice] = &[
    Choice { value: "create", label: "Created", help: "" },
    Choice { value: "update", label: "Changed", help: "" },
    Choice { value: "delete", label: "Removed", help: "" },
    Choice { value: "read", label: "Read", help: "" },
];

pub const KIND: KindInfo = KindInfo {
    kind: Kind::AuditEntry,
    singular: "audit entry",
    plural: "Audit log",
    path: "audit",
    purpose: "The audit log says who changed what, when and from where.",
    fields: &[
        Field::new("id", "ID", Widget::Mono).column(Column::Title).sortable().filterable(),
        Field::new("created_at", "Time", Widget::Time).column(Column::Shown).sortable(),
        Field::new("creator_name", "User", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("operation", "Action", Widget::Select(OPERATIONS)).column(Column::Shown).sortable().filterable(),
        Field::new("ref_table", "Table", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("ref_id", "Number", Widget::Mono).column(Column::Optional).filterable(),
        Field::new("tenant_name", "Tenant", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("address", "From", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("execution_id", "Execution", Widget::Mono).column(Column::Optional).filterable(),
    ],
    default_sort: "-id",
    family: Family::Conductor { path: "audit", key: "id" },
    view: Need::Conductor(Permission::AuditLogView.name()),
    manage: Need::Conductor(Permission::AuditLogTruncate.name()),
    nav: Some(Nav { group: NavGroup::Administration, key: 'y', icon: "audit" }),
    storage: None,
};

/// One change. Secrets stand in `before` and `after` as asterisks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    pub id: i64,
    /// What was changed: the table, and the row in it.
    pub ref_table: String,
    pub ref_id: i64,
    /// By what the row is known.
    pub ref_identifier: Value,
    pub operation: String,
    pub creator_name: Option<String>,
    pub execution_id: Option<String>,
    pub created_at: NaiveMillis,
    pub tenant_name: Option<String>,
    /// From where the request came.
    pub address: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}
