//! The six roles of the Conductor API. Two belong to an account as a whole, four to a tenant.

use serde::{Deserialize, Serialize};

/// A role, by its name in the Conductor API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Administers the whole manager.
    SysAdmin,
    /// Administers a tenant, and sees what others keep private in it.
    Manager,
    /// Makes and runs things in a tenant.
    User,
    /// Runs what others made.
    Operations,
    /// Looks at a tenant.
    Viewer,
    /// Has an account, and nothing beyond that.
    Default,
}

impl Role {
    pub const ALL: &'static [Self] =
        &[Self::SysAdmin, Self::Manager, Self::User, Self::Operations, Self::Viewer, Self::Default];
    /// Those that somebody has in a tenant.
    pub const OF_TENANTS: &'static [Self] = &[Self::Manager, Self::Operations, Self::User, Self::Viewer];
    /// Those that somebody has everywhere.
    pub const OF_SYSTEM: &'static [Self] = &[Self::SysAdmin, Self::Default];

    pub const fn name(self) -> &'static str {
        match self {
            Self::SysAdmin => "sys_admin",
            Self::Manager => "manager",
            Self::User => "user",
            Self::Operations => "operations",
            Self::Viewer => "viewer",
            Self::Default => "default",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::SysAdmin => "Administers the whole manager and may do everything in every tenant.",
            Self::Manager => "Administers the tenant and sees what its members keep private.",
            Self::User => "Uploads blueprints, makes deployments and runs workflows in the tenant.",
            Self::Operations => "Makes deployments and runs workflows, but brings in no blueprints or plugins.",
            Self::Viewer => "Looks at the tenant and changes nothing.",
            Self::Default => "May sign in; what else depends on the tenants.",
        }
    }

    /// Whether it is one that somebody has in a tenant.
    pub const fn is_of_tenant(self) -> bool {
        !matches!(self, Self::SysAdmin | Self::Default)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}
