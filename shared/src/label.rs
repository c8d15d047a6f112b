//! Labels: keys with values that people attach to blueprints, deployments and their groups.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::body::describe;
use crate::problem::{Problems, Violation};
use crate::unicode::{fold, nfkc};

/// Longest key, in characters.
pub const KEY_MAX: usize = 256;
/// Longest value, in characters.
pub const VALUE_MAX: usize = 256;
/// Most labels of one object.
pub const LABELS_MAX: usize = 1000;
/// Keys that start so have a meaning of their own; none but those of [`RESERVED`] exist.
pub const RESERVED_PREFIX: &str = "csys-";

/// What kind of object this is; `environment` has a meaning. Its value is in lower case.
pub const OBJECT_TYPE: &str = "csys-obj-type";
/// The deployment that this one belongs to.
pub const OBJECT_PARENT: &str = "csys-obj-parent";
/// What kind of environment this is.
pub const ENVIRONMENT_TYPE: &str = "csys-env-type";
/// A deployment that belongs to this one. The server keeps these; nobody else changes them.
pub const CONSUMER_ID: &str = "csys-consumer-id";

const LATITUDE: &str = "csys-location-lat";
const LONGITUDE: &str = "csys-location-long";

/// The reserved keys that exist.
pub const RESERVED: &[&str] = &[
    "csys-obj-name",
    OBJECT_TYPE,
    ENVIRONMENT_TYPE,
    "csys-wrcp-services",
    "csys-location-name",
    LATITUDE,
    LONGITUDE,
    OBJECT_PARENT,
    "csys-environment",
    CONSUMER_ID,
    "csys-wrcp-group-id",
];

/// Longest text, in bytes, that is looked at more closely: composing may shorten a text, but not
/// one of any length.
const READ_MAX: usize = 16 * VALUE_MAX;

/// One key with one value. An object may carry several values under one key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Label {
    pub key: String,
    pub value: String,
}

