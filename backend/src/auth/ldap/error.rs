//! What can go wrong between us and a directory.

use ldap3::result::LdapError as Library;
use thiserror::Error;

/// Why a directory could not be asked. That somebody's password is wrong is no such error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LdapError {
    /// The configuration cannot be used; it comes from elsewhere than the form, or is older.
    #[error("the LDAP configuration cannot be used: {0}")]
    Configuration(String),
    #[error("the LDAP server {server} cannot be reached: {reason}")]
    Unreachable { server: String, reason: String },
    #[error("the LDAP server did not answer in time")]
    TimedOut,
    #[error("the certificate of the LDAP server is not trusted: {0}")]
    Untrusted(String),
    #[error("no secure connection to the LDAP server: {0}")]
    Tls(String),
    #[error("what answers there is no LDAP server, or one with a fault")]
    NotLdap,
    #[error("the LDAP server closed the connection")]
    Closed,
    #[error("the answer of the LDAP server is too large")]
    TooMuch,
    #[error("the LDAP server refuses the account for lookups: {reason}")]
    AccountRefused { code: u32, reason: String },
    #[error("the base DN {0} does not exist, or may not be read by whoever asks")]
    NoBase(String),
    #[error("the user filter finds more than one entry for this name")]
    Ambiguous,
    #[error("the entry {0} has no user name (see the attribute for it)")]
    NoUsername(String),
    #[error("the LDAP server refuses {doing}: {reason}")]
    Refused { doing: &'static str, code: u32, reason: String },
}

impl LdapError {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "configuration",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Untrusted(_) => "untrusted",
            Self::Tls(_) => "tls",
            Self::NotLdap => "not_ldap",
            Self::Closed => "closed",
            Self::TooMuch => "too_much",
            Self::AccountRefused { .. } => "account_refused",
            Self::NoBase(_) => "no_base",
            Self::Ambiguous => "ambiguous",
            Self::NoUsername(_) => "no_username",
            Self::Refused { .. } => "refused",
        }
    }

    /// Whether another try a little later may go better.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut | Self::Closed)
    }
}

/// The library's own errors are all about the connection: result codes are looked at by us.
impl From<Library> for LdapError {
    fn from(error: Library) -> Self {
        match error {
            Library::FilterParsing => Self::Configuration("a filter is not well formed".to_owned()),
            _ => Self::Closed,
        }
    }
}

/// What a result code means, with what the server says of it.
pub fn reason(code: u32, text: &str) -> String {
    let meaning = match code {
        1 => "it asks to sign in first",
        3 => "its time limit is reached",
        4 => "its size limit is reached",
        7 => "it does not allow to sign in like this",
        8 | 13 => "it demands a secure connection (ldaps)",
        10 => "it refers to another server",
        11 => "an administrative limit is reached",
        17 | 18 => "a filter names an attribute that it does not know, or cannot compare",
        19 => "a rule of the directory is against it",
        32 => "there is no such entry",
        34 => "this is no valid DN",
        48 => "this entry cannot sign in like this",
        49 => "name or password is wrong",
        50 => "the rights do not suffice",
        51 => "it is busy",
        52 => "it is not available",
        53 => "it is unwilling",
        _ => "an error",
    };
    // The server's own words go into logs and answers: one line, and not a long one.
    let said: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    if said.trim().is_empty() {
        format!("{meaning} (code {code})")
    } else {
        format!("{meaning} (code {code}: {})", said.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn what_a_server_says_stays_on_one_line() {
        assert_eq!(reason(49, "80090308: data 52e\0\n"), "name or password is wrong (code 49: 80090308: data 52e)");
        assert_eq!(reason(80, " "), "an error (code 80)");
        assert!(reason(80, &"x".repeat(10_000)).len() < 300);
    }
}
