//! What is asked when somebody signs in, and when a configuration is tried.

use binnacle_shared::model::conductor::ldap::LdapConfig;
use ldap3::Scope;

use super::directory::{Bind, Directory, NO_ATTRIBUTES, NO_SUCH_OBJECT, SIZE_LIMIT_EXCEEDED};
use super::error::{LdapError, reason};
use super::template::{self, Values};
use super::{LdapUser, Tried, dn, groups};

/// Tries what can be tried without a person.
pub async fn test(directory: &mut Directory, config: &LdapConfig) -> Result<Tried, LdapError> {
    let Some(account) = account(config)? else {
        // The root entry, which a server shows to anybody. If it does not, it has answered too.
        return match directory.search("", Scope::Base, "(objectClass=*)", NO_ATTRIBUTES, 1).await {
            Ok(_) | Err(LdapError::Refused { .. }) => Ok(Tried::Connection),
            Err(error) => Err(error),
        };
    };
    account.bind(directory).await?;
    let base = config.base_dn();
    match directory.search(&base, Scope::Base, "(objectClass=*)", NO_ATTRIBUTES, 1).await {
        Ok(found) if found.is_empty() => Err(LdapError::NoBase(base)),
        Ok(_) => Ok(Tried::Account),
        Err(error) => Err(without_base(error, &base)),
    }
}

/// Servers say of an entry that may not be seen what they say of one that is not there.
fn without_base(error: LdapError, base: &str) -> LdapError {
    match error {
        LdapError::Refused { code: NO_SUCH_OBJECT, .. } => LdapError::NoBase(base.to_owned()),
        other => other,
    }
}

/// Finds somebody and checks their password, against the very entry that was found: what the
/// format makes of a name and what the filter finds by it may be two entries.
pub async fn sign_in(
    directory: &mut Directory,
    config: &LdapConfig,
    username: &str,
    password: &str,
) -> Result<Option<LdapUser>, LdapError> {
    let values = Values::new(config, username);
    let account = account(config)?;
    let mut bound = None;
    if let Some(account) = &account {
        account.bind(directory).await?;
    } else {
        let name = values.bind_name();
        if !accepts(directory, &name, password).await? {
            return Ok(None);
        }
        bound = Some(name);
    }

    let membership = config.attribute_group_membership();
    let mut attributes = vec![config.attribute_first_name(), config.attribute_last_name(), membership];
    attributes.extend(config.attributes_uid());
    attributes.extend(config.attributes_email());
    let filter = values.user_filter();
    let found = directory.search(values.base_dn(), Scope::Subtree, &filter, &attributes, 2).await;
    let mut found = found.map_err(|error| match error {
        // More than one, of which the server gives no two.
        LdapError::Refused { code: SIZE_LIMIT_EXCEEDED, .. } => LdapError::Ambiguous,
        other => without_base(other, values.base_dn()),
    })?;
    let Some(entry) = found.pop() else { return Ok(None) };
    if !found.is_empty() {
        return Err(LdapError::Ambiguous);
    }

    if !bound.is_some_and(|name| dn::same(&name, &entry.dn)) {
        if !accepts(directory, &entry.dn, password).await? {
            return Ok(None);
        }
        if let Some(account) = &account {
            account.bind(directory).await?;
        }
    }

    let first = |names: Vec<&str>| names.into_iter().find_map(|name| entry.first(name));
    let Some(username) = first(config.attributes_uid()) else { return Err(LdapError::NoUsername(entry.dn)) };
    let groups = groups::of(directory, config, &values, &entry).await?;
    Ok(Some(LdapUser {
        username,
        email: first(config.attributes_email()),
        first_name: entry.first(config.attribute_first_name()),
        last_name: entry.first(config.attribute_last_name()),
        dn: entry.dn,
        groups,
    }))
}

/// The account that looks people up.
struct Account {
    name: String,
    password: String,
}

fn account(config: &LdapConfig) -> Result<Option<Account>, LdapError> {
    let Some(username) = &config.username else { return Ok(None) };
    let password = config.password.clone().filter(|password| !password.is_empty());
    let password = password.ok_or_else(|| LdapError::Configuration("the account has no password".to_owned()))?;
    Ok(Some(Account { name: template::account_name(config, username), password }))
}

impl Account {
    async fn bind(&self, directory: &mut Directory) -> Result<(), LdapError> {
        match directory.bind(&self.name, &self.password).await? {
            Bind::Accepted => Ok(()),
            Bind::Refused { code, text } => Err(LdapError::AccountRefused { code, reason: reason(code, &text) }),
        }
    }
}

/// Whether a directory takes somebody's password.
async fn accepts(directory: &mut Directory, name: &str, password: &str) -> Result<bool, LdapError> {
    match directory.bind(name, password).await? {
        Bind::Accepted => Ok(true),
        // Wrong; locked; no such person; an entry that has no password; not allowed to sign in.
        Bind::Refused { code: 49 | 19 | 32 | 48 | 50 | 53, .. } => Ok(false),
        Bind::Refused { code, text } => {
            Err(LdapError::Refused { doing: "to let people sign in", code, reason: reason(code, &text) })
        }
    }
}
