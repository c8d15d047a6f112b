//! Filters: rules under a name, by which deployments and blueprints are chosen.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields;
use super::permission::Permission;
use super::visibility::Belonging;
use crate::field::{Column, Field, FormUse, Widget};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Millis;

const GROUP: &str = "Filter";

const FIELDS: &[Field] = &[
    Field::new("id", "ID", Widget::Mono)
        .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
        .column(Column::Title)
        .sortable()
        .searchable()
        .filterable()
        .rule(fields::name)
        .form(FormUse::required(GROUP).fixed()),
    fields::visibility(GROUP),
    Field::new("is_system_filter", "Built in", Widget::Switch).column(Column::Shown).sortable().filterable(),
    fields::tenant_name(),
    fields::created_by(),
    fields::created_at(),
    fields::updated_at(),
];

const fn kind(kind: Kind) -> KindInfo {
    let (singular, plural, path, purpose, api, key) = match kind {
        Kind::BlueprintFilter => (
            "blueprint filter",
            "Blueprint filters",
            "blueprint-filters",
            "A blueprint filter keeps rules under a name that choose blueprints.",
            "filters/blueprints",
            'b',
        ),
        _ => (
            "deployment filter",
            "Deployment filters",
            "deployment-filters",
            "A deployment filter keeps rules under a name that choose deployments.",
            "filters/deployments",
            'd',
        ),
    };
    KindInfo {
        kind,
        singular,
        plural,
        path,
        purpose,
        fields: FIELDS,
        default_sort: "created_at",
        family: Family::Conductor { path: api, key: "id" },
        view: Need::Conductor(Permission::FilterList.name()),
        manage: Need::Conductor(Permission::FilterCreate.name()),
        nav: Some(Nav { group: NavGroup::Orchestration, key, icon: "filter" }),
        storage: None,
    }
}

pub const OF_DEPLOYMENTS: KindInfo = kind(Kind::DeploymentFilter);
pub const OF_BLUEPRINTS: KindInfo = kind(Kind::BlueprintFilter);

/// A filter, as the API gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Filter {
    pub id: String,
    /// All rules: those about labels, then those about attributes.
    pub value: Value,
    pub labels_filter_rules: Value,
    pub attrs_filter_rules: Value,
    pub is_system_filter: bool,
    pub updated_at: Option<Millis>,
    #[serde(flatten)]
    pub belonging: Belonging,
}
