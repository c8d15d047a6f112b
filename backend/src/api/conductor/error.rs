//! Refusals of the Conductor API: each has a code, by which clients tell them apart, and a status.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use binnacle_shared::Problems;
use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::auth::password::PasswordError;
use crate::keys::KeyError;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::error::Code;
use crate::store::StoreError;

/// Why a request is refused.
#[derive(Debug)]
pub enum Error {
    Refused(Refusal),
    /// A rule of a filter that cannot be used, and why.
    FilterRule {
        rule: Value,
        reason: String,
        problems: Problems,
    },
    UnknownInclude {
        unknown: Vec<String>,
        allowed: Vec<&'static str>,
    },
    ContentType,
    /// Nothing was to be done; has no body.
    NotModified,
    MaintenanceMode,
    EnteringMaintenance,
    /// What goes wrong alike in every family.
    Common(ApiError),
}

impl<T: Into<Refusal>> From<T> for Error {
    fn from(error: T) -> Self {
        match error.into() {
            Refusal::Store(StoreError::Dangling) => {
                Self::Refused(Refusal::Conflict("Something else still refers to it".into()))
            }
            Refusal::Store(StoreError::Duplicate) => Self::Refused(Refusal::Conflict("It exists already".into())),
            Refusal::Store(error) => Self::Common(error.into()),
            Refusal::Key(KeyError::Decrypt) => Self::Refused(Refusal::coded(
                Code::InvalidFernetToken,
                "A stored secret cannot be decrypted: it was encrypted with other keys, or was changed",
            )),
            Refusal::Key(error) => Self::Common(error.into()),
            Refusal::Password(error @ PasswordError::Length(_)) => {
                Self::Refused(Refusal::field("/password", "length", error.to_string()))
            }
            Refusal::Password(error) => Self::Common(error.into()),
            other => Self::Refused(other),
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Common(error)
    }
}

const fn coded(code: Code) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match code {
        Code::AmbiguousName => (S::CONFLICT, "ambiguous_name"),
        Code::FailedDependency => (S::BAD_REQUEST, "failed_dependency"),
        Code::InvalidFernetToken => (S::INTERNAL_SERVER_ERROR, "invalid_fernet_token_format_error"),
        Code::InvalidYaml => (S::BAD_REQUEST, "invalid_yaml_format"),
        Code::UnverifiedLicense => (S::BAD_REQUEST, "unverified_cloudify_license"),
        Code::ExpiredLicense => (S::BAD_REQUEST, "expired_cloudify_license"),
        Code::MissingLicense => (S::BAD_REQUEST, "missing_cloudify_license"),
        Code::NotRunningLdapServer => (S::INTERNAL_SERVER_ERROR, "not_running_ldap_server"),
        Code::LdapUnavailable => (S::SERVICE_UNAVAILABLE, "not_running_ldap_server"),
        Code::MissingPremiumPackage => (S::NOT_FOUND, "missing_premium_package_error"),
        Code::CommunityOnly => (S::NOT_FOUND, "community_only_error"),
        Code::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed_error"),
        Code::NotModified => (S::NOT_MODIFIED, "not_modified"),
    }
}

fn refused(refusal: &Refusal) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match refusal {
        Refusal::NotFound { .. } => (S::NOT_FOUND, "not_found_error"),
        Refusal::Conflict(_) => (S::CONFLICT, "conflict_error"),
        Refusal::IllegalAction(_) => (S::BAD_REQUEST, "illegal_action_error"),
        Refusal::Forbidden(_) | Refusal::NotPermitted { .. } | Refusal::NoTenant | Refusal::UnknownTenant(_) => {
            (S::FORBIDDEN, "forbidden_error")
        }
        Refusal::Unauthorized(_) => (S::UNAUTHORIZED, "unauthorized_error"),
        Refusal::Invalid(_) | Refusal::BadParameters(_) => (S::BAD_REQUEST, "bad_parameters_error"),
        Refusal::Coded { code, .. } => coded(*code),
        Refusal::Key(_) | Refusal::Password(_) | Refusal::Store(_) => {
            (S::INTERNAL_SERVER_ERROR, "internal_server_error")
        }
    }
}

