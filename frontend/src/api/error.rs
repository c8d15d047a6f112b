//! What went wrong with a request.

use binnacle_shared::{FieldError, Problems};
use serde_json::Value;

/// An answer that is not a success, or no answer at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status; 0 when the server was not reached.
    pub status: u16,
    /// The stable word for programs (`error` on the wire).
    pub code: String,
    /// One sentence for the person.
    pub message: String,
    /// Faults with their place, for forms.
    pub problems: Problems,
    /// What to tell the operator who looks into the server's log.
    pub request_id: Option<String>,
}

impl ApiError {
    /// The server was not reached.
    pub fn unreachable() -> Self {
        Self {
            code: "Unreachable".to_owned(),
            message: "The server does not answer. Check the network, then try again.".to_owned(),
            ..Self::default()
        }
    }

    /// The server answered something that this console does not understand.
    pub fn unreadable(status: u16, why: &str) -> Self {
        Self {
            status,
            code: "UnreadableAnswer".to_owned(),
            message: format!(
                "The server's answer could not be read ({why}). Reload the page; console and server may differ in version."
            ),
            ..Self::default()
        }
    }

    /// Reads the error body of both dialects.
    pub fn from_body(status: u16, body: &str, request_id: Option<String>) -> Self {
        let value: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let problems = value
            .get("detail")
            .and_then(Value::as_array)
            .map(|faults| Problems(faults.iter().filter_map(field_error).collect()))
            .unwrap_or_default();
        Self {
            status,
            code: text("error").or_else(|| text("error_code")).unwrap_or_default(),
            message: text("message").unwrap_or_else(|| explain(status)),
            problems,
            request_id,
        }
    }

    /// The thing asked for does not exist, or not for this person.
    pub fn is_not_found(&self) -> bool {
        self.status == 404
    }
}

/// One fault; not by serde, which would bring a second reader along.
fn field_error(fault: &Value) -> Option<FieldError> {
    let text = |name: &str| fault.get(name).and_then(Value::as_str);
    Some(FieldError::new(text("pointer")?, text("code").unwrap_or_default().to_owned(), text("message")?))
}

/// A sentence for a status that came without one.
fn explain(status: u16) -> String {
    match status {
        401 => "The session has ended. Sign in again.".to_owned(),
        403 => "This account may not do that.".to_owned(),
        404 => "There is no such thing, or this account may not see it.".to_owned(),
        429 => "Too many requests. Wait a moment, then try again.".to_owned(),
        502..=504 => "The server is starting or overloaded. Try again in a moment.".to_owned(),
        _ => format!("The server answered with status {status}."),
    }
}
