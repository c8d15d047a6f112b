//! Tokens: what programs sign in with.

use serde::{Deserialize, Serialize};

use super::permission::Permission;
use crate::field::{Column, Field, FormUse, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Millis;

const GROUP: &str = "Token";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Token,
    singular: "token",
    plural: "Tokens",
    path: "tokens",
    purpose: "A token lets a program sign in as you, without your password, until it expires.",
    fields: &[
        Field::new("id", "ID", Widget::Mono).column(Column::Title).sortable().searchable().filterable(),
        Field::new("description", "Description", Widget::Text)
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::optional(GROUP)),
        Field::new("username", "User", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("expiration_date", "Expires", Widget::Time)
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::optional(GROUP)),
        Field::new("last_used", "Last used", Widget::Time).column(Column::Shown).sortable().filterable(),
    ],
    default_sort: "id",
    family: Family::Conductor { path: "tokens", key: "id" },
    view: Need::Conductor(Permission::TokenGet.name()),
    manage: Need::Conductor(Permission::CreateToken.name()),
    nav: Some(Nav { group: NavGroup::Administration, key: 'n', icon: "token" }),
    storage: None,
};

/// A token, as the API gives it. The value is whole only in the answer that makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Token {
    pub id: String,
    pub username: String,
    pub value: String,
    pub role: String,
    pub expiration_date: Option<Millis>,
    pub last_used: Option<Millis>,
    pub description: Option<String>,
}
