//! Roles: which permissions their people have, and in which access groups.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body::Reader;
use crate::field::{Column, Field, FormUse, Widget};
use crate::patch::Patch;
use crate::permission::Permission;
use crate::problem::{Problems, Violation};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::rules;

/// Longest name of a role.
const NAME_MAX: usize = 100;

/// A role as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Role {
    pub id: i64,
    /// The name in lower case, by which two roles may not be the same.
    pub key: String,
    pub name: String,
    pub description: String,
    /// Whether nobody can change the role.
    pub read_only: bool,
    /// Permissions that hold in the role's access groups and below.
    pub permissions: Vec<String>,
    /// Permissions that hold for the whole account.
    pub global_permissions: Vec<String>,
    /// E-mail addresses of those who have the role.
    pub persons: Vec<String>,
    /// Names of the access groups.
    pub access_groups: Vec<String>,
}

/// What one may be allowed to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PermissionInfo {
    pub name: String,
    /// What it allows.
    pub title: String,
    /// Whether it holds for the whole account, and needs no access group.
    pub global: bool,
}

impl From<Permission> for PermissionInfo {
    fn from(permission: Permission) -> Self {
        Self {
            name: permission.name().to_owned(),
            title: permission.title().to_owned(),
            global: permission.is_global(),
        }
    }
}

/// A role to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRole {
    pub name: String,
    pub description: String,
    pub permissions: Vec<String>,
    pub access_groups: Vec<String>,
}

crate::body_schema!(NewRole, Kind::Role, Create);

/// What shall change of a role. The name stays: others refer to the role by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolePatch {
    pub description: Option<String>,
    /// All that the role shall have then.
    pub permissions: Option<Vec<String>>,
    /// All that the role shall have then.
    pub access_groups: Option<Vec<String>>,
}

crate::body_schema!(RolePatch, Kind::Role, Edit);

impl NewRole {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let name = r.required("name");
        let name = r.check("name", name, self::name);
        let description = r.optional("description");
        let description = r.check("description", description, rules::comment).unwrap_or_default();
        let permissions = r.strings("permissions", permission).set().unwrap_or_default();
        let access_groups = r.strings("access_groups", Ok).set().unwrap_or_default();
        let problems = r.finish();
        match name {
            Some(name) if problems.is_empty() => Ok(Self { name, description, permissions, access_groups }),
            _ => Err(problems),
        }
    }
}

impl RolePatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let description: Patch<String> = r.patch("description");
        let description = r.check_patch("description", description, rules::comment).set();
        let permissions = r.strings("permissions", permission).set();
        let access_groups = r.strings("access_groups", Ok).set();
        r.finish().or(Self { description, permissions, access_groups })
    }
}

/// A role's name: a letter, then letters, digits, `-` and `+`.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
pub fn name(text: String) -> Result<String, Violation> {
    let name = text.trim();
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+')) {
        return Err(Violation::new(
            "format",
            "A role's name starts with a letter and goes on with letters, digits, - or +, without blanks, such as WebAdmin.",
        ));
    }
    if name.len() > NAME_MAX {
        return Err(Violation::new("length", format!("A role's name has at most {NAME_MAX} characters.")));
    }
    Ok(name.to_owned())
}

fn permission(text: String) -> Result<String, Violation> {
    if Permission::from_name(&text).is_some() {
        return Ok(text);
    }
    Err(Violation::new("unknown", format!("There is no permission “{text}”.")))
}

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Role,
    singular: "role",
    plural: "Roles",
    path: "roles",
    purpose: "A role says what its people may do, and in which access groups.",
    fields: &[
        Field::new("name", "Name", Widget::Mono)
            .help("Letters, digits, - and +; it cannot be changed later.")
            .rule(name)
            .column(Column::Title)
            .sortable()
            .searchable()
            .filterable()
            .form(FormUse::required("Role").fixed()),
        Field::new("description", "Description", Widget::Text)
            .column(Column::Shown)
            .sortable()
            .searchable()
            .form(FormUse::optional("Role")),
        Field::new("permissions", "Permissions", Widget::Tags)
            .help("What people with this role may do in the access groups below.")
            .form(FormUse::optional("Permissions")),
        Field::new("global_permissions", "Permissions for the account", Widget::Tags),
        Field::new("access_groups", "Access groups", Widget::Tags)
            .help("The permissions hold in these and in all below them.")
            .column(Column::Shown)
            .filterable()
            .form(FormUse::optional("Permissions")),
        Field::new("persons", "Administrators", Widget::Tags).column(Column::Shown).filterable(),
        Field::new("read_only", "Read-only", Widget::Switch).column(Column::Optional).filterable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable(),
    ],
    default_sort: "name",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewRole),
    manage: Need::Account(Permission::ManageRole),
    nav: Some(Nav { group: NavGroup::Administration, key: 'r', icon: "shield" }),
    storage: None,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{NewRole, RolePatch, name};

    #[test]
    fn names_are_words() {
        for good in ["a", "WebAdmin", "web-admin", "C++"] {
            assert_eq!(name(good.into()).unwrap(), good);
        }
        for bad in ["", "1a", "-a", "a b", "a_b", "ä", "a/b"] {
            assert_eq!(name(bad.into()).unwrap_err().code, "format", "{bad}");
        }
        assert_eq!(name("a".repeat(101)).unwrap_err().code, "length");
    }

    #[test]
    fn every_fault_has_its_place() {
        let body = json!({"name": "a b", "description": 5, "permissions": ["ViewScript", "Fly"], "access_groups": [1]});
        let problems = NewRole::parse(&body).unwrap_err();
        let found: Vec<_> = problems.0.iter().map(|p| (p.pointer.as_str(), &*p.code)).collect();
        assert_eq!(
            found,
            [
                ("/name", "format"),
                ("/description", "type"),
                ("/permissions/1", "unknown"),
                ("/access_groups/0", "type")
            ]
        );
        assert_eq!(NewRole::parse(&json!({})).unwrap_err().0[0].code, "required");
        let patch = RolePatch::parse(&json!({"permissions": [], "access_groups": null})).unwrap();
        assert_eq!(patch, RolePatch { permissions: Some(vec![]), ..RolePatch::default() });
    }
}
