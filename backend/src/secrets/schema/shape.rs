//! What a schema unfolds to, found out without running it.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The most levels of a schema, references followed.
const MAX_DEPTH: usize = 64;
/// The most subschemas, after unfolding.
const MAX_SUBSCHEMAS: usize = 5_000;
/// The most subschemas that ask what others left over: each goes through those once more.
const MAX_LEFTOVERS: usize = 8;
const MAX_PATTERNS: usize = 100;
const MAX_PATTERN: usize = 1_000;

/// Keywords whose value is one schema.
const ONE: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 5] = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
/// Keywords whose value has schemas as members.
const MEMBERS: [&str; 6] =
    ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];
/// Keywords that move references to other places, or make them depend on where one comes from.
const MOVING: [&str; 4] = ["$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef"];

/// What matters of a schema before it runs, everything counted as often as it is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) subschemas: usize,
    pub(super) patterns: usize,
    /// Those of the patterns that need a search that may go back.
    pub(super) looking_around: usize,
    /// Levels below this one.
    height: usize,
}

impl Shape {
    const LEAF: Self = Self { subschemas: 1, patterns: 0, looking_around: 0, height: 0 };

    fn add(&mut self, inner: Self) -> Result<(), ShapeError> {
        self.subschemas = self.subschemas.saturating_add(inner.subschemas);
        self.patterns = self.patterns.saturating_add(inner.patterns);
        self.looking_around = self.looking_around.saturating_add(inner.looking_around);
        self.height = self.height.max(inner.height + 1);
        if self.subschemas > MAX_SUBSCHEMAS { Err(ShapeError::Large) } else { Ok(()) }
    }
}

/// Why a schema is not run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ShapeError {
    #[error("“{0}” refers to itself")]
    Recursive(String),
    #[error("“{0}” is no part of it; only references such as “#/$defs/name” are followed")]
    Foreign(String),
    #[error("there is nothing at “{0}”")]
    Nothing(String),
    #[error("“{0}” is not supported")]
    Moving(&'static str),
    #[error("“$id” is supported at its top only")]
    Id,
    #[error("it has more than {MAX_DEPTH} levels")]
    Deep,
    #[error("it unfolds to more than {MAX_SUBSCHEMAS} subschemas")]
    Large,
    #[error("it asks more than {MAX_LEFTOVERS} times for what is unevaluated")]
    Leftovers,
    #[error("it has more than {MAX_PATTERNS} patterns")]
    Patterns,
    #[error("a pattern is longer than {MAX_PATTERN} characters")]
    LongPattern,
}

/// Measures a schema.
pub(super) fn measure(schema: &Value) -> Result<Shape, ShapeError> {
    Walk { root: schema, known: HashMap::new(), patterns: 0, leftovers: 0 }.schema(schema, "#", 0)
}

/// What is known of a place.
enum Known {
    /// Being measured: whoever comes here again has gone in a circle.
    Open,
    Measured(Shape),
}

struct Walk<'a> {
    root: &'a Value,
    known: HashMap<String, Known>,
    patterns: usize,
    leftovers: usize,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, schema: &'a Value, at: &str, depth: usize) -> Result<Shape, ShapeError> {
        let Value::Object(keywords) = schema else {
            return Ok(Shape::LEAF);
        };
        let part = match self.known.get(at) {
            Some(Known::Open) => return Err(ShapeError::Recursive(at.to_owned())),
            Some(Known::Measured(part)) => *part,
            None if depth > MAX_DEPTH => return Err(ShapeError::Deep),
            None => {
                self.known.insert(at.to_owned(), Known::Open);
                let part = self.keywords(keywords, at, depth)?;
                self.known.insert(at.to_owned(), Known::Measured(part));
                part
            }
        };
        if depth + part.height > MAX_DEPTH { Err(ShapeError::Deep) } else { Ok(part) }
    }

    fn keywords(&mut self, keywords: &'a Map<String, Value>, at: &str, depth: usize) -> Result<Shape, ShapeError> {
        if depth > 0 && ["$id", "id"].iter().any(|name| keywords.get(*name).is_some_and(Value::is_string)) {
            return Err(ShapeError::Id);
        }
        if let Some(moving) = MOVING.iter().find(|name| keywords.contains_key(**name)) {
            return Err(ShapeError::Moving(moving));
        }
        let mut part = Shape::LEAF;
        for (keyword, value) in keywords {
            let name = keyword.as_str();
            let place = format!("{at}/{}", escaped(name));
            if name.starts_with("unevaluated") {
                self.leftovers += 1;
                if self.leftovers > MAX_LEFTOVERS {
                    return Err(ShapeError::Leftovers);
                }
            }
            match value {
                Value::String(reference) if name == "$ref" => part.add(self.reference(reference, depth)?)?,
                Value::String(pattern) if name == "pattern" => self.pattern(pattern, &mut part)?,
                Value::Array(items) if LIST.contains(&name) => {
                    for (index, item) in items.iter().enumerate() {
                        part.add(self.schema(item, &format!("{place}/{index}"), depth + 1)?)?;
                    }
                }
                Value::Object(members) if MEMBERS.contains(&name) => {
                    for (member, value) in members {
                        if name == "patternProperties" {
                            self.pattern(member, &mut part)?;
                        }
                        part.add(self.schema(value, &format!("{place}/{}", escaped(member)), depth + 1)?)?;
                    }
                }
                Value::Object(_) if ONE.contains(&name) => part.add(self.schema(value, &place, depth + 1)?)?,
                // Constants are compared one by one.
                Value::Array(items) if name == "enum" => part.add(Shape { subschemas: items.len(), ..Shape::LEAF })?,
                _ => {}
            }
        }
        Ok(part)
    }

    fn reference(&mut self, reference: &str, depth: usize) -> Result<Shape, ShapeError> {
        let foreign = || ShapeError::Foreign(reference.chars().take(100).collect());
        let pointer = reference.strip_prefix('#').ok_or_else(foreign)?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(foreign());
        }
        let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8().map_err(|_| foreign())?;
        let target = self.root.pointer(&pointer).ok_or_else(|| ShapeError::Nothing(reference.to_owned()))?;
        self.schema(target, &format!("#{pointer}"), depth + 1)
    }

    fn pattern(&mut self, pattern: &str, part: &mut Shape) -> Result<(), ShapeError> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS {
            return Err(ShapeError::Patterns);
        }
        if pattern.len() > MAX_PATTERN {
            return Err(ShapeError::LongPattern);
        }
        part.patterns += 1;
        part.looking_around += usize::from(looks_around(pattern));
        Ok(())
    }
}

/// Whether a pattern may have what only a search that goes back can find. It says yes too often
/// rather than too seldom.
fn looks_around(pattern: &str) -> bool {
    let back = |digit: char| digit.is_ascii_digit() || digit == 'k' || digit == 'g';
    ["(?=", "(?!", "(?<", "(?>", "(?(", "++", "*+", "?+", "}+", "\\G", "\\K"].iter().any(|part| pattern.contains(part))
        || pattern.split('\\').skip(1).any(|rest| rest.starts_with(back))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
