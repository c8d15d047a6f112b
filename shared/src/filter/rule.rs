//! What a rule is made of, and which parts go together.

use serde::{Deserialize, Serialize};

/// A list that can be filtered by rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Deployments,
    Blueprints,
    Nodes,
    NodeInstances,
    Secrets,
}

impl Target {
    pub const ALL: &'static [Self] =
        &[Self::Deployments, Self::Blueprints, Self::Nodes, Self::NodeInstances, Self::Secrets];

    /// As it stands in paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deployments => "deployments",
            Self::Blueprints => "blueprints",
            Self::Nodes => "nodes",
            Self::NodeInstances => "node-instances",
            Self::Secrets => "secrets",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|target| target.name() == name)
    }

    /// What its rows are called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Deployments => "Deployments",
            Self::Blueprints => "Blueprints",
            Self::Nodes => "Nodes",
            Self::NodeInstances => "Node instances",
            Self::Secrets => "Secrets",
        }
    }

    /// What can be asked of its rows.
    pub const fn attributes(self) -> &'static [Attribute] {
        use Attribute as A;
        match self {
            Self::Deployments => &[
                A::Id,
                A::BlueprintId,
                A::CreatedBy,
                A::SiteName,
                A::Schedules,
                A::TenantName,
                A::DisplayName,
                A::InstallationStatus,
            ],
            Self::Blueprints => &[A::Id, A::State, A::TenantName, A::CreatedBy],
            Self::Nodes => &[A::Id, A::Type],
            Self::NodeInstances => &[A::Id],
            Self::Secrets => &[A::Key, A::ProviderName],
        }
    }

    /// The attribute of that name, if its rows have it.
    pub fn attribute(self, name: &str) -> Option<Attribute> {
        self.attributes().iter().copied().find(|attribute| attribute.name() == name)
    }

    /// Whether its rows carry labels.
    pub const fn has_labels(self) -> bool {
        matches!(self, Self::Deployments | Self::Blueprints)
    }

    /// What a rule about its rows can be about.
    pub const fn rule_types(self) -> &'static [RuleType] {
        if self.has_labels() { RuleType::ALL } else { &[RuleType::Attribute] }
    }

    /// The operators of a key; none for an attribute that its rows do not have.
    pub fn operators(self, kind: RuleType, key: &str) -> &'static [Operator] {
        match kind {
            RuleType::Label if self.has_labels() => RuleType::Label.operators(),
            RuleType::Label => &[],
            RuleType::Attribute => self.attribute(key).map_or(&[], Attribute::operators),
        }
    }
}

/// A property of a row that rules can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    Id,
    BlueprintId,
    CreatedBy,
    SiteName,
    Schedules,
    TenantName,
    DisplayName,
    InstallationStatus,
    State,
    Type,
    Key,
    ProviderName,
}

impl Attribute {
    pub const ALL: &'static [Self] = &[
        Self::Id,
        Self::BlueprintId,
        Self::CreatedBy,
        Self::SiteName,
        Self::Schedules,
        Self::TenantName,
        Self::DisplayName,
        Self::InstallationStatus,
        Self::State,
        Self::Type,
        Self::Key,
        Self::ProviderName,
    ];

    /// The key of a rule about it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::BlueprintId => "blueprint_id",
            Self::CreatedBy => "created_by",
            Self::SiteName => "site_name",
            Self::Schedules => "schedules",
            Self::TenantName => "tenant_name",
            Self::DisplayName => "display_name",
            Self::InstallationStatus => "installation_status",
            Self::State => "state",
            Self::Type => "type",
            Self::Key => "key",
            Self::ProviderName => "provider_name",
        }
    }

    /// What a person calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::BlueprintId => "blueprint",
            Self::CreatedBy => "creator",
            Self::SiteName => "site",
            Self::Schedules => "schedule",
            Self::TenantName => "tenant",
            Self::DisplayName => "display name",
            Self::InstallationStatus => "installation status",
            Self::State => "state",
            Self::Type => "type",
            Self::Key => "key",
            Self::ProviderName => "provider",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.name() == name)
    }

    /// Whether it is a list, of which one can only ask whether something is in it.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Schedules)
    }

    pub const fn operators(self) -> &'static [Operator] {
        if self.is_list() { &[Operator::IsNotEmpty] } else { RuleType::Attribute.operators() }
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "FilterRuleType"))]
pub enum RuleType {
    Label,
    Attribute,
}

impl RuleType {
    pub const ALL: &'static [Self] = &[Self::Label, Self::Attribute];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Attribute => "attribute",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// All operators of such rules. Not every attribute has all of them.
    pub const fn operators(self) -> &'static [Operator] {
        use Operator as O;
        match self {
            Self::Label => &[O::AnyOf, O::NotAnyOf, O::IsNot, O::IsNull, O::IsNotNull],
            Self::Attribute => {
                &[O::AnyOf, O::NotAnyOf, O::Contains, O::NotContains, O::StartsWith, O::EndsWith, O::IsNotEmpty]
            }
        }
    }
}

/// How a rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "FilterOperator"))]
pub enum Operator {
    AnyOf,
    NotAnyOf,
    IsNot,
    IsNull,
    IsNotNull,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    IsNotEmpty,
}

impl Operator {
    pub const ALL: &'static [Self] = &[
        Self::AnyOf,
        Self::NotAnyOf,
        Self::IsNot,
        Self::IsNull,
        Self::IsNotNull,
        Self::Contains,
        Self::NotContains,
        Self::StartsWith,
        Self::EndsWith,
        Self::IsNotEmpty,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AnyOf => "any_of",
            Self::NotAnyOf => "not_any_of",
            Self::IsNot => "is_not",
            Self::IsNull => "is_null",
            Self::IsNotNull => "is_not_null",
            Self::Contains => "contains",
            Self::NotContains => "not_contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::IsNotEmpty => "is_not_empty",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operator| operator.name() == name)
    }

    /// As it stands between a key and its values in a form.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AnyOf => "is any of",
            Self::NotAnyOf => "is set, but none of",
            Self::IsNot => "is not set, or none of",
            Self::IsNull => "is not set",
            Self::IsNotNull => "is set",
            Self::Contains => "contains any of",
            Self::NotContains => "contains none of",
            Self::StartsWith => "starts with any of",
            Self::EndsWith => "ends with any of",
            Self::IsNotEmpty => "is not empty",
        }
    }

    /// Whether it compares with values. The others ask whether something is there.
    pub const fn takes_values(self) -> bool {
        !matches!(self, Self::IsNull | Self::IsNotNull | Self::IsNotEmpty)
    }
}

/// One condition: a row fits if any of the values does, or none, as the operator says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "FilterRule"))]
pub struct Rule {
    /// A label's key, or an attribute's name.
    pub key: String,
    pub values: Vec<String>,
    pub operator: Operator,
    #[serde(rename = "type")]
    pub kind: RuleType,
}

impl Rule {
    /// A rule as it is written in code. What comes from outside goes through [`super::parse`].
    pub fn new(kind: RuleType, key: impl Into<String>, operator: Operator, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Self { key: key.into(), values, operator, kind }
    }

    pub fn label(key: impl Into<String>, operator: Operator, values: &[&str]) -> Self {
        Self::new(RuleType::Label, key, operator, values)
    }

    pub fn attribute(attribute: Attribute, operator: Operator, values: &[&str]) -> Self {
        Self::new(RuleType::Attribute, attribute.name(), operator, values)
    }
}
