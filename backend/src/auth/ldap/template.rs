//! Puts values into the formats and filters of a configuration.

use std::borrow::Cow;

use binnacle_shared::model::conductor::ldap::LdapConfig;

use super::dn;

/// The values of one search or one bind.
#[derive(Debug)]
pub struct Values<'a> {
    config: &'a LdapConfig,
    base_dn: String,
    username: &'a str,
}

impl<'a> Values<'a> {
    pub fn new(config: &'a LdapConfig, username: &'a str) -> Self {
        Self { config, base_dn: config.base_dn(), username }
    }

    pub fn base_dn(&self) -> &str {
        &self.base_dn
    }

    /// Where groups are.
    pub fn group_dn(&self) -> String {
        fill(self.config.group_dn(), |name| self.value(name).into_owned())
    }

    /// The filter that finds the user.
    pub fn user_filter(&self) -> String {
        fill(self.config.user_filter(), |name| ldap3::ldap_escape(self.value(name)).into_owned())
    }

    /// The filter that finds the groups of an entry.
    pub fn group_filter(&self, object_dn: &str) -> String {
        fill(self.config.group_member_filter(), |name| {
            let value = if name == "object_dn" { Cow::Borrowed(object_dn) } else { self.value(name) };
            ldap3::ldap_escape(value).into_owned()
        })
    }

    /// The name to sign in to the directory with.
    pub fn bind_name(&self) -> String {
        let format = self.config.bind_format();
        // In a DN the name must stay one value; a name with a domain is no DN and has no escapes.
        let is_dn = format.contains('=');
        fill(format, |name| match name {
            "username" if is_dn => dn::escape(self.username).into_owned(),
            _ => self.value(name).into_owned(),
        })
    }

    fn value(&self, name: &str) -> Cow<'_, str> {
        match name {
            "username" => Cow::Borrowed(self.username),
            "base_dn" => Cow::Borrowed(&self.base_dn),
            "domain" => Cow::Borrowed(self.config.domain.as_deref().unwrap_or_default()),
            "domain_dn" => Cow::Owned(self.config.domain_dn()),
            _ => Cow::Borrowed(""),
        }
    }
}

/// Goes through once: what a value holds is never taken for a variable.
fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else { return filled };
        filled.push_str(&value(name));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The name that the account for lookups signs in with: a DN or a name with its domain as it is,
/// a bare name by the format that people sign in with.
pub fn account_name(config: &LdapConfig, account: &str) -> String {
    if account.contains(['=', '@', '\\']) { account.to_owned() } else { Values::new(config, account).bind_name() }
}

#[cfg(test)]
mod tests {
    use binnacle_shared::model::conductor::ldap::LdapConfig;

    use super::{Values, account_name};

    fn config() -> LdapConfig {
        LdapConfig { domain: Some("example.org".to_owned()), ..LdapConfig::default() }
    }

    #[test]
    fn names_cannot_leave_their_place_in_a_filter() {
        let config = config();
        for (name, filter) in [
            ("alice", "(uid=alice)"),
            ("*", "(uid=\\2a)"),
            (")(uid=*", "(uid=\\29\\28uid=\\2a)"),
            ("a\\2a\0", "(uid=a\\5c2a\\00)"),
            ("{base_dn}", "(uid={base_dn})"),
        ] {
            assert_eq!(Values::new(&config, name).user_filter(), filter);
        }
        let filter = LdapConfig { group_member_filter: Some("(|(m={object_dn})(u={username}))".to_owned()), ..config };
        let values = Values::new(&filter, "a*");
        assert_eq!(values.group_filter("cn=x\\2cy (z),dc=a"), "(|(m=cn=x\\5c2cy \\28z\\29,dc=a)(u=a\\2a))");
    }

    #[test]
    fn names_cannot_leave_their_place_in_a_dn() {
        let config = config();
        let bind = |name| Values::new(&config, name).bind_name();
        assert_eq!(bind("alice"), "uid=alice,ou=users,dc=example,dc=org");
        assert_eq!(bind("admin,ou=x"), "uid=admin\\2cou\\3dx,ou=users,dc=example,dc=org");
        let active = LdapConfig { is_active_directory: true, ..config };
        assert_eq!(Values::new(&active, "alice").bind_name(), "alice@example.org");
        assert_eq!(Values::new(&active, "alice").user_filter(), "(|(sAMAccountName=alice)(uid=alice))");
        assert_eq!(Values::new(&active, "alice").group_dn(), "ou=groups,dc=example,dc=org");
    }

    #[test]
    fn the_account_may_be_named_shortly() {
        let active = LdapConfig { is_active_directory: true, ..config() };
        assert_eq!(account_name(&active, "lookup"), "lookup@example.org");
        for whole in ["lookup@other.example", "EXAMPLE\\lookup", "cn=lookup,dc=example,dc=org"] {
            assert_eq!(account_name(&active, whole), whole);
        }
        assert_eq!(account_name(&config(), "lookup"), "uid=lookup,ou=users,dc=example,dc=org");
    }
}
