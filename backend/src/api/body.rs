//! Reads request bodies: JSON, whatever the content type says.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use binnacle_shared::Problems;
use serde_json::Value;

use super::error::ApiError;

/// The body of a request that needs one.
#[derive(Debug)]
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse(&bytes(request, state).await?).map(Self)
    }
}

/// The raw bytes of a body, as far as the limit allows.
pub async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::TooLarge
        }
        _ => ApiError::Malformed("The request body broke off before its end.".into()),
    })
}

/// Reads JSON and says where it cannot be read.
pub fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Err(ApiError::Malformed("The request needs a JSON object as its body; it is empty.".into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        ApiError::Malformed(format!("The body is not UTF-8 text: byte {} cannot be read.", error.valid_up_to() + 1))
    })?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        ApiError::Malformed(format!(
            "The body is not JSON: {what} in line {}, column {}.",
            error.line(),
            error.column()
        ))
    })?;
    let mut problems = Problems::default();
    find_nul(&value, &mut String::new(), &mut problems);
    problems.or(value).map_err(ApiError::Invalid)
}

/// A database cannot keep NUL characters, so no text of a body may hold one.
fn find_nul(value: &Value, pointer: &mut String, problems: &mut Problems) {
    let length = pointer.len();
    match value {
        Value::String(text) if text.contains('\0') => {
            let found = Problems::one(pointer.as_str(), "format", "Must not hold NUL characters.");
            problems.0.extend(found.0);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                find_nul(item, pointer, problems);
                pointer.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                find_nul(item, pointer, problems);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::api::error::ApiError;

    #[test]
    fn says_where_json_breaks() {
        let message = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
        assert!(message(b"{\n \"a\": }").contains("in line 2, column 7"), "{}", message(b"{\n \"a\": }"));
        assert!(message(b"").contains("empty"));
        assert!(message(b"{\"a\": \"\xff\"}").contains("byte 8"), "{}", message(b"{\"a\": \"\xff\"}"));
        let deep = [b"[".repeat(200), b"]".repeat(200)].concat();
        assert!(message(&deep).contains("recursion"), "{}", message(&deep));
    }

    #[test]
    fn nul_characters_are_found_wherever_they_are() {
        let Err(ApiError::Invalid(problems)) = parse(br#"{"a": {"b/c": ["x", "\u0000"]}}"#) else {
            panic!("taken");
        };
        assert_eq!(problems.0[0].pointer, "/a/b~1c/1");
    }
}
