//! What a person may do, by the permission names of the Landscape API.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    (local { $($local:ident: $local_title:literal),+ $(,)? } global { $($global:ident: $global_title:literal),+ $(,)? }) => {
        /// A right that a handler asks for and a role gives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission {
            $(#[doc = $local_title] $local,)+
            $(#[doc = $global_title] $global,)+
        }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$local,)+ $(Self::$global,)+];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$local => stringify!($local),)+
                    $(Self::$global => stringify!($global),)+
                }
            }

            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$local => $local_title,)+
                    $(Self::$global => $global_title,)+
                }
            }

            /// Whether it holds for the whole account. The others hold in the access groups of
            /// the role that gives them.
            pub const fn is_global(self) -> bool {
                matches!(self, $(Self::$global)|+)
            }
        }
    };
}

permissions! {
    local {
        ViewComputer: "View computers and their activities",
        ManageComputer: "Manage computers",
        AddComputerToAccessGroup: "Move computers into the access group",
        RemoveComputerFromAccessGroup: "Move computers out of the access group",
        ManagePendingComputer: "Accept and reject pending computers",
        ViewScript: "View scripts",
        ManageScript: "Write and archive scripts",
        RedactScript: "Redact scripts",
        ExecuteScript: "Run scripts",
        ViewScriptProfile: "View script profiles",
        ManageScriptProfile: "Create, edit and archive script profiles",
        ViewPackageProfile: "View package profiles",
        ManagePackageProfile: "Manage package profiles",
        ViewRepositoryProfile: "View repository profiles",
        ManageRepositoryProfile: "Manage repository profiles",
        ViewRepository: "View repositories",
        ManageRepository: "Manage repositories",
        ViewUpgradeProfile: "View upgrade profiles",
        ManageUpgradeProfile: "Manage upgrade profiles",
        ViewScheduledProfile: "View reboot profiles",
        ManageScheduledProfile: "Manage reboot profiles",
        ViewRemovalProfile: "View removal profiles",
        ManageRemovalProfile: "Manage removal profiles",
        ViewChildInstanceProfile: "View child instance profiles",
        ManageChildInstanceProfile: "Manage child instance profiles",
        ViewEmployee: "View employees",
        ManageEmployee: "Manage employees",
        ViewAutoinstallFile: "View autoinstall files",
        ManageAutoinstallFile: "Manage autoinstall files",
        ManageMAAS: "Manage MAAS regions",
    }
    global {
        ManageAccount: "Manage the account, its access groups and who administers it",
        ViewRole: "View roles and administrators",
        ManageRole: "Manage roles and who has them",
        ViewEventLog: "View the events log",
        ManageGPGKey: "Manage GPG keys",
        ViewBilling: "View billing",
        ManageBilling: "Manage billing",
        ManageSecrets: "Manage secrets",
    }
}

impl Permission {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.name() == name)
    }

    const fn bit(self) -> u64 {
        1 << self as u32
    }
}

/// Some of the permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u64);

/// What stands for all permissions where a set is stored: also for those of later versions.
const EVERYTHING: &str = "*";

impl PermissionSet {
    pub fn everything() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }

    /// As it is stored: names with blanks between them.
    pub fn to_stored(self) -> String {
        self.iter().map(Permission::name).collect::<Vec<_>>().join(" ")
    }

    /// Reads what was stored. A name that this version does not know gives nothing.
    pub fn from_stored(text: &str) -> Self {
        if text == EVERYTHING {
            return Self::everything();
        }
        text.split(' ').filter_map(Permission::from_name).collect()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

/// The roles that every account starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Everything, now and in later versions; cannot be changed.
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

    pub const fn description(self) -> &'static str {
        match self {
            Self::GlobalAdmin => "May do everything, everywhere.",
            Self::SupportAnalyst => "Looks after computers, scripts and profiles; does not manage the account.",
            Self::Auditor => "Sees everything and changes nothing.",
        }
    }

    /// Whether the role can be changed or removed.
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::GlobalAdmin)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    pub fn permissions(self) -> PermissionSet {
        let all = Permission::ALL.iter().copied();
        match self {
            Self::GlobalAdmin => PermissionSet::everything(),
            Self::SupportAnalyst => all.filter(|p| !p.is_global() && *p != Permission::RedactScript).collect(),
            Self::Auditor => all.filter(|p| p.name().starts_with("View") && *p != Permission::ViewBilling).collect(),
        }
    }

    /// As the role's row holds it.
    pub fn stored_permissions(self) -> String {
        match self {
            Self::GlobalAdmin => EVERYTHING.to_owned(),
            Self::SupportAnalyst | Self::Auditor => self.permissions().to_stored(),
        }
    }

    pub fn allows(self, permission: Permission) -> bool {
        self.permissions().contains(permission)
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, PermissionSet, Role};

    #[test]
    fn an_auditor_changes_nothing() {
        for permission in Role::Auditor.permissions().iter() {
            assert!(permission.name().starts_with("View"));
        }
        assert!(Role::GlobalAdmin.allows(Permission::ManageAccount));
        assert!(!Role::SupportAnalyst.allows(Permission::ManageAccount));
    }

    #[test]
    fn a_set_is_stored_by_name() {
        let set: PermissionSet = [Permission::ViewScript, Permission::ManageSecrets].into_iter().collect();
        assert_eq!(set.to_stored(), "ViewScript ManageSecrets");
        assert_eq!(PermissionSet::from_stored("ManageSecrets Unheard ViewScript"), set);
        assert_eq!(PermissionSet::from_stored("*"), PermissionSet::everything());
        assert!(PermissionSet::from_stored("").is_empty());
        assert_eq!(PermissionSet::from_stored(&Role::GlobalAdmin.stored_permissions()), PermissionSet::everything());
        assert!(set.without(set).is_empty());
        assert_eq!(PermissionSet::everything().iter().count(), Permission::ALL.len());
        // One bit each.
        assert!(Permission::ALL.len() <= 64);
    }
}
