//! The directory (LDAP) that people sign in through.

pub mod filter;
pub mod server;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::server::Server;
use crate::body::{FromJson, Reader};
use crate::problem::{Problems, Violation};

/// The deepest nesting of groups that is followed. Every level costs requests while somebody waits.
pub const NESTED_LEVELS_MAX: i64 = 20;
/// Groups that people are in directly.
pub const NESTED_LEVELS_DEFAULT: u8 = 1;

const TEXT_MAX: usize = 2_000;
/// A chain of certificates has a few kilobytes.
const CERTIFICATES_MAX: usize = 100_000;

/// How to ask a directory, as it was given; what was not given has the defaults that the
/// methods name. The password is never part of what is serialised or printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LdapConfig {
    #[serde(rename = "ldap_server")]
    pub server: String,
    #[serde(rename = "ldap_is_active_directory")]
    pub is_active_directory: bool,
    #[serde(rename = "ldap_domain")]
    pub domain: Option<String>,
    #[serde(rename = "ldap_dn_extra")]
    pub dn_extra: Option<String>,
    /// The account that looks people up, where they may not do so themselves.
    #[serde(rename = "ldap_username")]
    pub username: Option<String>,
    #[serde(skip)]
    pub password: Option<String>,
    #[serde(rename = "ldap_base_dn")]
    pub base_dn: Option<String>,
    #[serde(rename = "ldap_group_dn")]
    pub group_dn: Option<String>,
    #[serde(rename = "ldap_bind_format")]
    pub bind_format: Option<String>,
    #[serde(rename = "ldap_user_filter")]
    pub user_filter: Option<String>,
    #[serde(rename = "ldap_group_member_filter")]
    pub group_member_filter: Option<String>,
    #[serde(rename = "ldap_attribute_email")]
    pub attribute_email: Option<String>,
    #[serde(rename = "ldap_attribute_first_name")]
    pub attribute_first_name: Option<String>,
    #[serde(rename = "ldap_attribute_last_name")]
    pub attribute_last_name: Option<String>,
    #[serde(rename = "ldap_attribute_uid")]
    pub attribute_uid: Option<String>,
    #[serde(rename = "ldap_attribute_group_membership")]
    pub attribute_group_membership: Option<String>,
    #[serde(rename = "ldap_nested_levels")]
    pub nested_levels: Option<u8>,
    #[serde(rename = "ldap_ca_cert")]
    pub ca_cert: Option<String>,
}

impl fmt::Debug for LdapConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LdapConfig")
            .field("server", &self.server)
            .field("base_dn", &self.base_dn())
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// `true`, or the word in text: the documents call both a text.
struct Flag(bool);

impl FromJson for Flag {
    const EXPECTED: &'static str = "true or false";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_bool().or_else(|| value.as_str()?.trim().to_ascii_lowercase().parse().ok()).map(Self)
    }
}

/// A number, or one in text: the command-line client passes on what was typed.
struct Count(i64);

impl FromJson for Count {
    const EXPECTED: &'static str = "an integer";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok()).map(Self)
    }
}

