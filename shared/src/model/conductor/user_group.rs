//! User groups: users who have roles together.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields;
use super::permission::Permission;
use super::user::SYSTEM_ROLES;
use crate::field::{Column, Field, FormUse, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};

const GROUP: &str = "User group";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::UserGroup,
    singular: "user group",
    plural: "User groups",
    path: "user-groups",
    purpose: "A user group gives all its users the same roles; with LDAP its users are those of a group there.",
    fields: &[
        Field::new("name", "Name", Widget::Mono)
            .column(Column::Title)
            .sortable()
            .searchable()
            .filterable()
            .rule(fields::name)
            .form(FormUse::required(GROUP).fixed()),
        Field::new("role", "Role", Widget::Select(SYSTEM_ROLES))
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::required(GROUP)),
        Field::new("ldap_dn", "LDAP group", Widget::Mono)
            .help("The distinguished name of the group whose members these are.")
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::optional(GROUP).fixed()),
        Field::new("tenants", "Tenants", Widget::Count).column(Column::Shown),
        Field::new("users", "Users", Widget::Count).column(Column::Shown),
    ],
    default_sort: "name",
    family: Family::Conductor { path: "user-groups", key: "name" },
    view: Need::Conductor(Permission::UserGroupList.name()),
    manage: Need::Conductor(Permission::UserGroupCreate.name()),
    nav: Some(Nav { group: NavGroup::Administration, key: 'o', icon: "group" }),
    storage: None,
};

/// A user group, as the API gives it. Tenants and users are numbers, or with `_get_data` all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserGroup {
    pub name: String,
    pub ldap_dn: Option<String>,
    pub role: String,
    pub tenants: Value,
    pub users: Value,
}
