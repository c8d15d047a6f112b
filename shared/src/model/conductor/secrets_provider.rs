//! Secrets providers: where the values of secrets are kept that are not kept here.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields;
use super::permission::Permission;
use super::visibility::Belonging;
use crate::field::{Choice, Column, Field, FormUse, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Millis;

const GROUP: &str = "Secrets provider";

/// The kinds of places.
pub const TYPES: &[Choice] = &[
    Choice { value: "local", label: "Local", help: "This server keeps the value." },
    Choice { value: "vault", label: "Vault", help: "A HashiCorp Vault with a key-value engine." },
    Choice { value: "cloudify", label: "Cloudify", help: "Another manager, by its API." },
];

pub const KIND: KindInfo = KindInfo {
    kind: Kind::SecretsProvider,
    singular: "secrets provider",
    plural: "Secrets providers",
    path: "secrets-providers",
    purpose: "A secrets provider is where values are fetched from that are kept elsewhere.",
    fields: &[
        Field::new("name", "Name", Widget::Mono)
            .column(Column::Title)
            .sortable()
            .searchable()
            .filterable()
            .rule(fields::name)
            .form(FormUse::required(GROUP).fixed()),
        Field::new("type", "Type", Widget::Select(TYPES))
            .column(Column::Shown)
            .sortable()
            .filterable()
            .form(FormUse::required(GROUP)),
        fields::visibility(GROUP),
        fields::tenant_name(),
        fields::created_by(),
        fields::created_at(),
        fields::updated_at(),
    ],
    default_sort: "created_at",
    family: Family::Conductor { path: "secrets-providers", key: "name" },
    view: Need::Conductor(Permission::SecretsProviderList.name()),
    manage: Need::Conductor(Permission::SecretsProviderCreate.name()),
    nav: Some(Nav { group: NavGroup::Orchestration, key: 'v', icon: "vault" }),
    storage: None,
};

/// A provider, as the API gives it. Its name is also its id.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecretsProvider {
    pub id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub provider_type: String,
    /// Absent in lists; asterisks for who may not see credentials.
    pub connection_parameters: Option<Value>,
    pub updated_at: Option<Millis>,
    #[serde(flatten)]
    pub belonging: Belonging,
}

/// What stands for a value that is not shown.
pub const MASK: &str = "********";

impl fmt::Debug for SecretsProvider {
    /// Without credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, provider_type, belonging, .. } = self;
        let mut shown = f.debug_struct("SecretsProvider");
        shown.field("name", name).field("type", provider_type).field("belonging", belonging).finish_non_exhaustive()
    }
}
