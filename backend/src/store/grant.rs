//! What a person may do, and in which part of the account.

use binnacle_shared::permission::{Permission, PermissionSet};

use super::Scope;

/// Everything that the roles of a person give them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(Vec<Grant>);

/// What one role gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub permissions: PermissionSet,
    pub part: Part,
}

/// Where the permissions of a role hold that do not hold for the whole account anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everywhere: the role has the root group.
    Account,
    /// In the groups with these paths, and below. No path: nowhere.
    Groups(Vec<String>),
}

impl Part {
    /// The part that the groups with these paths and parents make.
    pub fn of_groups<'a>(groups: impl IntoIterator<Item = (&'a str, Option<i64>)>) -> Self {
        let mut paths = Vec::new();
        for (path, parent) in groups {
            if parent.is_none() {
                return Self::Account;
            }
            paths.push(path.to_owned());
        }
        Self::Groups(paths)
    }

    /// Whether all of `other` is in here.
    fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Account, _) => true,
            (Self::Groups(_), Self::Account) => false,
            (Self::Groups(ours), Self::Groups(theirs)) => {
                theirs.iter().all(|path| ours.iter().any(|own| path.starts_with(own.as_str())))
            }
        }
    }
}

impl Grant {
    fn gives(&self, permission: Permission) -> bool {
        let somewhere = permission.is_global() || !matches!(&self.part, Part::Groups(paths) if paths.is_empty());
        somewhere && self.permissions.contains(permission)
    }
}

impl Grants {
    pub fn add(&mut self, grant: Grant) {
        self.0.push(grant);
    }

    /// Whether the permission holds anywhere.
    pub fn allows(&self, permission: Permission) -> bool {
        self.0.iter().any(|grant| grant.gives(permission))
    }

    /// All that hold somewhere.
    pub fn permissions(&self) -> PermissionSet {
        Permission::ALL.iter().copied().filter(|permission| self.allows(*permission)).collect()
    }

    /// The part of the account in which the permission holds.
    pub fn scope_for(&self, account_id: i64, permission: Permission) -> Scope {
        if permission.is_global() && self.allows(permission) {
            return Scope::account(account_id);
        }
        scope(account_id, &self.part_of(|grant| grant.gives(permission)))
    }

    /// The part of the account in which any permission holds.
    pub fn any_scope(&self, account_id: i64) -> Scope {
        scope(account_id, &self.part_of(|grant| !grant.permissions.is_empty()))
    }

    fn part_of(&self, counts: impl Fn(&Grant) -> bool) -> Part {
        let mut paths = Vec::new();
        for grant in self.0.iter().filter(|grant| counts(grant)) {
            match &grant.part {
                Part::Account => return Part::Account,
                Part::Groups(more) => paths.extend_from_slice(more),
            }
        }
        Part::Groups(paths)
    }

    /// A permission of the grant that is not held here in all of the grant's part. Who may give
    /// away only what they hold cannot raise themselves.
    pub fn lacking(&self, grant: &Grant) -> Option<Permission> {
        grant.permissions.iter().filter(|permission| grant.gives(*permission)).find(|permission| {
            if permission.is_global() {
                return !self.allows(*permission);
            }
            !self.part_of(|own| own.gives(*permission)).holds(&grant.part)
        })
    }
}

fn scope(account_id: i64, part: &Part) -> Scope {
    match part {
        Part::Account => Scope::account(account_id),
        Part::Groups(paths) => Scope::below(account_id, paths.clone()),
    }
}

#[cfg(test)]
mod tests {
    use binnacle_shared::permission::{Permission as P, PermissionSet};

    use super::{Grant, Grants, Part};
    use crate::store::Scope;

    fn grant(permissions: &[P], paths: &[&str]) -> Grant {
        let part = Part::Groups(paths.iter().map(|path| (*path).to_owned()).collect());
        Grant { permissions: permissions.iter().copied().collect(), part }
    }

    fn grants(list: &[Grant]) -> Grants {
        Grants(list.to_vec())
    }

    #[test]
    fn a_permission_holds_where_the_roles_that_give_it_reach() {
        let both = grants(&[grant(&[P::ViewScript, P::ManageScript], &["1/2/"]), grant(&[P::ViewScript], &["1/3/"])]);
        assert_eq!(both.scope_for(7, P::ViewScript), Scope::below(7, vec!["1/2/".into(), "1/3/".into()]));
        assert_eq!(both.scope_for(7, P::ManageScript), Scope::below(7, vec!["1/2/".into()]));
        assert_eq!(both.scope_for(7, P::ViewComputer), Scope::below(7, vec![]));
        assert!(!both.allows(P::ViewComputer));
        assert_eq!(both.permissions(), [P::ViewScript, P::ManageScript].into_iter().collect());
    }

    #[test]
    fn a_global_permission_needs_no_group_and_a_local_one_does() {
        let nowhere = grants(&[grant(&[P::ViewScript, P::ViewRole], &[])]);
        assert!(nowhere.allows(P::ViewRole));
        assert_eq!(nowhere.scope_for(7, P::ViewRole), Scope::account(7));
        assert!(!nowhere.allows(P::ViewScript));
        assert_eq!(nowhere.any_scope(7), Scope::below(7, vec![]));
        let root = Grants(vec![Grant { permissions: PermissionSet::everything(), part: Part::Account }]);
        assert_eq!(root.scope_for(7, P::ViewScript), Scope::account(7));
    }

    #[test]
    fn nobody_gives_away_what_they_do_not_hold() {
        let own = grants(&[grant(&[P::ViewScript, P::ManageRole], &["1/2/"]), grant(&[P::ViewScript], &["1/5/"])]);
        assert_eq!(own.lacking(&grant(&[P::ViewScript], &["1/2/", "1/5/6/"])), None);
        assert_eq!(own.lacking(&grant(&[P::ViewScript], &["1/"])), Some(P::ViewScript));
        assert_eq!(own.lacking(&grant(&[P::ManageScript], &["1/2/"])), Some(P::ManageScript));
        assert_eq!(own.lacking(&grant(&[P::ManageScript], &[])), None);
        assert_eq!(own.lacking(&grant(&[P::ManageAccount], &[])), Some(P::ManageAccount));
        let everywhere = Grant { permissions: [P::ViewScript].into_iter().collect(), part: Part::Account };
        assert_eq!(own.lacking(&everywhere), Some(P::ViewScript));
        assert_eq!(grants(std::slice::from_ref(&everywhere)).lacking(&everywhere), None);
    }

    #[test]
    fn the_root_group_is_the_whole_account() {
        assert_eq!(Part::of_groups([("1/", None)]), Part::Account);
        assert_eq!(Part::of_groups([("1/2/", Some(1))]), Part::Groups(vec!["1/2/".into()]));
    }
}
