//! Signed requests: who sent one, and what is said if that cannot be told.

use axum::http::header::HOST;
use axum::http::{HeaderMap, Method, StatusCode, Uri};

use super::parameters::Parameters;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::origin::Origin;
use crate::auth::authenticate::{Identity, SignatureError, by_signature};
use crate::auth::signature::{Fault, Signed};

/// What of a request is signed besides its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    pub method: &'a Method,
    pub uri: &'a Uri,
    /// The path as it was sent.
    pub path: &'a str,
    pub headers: &'a HeaderMap,
    pub origin: &'a Origin,
}

/// Who signed the request.
pub async fn authenticate(
    api: &Api,
    envelope: Envelope<'_>,
    parameters: &Parameters,
    changes: bool,
) -> Result<Context, ApiError> {
    let Envelope { method, uri, path, headers, origin } = envelope;
    let sent = headers.get(HOST).and_then(|host| host.to_str().ok());
    // In version 2 of HTTP the host stands with the path.
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    let hosts: Vec<&str> = [sent, authority, origin.host.as_deref()].into_iter().flatten().collect();
    let signed = Signed { method: method.as_str(), hosts: &hosts, path, parameters: parameters.all() };
    let identity = by_signature(api, &signed, changes, origin.address).await.map_err(refusal)?;
    let Identity { person, via, session_id } = identity;
    Ok(Context::new(person, via, session_id))
}

fn refusal(error: SignatureError) -> ApiError {
    let message = error.to_string();
    let refused = |status, error| ApiError::Refused { status, error, message: message.clone() };
    match error {
        SignatureError::Fault(Fault::Missing(name)) => ApiError::field(format!("/{name}"), "required", message),
        SignatureError::Fault(Fault::Method) => ApiError::field("/signature_method", "unknown", message),
        SignatureError::Fault(Fault::Timestamp) => ApiError::field("/timestamp", "format", message),
        SignatureError::Fault(Fault::Stale | Fault::Mismatch) | SignatureError::Repeated => {
            refused(StatusCode::FORBIDDEN, "SignatureDoesNotMatch")
        }
        SignatureError::UnknownKey => refused(StatusCode::UNAUTHORIZED, "AuthFailure"),
        SignatureError::Key(error) => error.into(),
        SignatureError::Store(error) => error.into(),
    }
}