impl LdapConfig {
    /// Reads the body of `POST /ldap`. Blank texts are as if left out: clients send them so.
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let address = r.required::<String>("ldap_server").map(|text| text.trim().to_owned());
        let server = r.check("ldap_server", address.as_deref(), Server::parse);
        let config = Self {
            is_active_directory: r.optional("ldap_is_active_directory").is_some_and(|Flag(on)| on),
            domain: text(&mut r, "ldap_domain", domain),
            dn_extra: text(&mut r, "ldap_dn_extra", one_line),
            username: text(&mut r, "ldap_username", one_line),
            // As it is: blanks belong to a password.
            password: r.optional::<String>("ldap_password").filter(|password| !password.is_empty()),
            base_dn: text(&mut r, "ldap_base_dn", one_line),
            group_dn: text(&mut r, "ldap_group_dn", |text| template(text, &["base_dn", "domain_dn"], &[])),
            bind_format: text(&mut r, "ldap_bind_format", |text| {
                template(text, &["username", "domain", "domain_dn", "base_dn"], &["username"])
            }),
            user_filter: text(&mut r, "ldap_user_filter", |text| {
                search(text, &["username", "domain_dn", "base_dn"], &["username"])
            }),
            group_member_filter: text(&mut r, "ldap_group_member_filter", |text| {
                search(text, &["object_dn", "username", "domain_dn", "base_dn"], &["object_dn", "username"])
            }),
            attribute_email: text(&mut r, "ldap_attribute_email", attribute),
            attribute_first_name: text(&mut r, "ldap_attribute_first_name", attribute),
            attribute_last_name: text(&mut r, "ldap_attribute_last_name", attribute),
            attribute_uid: text(&mut r, "ldap_attribute_uid", attribute),
            attribute_group_membership: text(&mut r, "ldap_attribute_group_membership", attribute),
            nested_levels: nested_levels(&mut r),
            ca_cert: text(&mut r, "ldap_ca_cert", |text| {
                limited(text, CERTIFICATES_MAX).and_then(server::certificates)
            }),
            server: address.unwrap_or_default(),
        };
        config.check_together(&mut r, server.map(|server| server.tls), body);
        r.finish().or(config)
    }

    /// What only two fields together can be wrong about. One that is wrong in itself has been
    /// told of by now and is not missing.
    fn check_together(&self, r: &mut Reader<'_>, tls: Option<bool>, body: &Value) {
        let given = |name: &str| !body[name].is_null() && body[name].as_str().is_none_or(|text| !blank(text));
        let certificate = given("ldap_ca_cert");
        match tls {
            Some(true) if !certificate => r.fault(
                "ldap_ca_cert",
                Violation::new("required", "An ldaps:// server needs the certificate of its authority."),
            ),
            Some(false) if certificate => r.fault(
                "ldap_ca_cert",
                Violation::new("unknown", "An ldap:// server uses no certificate; write ldaps:// or leave it out."),
            ),
            _ => {}
        }
        let account = given("ldap_username");
        // Blanks can be a password. Without one a directory takes a bind for an anonymous one, and
        // lets it pass.
        let password = !body["ldap_password"].is_null() && body["ldap_password"] != "";
        if account && !password {
            r.fault(
                "ldap_password",
                Violation::new("required", "The account for lookups needs a password that is not empty."),
            );
        } else if password && !account {
            r.fault(
                "ldap_username",
                Violation::new("required", "Say whose password this is: the account for lookups."),
            );
        }
        if !given("ldap_base_dn") && !given("ldap_domain") {
            r.fault("ldap_base_dn", Violation::new("required", "Say where to search: a base DN, or the domain."));
        } else if !given("ldap_domain") && self.needs_domain() {
            r.fault(
                "ldap_domain",
                Violation::new("required", "Is required: people sign in with it, or a format or filter names it."),
            );
        }
    }

    fn needs_domain(&self) -> bool {
        let templates = [
            Some(self.bind_format()).filter(|_| self.username.is_none()),
            Some(self.user_filter()),
            Some(self.group_member_filter()),
            self.group_dn.as_deref(),
        ];
        templates.into_iter().flatten().any(|text| text.contains("{domain}") || text.contains("{domain_dn}"))
    }

    /// The domain as a DN: `example.org` is `dc=example,dc=org`.
    pub fn domain_dn(&self) -> String {
        let labels = self.domain.iter().flat_map(|domain| domain.split('.'));
        labels.map(|label| format!("dc={label}")).collect::<Vec<_>>().join(",")
    }

    /// Below which all searches are made.
    pub fn base_dn(&self) -> String {
        match (&self.base_dn, &self.dn_extra) {
            (Some(base), _) => base.clone(),
            (None, Some(extra)) => format!("{extra},{}", self.domain_dn()),
            (None, None) => self.domain_dn(),
        }
    }

    /// Below which groups are searched; may hold `{base_dn}` and `{domain_dn}`.
    pub fn group_dn(&self) -> &str {
        self.group_dn.as_deref().unwrap_or("ou=groups,{base_dn}")
    }

    /// The name that somebody signs in to the directory with.
    pub fn bind_format(&self) -> &str {
        let default =
            if self.is_active_directory { "{username}@{domain}" } else { "uid={username},ou=users,{base_dn}" };
        self.bind_format.as_deref().unwrap_or(default)
    }

    /// Finds somebody by the name they sign in with.
    pub fn user_filter(&self) -> &str {
        let default = if self.is_active_directory {
            "(|(sAMAccountName={username})(uid={username}))"
        } else {
            "(uid={username})"
        };
        self.user_filter.as_deref().unwrap_or(default)
    }

    /// Finds the groups that something is a member of.
    pub fn group_member_filter(&self) -> &str {
        let default = if self.is_active_directory { "(member={object_dn})" } else { "(uniqueMember={object_dn})" };
        self.group_member_filter.as_deref().unwrap_or(default)
    }

    /// The attributes that can hold the name of a user, the first that does counts.
    pub fn attributes_uid(&self) -> Vec<&str> {
        // Active Directory has a uid only where an administrator fills it in.
        self.either(self.attribute_uid.as_deref(), "uid", "sAMAccountName")
    }

    pub fn attributes_email(&self) -> Vec<&str> {
        self.either(self.attribute_email.as_deref(), "email", "mail")
    }

    pub fn attribute_first_name(&self) -> &str {
        self.attribute_first_name.as_deref().unwrap_or("givenName")
    }

    pub fn attribute_last_name(&self) -> &str {
        self.attribute_last_name.as_deref().unwrap_or("sn")
    }

    pub fn attribute_group_membership(&self) -> &str {
        self.attribute_group_membership.as_deref().unwrap_or("memberOf")
    }

    /// How many levels of groups count: 1 is the groups that somebody is in directly.
    pub fn nested_levels(&self) -> u8 {
        self.nested_levels.unwrap_or(NESTED_LEVELS_DEFAULT)
    }

    fn either<'a>(&self, chosen: Option<&'a str>, default: &'a str, active_directory: &'a str) -> Vec<&'a str> {
        match chosen {
            Some(chosen) => vec![chosen],
            None if self.is_active_directory => vec![default, active_directory],
            None => vec![default],
        }
    }
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// An optional text; a blank one counts as left out.
fn text(r: &mut Reader<'_>, name: &str, rule: impl FnOnce(String) -> Result<String, Violation>) -> Option<String> {
    let given = r.optional::<String>(name).filter(|text| !blank(text)).map(|text| text.trim().to_owned());
    r.check(name, given, rule)
}

