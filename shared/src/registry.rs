//! The one table of kinds. Routes, list queries, forms, navigation and permissions are drawn
//! from it; a kind that lacks a part does not compile.

use crate::field::{Column, Field};
use crate::model::conductor::{
    audit, filter, manager, role_permission, secret, secrets_provider, site, tenant, token, user, user_group,
};
use crate::model::landscape::{
    access_group, activity, administrator, computer, event, invitation, role, saved_search, script, script_profile,
};
use crate::permission::Permission;

macro_rules! kinds {
    ($($name:ident = $model:path;)+) => {
        /// Every kind of resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($name),+ }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kind in one word, as the legacy API's errors have it: `UnknownScriptProfile`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            pub const fn info(self) -> &'static KindInfo {
                match self { $(Self::$name => &$model),+ }
            }

            /// All but the fields. What needs no more than this carries no fields of any kind
            /// with it, nor their rules: it is how the console's first load stays small.
            pub const fn outline(self) -> &'static Outline {
                match self { $(Self::$name => const { &Outline::of(&$model) }),+ }
            }

            /// The kind, if its things are nothing but their fields; no others are reached by this.
            pub const fn record(self) -> Option<&'static KindInfo> {
                match self {
                    $(Self::$name => const { if $model.storage.is_some() { Some(&$model) } else { None } }),+
                }
            }
        }
    };
}

// The table: a kind, and the model that describes it.
kinds! {
    Computer = computer::KIND;
    Script = script::KIND;
    ScriptProfile = script_profile::KIND;
    Activity = activity::KIND;
    AccessGroup = access_group::KIND;
    Role = role::KIND;
    Administrator = administrator::KIND;
    Invitation = invitation::KIND;
    Event = event::KIND;
    SavedSearch = saved_search::KIND;
    DeploymentFilter = filter::OF_DEPLOYMENTS;
    BlueprintFilter = filter::OF_BLUEPRINTS;
    Site = site::KIND;
    Secret = secret::KIND;
    SecretsProvider = secrets_provider::KIND;
    Tenant = tenant::KIND;
    User = user::KIND;
    UserGroup = user_group::KIND;
    Token = token::KIND;
    RolePermission = role_permission::KIND;
    AuditEntry = audit::KIND;
    Manager = manager::KIND;
}

/// Where a kind stands in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavGroup {
    Fleet,
    Orchestration,
    Administration,
}

impl NavGroup {
    pub const ALL: &'static [Self] = &[Self::Fleet, Self::Orchestration, Self::Administration];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Fleet => "Fleet",
            Self::Orchestration => "Orchestration",
            Self::Administration => "Administration",
        }
    }
}

/// The API in which a kind is at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The v2 API, under the kind's path; its things have numbers.
    Landscape,
    /// The v3.1 API, under a path there; its things go by the value of a field.
    Conductor { path: &'static str, key: &'static str },
}

/// What somebody must hold to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A permission that roles of the account give.
    Account(Permission),
    /// A permission of the Conductor API, by name, in the present tenant or everywhere.
    Conductor(&'static str),
}

impl From<Permission> for Need {
    fn from(permission: Permission) -> Self {
        Self::Account(permission)
    }
}

/// Everything that is the same for all resources of a kind.
#[derive(Debug)]
pub struct KindInfo {
    pub kind: Kind,
    /// "script profile", for sentences.
    pub singular: &'static str,
    /// "Script profiles", for headings.
    pub plural: &'static str,
    /// Path segment in the console, and in the v2 API if the kind is of that.
    pub path: &'static str,
    /// What one would want it for, shown where there is none yet.
    pub purpose: &'static str,
    pub fields: &'static [Field],
    /// Default order: field names as in the `sort` parameter.
    pub default_sort: &'static str,
    pub family: Family,
    pub view: Need,
    pub manage: Need,
    /// Group in the navigation, the letter after `g`, and the icon's name; none: no page.
    pub nav: Option<Nav>,
    /// For kinds whose things are nothing but their fields: one generic path stores, lists, makes,
    /// changes and removes them. None: the kind has code of its own for that.
    pub storage: Option<Storage>,
}

/// What can be said of a kind without its fields. See [`KindInfo`] for what each means.
#[derive(Debug)]
pub struct Outline {
    pub singular: &'static str,
    pub plural: &'static str,
    pub path: &'static str,
    pub purpose: &'static str,
    pub default_sort: &'static str,
    /// The field that a thing is called by.
    pub title: &'static str,
    pub family: Family,
    pub view: Need,
    pub manage: Need,
    pub nav: Option<Nav>,
    /// Whether its things are nothing but their fields.
    pub is_record: bool,
}

impl Outline {
    const fn of(info: &KindInfo) -> Self {
        Self {
            singular: info.singular,
            plural: info.plural,
            path: info.path,
            purpose: info.purpose,
            default_sort: info.default_sort,
            title: info.title(),
            family: info.family,
            view: info.view,
            manage: info.manage,
            nav: info.nav,
            is_record: info.storage.is_some(),
        }
    }
}

/// Where the generic path keeps the things of a kind. Each field without a slash in its name is a
/// column of that name; `id`, `created_at` and `last_edited_at` are set by the server.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    pub table: &'static str,
    /// Fields that no two things of an account may have alike.
    pub unique: &'static [&'static str],
    /// A field that is made from another when it is not given: a name from a title.
    pub slug: Option<Slug>,
}

/// `field` is `of` in lower case, with dashes for everything that is no letter or digit.
#[derive(Clone, Copy, Debug)]
pub struct Slug {
    pub field: &'static str,
    pub of: &'static str,
}

/// A kind's entry in the navigation.
#[derive(Clone, Copy, Debug)]
pub struct Nav {
    pub group: NavGroup,
    pub key: char,
    pub icon: &'static str,
}

impl KindInfo {
    /// The name of the field that a thing is called by.
    pub const fn title(&self) -> &'static str {
        let mut index = 0;
        while index < self.fields.len() {
            if matches!(self.fields[index].list.column, Column::Title) {
                return self.fields[index].name;
            }
            index += 1;
        }
        // Every kind has one: `every_kind_is_whole`.
        ""
    }

    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Kind {
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.outline().path == path)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Kind;
    use crate::field::Column;
    use crate::list::ListParams;

    #[test]
    fn every_kind_is_whole() {
        let mut paths = HashSet::new();
        let mut keys = HashSet::new();
        for kind in Kind::ALL {
            let info = kind.info();
            assert_eq!(info.kind, *kind);
            assert!(paths.insert(info.path), "{} twice", info.path);
            if let Some(nav) = info.nav {
                assert!(keys.insert(nav.key), "key {} twice", nav.key);
            }
            let titles = info.fields.iter().filter(|f| f.list.column == Column::Title).count();
            assert_eq!(titles, 1, "{} needs one title column", info.path);
            let mut names = HashSet::new();
            for field in info.fields {
                assert!(names.insert(field.name), "{}.{} twice", info.path, field.name);
                if let Some(condition) = field.form.and_then(|f| f.shown_when) {
                    assert!(info.field(condition.field).is_some(), "{}", condition.field);
                }
            }
            assert!(ListParams::parse(*kind, [("sort", info.default_sort)]).is_ok());
        }
    }
}
