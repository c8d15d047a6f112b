//! The directory (LDAP) that people sign in through: tries it, keeps it, and switches it off.

use binnacle_shared::model::conductor::ldap::LdapConfig;
use serde_json::{Value, json};

use super::error::Code;
use super::{Author, Error, Subject};
use crate::auth::ldap::{self, LdapError, Tried};
use crate::keys::{KeyError, Keys, ldap_context};
use crate::operation::Services;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::ldap::{self as store, Stored};
use crate::store::{Conn, account, person};

/// What stands in the audit log for a password.
const MASK: &str = "********";

/// The configuration with the password of the account for lookups.
pub fn open(keys: &Keys, stored: Stored) -> Result<LdapConfig, KeyError> {
    let password = stored.password.map(|sealed| keys.decrypt(&ldap_context(), &sealed)).transpose()?;
    Ok(LdapConfig { password, ..stored.config })
}

/// The configuration, if there is one.
pub async fn read(conn: &mut Conn, keys: &Keys) -> Result<Option<LdapConfig>, Error> {
    Ok(store::stored(conn).await?.map(|stored| open(keys, stored)).transpose()?)
}

/// Tries a configuration without keeping it.
pub async fn test(config: &LdapConfig) -> Result<Tried, Error> {
    ldap::test(config).await.map_err(|error| refusal(&error))
}

/// What the directory says of a configuration: either it is not there, or a field is wrong.
fn refusal(error: &LdapError) -> Error {
    let message = sentence(error);
    match error {
        LdapError::AccountRefused { .. } => Error::field("/ldap_username", "refused", message),
        LdapError::NoBase(_) => Error::field("/ldap_base_dn", "unknown", message),
        LdapError::Untrusted(_) => Error::field("/ldap_ca_cert", "untrusted", message),
        LdapError::Configuration(_) => Error::field("/ldap_server", "format", message),
        _ => Error::coded(Code::NotRunningLdapServer, message),
    }
}

fn sentence(error: &LdapError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Keeps a configuration that works. People sign in through the directory from then on; what they
/// opened before with a password ends, but for the author's and the first administrator's.
pub async fn set(services: &Services, author: &Author<'_>, config: LdapConfig) -> Result<LdapConfig, Error> {
    test(&config).await?;
    let sealed = config.password.as_deref();
    let sealed = sealed.map(|plain| services.keys.encrypt(services.random.as_ref(), &ldap_context(), plain));
    let stored = Stored { config: LdapConfig { password: None, ..config.clone() }, password: sealed.transpose()? };
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, author.person.account_id).await?;
    let before = store::stored(&mut conn).await?;
    // Kept with other keys: what it was is not known, so it counts as another.
    let unchanged = before.clone().is_some_and(|old| open(&services.keys, old).is_ok_and(|old| old == config));
    if !unchanged {
        store::store(&mut conn, &stored).await?;
        let operation = if before.is_some() { Operation::Update } else { Operation::Create };
        let change = (before.as_ref().map(noted), Some(noted(&stored)));
        settle(services, author, &mut conn, operation, change).await?;
    }
    conn.commit().await?;
    Ok(config)
}

/// Lets people sign in with passwords of their own again.
pub async fn remove(services: &Services, author: &Author<'_>) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, author.person.account_id).await?;
    let none = || Error::NotFound { kind: "LDAP configuration", name: "ldap".to_owned(), hint: "" };
    let before = store::stored(&mut conn).await?.ok_or_else(none)?;
    store::remove(&mut conn).await?;
    settle(services, author, &mut conn, Operation::Delete, (Some(noted(&before)), None)).await?;
    conn.commit().await?;
    Ok(())
}

async fn settle(
    services: &Services,
    author: &Author<'_>,
    conn: &mut Conn,
    operation: Operation,
    change: (Option<Value>, Option<Value>),
) -> Result<(), Error> {
    let account_id = author.person.account_id;
    let mut stay = vec![author.person.id];
    stay.extend(person::bootstrap(conn, account_id).await?);
    store::end_sign_ins(conn, account_id, &stay).await?;
    let subject = Subject::of_account("ldap", account_id, json!({"name": "ldap"}));
    author.record(conn, services.clock.now(), operation, subject, change).await?;
    Ok(())
}

/// As the audit log shows it.
fn noted(stored: &Stored) -> Value {
    let mut shown = json!(stored.config);
    shown["ldap_password"] = stored.password.as_ref().map(|_| MASK).into();
    shown
}