fn nested_levels(r: &mut Reader<'_>) -> Option<u8> {
    let given = r.optional::<Count>("ldap_nested_levels");
    r.check("ldap_nested_levels", given, |Count(levels)| {
        u8::try_from(levels).ok().filter(|levels| i64::from(*levels) <= NESTED_LEVELS_MAX).ok_or_else(|| {
            Violation::new(
                "range",
                format!("Must be a number from 0 to {NESTED_LEVELS_MAX}; {NESTED_LEVELS_DEFAULT} is usual."),
            )
        })
    })
}

fn limited(text: String, most: usize) -> Result<String, Violation> {
    if text.len() > most {
        return Err(Violation::new("length", format!("Must have at most {most} bytes; this has {}.", text.len())));
    }
    Ok(text)
}

fn one_line(text: String) -> Result<String, Violation> {
    let text = limited(text, TEXT_MAX)?;
    if text.chars().any(char::is_control) {
        return Err(Violation::new("format", "Must be one line of text without control characters."));
    }
    Ok(text)
}

/// The name of an attribute or its number.
fn attribute(text: String) -> Result<String, Violation> {
    let text = one_line(text)?;
    let fits = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';'));
    if !fits || text.starts_with(['-', '.', ';']) {
        return Err(Violation::new(
            "format",
            "Must be the name of an attribute: letters, digits, - or ., such as mail.",
        ));
    }
    Ok(text)
}

/// A DNS name, since it becomes part of DNs and of names to sign in with.
fn domain(text: String) -> Result<String, Violation> {
    let text = one_line(text)?;
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            && !label.starts_with('-')
    };
    if !text.split('.').all(label) || text.len() > 253 {
        return Err(Violation::new("format", "Must be a domain such as example.org."));
    }
    Ok(text)
}

/// A text with variables in braces: only those that are known, and one of those that are needed.
fn template(text: String, known: &[&str], needed: &[&str]) -> Result<String, Violation> {
    let text = one_line(text)?;
    let list = |names: &[&str]| names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
    let unknown = Violation::new("format", format!("Can hold these in braces: {}.", list(known)));
    let mut names = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}').filter(|_| !before.contains('}')) else { return Err(unknown) };
        if !known.contains(&name) {
            return Err(unknown);
        }
        names.push(name);
        rest = after;
    }
    if rest.contains('}') {
        return Err(unknown);
    }
    if !needed.is_empty() && !needed.iter().any(|name| names.contains(name)) {
        return Err(Violation::new(
            "format",
            format!("Must hold {}, since it would else mean everybody.", list(needed).replace(", ", " or ")),
        ));
    }
    Ok(text)
}

/// A filter with variables.
fn search(text: String, known: &[&str], needed: &[&str]) -> Result<String, Violation> {
    let text = template(text, known, needed)?;
    // Any value will do: what is put in later is escaped and cannot change the structure.
    let filled = known.iter().fold(text.clone(), |filled, name| filled.replace(&format!("{{{name}}}"), "x"));
    filter::check(&filled)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
