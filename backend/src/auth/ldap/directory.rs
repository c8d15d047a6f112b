//! The requests that are made to a directory.

use std::collections::HashMap;
use std::os::unix::net::UnixStream as StdUnixStream;

use ldap3::{DerefAliases, Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry, SearchOptions, StdStream};
use tokio::net::UnixStream;

use super::PATIENCE;
use super::connect::Stream;
use super::error::{LdapError, reason};
use super::frame;

pub const SUCCESS: u32 = 0;
pub const SIZE_LIMIT_EXCEEDED: u32 = 4;
pub const REFERRAL: u32 = 10;
pub const NO_SUCH_OBJECT: u32 = 32;

/// Asks for entries without any attribute.
pub const NO_ATTRIBUTES: &[&str] = &["1.1"];

/// One session with a server.
#[derive(Debug)]
pub struct Directory {
    ldap: Ldap,
}

/// What a server said to a name and a password.
#[derive(Debug, PartialEq, Eq)]
pub enum Bind {
    Accepted,
    Refused { code: u32, text: String },
}

/// An entry that was found.
#[derive(Debug)]
pub struct Entry {
    pub dn: String,
    /// By name in lower case and without options: servers write names as they like.
    attributes: HashMap<String, Vec<String>>,
}

impl Entry {
    /// An entry of which nothing but its name is known.
    pub fn named(dn: String) -> Self {
        Self { dn, attributes: HashMap::new() }
    }

    /// The values of an attribute; `None` if the entry does not have it.
    pub fn values(&self, attribute: &str) -> Option<&[String]> {
        self.attributes.get(&attribute_name(attribute)).map(Vec::as_slice)
    }

    /// The first value that says something.
    pub fn first(&self, attribute: &str) -> Option<String> {
        let mut values = self.values(attribute)?.iter().map(|value| value.trim());
        values.find(|value| !value.is_empty()).map(str::to_owned)
    }
}

fn attribute_name(attribute: &str) -> String {
    attribute.split(';').next().unwrap_or_default().to_ascii_lowercase()
}

impl From<SearchEntry> for Entry {
    fn from(entry: SearchEntry) -> Self {
        let mut attributes: HashMap<String, Vec<String>> = HashMap::new();
        // A NUL belongs into no name, and no database could look for one that holds it.
        let is_text = |value: &String| !value.contains('\0');
        for (name, values) in entry.attrs {
            attributes.entry(attribute_name(&name)).or_default().extend(values.into_iter().filter(is_text));
        }
        // One value that is no text puts all of an attribute's values here.
        for (name, values) in entry.bin_attrs {
            let texts = values.into_iter().filter_map(|value| String::from_utf8(value).ok());
            attributes.entry(attribute_name(&name)).or_default().extend(texts.filter(is_text));
        }
        Self { dn: entry.dn, attributes }
    }
}

impl Directory {
    /// A session over a connection, and what has to run beside it for bytes to flow.
    pub async fn over(stream: Box<dyn Stream>) -> Result<(Self, impl Future<Output = LdapError>), LdapError> {
        let local = |error: std::io::Error| LdapError::Tls(error.to_string());
        let (ours, theirs) = StdUnixStream::pair().map_err(local)?;
        ours.set_nonblocking(true).map_err(local)?;
        let ours = UnixStream::from_std(ours).map_err(local)?;
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(theirs));
        let (connection, ldap) = LdapConnAsync::with_settings(settings, "ldapi:///").await?;
        let driving = async {
            // Its end is seen by whoever waits for an answer.
            let _ = connection.drive().await;
            std::future::pending::<LdapError>().await
        };
        let carrying = async {
            tokio::select! {
                fault = frame::carry(stream, ours) => fault,
                fault = driving => fault,
            }
        };
        Ok((Self { ldap }, carrying))
    }

    /// Signs in to the directory. An empty password is never sent: servers take such a bind for
    /// an anonymous one and say yes.
    pub async fn bind(&mut self, name: &str, password: &str) -> Result<Bind, LdapError> {
        if name.is_empty() || password.is_empty() {
            return Err(LdapError::Configuration("a bind needs a name and a password".to_owned()));
        }
        let answer = self.ldap.simple_bind(name, password).await?;
        Ok(match answer.rc {
            SUCCESS => Bind::Accepted,
            code => Bind::Refused { code, text: answer.text },
        })
    }

    /// Entries that a filter finds, at most so many. References to other servers are left
    /// alone, and aliases are not followed. A server whose own limit is lower keeps entries back:
    /// then nobody knows what they are, and that is an error.
    pub async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
        most: usize,
    ) -> Result<Vec<Entry>, LdapError> {
        let options = SearchOptions::new()
            .deref(DerefAliases::Never)
            .timelimit(i32::try_from(PATIENCE.as_secs()).unwrap_or_default())
            .sizelimit(i32::try_from(most).unwrap_or_default());
        let ldap = self.ldap.with_search_options(options);
        let found = ldap.search(base, scope, filter, attributes.to_vec()).await?;
        let entries = found.0.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate());
        let entries: Vec<Entry> = entries.take(most).map(SearchEntry::construct).map(Entry::from).collect();
        let enough = found.1.rc == SIZE_LIMIT_EXCEEDED && entries.len() == most;
        if found.1.rc != SUCCESS && !enough {
            let reason = reason(found.1.rc, &found.1.text);
            return Err(LdapError::Refused { doing: "a search", code: found.1.rc, reason });
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use ldap3::SearchEntry;

    use super::Entry;

    #[test]
    fn a_value_with_a_nul_is_none() {
        let attrs = HashMap::from([("uid".to_owned(), vec!["a\0b".to_owned(), "kim".to_owned()])]);
        let bin_attrs = HashMap::from([("mail".to_owned(), vec![b"\xff".to_vec(), b"k\0".to_vec()])]);
        let entry = Entry::from(SearchEntry { dn: "uid=kim".to_owned(), attrs, bin_attrs });
        assert_eq!(entry.first("uid").as_deref(), Some("kim"));
        assert_eq!(entry.first("mail"), None);
    }
}
