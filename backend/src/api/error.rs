//! What can go wrong at the edge, and how each API family says it.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use binnacle_shared::permission::Permission;
use binnacle_shared::problem::{FieldError, Violation};
use binnacle_shared::{Kind, Problems};
use serde::Serialize;

use crate::auth::password::PasswordError;
use crate::keys::KeyError;
use crate::store::StoreError;
use crate::store::error::Obstacle;

/// Why a request is refused. It says what is the matter; status and body are chosen by
/// [`ApiError::encode`], by family.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Values that break a rule.
    #[error("{}", sentences(.0))]
    Invalid(Problems),
    /// A body that cannot be read at all.
    #[error("{0}")]
    Malformed(String),
    /// A query in the query language that cannot be read.
    #[error("{0}")]
    Query(String),
    #[error("Log in first: the request carries no valid token or session.")]
    Unauthenticated,
    #[error("The user name or the password is wrong.")]
    WrongCredentials,
    #[error("The request lacks the session's X-CSRF-Token. Reload the page and try again.")]
    CsrfTokenInvalid,
    #[error("This needs the permission {} ({}).", .0.name(), .0.title())]
    Forbidden(Permission),
    /// Something that the caller would give away without holding it.
    #[error("{0}")]
    NotHeld(String),
    /// A resource that does not exist, or that the caller does not see. `pointer` is the field
    /// of the body that names it; none: it is named by the path.
    #[error("There is no such {}.", .kind.info().singular)]
    Unknown { kind: Kind, pointer: Option<&'static str> },
    #[error("There is nothing at this address.")]
    NoSuchPath,
    #[error("This address does not take that method.")]
    MethodNotAllowed,
    /// A title that must be unique is taken.
    #[error("There is already {} {} with the title “{title}”.", article(.kind.info().singular), .kind.info().singular)]
    Duplicate { kind: Kind, title: String },
    /// Another field that must be unique is taken.
    #[error("There is already {} {} with the {field} “{value}”.", article(.kind.info().singular), .kind.info().singular)]
    Taken { kind: Kind, field: &'static str, value: String },
    /// What one operation alone can say.
    #[error("{message}")]
    Refused { status: StatusCode, error: &'static str, message: String },
    /// Values that break a rule which has a name of its own.
    #[error("{}", sentences(.problems))]
    Named { status: StatusCode, error: &'static str, problems: Problems },
    #[error("The request body is larger than the {} KiB that are taken.", super::BODY_LIMIT / 1024)]
    TooLarge,
    #[error("Too many wrong passwords; try again in {seconds} seconds.")]
    TooManyRequests { seconds: u64 },
    #[error("The server is busy; try again in a moment.")]
    Busy,
    /// The database takes no change, or does not answer.
    #[error("This cannot be done now, because {0}. Try again when that has been put right.")]
    Unavailable(Obstacle),
    #[error("The answer took too long; try again.")]
    TimedOut,
    #[error("Something went wrong in the server; its log says more about this request.")]
    Internal(#[source] anyhow::Error),
}

/// An API family, by the shape of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Landscape,
    Legacy,
}

#[derive(Serialize)]
struct LandscapeBody<'a> {
    error: &'a str,
    message: String,
    detail: Option<&'a Problems>,
    code: u16,
}

#[derive(Serialize)]
struct LegacyBody<'a> {
    error: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a Problems>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<LegacyError<'a>>,
}

/// One of several errors.
#[derive(Serialize)]
struct LegacyError<'a> {
    error: &'static str,
    message: &'a str,
}

/// The legacy API's name for what is wrong with a value.
fn legacy_name(problem: &FieldError) -> &'static str {
    match (problem.pointer.as_str(), problem.code.as_ref()) {
        (_, "required") => "MissingParameter",
        ("/code", "interpreter") => "EmptyScriptInterpreter",
        ("/code", "empty") => "EmptyScriptCode",
        _ => "InvalidParameter",
    }
}

