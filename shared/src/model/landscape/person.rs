//! People who use the account, and the state of their session.

use serde::{Deserialize, Serialize};

/// A person where an e-mail address is not shown: `created_by`, `last_edited_by`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRef {
    pub name: String,
    pub id: i64,
}

/// A person as an activity shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Creator {
    pub name: String,
    pub email: String,
    pub id: i64,
}

/// An account that a person belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountRef {
    pub name: String,
    pub title: String,
    pub default: bool,
    pub subdomain: Option<String>,
    pub classic_dashboard_url: Option<String>,
}

/// Answer to `login` and `me`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthState {
    /// Only in the answer to a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub email: String,
    pub name: String,
    pub accounts: Vec<AccountRef>,
    pub current_account: String,
    pub has_password: bool,
    pub self_hosted: bool,
    pub identity_source: String,
    pub return_to: Option<serde_json::Value>,
    pub attach_code: Option<String>,
    pub invitation_id: Option<String>,
    /// Ours: goes into `X-CSRF-Token` of every changing request that relies on the cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// Ours: names of what this person may do.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Ours: the tenant of the Conductor API that one works in, and what one may do there.
    #[serde(default)]
    pub tenancy: Tenancy,
    /// Ours.
    pub user: PersonRef,
}

/// What somebody is in a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tenancy {
    /// None: they are in no tenant.
    pub tenant: Option<String>,
    /// Names of the roles that hold there, and of the one that holds everywhere.
    pub roles: Vec<String>,
    /// Names of what the roles give.
    pub permissions: Vec<String>,
}

/// Body of `POST login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Login {
    pub identity: String,
    pub password: String,
}
