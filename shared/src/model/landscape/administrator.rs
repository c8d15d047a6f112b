//! Administrators: the people of an account, with their roles.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body::Reader;
use crate::field::{Column, Field, FormUse, Widget};
use crate::permission::Permission;
use crate::problem::{Problems, Violation};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};

/// Somebody who may log in to the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Administrator {
    pub id: i64,
    pub name: String,
    pub email: String,
    /// Names of the roles, in their order.
    pub roles: Vec<String>,
    /// Ours: the name to log in with, beside the e-mail address.
    pub username: String,
    /// Ours: whether they are locked out.
    pub disabled: bool,
}

/// Which administrators a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateFilter {
    /// Those who may log in.
    #[default]
    Active,
    /// Those who are locked out.
    Disabled,
    All,
}

impl StateFilter {
    pub fn parse(text: &str) -> Result<Self, Violation> {
        match text {
            "active" => Ok(Self::Active),
            "disabled" => Ok(Self::Disabled),
            "all" => Ok(Self::All),
            _ => Err(Violation::new("unknown", "Must be active, disabled or all.")),
        }
    }
}

/// Body of `PUT administrators/{person_id}`: all roles that the person shall have then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RolesOfPerson {
    /// Names of roles.
    pub roles: Vec<String>,
}

impl RolesOfPerson {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let roles = r.strings("roles", Ok).set();
        if body.get("roles").is_none_or(Value::is_null) {
            r.fault("roles", Violation::new("required", "Is required: an array of names of roles."));
        }
        let problems = r.finish();
        match roles {
            Some(roles) if problems.is_empty() => Ok(Self { roles }),
            _ => Err(problems),
        }
    }
}

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Administrator,
    singular: "administrator",
    plural: "Administrators",
    path: "administrators",
    purpose: "Administrators are the people who may log in; their roles say what they may do.",
    fields: &[
        Field::new("name", "Name", Widget::Text).column(Column::Title).sortable().searchable(),
        Field::new("email", "E-mail", Widget::Mono).column(Column::Shown).sortable().searchable().filterable(),
        Field::new("username", "User name", Widget::Mono).column(Column::Optional).sortable().searchable(),
        Field::new("roles", "Roles", Widget::Tags)
            .column(Column::Shown)
            .filterable()
            .form(FormUse::required("Administrator")),
        Field::new("disabled", "Disabled", Widget::Switch).column(Column::Optional).sortable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable(),
    ],
    default_sort: "name",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewRole),
    manage: Need::Account(Permission::ManageRole),
    nav: Some(Nav { group: NavGroup::Administration, key: 'u', icon: "people" }),
    storage: None,
};
