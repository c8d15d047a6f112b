//! The groups that somebody is in, and those that these groups are in.

use std::collections::HashSet;

use binnacle_shared::model::conductor::ldap::LdapConfig;
use ldap3::Scope;

use super::directory::{Directory, Entry, NO_ATTRIBUTES, NO_SUCH_OBJECT, REFERRAL};
use super::dn;
use super::error::LdapError;
use super::template::Values;

/// More groups than anybody is in; a directory that has more is asked wrongly.
const GROUPS_MAX: usize = 1_000;

/// The DNs of the groups of a user, level by level, each once: groups may be in each other.
pub async fn of(
    directory: &mut Directory,
    config: &LdapConfig,
    values: &Values<'_>,
    user: &Entry,
) -> Result<Vec<String>, LdapError> {
    let mut search = Search { directory, membership: config.attribute_group_membership(), values };
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let levels = config.nested_levels();
    let mut level = if levels == 0 { Vec::new() } else { search.parents(user, levels == 1).await? };
    for number in 1..=levels {
        let mut next = Vec::new();
        for group in level {
            if seen.insert(dn::normalise(&group.dn)) {
                found.push(group.dn.clone());
                if found.len() > GROUPS_MAX {
                    return Err(LdapError::TooMuch);
                }
                if number < levels {
                    next.extend(search.parents(&group, number + 1 == levels).await?);
                }
            }
        }
        level = next;
    }
    Ok(found)
}

struct Search<'a> {
    directory: &'a mut Directory,
    membership: &'a str,
    values: &'a Values<'a>,
}

impl Search<'_> {
    /// The groups that an entry is in directly: those that it says itself, or else those that
    /// name it. For the last level their names are enough.
    async fn parents(&mut self, entry: &Entry, last: bool) -> Result<Vec<Entry>, LdapError> {
        let Some(names) = entry.values(self.membership) else { return self.naming(&entry.dn, last).await };
        let mut parents = Vec::with_capacity(names.len());
        for name in names.iter().filter(|name| !name.trim().is_empty()) {
            parents.push(if last { Entry::named(name.clone()) } else { self.group(name).await? });
        }
        Ok(parents)
    }

    /// The groups whose members an entry is among.
    async fn naming(&mut self, dn: &str, last: bool) -> Result<Vec<Entry>, LdapError> {
        let attributes = if last { NO_ATTRIBUTES } else { &[self.membership] };
        let filter = self.values.group_filter(dn);
        let base = self.values.group_dn();
        let found = self.directory.search(&base, Scope::Subtree, &filter, attributes, GROUPS_MAX + 1).await;
        found.or_else(missing)
    }

    /// A group, with the groups that it says it is in.
    async fn group(&mut self, dn: &str) -> Result<Entry, LdapError> {
        let found = self.directory.search(dn, Scope::Base, "(objectClass=*)", &[self.membership], 1).await;
        let entry = found.or_else(missing)?.pop();
        Ok(entry.unwrap_or_else(|| Entry::named(dn.to_owned())))
    }
}

/// Groups may be named that are not there, or not on this server.
fn missing(error: LdapError) -> Result<Vec<Entry>, LdapError> {
    match error {
        LdapError::Refused { code: NO_SUCH_OBJECT | REFERRAL, .. } => Ok(Vec::new()),
        other => Err(other),
    }
}