fn common(error: &ApiError) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match error {
        ApiError::Invalid(_) | ApiError::Malformed(_) | ApiError::Query(_) => (S::BAD_REQUEST, "bad_parameters_error"),
        ApiError::Unauthenticated | ApiError::WrongCredentials => (S::UNAUTHORIZED, "unauthorized_error"),
        ApiError::CsrfTokenInvalid | ApiError::Forbidden(_) | ApiError::NotHeld(_) => (S::FORBIDDEN, "forbidden_error"),
        ApiError::Unknown { .. } | ApiError::NoSuchPath => (S::NOT_FOUND, "not_found_error"),
        ApiError::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed_error"),
        ApiError::Duplicate { .. } | ApiError::Taken { .. } => (S::CONFLICT, "conflict_error"),
        ApiError::Refused { status, .. } | ApiError::Named { status, .. } => (*status, "bad_parameters_error"),
        ApiError::TooLarge => (S::PAYLOAD_TOO_LARGE, "bad_parameters_error"),
        ApiError::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, "unauthorized_error"),
        ApiError::Busy | ApiError::Unavailable(_) | ApiError::TimedOut => {
            (S::SERVICE_UNAVAILABLE, "internal_server_error")
        }
        ApiError::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal_server_error"),
    }
}

/// A list as the clients' messages show one.
fn listed(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{}'", name.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut more = json!({});
        let (status, code, message) = match &self {
            Self::Refused(Refusal::Coded { code: Code::NotModified, .. }) | Self::NotModified => {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            Self::Refused(refusal) => {
                let (status, code) = refused(refusal);
                if let Refusal::Invalid(problems) = refusal {
                    more["detail"] = json!(problems);
                }
                (status, code, refusal.to_string())
            }
            Self::FilterRule { rule, reason, problems } => {
                more = json!({"err_filter_rule": rule, "err_reason": reason, "detail": problems});
                let message = format!("The filter rule {rule} is not in the right format: {reason}");
                (StatusCode::BAD_REQUEST, "invalid_filter_rule", message)
            }
            Self::UnknownInclude { unknown, allowed } => {
                let message =
                    format!("Include keys '{}' do not exist. Allowed keys are: {}.", listed(unknown), listed(allowed));
                (StatusCode::BAD_REQUEST, "no_such_include_field_error", message)
            }
            Self::ContentType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_content_type_error",
                "Content type must be application/json".to_owned(),
            ),
            Self::MaintenanceMode => (
                StatusCode::SERVICE_UNAVAILABLE,
                "maintenance_mode_active",
                "Your request was rejected since Binnacle is currently in maintenance mode".to_owned(),
            ),
            Self::EnteringMaintenance => (
                StatusCode::SERVICE_UNAVAILABLE,
                "entering_maintenance_mode",
                "Your request was rejected since Binnacle is entering maintenance mode".to_owned(),
            ),
            Self::Common(error) => {
                error.log();
                let (status, code) = common(error);
                if let ApiError::Invalid(problems) = error {
                    more["detail"] = json!(problems);
                }
                let message = match error {
                    ApiError::Unauthenticated => "User unauthorized: No authentication info provided".to_owned(),
                    ApiError::WrongCredentials => format!("User unauthorized: {error}"),
                    ApiError::Internal(_) => format!("Internal error occurred in manager REST server - {error}"),
                    _ => error.to_string(),
                };
                (status, code, message)
            }
        };
        let mut body = json!({"message": message, "error_code": code, "server_traceback": null});
        if matches!(self, Self::MaintenanceMode | Self::EnteringMaintenance) {
            // Clients expect a text here.
            body["server_traceback"] = json!("");
        }
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        let mut response = (status, Json(body)).into_response();
        if let Self::Common(error) = &self
            && let Some(seconds) = error.retry_after()
        {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
