//! Users: people, as the Conductor API sees them. They are the administrators of the Landscape
//! API as well.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields;
use super::permission::Permission;
use crate::field::{Choice, Column, Field, FormUse, Widget};
use crate::model::landscape::session::password_within;
use crate::problem::Violation;
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Millis;

const GROUP: &str = "User";

/// Shortest and longest password that this family takes for a user.
pub const PASSWORD_LENGTH: RangeInclusive<usize> = 5..=256;

/// A password that somebody gives a user.
pub fn password(text: String) -> Result<String, Violation> {
    password_within(text, &PASSWORD_LENGTH)
}

/// The roles that hold everywhere.
pub const SYSTEM_ROLES: &[Choice] = &[
    Choice { value: "default", label: "Default", help: "May sign in; what else depends on the tenants." },
    Choice { value: "sys_admin", label: "Administrator", help: "May do everything in every tenant." },
];

pub const KIND: KindInfo = KindInfo {
    kind: Kind::User,
    singular: "user",
    plural: "Users",
    path: "users",
    purpose: "A user signs in to the console and to every API; tenants and roles say what they may do.",
    fields: &[
        Field::new("username", "User name", Widget::Mono)
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
            .form(FormUse::optional(GROUP)),
        Field::new("tenants", "Tenants", Widget::Count).column(Column::Shown),
        Field::new("groups", "User groups", Widget::Count).column(Column::Shown),
        Field::new("active", "Active", Widget::Switch).column(Column::Shown).sortable().filterable(),
        Field::new("is_locked", "Locked", Widget::Switch).column(Column::Optional),
        Field::new("last_login_at", "Last sign-in", Widget::Time).column(Column::Shown).sortable().filterable(),
        Field::new("first_login_at", "First sign-in", Widget::Time).column(Column::Optional).sortable().filterable(),
        fields::created_at(),
    ],
    default_sort: "username",
    family: Family::Conductor { path: "users", key: "username" },
    view: Need::Conductor(Permission::UserList.name()),
    manage: Need::Conductor(Permission::UserCreate.name()),
    nav: Some(Nav { group: NavGroup::Administration, key: 'e', icon: "people" }),
    storage: None,
};

/// A user, as the API gives it. Tenants and groups are numbers, or with `_get_data` all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    pub username: String,
    pub role: String,
    pub tenants: Value,
    /// Roles of one's own and roles by groups; only with `_get_data`.
    pub tenant_roles: Option<Value>,
    pub groups: Value,
    /// The names of the groups by the role that holds everywhere and comes with them.
    pub group_system_roles: Value,
    pub active: bool,
    pub created_at: Millis,
    pub first_login_at: Option<Millis>,
    pub last_login_at: Option<Millis>,
    pub is_locked: bool,
    pub show_getting_started: bool,
    /// Only with `_include_hash`, for whoever may see it.
    pub password_hash: Option<String>,
}