/// All that is wrong, for a client that shows only the message.
fn sentences(problems: &Problems) -> String {
    problems.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

impl ApiError {
    /// One field that is wrong.
    pub fn field(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(Problems::one(pointer, code, message))
    }

    /// A resource that the path names and that is not there.
    pub const fn unknown(kind: Kind) -> Self {
        Self::Unknown { kind, pointer: None }
    }

    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self::Internal(error.into())
    }

    fn landscape(&self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::Invalid(_) | Self::Malformed(_) => (S::BAD_REQUEST, "BadRequest"),
            Self::Query(_) => (S::BAD_REQUEST, "InvalidQueryError"),
            Self::Unauthenticated => (S::UNAUTHORIZED, "Unauthorized"),
            Self::WrongCredentials => (S::UNAUTHORIZED, "InvalidCredentials"),
            Self::CsrfTokenInvalid => (S::FORBIDDEN, "CsrfTokenInvalid"),
            Self::Forbidden(_) | Self::NotHeld(_) => (S::FORBIDDEN, "Forbidden"),
            Self::Unknown { .. } | Self::NoSuchPath => (S::NOT_FOUND, "NotFound"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Self::Duplicate { .. } | Self::Taken { .. } => (S::CONFLICT, "Conflict"),
            Self::Refused { status, error, .. } | Self::Named { status, error, .. } => (*status, error),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "PayloadTooLarge"),
            Self::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, "TooManyRequests"),
            Self::Busy | Self::Unavailable(_) | Self::TimedOut => (S::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "InternalServerError"),
        }
    }

    fn legacy(&self) -> (StatusCode, Cow<'static, str>) {
        use StatusCode as S;
        let (status, error): (_, Cow<'static, str>) = match self {
            Self::Invalid(problems) => match problems.0.as_slice() {
                [only] => (S::BAD_REQUEST, legacy_name(only).into()),
                _ => (S::BAD_REQUEST, "MultiError".into()),
            },
            Self::Malformed(_) => (S::BAD_REQUEST, "InvalidParameter".into()),
            Self::Query(_) => (S::BAD_REQUEST, "InvalidQuery".into()),
            Self::Unauthenticated => (S::UNAUTHORIZED, "InvalidCredentials".into()),
            Self::Forbidden(_) | Self::NotHeld(_) => (S::FORBIDDEN, "Unauthorised".into()),
            Self::Taken { kind: Kind::Role, .. } => (S::BAD_REQUEST, "DuplicateRoleName".into()),
            Self::Unknown { kind, .. } => (S::NOT_FOUND, format!("Unknown{}", kind.name()).into()),
            Self::Duplicate { kind, .. } | Self::Taken { kind, .. } => {
                (S::BAD_REQUEST, format!("Duplicate{}", kind.name()).into())
            }
            other => {
                let (status, error) = other.landscape();
                (status, error.into())
            }
        };
        (status, error)
    }

    fn detail(&self) -> Option<Problems> {
        match self {
            Self::Invalid(problems) | Self::Named { problems, .. } => Some(problems.clone()),
            Self::Unknown { pointer: Some(pointer), .. } => Some(Problems::one(*pointer, "unknown", self.to_string())),
            Self::Taken { field, .. } => Some(Problems::one(format!("/{field}"), "duplicate", self.to_string())),
            Self::Duplicate { .. } => Some(Problems::one("/title", "duplicate", self.to_string())),
            _ => None,
        }
    }

    /// What went wrong inside is written to the log and not told.
    pub fn log(&self) {
        if let Self::Internal(error) = self {
            tracing::error!(error = format!("{error:#}"), "request failed");
        }
    }

    /// When it is worth another try.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests { seconds } => Some(*seconds),
            Self::Busy | Self::TimedOut => Some(1),
            Self::Unavailable(_) => Some(10),
            _ => None,
        }
    }

    /// The answer in a family's shape.
    pub fn encode(&self, family: Family) -> Response {
        self.log();
        let detail = self.detail();
        let message = self.to_string();
        let mut response = match family {
            Family::Landscape => {
                let (status, error) = self.landscape();
                let body = LandscapeBody { error, message, detail: detail.as_ref(), code: status.as_u16() };
                (status, Json(body)).into_response()
            }
            Family::Legacy => {
                let (status, error) = self.legacy();
                let errors = match self {
                    Self::Invalid(Problems(several)) if several.len() > 1 => {
                        several.iter().map(|p| LegacyError { error: legacy_name(p), message: &p.message }).collect()
                    }
                    _ => Vec::new(),
                };
                (status, Json(LegacyBody { error: &error, message, detail: detail.as_ref(), errors })).into_response()
            }
        };
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.encode(Family::Landscape)
    }
}

impl From<Problems> for ApiError {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(error) => {
                tracing::warn!(%error, "the database is busy");
                Self::Busy
            }
            StoreError::Unavailable { obstacle, .. } => {
                tracing::error!(%error, "the database cannot be used");
                Self::Unavailable(obstacle)
            }
            other => Self::internal(other),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        Self::internal(error)
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        Self::internal(error)
    }
}

/// A violation that a query parameter or a query gives.
impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        Self::Query(violation.message)
    }
}

#[cfg(test)]
mod tests {
    use binnacle_shared::Kind;
    use http_body_util::BodyExt;

    use super::{ApiError, Family};

    async fn body(error: ApiError, family: Family) -> (u16, String) {
        let response = error.encode(family);
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_family_has_its_shape() {
        let taken = || ApiError::Duplicate { kind: Kind::Script, title: "x".into() };
        let (status, text) = body(taken(), Family::Landscape).await;
        assert_eq!(status, 409);
        assert!(text.contains(r#""code":409"#) && text.contains(r#""pointer":"/title""#), "{text}");
        let (status, text) = body(taken(), Family::Legacy).await;
        assert_eq!(status, 400);
        assert!(text.starts_with(r#"{"error":"DuplicateScript","message":"#), "{text}");
    }

    #[tokio::test]
    async fn an_internal_error_says_nothing_of_the_inside() {
        let error = ApiError::internal(anyhow::anyhow!("secret table"));
        let (status, text) = body(error, Family::Landscape).await;
        assert_eq!(status, 500);
        assert!(!text.contains("secret"), "{text}");
    }
}
