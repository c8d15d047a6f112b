//! JSON schemas that values of secrets must fit.
//!
//! A schema is a program that a user hands us. It is judged before it runs: its text is bounded,
//! it refers to nothing but its own parts and never to itself, and what it unfolds to is
//! counted. What is left runs through each value once, so work is bounded by schema times value.

mod shape;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// The most bytes of a schema.
const MAX_SCHEMA: usize = 64 * 1024;
/// The most that subschemas times parts of a value may be.
const MAX_WORK: usize = 2_000_000;
/// The most that patterns times bytes of a value may be.
const MAX_SOUGHT: usize = 4_000_000;
/// The same for patterns that look ahead, behind or back, times bytes once more: they may look
/// through the whole value from each of its characters.
const MAX_LOOKED_AROUND: usize = 100_000_000;
/// How often such a search may go back before it is given up.
const BACKTRACKS: usize = 20_000;
/// The most bytes a pattern may take when it is compiled.
const MAX_PATTERN_PROGRAM: usize = 512 * 1024;
/// The longest text of an error.
const MAX_MESSAGE: usize = 500;

/// Why a schema cannot be used, or a value does not fit. Of the value the text may hold names of
/// members, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The schema itself is at fault.
    #[error("the schema cannot be used: {0}")]
    Schema(String),
    /// The value does not fit.
    #[error("the value does not fit its schema: {0}")]
    Value(String),
}

/// Whether a schema can be used.
pub fn check_schema(schema: &Value) -> Result<(), SchemaError> {
    compile(schema).map(|_| ())
}

/// Reads a value's text as the schema says, and checks that it fits. The text of a value that may
/// be nothing but a string is that string; any other is JSON.
pub fn check_value(schema: &Value, text: &str) -> Result<Value, SchemaError> {
    let (validator, shape) = compile(schema)?;
    let read = serde_json::from_str::<Value>(text);
    let value = match types(schema) {
        Types::String => Value::String(text.to_owned()),
        // Text without quotes is not JSON, and is no less a string for it.
        Types::StringToo => read.unwrap_or_else(|_| Value::String(text.to_owned())),
        Types::Other => read.map_err(|error| SchemaError::Value(format!("it is no JSON ({})", place(&error))))?,
    };
    check(&validator, &shape, &value)?;
    Ok(value)
}

/// Checks a value that is JSON already.
pub fn check_json(schema: &Value, value: &Value) -> Result<(), SchemaError> {
    let (validator, shape) = compile(schema)?;
    check(&validator, &shape, value)
}

fn check(validator: &Validator, shape: &shape::Shape, value: &Value) -> Result<(), SchemaError> {
    let bytes = bytes(value);
    let large = shape.subschemas.saturating_mul(parts(value)) > MAX_WORK
        || shape.patterns.saturating_mul(bytes) > MAX_SOUGHT
        || shape.looking_around.saturating_mul(bytes).saturating_mul(bytes) > MAX_LOOKED_AROUND;
    if large {
        return Err(SchemaError::Value("value and schema together are too large to be compared".into()));
    }
    validator.validate(value).map_err(|error| {
        let place = error.instance_path().to_string();
        let what = error.masked_with("the value").to_string();
        SchemaError::Value(cut(if place.is_empty() { what } else { format!("{place}: {what}") }))
    })
}

fn compile(schema: &Value) -> Result<(Validator, shape::Shape), SchemaError> {
    // Anything else would be refused too, but only after its metaschema was compiled.
    if !schema.is_object() && !schema.is_boolean() {
        return Err(SchemaError::Schema("it is no object".into()));
    }
    if schema.to_string().len() > MAX_SCHEMA {
        return Err(SchemaError::Schema(format!("it is longer than {MAX_SCHEMA} bytes")));
    }
    let shape = shape::measure(schema).map_err(|error| SchemaError::Schema(error.to_string()))?;
    let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS).size_limit(MAX_PATTERN_PROGRAM);
    let validator = jsonschema::options()
        .offline()
        .should_validate_formats(false)
        .with_pattern_options(patterns)
        .build(schema)
        .map_err(|error| {
            let place = error.instance_path().to_string();
            let what = error.to_string();
            SchemaError::Schema(cut(if place.is_empty() { what } else { format!("{place}: {what}") }))
        })?;
    Ok((validator, shape))
}

/// What the text of a value may be.
enum Types {
    String,
    StringToo,
    Other,
}

fn types(schema: &Value) -> Types {
    match &schema["type"] {
        Value::String(one) if one == "string" => Types::String,
        Value::Array(several) if several.iter().all(|one| one == "string") => Types::String,
        Value::Array(several) if several.iter().any(|one| one == "string") => Types::StringToo,
        Value::Null => Types::StringToo,
        _ => Types::Other,
    }
}

/// How many values a value is made of.
fn parts(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(parts).sum(),
        Value::Object(members) => members.values().map(|value| 1 + parts(value)).sum(),
        _ => 0,
    };
    1 + inner
}

/// How many bytes its texts have, names of members included.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(bytes).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + bytes(value)).sum(),
        _ => 0,
    }
}

/// Where JSON ends to be JSON. The parser's own text may show what it found there.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_MESSAGE {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;
