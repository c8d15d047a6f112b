//! Secrets: values that deployments need and that nobody else shall read.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields;
use super::permission::Permission;
use super::visibility::Belonging;
use crate::field::{Column, Field, FormUse, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Millis;

const GROUP: &str = "Secret";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Secret,
    singular: "secret",
    plural: "Secrets",
    path: "secrets",
    purpose: "A secret keeps a password or a key, encrypted, for the deployments that need it.",
    fields: &[
        Field::new("key", "Key", Widget::Mono)
            .help("By which blueprints ask for it.")
            .column(Column::Title)
            .sortable()
            .searchable()
            .filterable()
            .rule(fields::name)
            .form(FormUse::required(GROUP).fixed()),
        fields::visibility(GROUP),
        Field::new("is_hidden_value", "Hidden value", Widget::Switch)
            .help("Shown only to whoever made it and to the tenant's administrators.")
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::optional(GROUP)),
        Field::new("provider_name", "Provider", Widget::Mono)
            .help("Where the value is kept, if not here.")
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::optional(GROUP)),
        fields::tenant_name(),
        fields::created_by(),
        fields::created_at(),
        fields::updated_at(),
    ],
    default_sort: "created_at",
    family: Family::Conductor { path: "secrets", key: "key" },
    view: Need::Conductor(Permission::SecretList.name()),
    manage: Need::Conductor(Permission::SecretCreate.name()),
    nav: Some(Nav { group: NavGroup::Orchestration, key: 'k', icon: "key" }),
    storage: None,
};

/// A secret in a list: without its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Secret {
    pub key: String,
    pub is_hidden_value: bool,
    /// Where the value is kept, if not here.
    pub provider_name: Option<String>,
    pub updated_at: Option<Millis>,
    #[serde(flatten)]
    pub belonging: Belonging,
}

/// A secret by itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecretDetail {
    #[serde(flatten)]
    pub secret: Secret,
    /// What the value has to look like, as a JSON schema.
    pub schema: Option<Value>,
    /// Where its provider has the value.
    pub provider_options: Option<Value>,
    /// The value; encrypted in answers to changes, empty for who may not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl fmt::Debug for SecretDetail {
    /// Without what nobody else shall read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretDetail").field("secret", &self.secret).finish_non_exhaustive()
    }
}
