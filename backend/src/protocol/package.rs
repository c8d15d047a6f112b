//! Packages on the wire: how one is described, what its hash is, and sets of package numbers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};

use super::{
    bpickle::{Dict, Key, Value},
    message::MessageError,
};

/// A package of the Debian kind.
pub const DEBIAN: i64 = 65537;

/// What a package has to do with others: the numbers of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Provides,
    /// The package provides itself, in its version.
    ProvidesItself,
    Requires,
    RequiresOneOf,
    /// The package upgrades its earlier versions.
    Upgrades,
    Conflicts,
}

impl Relation {
    /// The number that travels.
    pub const fn number(self) -> i64 {
        match self {
            Self::Provides => 131_074,
            Self::ProvidesItself => 196_610,
            Self::Requires => 262_148,
            Self::RequiresOneOf => 327_684,
            Self::Upgrades => 393_224,
            Self::Conflicts => 458_768,
        }
    }
}

/// A package as it is described to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub kind: i64,
    pub name: String,
    pub version: String,
    pub section: String,
    pub summary: String,
    pub description: String,
    pub size: Option<i64>,
    pub installed_size: Option<i64>,
    /// Sorted and without repetitions, which is how the hash wants them.
    pub relations: BTreeSet<(i64, String)>,
}

impl Description {
    /// What names this package everywhere. SHA-1 is the protocol's choice.
    pub fn hash(&self) -> [u8; 20] {
        let mut text = format!("[{} {} {}]", self.kind, self.name, self.version);
        for (kind, relation) in &self.relations {
            // Writing to a String cannot fail.
            let _ = write!(text, "[{kind} {relation}]");
        }
        Sha1::digest(text.as_bytes()).into()
    }

    /// Reads a description.
    pub fn from_value(value: &Value) -> Result<Self, MessageError> {
        let fields = value.as_dict().ok_or(MessageError::Field("packages"))?;
        let get = |name: &str| fields.get(&Key::from(name));
        let text =
            |name: &'static str| get(name).and_then(Value::as_text).map(str::to_owned).ok_or(MessageError::Field(name));
        let number = |name: &str| get(name).and_then(Value::as_int);
        let relations = get("relations").and_then(Value::as_items).ok_or(MessageError::Field("relations"))?;
        let relations = relations.iter().map(|pair| match pair.as_items() {
            Some([kind, text]) => Some((kind.as_int()?, text.as_text()?.to_owned())),
            _ => None,
        });
        Ok(Self {
            kind: number("type").ok_or(MessageError::Field("type"))?,
            name: text("name")?,
            version: text("version")?,
            section: text("section").unwrap_or_default(),
            summary: text("summary").unwrap_or_default(),
            description: text("description").unwrap_or_default(),
            size: number("size"),
            installed_size: number("installed-size"),
            relations: relations.collect::<Option<_>>().ok_or(MessageError::Field("relations"))?,
        })
    }

    /// The wire form.
    pub fn to_value(&self) -> Value {
        let relations =
            self.relations.iter().map(|(kind, text)| Value::Tuple(vec![Value::Int(*kind), Value::from(text.as_str())]));
        Value::Dict(Dict::from([
            ("type".into(), Value::Int(self.kind)),
            ("name".into(), Value::from(self.name.as_str())),
            ("version".into(), Value::from(self.version.as_str())),
            ("section".into(), Value::from(self.section.as_str())),
            ("summary".into(), Value::from(self.summary.as_str())),
            ("description".into(), Value::from(self.description.as_str())),
            ("size".into(), Value::from(self.size)),
            ("installed-size".into(), Value::from(self.installed_size)),
            ("relations".into(), Value::List(relations.collect())),
        ]))
    }
}

/// A set of numbers as it travels: runs of three or more as pairs of first and last.
pub fn ranges(numbers: &BTreeSet<i64>) -> Value {
    let mut items = Vec::new();
    let mut run: Vec<i64> = Vec::new();
    for number in numbers {
        if run.last().is_some_and(|last| last.checked_add(1) != Some(*number)) {
            close(&mut items, &mut run);
        }
        run.push(*number);
    }
    close(&mut items, &mut run);
    Value::List(items)
}

fn close(items: &mut Vec<Value>, run: &mut Vec<i64>) {
    match run.as_slice() {
        [first, _, .., last] => items.push(Value::Tuple(vec![Value::Int(*first), Value::Int(*last)])),
        few => items.extend(few.iter().map(|number| Value::Int(*number))),
    }
    run.clear();
}

/// Reads a set of numbers with at most so many members; a pair of first and last may stand for
/// more than anybody has.
pub fn numbers(value: &Value, limit: usize) -> Result<BTreeSet<i64>, MessageError> {
    const FAULT: MessageError = MessageError::Field("package numbers");
    let mut numbers = BTreeSet::new();
    for item in value.as_items().ok_or(FAULT)? {
        let (first, last) = match item {
            Value::Int(number) => (*number, *number),
            pair => match pair.as_items() {
                Some([Value::Int(first), Value::Int(last)]) => (*first, *last),
                _ => return Err(FAULT),
            },
        };
        let length = last.checked_sub(first).and_then(|length| usize::try_from(length).ok()).ok_or(FAULT)?;
        if numbers.len().saturating_add(length) >= limit {
            return Err(FAULT);
        }
        numbers.extend(first..=last);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Description {
        Description {
            kind: DEBIAN,
            name: "tea".into(),
            version: "1.2-3".into(),
            section: "drinks".into(),
            summary: "hot".into(),
            description: "hot and black".into(),
            size: Some(5),
            installed_size: None,
            relations: BTreeSet::from([
                (Relation::Requires.number(), "water".into()),
                (Relation::ProvidesItself.number(), "tea = 1.2-3".into()),
            ]),
        }
    }

    #[test]
    fn descriptions_survive_and_their_texts_do_not_count() {
        let package = example();
        assert_eq!(Description::from_value(&package.to_value()), Ok(package.clone()));
        let other = Description { summary: "cold".into(), ..package.clone() };
        assert_eq!(other.hash(), package.hash());
        let newer = Description { version: "1.3".into(), ..package.clone() };
        assert_ne!(newer.hash(), package.hash());
        assert!(Description::from_value(&Value::Dict(Dict::new())).is_err());
    }

    #[test]
    fn sets_of_numbers_survive_within_bounds() {
        let set = BTreeSet::from([1, 2, 4, 5, 6, 9]);
        let wire = ranges(&set);
        assert_eq!(numbers(&wire, 100), Ok(set));
        assert!(numbers(&wire, 4).is_err());
        let huge = Value::List(vec![Value::Tuple(vec![Value::Int(1), Value::Int(i64::MAX)])]);
        assert!(numbers(&huge, 1_000_000).is_err());
        for wrong in [
            Value::Int(1),
            Value::List(vec![Value::None]),
            Value::List(vec![Value::Tuple(vec![Value::Int(3), Value::Int(1)])]),
        ] {
            assert!(numbers(&wrong, 100).is_err());
        }
    }
}
