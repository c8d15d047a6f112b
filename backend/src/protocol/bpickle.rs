//! The encoding of every body of the agent protocol: a typed, self-delimiting notation.
//!
//! Reading is strict where a lenient reader could be led astray: short strings and bytes after the
//! value are refused, and depth, number of values and number length are bounded, so that no body
//! can exhaust the stack or the memory.

use std::{collections::BTreeMap, fmt::Write as _};

/// How deep lists and dicts may be nested. Real messages reach about six.
const MAX_DEPTH: usize = 64;

/// How many values one body may hold: an empty value costs one byte on the wire and much more here.
const MAX_VALUES: usize = 1_000_000;

/// How many digits a number may have.
const MAX_DIGITS: usize = 1024;

/// The keyed part of a value. Keys are in the order in which they are written.
pub type Dict = BTreeMap<Key, Value>;

/// One value of the notation.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// An integer that no `i64` holds, in plain decimal digits. Only ever made by [`decode`].
    BigInt(BigInt),
    Float(f64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Dict(Dict),
}

/// The digits of an integer outside the range of `i64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BigInt(String);

impl BigInt {
    /// The number in decimal digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// A key of a [`Dict`]. Older clients write text keys as bytes; both are one here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Int(i64),
    Text(String),
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl Value {
    /// Bytes from a text, for the fields that must travel as bytes.
    pub fn bytes(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }

    /// A list of texts.
    pub fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(|item| Self::Text(item.into())).collect())
    }

    /// The text of a text or bytes value; clients are free in which of the two they send.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The bytes of a text or bytes value.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number of an integer, or of a float without a fraction.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(flag) => Some(i64::from(*flag)),
            // Beyond 2^53 a float no longer holds every integer, so none is taken from it.
            #[allow(clippy::cast_possible_truncation, reason = "the guard keeps it exact")]
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => Some(*number as i64),
            _ => None,
        }
    }

    /// The items of a list or tuple.
    pub fn as_items(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The members of a dict.
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the body ends inside a value")]
    UnexpectedEnd,
    #[error("unknown value type 0x{0:02x}")]
    UnknownType(u8),
    #[error("malformed number")]
    BadNumber,
    #[error("malformed string length")]
    BadLength,
    #[error("text is not valid UTF-8")]
    BadText,
    #[error("a dict key must be text or a small number")]
    BadKey,
    #[error("values are nested too deeply")]
    TooDeep,
    #[error("too many values")]
    TooMany,
    #[error("bytes follow the value")]
    TrailingBytes,
}

/// The wire form of a value.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None => out.push(b'n'),
        Value::Bool(flag) => out.extend_from_slice(if *flag { b"b1" } else { b"b0" }),
        Value::Int(number) => write_number(out, b'i', &number.to_string()),
        Value::BigInt(number) => write_number(out, b'i', number.digits()),
        Value::Float(number) => write_number(out, b'f', &float_text(*number)),
        Value::Bytes(bytes) => write_string(out, b's', bytes),
        Value::Text(text) => write_string(out, b'u', text.as_bytes()),
        Value::List(items) => write_items(out, b'l', items),
        Value::Tuple(items) => write_items(out, b't', items),
        Value::Dict(dict) => {
            out.push(b'd');
            for (key, item) in dict {
                match key {
                    Key::Int(number) => write_number(out, b'i', &number.to_string()),
                    Key::Text(text) => write_string(out, b'u', text.as_bytes()),
                }
                write_value(out, item);
            }
            out.push(b';');
        }
    }
}

fn write_number(out: &mut Vec<u8>, kind: u8, digits: &str) {
    out.push(kind);
    out.extend_from_slice(digits.as_bytes());
    out.push(b';');
}

fn write_string(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend_from_slice(bytes.len().to_string().as_bytes());
    out.push(b':');
    out.extend_from_slice(bytes);
}

fn write_items(out: &mut Vec<u8>, kind: u8, items: &[Value]) {
    out.push(kind);
    for item in items {
        write_value(out, item);
    }
    out.push(b';');
}

/// A float as the protocol's first implementation prints it: the shortest digits that read back
/// the same, with an exponent only below 1e-4 and from 1e16 on.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let shortest = format!("{number:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        // `{:?}` would switch to an exponent at other bounds; `{}` never does.
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let mut text = mantissa.to_owned();
    let sign = if exponent < 0 { '-' } else { '+' };
    // Writing to a String cannot fail.
    let _ = write!(text, "e{sign}{:02}", exponent.unsigned_abs());
    text
}

/// Reads one value that fills the whole body.
pub fn decode(body: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader { body, at: 0, values: 0 };
    let value = reader.value(0)?;
    if reader.at == body.len() { Ok(value) } else { Err(DecodeError::TrailingBytes) }
}

