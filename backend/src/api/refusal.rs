//! What operations refuse, as errors of the API. Only here do their errors meet HTTP.

mod fleet;
mod identity;

use axum::http::StatusCode;
use binnacle_shared::Kind;

use super::error::ApiError;
use crate::operation::{
    access_groups, archive_script_profile, create_script_profile, edit_preferences, edit_script_profile,
    preview_script_profile, run_script_profile,
};
pub use fleet::{copy_script, create_script};

const fn unknown_at(kind: Kind, pointer: &'static str) -> ApiError {
    ApiError::Unknown { kind, pointer: Some(pointer) }
}

fn refused(error: &'static str, message: impl std::fmt::Display) -> ApiError {
    let message = format!("{message}");
    ApiError::Refused { status: StatusCode::BAD_REQUEST, error, message }
}

/// A refusal with the title that was asked for.
pub fn create_script_profile(error: create_script_profile::Error, title: &str) -> ApiError {
    use create_script_profile::Error as E;
    let message = error.to_string();
    match error {
        E::UnknownScript => unknown_at(Kind::Script, "/script_id"),
        E::UnusableScript(_) => ApiError::field("/script_id", "unusable", message),
        E::Duplicate => ApiError::Duplicate { kind: Kind::ScriptProfile, title: title.to_owned() },
        E::TooManyProfiles { .. } => refused("TooManyScriptProfiles", message),
        E::TooManyComputers { pointer, .. } => ApiError::field(pointer, "range", message),
        E::NeverRuns => ApiError::field("/trigger/interval", "never", message),
        E::Store(error) => error.into(),
    }
}

pub fn edit_script_profile(error: edit_script_profile::Error, title: &str) -> ApiError {
    use edit_script_profile::Error as E;
    match error {
        E::Unknown => ApiError::unknown(Kind::ScriptProfile),
        E::Archived => refused("ScriptProfileArchived", error),
        E::Invalid(problems) => problems.into(),
        E::Rule(error) => create_script_profile(error, title),
    }
}

impl From<archive_script_profile::Error> for ApiError {
    fn from(error: archive_script_profile::Error) -> Self {
        match error {
            archive_script_profile::Error::Unknown => Self::unknown(Kind::ScriptProfile),
            archive_script_profile::Error::Store(error) => error.into(),
        }
    }
}

impl From<run_script_profile::Error> for ApiError {
    fn from(error: run_script_profile::Error) -> Self {
        use run_script_profile::Error as E;
        match error {
            E::Unknown => Self::unknown(Kind::ScriptProfile),
            E::Archived => refused("ScriptProfileArchived", error),
            E::NoComputers => refused("NoComputers", error),
            E::Store(error) => error.into(),
        }
    }
}

impl From<preview_script_profile::Error> for ApiError {
    fn from(error: preview_script_profile::Error) -> Self {
        match error {
            preview_script_profile::Error::UnknownScript => unknown_at(Kind::Script, "/script_id"),
            preview_script_profile::Error::Store(error) => error.into(),
        }
    }
}

pub fn access_group(error: access_groups::Error, title: &str) -> ApiError {
    use access_groups::Error as E;
    match error {
        E::Unknown => ApiError::unknown(Kind::AccessGroup),
        E::Duplicate => ApiError::Duplicate { kind: Kind::AccessGroup, title: title.to_owned() },
        E::Nameless(_) | E::Root | E::Used => refused("InvalidAccessGroup", error),
        E::Store(error) => error.into(),
    }
}

impl From<edit_preferences::Error> for ApiError {
    fn from(error: edit_preferences::Error) -> Self {
        match error {
            edit_preferences::Error::Invalid(problems) => problems.into(),
            edit_preferences::Error::Key(error) => error.into(),
            edit_preferences::Error::Store(error) => error.into(),
        }
    }
}
