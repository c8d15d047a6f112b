//! What is refused about computers, scripts, activities and alerts.

use axum::http::StatusCode;
use binnacle_shared::Kind;

use super::{refused, unknown_at};
use crate::api::error::ApiError;
use crate::engine::CancelError;
use crate::operation::{
    accept_computers, alerts, archive_script, chosen_computers, copy_script, create_script, edit_attachments,
    edit_computer, edit_script, execute_script, move_computers, reapply_activities, redact_script, remove_script,
};
use crate::store::query::QueryError;

fn not_found(error: &'static str, message: impl std::fmt::Display) -> ApiError {
    let message = format!("{message}");
    ApiError::Refused { status: StatusCode::NOT_FOUND, error, message }
}

/// A refusal with the title that was asked for.
pub fn create_script(error: create_script::Error, title: &str) -> ApiError {
    match error {
        create_script::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
        create_script::Error::Duplicate => ApiError::Duplicate { kind: Kind::Script, title: title.to_owned() },
        create_script::Error::Store(error) => error.into(),
    }
}

/// A refusal with the title that was asked for.
pub fn copy_script(error: copy_script::Error, title: &str) -> ApiError {
    match error {
        copy_script::Error::Unknown => unknown_at(Kind::Script, "/script_id"),
        copy_script::Error::Redacted => refused("ScriptRedacted", error),
        copy_script::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
        copy_script::Error::Duplicate => ApiError::Duplicate { kind: Kind::Script, title: title.to_owned() },
        copy_script::Error::Store(error) => error.into(),
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Store(error) => error.into(),
            other => Self::Query(other.to_string()),
        }
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

impl From<redact_script::Error> for ApiError {
    fn from(error: redact_script::Error) -> Self {
        match error {
            redact_script::Error::Unknown => Self::unknown(Kind::Script),
            redact_script::Error::Store(error) => error.into(),
        }
    }
}

impl From<remove_script::Error> for ApiError {
    fn from(error: remove_script::Error) -> Self {
        match error {
            remove_script::Error::Unknown => unknown_at(Kind::Script, "/script_id"),
            remove_script::Error::Store(error) => error.into(),
        }
    }
}

impl From<edit_attachments::Error> for ApiError {
    fn from(error: edit_attachments::Error) -> Self {
        use edit_attachments::Error as E;
        match error {
            E::UnknownScript => unknown_at(Kind::Script, "/script_id"),
            E::NotActive => refused("ScriptNotActive", error),
            E::Duplicate(_) => refused("DuplicateScriptAttachment", error),
            E::TooMany => refused("TooManyScriptAttachments", error),
            E::TooLarge => refused("ScriptAttachmentSize", error),
            E::Unknown(_) => not_found("UnknownScriptAttachment", error),
            E::Store(error) => error.into(),
        }
    }
}

impl From<edit_computer::Error> for ApiError {
    fn from(error: edit_computer::Error) -> Self {
        match error {
            edit_computer::Error::Unknown => Self::unknown(Kind::Computer),
            edit_computer::Error::Move(error) => error.into(),
            edit_computer::Error::Store(error) => error.into(),
        }
    }
}

impl From<move_computers::Error> for ApiError {
    fn from(error: move_computers::Error) -> Self {
        match error {
            move_computers::Error::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
            move_computers::Error::Forbidden(permission) => Self::Forbidden(permission),
            move_computers::Error::Store(error) => error.into(),
        }
    }
}

impl From<accept_computers::Error> for ApiError {
    fn from(error: accept_computers::Error) -> Self {
        use accept_computers::Error as E;
        match error {
            E::Unknown(_) | E::UnknownExisting(_) => not_found("UnknownComputer", error),
            E::ReplacedTwice(_) => Self::field("/existing_ids", "duplicate", error.to_string()),
            E::UnknownAccessGroup => unknown_at(Kind::AccessGroup, "/access_group"),
            E::Store(error) => error.into(),
        }
    }
}

impl From<chosen_computers::Error> for ApiError {
    fn from(error: chosen_computers::Error) -> Self {
        match error {
            chosen_computers::Error::Unknown(_) => not_found("UnknownComputer", error),
            chosen_computers::Error::Store(error) => error.into(),
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
            E::NoComputers => not_found("UnknownComputers", error),
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

impl From<reapply_activities::Error> for ApiError {
    fn from(error: reapply_activities::Error) -> Self {
        use reapply_activities::Error as E;
        match error {
            E::Unknown(_) => not_found("UnknownActivity", error),
            E::Unfit(message) => refused("InvalidActivityStatusChange", message),
            E::Store(error) => error.into(),
        }
    }
}

impl From<alerts::Error> for ApiError {
    fn from(error: alerts::Error) -> Self {
        use alerts::Error as E;
        match error {
            E::Combination => refused("InvalidParameterCombination", error),
            E::NoComputers => refused("InvalidAlertTypeError", error),
            E::UnknownTag(_) => not_found("UnknownTag", error),
            E::Store(error) => error.into(),
        }
    }
}
