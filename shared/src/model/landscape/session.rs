//! What belongs to one's own sign-in: sessions, access keys, and the settings of a person.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::invitation::email;
use crate::body::Reader;
use crate::patch::Patch;
use crate::problem::{Problems, Violation};
use crate::recurrence::zone::{Zone, Zones, bundled};
use crate::rules;
use crate::time::Seconds;

/// Shortest and longest password that is taken.
pub const PASSWORD_LENGTH: RangeInclusive<usize> = 8..=200;

/// A session that somebody has opened by signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    pub id: i64,
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub created_at: Seconds,
    /// When it was used last, to about a minute.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub last_used_at: Seconds,
    /// When both its cookie and its token will have ended.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub expires_at: Seconds,
    /// Network address of the last use.
    pub address: Option<String>,
    /// What the browser or program calls itself.
    pub user_agent: Option<String>,
    /// Whether this request belongs to it.
    pub current: bool,
}

/// How many sessions were ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revoked {
    pub revoked: u64,
}

/// A key by which programs sign their requests; without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessKey {
    pub id: i64,
    pub title: String,
    pub access_key: String,
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub created_at: Seconds,
    /// When it was used last, to about a minute; null: never.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub last_used_at: Option<Seconds>,
    /// Network address of the last use.
    pub last_address: Option<String>,
}

/// An access key that was just made. Its secret is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuedAccessKey {
    #[serde(flatten)]
    pub key: AccessKey,
    pub secret_key: String,
    /// The address that the key is for.
    pub endpoint: String,
    /// Lines for a shell, which set what the public command line reads.
    pub exports: String,
}

/// What to call a new access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewAccessKey {
    /// What it is for, such as the program's name.
    pub title: String,
}

impl NewAccessKey {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.required("title");
        let title = r.check("title", title, rules::title);
        r.finish().or(Self { title: title.unwrap_or_default() })
    }
}

/// The pair of keys that the API documents know: one for each person and account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credential {
    /// Null: none was made yet.
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
    pub account_name: String,
    pub account_title: String,
    pub endpoint: String,
    pub exports: String,
}

/// `GET credentials`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credentials {
    pub credentials: Vec<Credential>,
}

/// `GET person`: the settings of whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Myself {
    pub name: String,
    pub email: String,
    /// The name to sign in with.
    pub identity: String,
    /// A name of the IANA database.
    pub timezone: String,
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub last_login_time: Option<Seconds>,
    pub last_login_host: Option<String>,
    pub preferred_account: Option<String>,
    /// Null: any address may be set.
    pub allowable_emails: Option<Vec<String>>,
    pub accounts: Vec<AccountRoles>,
    pub oidc_identities: Vec<OidcIdentity>,
}

/// An account and one's roles in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountRoles {
    pub name: String,
    pub title: String,
    pub roles: Vec<String>,
}

/// Who somebody is at another provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OidcIdentity {
    pub issuer: String,
    pub subject: String,
}

/// `POST person`: the fields that are sent are changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default))]
pub struct MyselfPatch {
    pub name: Patch<String>,
    pub email: Patch<String>,
    pub timezone: Patch<String>,
    /// Null: none is preferred.
    pub preferred_account: Patch<String>,
}

impl MyselfPatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        Self::parse_with(body, &bundled)
    }

    /// Reads the body where zones come from elsewhere, as in the browser.
    pub fn parse_with(body: &Value, zones: Zones<'_>) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let name = r.patch("name");
        let name = r.check_patch("name", name, rules::title);
        let address = r.patch("email");
        let email = r.check_patch("email", address, email);
        let zone = r.patch("timezone");
        let timezone =
            r.check_patch("timezone", zone, |name: String| Zone::find(&name, zones).map(|zone| zone.name().to_owned()));
        let account = r.patch("preferred_account");
        let preferred_account = r.check_patch("preferred_account", account, rules::title);
        r.finish().or(Self { name, email, timezone, preferred_account })
    }
}

/// A password that somebody wants to have from now on.
pub fn new_password(text: String) -> Result<String, Violation> {
    password_within(text, &PASSWORD_LENGTH)
}

/// A password with a length out of these, in characters: each family of APIs has its own rule.
pub fn password_within(text: String, lengths: &RangeInclusive<usize>) -> Result<String, Violation> {
    if lengths.contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(Violation::new("length", format!("Must have {} to {} characters.", lengths.start(), lengths.end())))
}

/// `PUT password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasswordChange {
    /// The present one.
    pub password: String,
    /// 8 to 200 characters.
    pub new_password: String,
}

impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordChange(…)")
    }
}

impl PasswordChange {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let password = r.required("password");
        let wanted = r.required("new_password");
        let wanted = r.check("new_password", wanted, new_password);
        let problems = r.finish();
        problems.or(Self { password: password.unwrap_or_default(), new_password: wanted.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MyselfPatch, PasswordChange};

    #[test]
    fn faults_have_their_places() {
        let faults = MyselfPatch::parse(&json!({"name": " ", "email": 5, "timezone": "a\nb"})).unwrap_err();
        let places: Vec<_> = faults.0.iter().map(|f| (f.pointer.as_str(), f.code.as_ref())).collect();
        assert_eq!(places, [("/name", "blank"), ("/email", "type"), ("/timezone", "unknown")]);
        let faults = PasswordChange::parse(&json!({"new_password": "short"})).unwrap_err();
        let places: Vec<_> = faults.0.iter().map(|f| (f.pointer.as_str(), f.code.as_ref())).collect();
        assert_eq!(places, [("/password", "required"), ("/new_password", "length")]);
    }
}
