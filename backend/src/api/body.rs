//! Reads request bodies: JSON, whatever the content type says.

use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use binnacle_shared::Problems;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

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

/// The body of a request that may do without one; none is an empty object.
#[derive(Debug)]
pub struct MaybeBody(pub Value);

impl<S: Send + Sync> FromRequest<S> for MaybeBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = bytes(request, state).await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(json!({})));
        }
        parse(&bytes).map(Self)
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
    let Strict(value) = serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let fault = if error.is_data() { "cannot be used" } else { "is not JSON" };
        ApiError::Malformed(format!("The body {fault}: {what} in line {}, column {}.", error.line(), error.column()))
    })?;
    let mut problems = Problems::default();
    find_nul(&value, &mut String::new(), &mut problems);
    problems.or(value).map_err(ApiError::Invalid)
}

/// A document in which no object has a name twice: readers differ in which of two they take, so
/// one that checks and one that acts could see different things.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if fields.contains_key(&name) {
                let name: String = name.chars().take(50).collect();
                return Err(de::Error::custom(format!("the name “{name}” stands twice in one object")));
            }
            let Strict(value) = access.next_value()?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
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
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use serde_json::{Value, json};

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
    fn a_name_stands_once_in_an_object() {
        let message = parse(br#"{"a": 1, "b": [{"c": 1, "c": 2}]}"#).unwrap_err().to_string();
        assert!(message.contains("“c” stands twice"), "{message}");
        let value = parse(br#"{"a": [null, true, -1, 18446744073709551615, 0.5, "x"], "b": {"a": 1}}"#).unwrap();
        assert_eq!(value, json!({"a": [null, true, -1, u64::MAX, 0.5, "x"], "b": {"a": 1}}));
    }

    proptest! {
        /// What another reader takes this one takes too, and reads the same.
        #[test]
        fn every_document_reads_back(value in document()) {
            let bytes = serde_json::to_vec(&value).unwrap();
            match parse(&bytes) {
                Ok(read) => prop_assert_eq!(read, value),
                Err(ApiError::Invalid(problems)) => {
                    for problem in problems.0 {
                        let text = value.pointer(&problem.pointer).and_then(Value::as_str).unwrap_or_default();
                        prop_assert!(text.contains('\0'), "{}", problem.pointer);
                    }
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }

        #[test]
        fn whatever_the_bytes_are_they_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[a\\x00]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 60, 6, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::from),
                btree_map("[a-z/~]{0,3}", inner, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn nul_characters_are_found_wherever_they_are() {
        let Err(ApiError::Invalid(problems)) = parse(br#"{"a": {"b/c": ["x", "\u0000"]}}"#) else {
            panic!("taken");
        };
        assert_eq!(problems.0[0].pointer, "/a/b~1c/1");
    }
}
