//! A message: a type and named fields, with typed access to them.

use super::bpickle::{Dict, Key, Value};

/// What is wrong with a message or a payload that could be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("a payload must be a dict")]
    NotADict,
    #[error("a message must be a dict with a type")]
    NoType,
    #[error("field {0} is missing or has the wrong type")]
    Field(&'static str),
    #[error(transparent)]
    Encoding(#[from] super::bpickle::DecodeError),
}

/// One message, in either direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    kind: String,
    fields: Dict,
}

impl Message {
    /// A message of this type without fields.
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), fields: Dict::new() }
    }

    /// The same message with one more field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.into(), value.into());
    }

    /// The message type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// All fields except the type.
    pub fn fields(&self) -> &Dict {
        &self.fields
    }

    /// A field as it came.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(&Key::from(field))
    }

    /// A text field; clients send some texts as bytes.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Value::as_text)
    }

    /// A text field that must be there.
    pub fn require_text(&self, field: &'static str) -> Result<&str, MessageError> {
        self.text(field).ok_or(MessageError::Field(field))
    }

    /// A bytes field, given as bytes or text.
    pub fn bytes(&self, field: &str) -> Option<&[u8]> {
        self.get(field).and_then(Value::as_bytes)
    }

    /// A whole number.
    pub fn int(&self, field: &str) -> Option<i64> {
        self.get(field).and_then(Value::as_int)
    }

    /// A whole number that must be there.
    pub fn require_int(&self, field: &'static str) -> Result<i64, MessageError> {
        self.int(field).ok_or(MessageError::Field(field))
    }

    /// A list of texts; items that are no text are left out.
    pub fn texts(&self, field: &str) -> Option<Vec<String>> {
        let items = self.get(field)?.as_items()?;
        Some(items.iter().filter_map(Value::as_text).map(str::to_owned).collect())
    }

    /// The number of the operation that the message asks for or answers.
    pub fn operation_id(&self) -> Option<i64> {
        self.int("operation-id")
    }

    /// Takes a message out of a decoded value.
    pub fn from_value(value: Value) -> Result<Self, MessageError> {
        let Value::Dict(mut fields) = value else { return Err(MessageError::NoType) };
        let kind = fields.remove(&Key::from("type")).ok_or(MessageError::NoType)?;
        let kind = kind.as_text().ok_or(MessageError::NoType)?.to_owned();
        Ok(Self { kind, fields })
    }

    /// The value that is sent. The type is text, which the configuration tool insists on.
    pub fn into_value(self) -> Value {
        let mut fields = self.fields;
        fields.insert("type".into(), Value::Text(self.kind));
        Value::Dict(fields)
    }

    /// The wire form of the message alone, as both ends store it.
    pub fn encode(self) -> Vec<u8> {
        super::bpickle::encode(&self.into_value())
    }

    /// Reads what [`Message::encode`] wrote.
    pub fn decode(body: &[u8]) -> Result<Self, MessageError> {
        Self::from_value(super::bpickle::decode(body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_from_either_string_type() {
        let message = Message::new("example").with("a", "text").with("b", Value::bytes("bytes")).with("n", 3);
        assert_eq!(message.text("a"), Some("text"));
        assert_eq!(message.text("b"), Some("bytes"));
        assert_eq!(message.int("n"), Some(3));
        assert_eq!(message.require_int("a"), Err(MessageError::Field("a")));
    }

    #[test]
    fn a_message_survives_storage_and_needs_a_type() {
        let message = Message::new("example").with("list", Value::texts(["x", "y"]));
        assert_eq!(Message::decode(&message.clone().encode()), Ok(message));
        assert_eq!(Message::decode(b"d;"), Err(MessageError::NoType));
        assert_eq!(Message::decode(b"l;"), Err(MessageError::NoType));
    }
}
