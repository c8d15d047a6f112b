//! Access groups: a tree that says who may see and change what.

use serde::{Deserialize, Serialize};

use crate::field::{Column, Field, Widget};
use crate::permission::Permission;
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};

/// The root of the tree.
pub const ROOT: &str = "global";

/// As the legacy API shows it: four strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessGroup {
    pub name: String,
    pub title: String,
    /// Name of the parent; empty for the root.
    pub parent: String,
    /// Names of the children, joined by commas.
    pub children: String,
}

pub const KIND: KindInfo = KindInfo {
    kind: Kind::AccessGroup,
    singular: "access group",
    plural: "Access groups",
    path: "access-groups",
    purpose: "Access groups divide the fleet among the people who look after it.",
    fields: &[
        Field::new("title", "Title", Widget::Text).column(Column::Title).sortable().searchable(),
        Field::new("name", "Name", Widget::Mono).column(Column::Shown).sortable().searchable().filterable(),
    ],
    default_sort: "title",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewComputer),
    manage: Need::Account(Permission::ManageAccount),
    nav: Some(Nav { group: NavGroup::Administration, key: 'g', icon: "access-group" }),
    storage: None,
};