/// A key as it is stored: in lower case.
pub fn key(text: &str) -> Result<String, Violation> {
    if text.is_empty() {
        return Err(Violation::new("blank", "A label's key must not be empty."));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    if let Some(odd) = text.chars().find(|c| !fits(*c)) {
        return Err(Violation::new(
            "format",
            format!("A label's key has letters (a to z), digits, “-”, “.”, “_” and “~”, and not {}.", said(odd)),
        ));
    }
    // All of them are of one byte.
    if text.len() > KEY_MAX {
        return Err(Violation::new(
            "length",
            format!("A label's key has at most {KEY_MAX} characters; this has {}.", text.len()),
        ));
    }
    Ok(text.to_ascii_lowercase())
}

/// The value of a key as it is stored, so that one that is looked for can be found.
pub fn value(key: &str, text: &str) -> Result<String, Violation> {
    let text =
        if key == OBJECT_TYPE && text.len() <= READ_MAX { Cow::Owned(fold(&nfkc(text))) } else { Cow::Borrowed(text) };
    let value = line("A label's value", &text)?;
    if value.contains('"') {
        return Err(Violation::new("format", "A label's value has no double quotes."));
    }
    Ok(value)
}

/// One line of text: composed, not empty, not too long, without control characters.
pub(crate) fn line(what: &str, text: &str) -> Result<String, Violation> {
    if text.is_empty() {
        return Err(Violation::new("blank", format!("{what} must not be empty.")));
    }
    let too_long = || Violation::new("length", format!("{what} has at most {VALUE_MAX} characters."));
    if text.len() > READ_MAX {
        return Err(too_long());
    }
    let value = nfkc(text);
    if value.chars().count() > VALUE_MAX {
        return Err(too_long());
    }
    if let Some(odd) = value.chars().find(|c| c.is_control()) {
        return Err(Violation::new("format", format!("{what} is one line of text, without {}.", said(odd))));
    }
    Ok(value.into_owned())
}

/// Whether a key and its value, as they are stored, may be attached to something.
fn attachable(key: &str, value: &str) -> Result<(), Violation> {
    if key.starts_with(RESERVED_PREFIX) && !RESERVED.contains(&key) {
        return Err(Violation::new(
            "reserved",
            format!(
                "Keys that start with “{RESERVED_PREFIX}” are reserved, and “{key}” is none of {}.",
                RESERVED.join(", ")
            ),
        ));
    }
    let bound = match key {
        LATITUDE => 90.0,
        LONGITUDE => 180.0,
        _ => return Ok(()),
    };
    match value.parse::<f64>() {
        Ok(degrees) if (-bound..=bound).contains(&degrees) => Ok(()),
        _ => Err(Violation::new("range", format!("The value of {key} is a number from -{bound} to {bound}."))),
    }
}

/// Reads the labels of a body: a list of objects, each `{"key": "value"}`, `{"key": ["value", …]}`
/// or `{"key": "key", "value": "value"}`. `pointer` is where the list stands.
pub fn parse(value: &Value, pointer: &str) -> Result<Vec<Label>, Problems> {
    let Value::Array(items) = value else {
        return Err(Problems::one(pointer, "type", format!("Must be a list of labels, not {}.", describe(value))));
    };
    let mut reader = Labels::default();
    for (index, item) in items.iter().enumerate() {
        let at = format!("{pointer}/{index}");
        match item {
            Value::Object(object) => reader.entry(object, &at),
            other => reader.refuse(at, Violation::new("type", format!("{FORM}, not {}.", describe(other)))),
        }
        if reader.seen > LABELS_MAX {
            return Err(Problems::one(pointer, "length", format!("There are at most {LABELS_MAX} labels.")));
        }
    }
    reader.problems.or(reader.read)
}

const FORM: &str = "A label is an object of one key and its value, such as {\"env\": \"prod\"}";

#[derive(Default)]
struct Labels {
    read: Vec<Label>,
    known: HashSet<Label>,
    problems: Problems,
    /// How many values or faults there were.
    seen: usize,
}

impl Labels {
    fn refuse(&mut self, at: String, violation: Violation) {
        self.seen += 1;
        self.problems.push(violation.at(at));
    }

    fn entry(&mut self, object: &Map<String, Value>, at: &str) {
        if let (2, Some(key), Some(values)) = (object.len(), object.get("key"), object.get("value")) {
            let Value::String(key) = key else {
                let wrong = Violation::new("type", format!("A label's key is a string, not {}.", describe(key)));
                return self.refuse(format!("{at}/key"), wrong);
            };
            return self.values(key, &format!("{at}/key"), values, &format!("{at}/value"));
        }
        let mut entries = object.iter();
        let (Some((key, values)), None) = (entries.next(), entries.next()) else {
            let wrong = Violation::new("format", format!("{FORM}; this has {} keys.", object.len()));
            return self.refuse(at.to_owned(), wrong);
        };
        let at = below(at, key);
        self.values(key, &at, values, &at);
    }

    fn values(&mut self, key: &str, key_at: &str, values: &Value, at: &str) {
        let key = match self::key(key) {
            Ok(key) => key,
            Err(violation) => return self.refuse(key_at.to_owned(), violation),
        };
        match values {
            Value::String(text) => self.label(&key, text, at.to_owned()),
            Value::Array(texts) if texts.is_empty() => {
                self.refuse(at.to_owned(), Violation::new("blank", "A label has a value at least."));
            }
            Value::Array(texts) => {
                for (index, text) in texts.iter().enumerate().take(LABELS_MAX + 1) {
                    let at = format!("{at}/{index}");
                    match text {
                        Value::String(text) => self.label(&key, text, at),
                        other => self.refuse(at, wrong_value(other)),
                    }
                }
            }
            other => self.refuse(at.to_owned(), wrong_value(other)),
        }
    }

    fn label(&mut self, key: &str, text: &str, at: String) {
        let value = value(key, text).and_then(|value| attachable(key, &value).map(|()| value));
        let label = match value {
            Ok(value) => Label { key: key.to_owned(), value },
            Err(violation) => return self.refuse(at, violation),
        };
        if self.known.insert(label.clone()) {
            self.seen += 1;
            self.read.push(label);
        } else {
            let said = format!("The same label cannot be given twice: {} with the value “{}”.", label.key, label.value);
            self.refuse(at, Violation::new("duplicate", said));
        }
    }
}

fn wrong_value(value: &Value) -> Violation {
    Violation::new("type", format!("A label's value is a string or a list of strings, not {}.", describe(value)))
}

/// The JSON pointer of a member of what `pointer` names.
pub(crate) fn below(pointer: &str, member: &str) -> String {
    format!("{pointer}/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// A character in a message.
fn said(c: char) -> String {
    if c.is_control() || c.is_whitespace() { format!("U+{:04X}", u32::from(c)) } else { format!("“{c}”") }
}
