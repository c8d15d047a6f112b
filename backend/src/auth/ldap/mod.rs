//! People of a directory (LDAP, Active Directory): is this their password, who are they, and
//! which groups are they in.
//!
//! The server's address is not held against the rule that keeps requests out of private networks:
//! a directory is nearly always in one, only the administrator of the whole system can name it,
//! and nothing of what it answers is shown to anybody but as a result.

mod connect;
mod directory;
pub mod dn;
mod error;
mod frame;
mod groups;
mod sign_in;
mod template;

use std::time::Duration;

use binnacle_shared::model::conductor::ldap::LdapConfig;
use tokio::task::JoinSet;

use self::directory::Directory;
pub use self::error::LdapError;

/// How long somebody waits for a directory, whatever it does.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The longest user name that a directory is asked for.
const USERNAME_MAX: usize = 256;
/// Longer than any password rule, and short enough for one packet.
const PASSWORD_MAX: usize = 1_024;

/// Somebody whose password was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LdapUser {
    /// As the directory writes it, which may differ from what was typed in upper and lower case.
    pub username: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub dn: String,
    /// The DNs of the groups, nearest first, each once. Compare them with [`dn::same`].
    pub groups: Vec<String>,
}

/// How far a configuration could be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The account for lookups signed in and sees the base DN.
    Account,
    /// A directory answers. Without an account nothing more can be seen before somebody signs in.
    Connection,
}

/// Tries a configuration without anybody signing in.
pub async fn test(config: &LdapConfig) -> Result<Tried, LdapError> {
    let config = config.clone();
    limited(async move { session(&config, async |directory| sign_in::test(directory, &config).await).await }).await
}

/// Who this is, if the directory knows them and takes the password; `None` if either is not so.
pub async fn authenticate(config: &LdapConfig, username: &str, password: &str) -> Result<Option<LdapUser>, LdapError> {
    if !askable(username, password) {
        return Ok(None);
    }
    let (config, username, password) = (config.clone(), username.to_owned(), password.to_owned());
    limited(async move {
        session(&config, async |directory| sign_in::sign_in(directory, &config, &username, &password).await).await
    })
    .await
}

/// Directories take a bind without a password for an anonymous one and let it pass; a NUL may
/// end a text early in one that is written in C. Neither is ever sent.
fn askable(username: &str, password: &str) -> bool {
    let name = !username.trim().is_empty() && username.len() <= USERNAME_MAX && !username.chars().any(char::is_control);
    name && !password.is_empty() && password.len() <= PASSWORD_MAX && !password.contains('\0')
}

/// Runs a session as a task of its own: it ends when the time is up or when nobody waits for it
/// any more, and what a broken answer does to the parser ends there too.
async fn limited<T: Send + 'static>(
    session: impl Future<Output = Result<T, LdapError>> + Send + 'static,
) -> Result<T, LdapError> {
    let mut task = JoinSet::new();
    task.spawn(session);
    match tokio::time::timeout(PATIENCE, task.join_next()).await {
        Err(_) => Err(LdapError::TimedOut),
        Ok(Some(Ok(result))) => result,
        Ok(Some(Err(_)) | None) => Err(LdapError::NotLdap),
    }
}

/// Connects, works, and carries the connection's bytes meanwhile.
async fn session<T>(
    config: &LdapConfig,
    work: impl AsyncFnOnce(&mut Directory) -> Result<T, LdapError>,
) -> Result<T, LdapError> {
    let stream = connect::connect(config).await?;
    let (mut directory, carrying) = Directory::over(stream).await?;
    tokio::select! {
        // First what has been answered, then what went wrong afterwards.
        biased;
        result = work(&mut directory) => result,
        fault = carrying => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::askable;

    #[test]
    fn no_empty_password_is_ever_sent() {
        assert!(askable("alice", "secret"));
        assert!(askable("o'neill (*)", " "));
        for (name, password) in [("alice", ""), ("", "x"), (" ", "x"), ("a\0", "x"), ("a\n", "x"), ("alice", "\0x")] {
            assert!(!askable(name, password), "{name:?} {password:?}");
        }
        assert!(!askable(&"a".repeat(257), "x"));
        assert!(!askable("alice", &"x".repeat(1_025)));
    }
}
