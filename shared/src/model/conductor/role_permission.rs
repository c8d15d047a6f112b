//! Which role holds which permission, a row for each.

use serde::{Deserialize, Serialize};

use super::permission::Permission;
use crate::field::{Column, Field, Widget};
use crate::registry::{Family, Kind, KindInfo, Need};

pub const KIND: KindInfo = KindInfo {
    kind: Kind::RolePermission,
    singular: "permission",
    plural: "Permissions",
    path: "permissions",
    purpose: "A permission lets the people with a role do something; it counts from the moment it is given.",
    fields: &[
        Field::new("permission", "Permission", Widget::Mono).column(Column::Title).sortable().searchable().filterable(),
        Field::new("role", "Role", Widget::Mono).column(Column::Shown).sortable().filterable(),
    ],
    default_sort: "role,permission",
    family: Family::Conductor { path: "permissions", key: "permission" },
    view: Need::Conductor(Permission::Administrators.name()),
    manage: Need::Conductor(Permission::Administrators.name()),
    // The console shows the whole matrix at once.
    nav: None,
    storage: None,
};

/// A permission that a role holds, as the API gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RolePermission {
    pub role: String,
    pub permission: String,
}