struct Reader<'a> {
    body: &'a [u8],
    at: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let byte = *self.body.get(self.at).ok_or(DecodeError::UnexpectedEnd)?;
        self.at += 1;
        Ok(byte)
    }

    /// The bytes up to `end`, which is passed over; at most `limit` of them.
    fn until(&mut self, end: u8, limit: usize, error: DecodeError) -> Result<&'a [u8], DecodeError> {
        let rest = self.body.get(self.at..).unwrap_or_default();
        let window = rest.get(..limit.min(rest.len())).unwrap_or_default();
        match window.iter().position(|byte| *byte == end) {
            Some(length) => {
                self.at += length + 1;
                Ok(rest.get(..length).unwrap_or_default())
            }
            None if window.len() == rest.len() => Err(DecodeError::UnexpectedEnd),
            None => Err(error),
        }
    }

    fn string(&mut self) -> Result<&'a [u8], DecodeError> {
        let digits = self.until(b':', 12, DecodeError::BadLength)?;
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(DecodeError::BadLength);
        }
        let length: usize =
            std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(DecodeError::BadLength)?;
        let end = self.at.checked_add(length).ok_or(DecodeError::BadLength)?;
        let bytes = self.body.get(self.at..end).ok_or(DecodeError::UnexpectedEnd)?;
        self.at = end;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String, DecodeError> {
        let bytes = self.string()?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| DecodeError::BadText)
    }

    fn integer(&mut self) -> Result<Value, DecodeError> {
        let written = self.until(b';', MAX_DIGITS, DecodeError::BadNumber)?;
        let (negative, digits) = match written.split_first() {
            Some((b'-', digits)) => (true, digits),
            Some((b'+', digits)) => (false, digits),
            _ => (false, written),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(DecodeError::BadNumber);
        }
        let digits = std::str::from_utf8(digits).map_err(|_| DecodeError::BadNumber)?;
        let digits = digits.trim_start_matches('0');
        let text = match (digits, negative) {
            ("", _) => "0".to_owned(),
            (digits, true) => format!("-{digits}"),
            (digits, false) => digits.to_owned(),
        };
        Ok(text.parse().map_or_else(|_| Value::BigInt(BigInt(text)), Value::Int))
    }

    fn float(&mut self) -> Result<Value, DecodeError> {
        let written = self.until(b';', MAX_DIGITS, DecodeError::BadNumber)?;
        std::str::from_utf8(written)
            .ok()
            .and_then(|text| text.parse().ok())
            .map(Value::Float)
            .ok_or(DecodeError::BadNumber)
    }

    fn key(&mut self, kind: u8) -> Result<Key, DecodeError> {
        match kind {
            b'u' => self.text().map(Key::Text),
            b's' => {
                let bytes = self.string()?;
                if !bytes.is_ascii() {
                    return Err(DecodeError::BadText);
                }
                std::str::from_utf8(bytes).map(Key::from).map_err(|_| DecodeError::BadText)
            }
            b'i' => match self.integer()? {
                Value::Int(number) => Ok(Key::Int(number)),
                _ => Err(DecodeError::BadKey),
            },
            _ => Err(DecodeError::BadKey),
        }
    }

    fn count(&mut self) -> Result<(), DecodeError> {
        self.values += 1;
        if self.values > MAX_VALUES { Err(DecodeError::TooMany) } else { Ok(()) }
    }

    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let kind = self.byte()?;
        self.value_of(kind, depth)
    }

    /// Reads the value whose type character has been read. The recursion ends at `MAX_DEPTH`.
    fn value_of(&mut self, kind: u8, depth: usize) -> Result<Value, DecodeError> {
        self.count()?;
        match kind {
            b'n' => Ok(Value::None),
            b'b' => match self.byte()? {
                digit @ b'0'..=b'9' => Ok(Value::Bool(digit != b'0')),
                _ => Err(DecodeError::BadNumber),
            },
            b'i' => self.integer(),
            b'f' => self.float(),
            b's' => self.string().map(|bytes| Value::Bytes(bytes.to_vec())),
            b'u' => self.text().map(Value::Text),
            b'l' | b't' | b'd' if depth >= MAX_DEPTH => Err(DecodeError::TooDeep),
            b'l' => self.items(depth).map(Value::List),
            b't' => self.items(depth).map(Value::Tuple),
            b'd' => self.dict(depth).map(Value::Dict),
            other => Err(DecodeError::UnknownType(other)),
        }
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>, DecodeError> {
        let mut items = Vec::new();
        loop {
            match self.byte()? {
                b';' => return Ok(items),
                kind => items.push(self.value_of(kind, depth + 1)?),
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Dict, DecodeError> {
        let mut dict = Dict::new();
        loop {
            match self.byte()? {
                b';' => return Ok(dict),
                kind => {
                    self.count()?;
                    let key = self.key(kind)?;
                    let value = self.value(depth + 1)?;
                    dict.insert(key, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
