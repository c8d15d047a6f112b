//! Who sees a thing of a tenant, and what every such thing says of itself.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// How far a thing can be seen; each reaches further than the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Whoever made it, and the administrators of its tenant.
    Private,
    /// Its tenant.
    #[default]
    Tenant,
    /// Every tenant.
    Global,
}

impl Visibility {
    pub const ALL: &'static [Self] = &[Self::Private, Self::Tenant, Self::Global];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Tenant => "tenant",
            Self::Global => "global",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|visibility| visibility.name() == name)
    }
}

/// What everything that belongs to a tenant says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Belonging {
    pub created_at: Millis,
    /// User name of who made it.
    pub created_by: String,
    pub tenant_name: String,
    pub visibility: Visibility,
    /// An older name of `visibility`.
    pub resource_availability: Visibility,
    /// An older way to say that the visibility is `private`.
    pub private_resource: bool,
}

impl Belonging {
    pub fn new(created_at: Millis, created_by: String, tenant_name: String, visibility: Visibility) -> Self {
        let private_resource = visibility == Visibility::Private;
        Self { created_at, created_by, tenant_name, visibility, resource_availability: visibility, private_resource }
    }
}
