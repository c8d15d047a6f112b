//! Tenants: parts of the manager that see nothing of each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields;
use super::permission::Permission;
use crate::field::{Column, Field, FormUse, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};

const GROUP: &str = "Tenant";

/// The tenant that is there from the start.
pub const DEFAULT: &str = "default_tenant";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Tenant,
    singular: "tenant",
    plural: "Tenants",
    path: "tenants",
    purpose: "A tenant holds blueprints, deployments, secrets and sites of its own; other tenants see nothing of them.",
    fields: &[
        Field::new("name", "Name", Widget::Mono)
            .column(Column::Title)
            .sortable()
            .searchable()
            .filterable()
            .rule(fields::name)
            .form(FormUse::required(GROUP).fixed()),
        Field::new("users", "Users", Widget::Count).column(Column::Shown),
        Field::new("groups", "User groups", Widget::Count).column(Column::Shown),
    ],
    default_sort: "name",
    family: Family::Conductor { path: "tenants", key: "name" },
    view: Need::Conductor(Permission::TenantList.name()),
    manage: Need::Conductor(Permission::TenantCreate.name()),
    nav: Some(Nav { group: NavGroup::Administration, key: 't', icon: "tenant" }),
    storage: None,
};

/// A tenant, as the API gives it. Its members are numbers, or with `_get_data` all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tenant {
    pub name: String,
    pub users: Value,
    pub groups: Value,
    /// Who is a member of their own, and who by which group; only with `_get_data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_roles: Option<Value>,
    /// The broker's credentials; only where `_include` names them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", flatten, default)]
    pub broker: BTreeMap<String, Value>,
}
