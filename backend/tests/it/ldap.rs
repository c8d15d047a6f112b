//! The LDAP client against OpenLDAP's server.

mod connection;
mod groups;
mod sign_in;

use binnacle::auth::ldap::{self, LdapError, LdapUser, Tried};
use binnacle_shared::model::conductor::ldap::LdapConfig;
use serde_json::{Value, json};

use crate::support::slapd::Slapd;

const LOOKUP: &str = "cn=lookup,dc=example,dc=org";
const LOOKUP_PASSWORD: &str = "lookup-secret";

/// A configuration for a server, with what a test changes, through the rules of the API.
fn config(slapd: &Slapd, changes: Value) -> LdapConfig {
    config_at(&slapd.url, changes)
}

fn config_at(url: &str, changes: Value) -> LdapConfig {
    let mut body = json!({"ldap_server": url, "ldap_domain": "example.org", "ldap_attribute_email": "mail"});
    let Value::Object(mut changes) = changes else { panic!("not an object") };
    body.as_object_mut().unwrap().append(&mut changes);
    LdapConfig::parse(&body).unwrap()
}

/// With the account for lookups.
fn with_account(slapd: &Slapd, changes: Value) -> LdapConfig {
    let mut config = config(slapd, changes);
    config.username = Some(LOOKUP.to_owned());
    config.password = Some(LOOKUP_PASSWORD.to_owned());
    config
}

async fn user(config: &LdapConfig, name: &str, password: &str) -> LdapUser {
    ldap::authenticate(config, name, password).await.unwrap().unwrap_or_else(|| panic!("{name} is refused"))
}

async fn refused(config: &LdapConfig, name: &str, password: &str) {
    assert_eq!(ldap::authenticate(config, name, password).await, Ok(None), "{name:?} {password:?}");
}

async fn fault(config: &LdapConfig) -> LdapError {
    let sign_in = ldap::authenticate(config, "alice", "alice-secret").await.unwrap_err();
    let test = ldap::test(config).await.unwrap_err();
    assert_eq!(sign_in.code(), test.code());
    test
}

async fn tried(config: &LdapConfig) -> Tried {
    ldap::test(config).await.unwrap()
}
