//! Why an operation of the Conductor API is refused.

use binnacle_shared::Problems;
use binnacle_shared::model::conductor::permission::Permission;

use crate::auth::password::PasswordError;
use crate::keys::KeyError;
use crate::operation::administrators;
use crate::store::StoreError;

/// What was wrong. The API gives each a code and a status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or is not seen.
    #[error("{kind} `{name}` was not found{hint}")]
    NotFound { kind: &'static str, name: String, hint: &'static str },
    /// It stands in the way of another, or of a rule about several.
    #[error("{0}")]
    Conflict(String),
    /// The action does not fit the present state.
    #[error("{0}")]
    IllegalAction(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("User `{username}` is not permitted to perform the action {}{}", .permission.name(), in_tenant(.tenant.as_deref()))]
    NotPermitted { username: String, permission: Permission, tenant: Option<String> },
    #[error("Authorization failed: tenant not provided")]
    NoTenant,
    #[error("Authorization failed: Tried to authenticate with invalid tenant name: {0}")]
    UnknownTenant(String),
    #[error("User unauthorized: {0}")]
    Unauthorized(String),
    /// Values that break a rule.
    #[error("{}", sentences(.0))]
    Invalid(Problems),
    #[error("{0}")]
    BadParameters(String),
    /// A refusal with a code of its own.
    #[error("{message}")]
    Coded { code: Code, message: String },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Codes that only few refusals have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    AmbiguousName,
    FailedDependency,
    InvalidFernetToken,
    InvalidYaml,
    UnverifiedLicense,
    MissingLicense,
    ExpiredLicense,
    NotRunningLdapServer,
    /// The same, when somebody wants to sign in.
    LdapUnavailable,
    MissingPremiumPackage,
    CommunityOnly,
    MethodNotAllowed,
    NotModified,
}

impl Error {
    pub fn not_found(kind: &'static str, name: impl Into<String>) -> Self {
        Self::NotFound { kind, name: name.into(), hint: "" }
    }

    pub fn coded(code: Code, message: impl Into<String>) -> Self {
        Self::Coded { code, message: message.into() }
    }

    /// One value that is wrong.
    pub fn field(pointer: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(Problems::one(pointer, code, message))
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<administrators::Error> for Error {
    fn from(error: administrators::Error) -> Self {
        match error {
            administrators::Error::Store(error) => Self::Store(error),
            other => Self::IllegalAction(other.to_string()),
        }
    }
}

fn in_tenant(tenant: Option<&str>) -> String {
    tenant.map(|tenant| format!(" in the tenant `{tenant}`")).unwrap_or_default()
}

/// All that is wrong, for a client that shows only the message.
fn sentences(problems: &Problems) -> String {
    problems.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
