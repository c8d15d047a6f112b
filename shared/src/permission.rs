//! What a person may do, by the permission names of the Landscape API.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($name:ident: $title:literal),+ $(,)?) => {
        /// A right that a handler asks for and a role gives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission { $(#[doc = $title] $name),+ }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

permissions! {
    ViewComputer: "View computers and their activities",
    ManageComputer: "Manage computers",
    ManagePendingComputer: "Accept and reject pending computers",
    ViewScript: "View scripts",
    ManageScript: "Write and archive scripts",
    ExecuteScript: "Run scripts",
    ViewScriptProfile: "View script profiles",
    ManageScriptProfile: "Create, edit and archive script profiles",
    ManageAccount: "Manage the account",
}

/// The roles that every account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Everything.
    GlobalAdmin,
    /// Runs and edits, but does not manage the account.
    SupportAnalyst,
    /// Looks, touches nothing.
    Auditor,
}

impl Role {
    pub const ALL: &'static [Self] = &[Self::GlobalAdmin, Self::SupportAnalyst, Self::Auditor];

    pub const fn name(self) -> &'static str {
        match self {
            Self::GlobalAdmin => "GlobalAdmin",
            Self::SupportAnalyst => "SupportAnalyst",
            Self::Auditor => "Auditor",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    pub fn permissions(self) -> Vec<Permission> {
        use Permission as P;
        match self {
            Self::GlobalAdmin => P::ALL.to_vec(),
            Self::SupportAnalyst => P::ALL.iter().copied().filter(|p| !matches!(p, P::ManageAccount)).collect(),
            Self::Auditor => vec![P::ViewComputer, P::ViewScript, P::ViewScriptProfile],
        }
    }

    pub fn allows(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, Role};

    #[test]
    fn an_auditor_changes_nothing() {
        for permission in Role::Auditor.permissions() {
            assert!(permission.name().starts_with("View"));
        }
        assert!(Role::GlobalAdmin.allows(Permission::ManageAccount));
        assert!(!Role::SupportAnalyst.allows(Permission::ManageAccount));
    }
}
