//! Refusals about roles, administrators and invitations.

use axum::http::StatusCode;
use binnacle_shared::{Kind, Problems};

use crate::api::error::ApiError;
use crate::auth::password::PasswordError;
use crate::operation::{administrators, invitations, roles};

/// A refusal with a name of its own, at the field that it is about.
fn named(status: StatusCode, error: &'static str, pointer: &str, code: &'static str, message: String) -> ApiError {
    ApiError::Named { status, error, problems: Problems::one(pointer, code, message) }
}

fn refused(status: StatusCode, error: &'static str, message: String) -> ApiError {
    ApiError::Refused { status, error, message }
}

impl From<roles::Error> for ApiError {
    fn from(error: roles::Error) -> Self {
        use StatusCode as S;
        use roles::Error as E;
        let message = error.to_string();
        match error {
            E::Unknown => Self::unknown(Kind::Role),
            E::ReadOnly(_) => refused(S::BAD_REQUEST, "ReadOnlyRole", message),
            E::Duplicate(value) => Self::Taken { kind: Kind::Role, field: "name", value },
            E::Name(violation) => named(S::BAD_REQUEST, "InvalidRoleName", "/name", violation.code, message),
            E::Permissions(_) => named(S::BAD_REQUEST, "InvalidRolePermissions", "/permissions", "unknown", message),
            E::UnknownAccessGroups(_) => {
                named(S::NOT_FOUND, "UnknownAccessGroups", "/access_groups", "unknown", message)
            }
            E::NotHeld { .. } => Self::NotHeld(message),
            E::Store(error) => error.into(),
        }
    }
}

impl From<administrators::Error> for ApiError {
    fn from(error: administrators::Error) -> Self {
        use StatusCode as S;
        use administrators::Error as E;
        let message = error.to_string();
        match error {
            E::Unknown => Self::unknown(Kind::Administrator),
            E::UnknownUser(_) => named(S::NOT_FOUND, "UnknownUser", "/email", "unknown", message),
            E::NotMember(_) => named(S::BAD_REQUEST, "PersonNotMemberOfAccount", "/email", "disabled", message),
            E::UnknownEmails(_) => named(S::NOT_FOUND, "UnknownPersonEmails", "/persons", "unknown", message),
            E::UnknownRoles(_) => named(S::NOT_FOUND, "UnknownRole", "/roles", "unknown", message),
            E::SelfRevoke => refused(S::BAD_REQUEST, "SelfRevokeGlobalAdmin", message),
            E::LastGlobalAdmin => refused(S::BAD_REQUEST, "LastGlobalAdmin", message),
            E::Role(error) => error.into(),
            E::Store(error) => error.into(),
        }
    }
}

impl From<invitations::Error> for ApiError {
    fn from(error: invitations::Error) -> Self {
        use StatusCode as S;
        use invitations::Error as E;
        let message = error.to_string();
        match error {
            E::Unknown => Self::unknown(Kind::Invitation),
            E::Closed => refused(S::NOT_FOUND, "UnknownInvitation", message),
            E::Repeated(_) | E::Member(_) => {
                named(S::BAD_REQUEST, "RepeatedInvitation", "/email", "duplicate", message)
            }
            E::Limit(_) => refused(S::BAD_REQUEST, "MaximumAccountAdministrators", message),
            E::External => refused(S::CONFLICT, "PeopleInDirectory", message),
            E::Taken(_) => refused(S::CONFLICT, "Conflict", message),
            E::Roles(error) => error.into(),
            E::Password(PasswordError::Length(_)) => Self::field("/password", "length", message),
            E::Password(error) => error.into(),
            E::Store(error) => error.into(),
        }
    }
}
