//! What operations refuse, as errors of the API. Only here do their errors meet HTTP.

use axum::http::StatusCode;
use binnacle_shared::Kind;

use super::error::ApiError;
use crate::engine::CancelError;
use crate::operation::{
    accept_computers, access_groups, archive_script, archive_script_profile, create_script, create_script_profile,
    edit_computer, edit_preferences, edit_script, edit_script_profile, execute_script, log_in, move_computers,
    preview_script_profile,
};

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
        E::TooManyComputers { .. } => ApiError::field("/tags", "range", message),
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

impl From<preview_script_profile::Error> for ApiError {
    fn from(error: preview_script_profile::Error) -> Self {
        match error {
            preview_script_profile::Error::UnknownScript => unknown_at(Kind::Script, "/script_id"),
            preview_script_profile::Error::Store(error) => error.into(),
        }
    }
}

pub fn create_script(error: create_script::Error, title: &str) -> ApiError {
    match error {
        create_script::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
        create_script::Error::Duplicate => ApiError::Duplicate { kind: Kind::Script, title: title.to_owned() },
        create_script::Error::Store(error) => error.into(),
    }
}

impl From<edit_script::Error> for ApiError {
    fn from(error: edit_script::Error) -> Self {
        match error {
            edit_script::Error::Unknown => unknown_at(Kind::Script, "/script_id"),
            edit_script::Error::NotActive => refused("ScriptNotActive", error),
            edit_script::Error::Duplicate { title } => Self::Duplicate { kind: Kind::Script, title },
            edit_script::Error::Store(error) => error.into(),
        }
    }
}

impl From<archive_script::Error> for ApiError {
    fn from(error: archive_script::Error) -> Self {
        match error {
            archive_script::Error::Unknown => Self::unknown(Kind::Script),
            archive_script::Error::Redacted => refused("ScriptRedacted", error),
            archive_script::Error::Store(error) => error.into(),
        }
    }
}

impl From<edit_computer::Error> for ApiError {
    fn from(error: edit_computer::Error) -> Self {
        match error {
            edit_computer::Error::Unknown => Self::unknown(Kind::Computer),
            edit_computer::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
            edit_computer::Error::Store(error) => error.into(),
        }
    }
}

impl From<move_computers::Error> for ApiError {
    fn from(error: move_computers::Error) -> Self {
        match error {
            move_computers::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
            move_computers::Error::Store(error) => error.into(),
        }
    }
}

impl From<accept_computers::Error> for ApiError {
    fn from(error: accept_computers::Error) -> Self {
        match error {
            accept_computers::Error::Unknown(_) => {
                Self::Refused { status: StatusCode::NOT_FOUND, error: "UnknownComputer", message: error.to_string() }
            }
            accept_computers::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
            accept_computers::Error::Store(error) => error.into(),
        }
    }
}

impl From<execute_script::Error> for ApiError {
    fn from(error: execute_script::Error) -> Self {
        use execute_script::Error as E;
        match error {
            E::UnknownScript => unknown_at(Kind::Script, "/script_id"),
            E::NotActive => refused("ScriptNotActive", error),
            E::RequiresUser => refused("RequiresUser", error),
            E::NoComputers => {
                Self::Refused { status: StatusCode::NOT_FOUND, error: "UnknownComputers", message: error.to_string() }
            }
            E::Store(error) => error.into(),
        }
    }
}

impl From<CancelError> for ApiError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Unfit(message) => refused("InvalidActivityStatusChange", message),
            CancelError::Store(error) => error.into(),
        }
    }
}

pub fn access_group(error: access_groups::Error, title: &str) -> ApiError {
    use access_groups::Error as E;
    match error {
        E::Unknown => ApiError::unknown(Kind::AccessGroup),
        E::Duplicate => ApiError::Duplicate { kind: Kind::AccessGroup, title: title.to_owned() },
        E::Nameless(_) => ApiError::field("/title", "format", error.to_string()),
        E::Root | E::Used => refused("InvalidAccessGroup", error),
        E::Store(error) => error.into(),
    }
}

impl From<log_in::Error> for ApiError {
    fn from(error: log_in::Error) -> Self {
        match error {
            log_in::Error::Store(error) => error.into(),
            log_in::Error::Password(error) => error.into(),
        }
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
