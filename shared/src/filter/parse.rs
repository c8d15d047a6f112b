//! Reading rules: every fault is found, told at its place, and said with what would be right.

use std::fmt;

use serde_json::{Map, Value};

use super::rule::{Operator, Rule, RuleType, Target};
use crate::body::describe;
use crate::label::{self, below};
use crate::problem::{FieldError, Problems, Violation};

/// Most rules of a filter. Each is a part of one statement, and databases read no endless ones.
pub const RULES_MAX: usize = 100;
/// Most values of all its rules together.
pub const VALUES_MAX: usize = 500;
/// How many unknown members of a rule are told of.
const UNKNOWN_MAX: usize = 5;

const MEMBERS: [&str; 4] = ["key", "values", "operator", "type"];

/// Rules that cannot be: all that is wrong, and the first faulty rule for answers that show one.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    pub problems: Problems,
    /// The first faulty rule as it was given; none if what was given is no list.
    pub rule: Option<Value>,
    /// What is wrong with that rule.
    pub reason: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.problems)
    }
}

impl std::error::Error for Invalid {}

impl Invalid {
    /// A fault that ends the reading.
    fn outright(rule: Option<&Value>, pointer: impl Into<String>, violation: Violation) -> Self {
        let reason = violation.message.clone();
        Self { problems: Problems(vec![violation.at(pointer)]), rule: rule.cloned(), reason }
    }
}

/// Reads a list of rules. `pointer` is where it stands in the body, such as `/filter_rules`.
pub fn rules(target: Target, value: &Value, pointer: &str) -> Result<Vec<Rule>, Invalid> {
    let Value::Array(items) = value else {
        let wrong = Violation::new("type", format!("Must be a list of rules, not {}.", describe(value)));
        return Err(Invalid::outright(None, pointer, wrong));
    };
    within_bounds(items, pointer)?;
    let mut rules = Vec::with_capacity(items.len());
    let mut invalid: Option<Invalid> = None;
    for (index, item) in items.iter().enumerate() {
        match rule(target, item, &format!("{pointer}/{index}")) {
            Ok(rule) => rules.push(rule),
            Err(problems) => match &mut invalid {
                Some(invalid) => invalid.problems.0.extend(problems.0),
                none => {
                    let reason: Vec<&str> = problems.0.iter().map(|fault| fault.message.as_str()).collect();
                    *none = Some(Invalid { reason: reason.join(" "), rule: Some(item.clone()), problems });
                }
            },
        }
    }
    invalid.map_or(Ok(rules), Err)
}

/// Refuses what is too much before it is looked at.
fn within_bounds(items: &[Value], pointer: &str) -> Result<(), Invalid> {
    if let Some(excess) = items.get(RULES_MAX) {
        let said = format!("A filter has at most {RULES_MAX} rules; this has {}.", items.len());
        return Err(Invalid::outright(Some(excess), pointer, Violation::new("length", said)));
    }
    let mut values = 0;
    for (index, item) in items.iter().enumerate() {
        values += item.get("values").and_then(Value::as_array).map_or(0, Vec::len);
        if values > VALUES_MAX {
            let said = format!("The rules of a filter have at most {VALUES_MAX} values together.");
            let at = format!("{pointer}/{index}/values");
            return Err(Invalid::outright(Some(item), at, Violation::new("length", said)));
        }
    }
    Ok(())
}

/// Reads one rule, which stands at `pointer`.
pub fn rule(target: Target, value: &Value, pointer: &str) -> Result<Rule, Problems> {
    let Value::Object(object) = value else {
        let said = format!("A rule is an object of {}, not {}.", list(MEMBERS), describe(value));
        return Err(Problems::one(pointer, "type", said));
    };
    let mut reader = Reader { target, object, pointer, problems: Problems::default() };
    let kind = reader.kind();
    let key = reader.key(kind);
    let operator = reader.operator(kind);
    let values = reader.values(kind, key.as_deref(), operator);
    reader.unknown();
    // In the order in which the members are told of, whatever the order in which they had to be read.
    let rank = |fault: &FieldError| {
        let member = fault.pointer.strip_prefix(pointer).and_then(|rest| rest.split('/').nth(1));
        MEMBERS.iter().position(|known| Some(*known) == member).unwrap_or(MEMBERS.len())
    };
    let mut problems = reader.problems;
    problems.0.sort_by_key(rank);
    match (key, values, operator, kind) {
        (Some(key), Some(values), Some(operator), Some(kind)) if problems.is_empty() => {
            Ok(Rule { key, values, operator, kind })
        }
        _ => Err(problems),
    }
}

struct Reader<'a> {
    target: Target,
    object: &'a Map<String, Value>,
    pointer: &'a str,
    problems: Problems,
}

impl<'a> Reader<'a> {
    fn refuse(&mut self, member: &str, code: &'static str, message: String) {
        self.problems.push(FieldError::new(format!("{}/{member}", self.pointer), code, message));
    }

    fn member(&mut self, name: &'static str, expected: &str) -> Option<&'a Value> {
        let found = self.object.get(name).filter(|value| !value.is_null());
        if found.is_none() {
            self.refuse(name, "required", format!("A rule needs “{name}”: {expected}."));
        }
        found
    }

    /// A member that is a string.
    fn word(&mut self, name: &'static str, expected: &str) -> Option<&'a str> {
        let value = self.member(name, expected)?;
        let word = value.as_str();
        if word.is_none() {
            self.refuse(name, "type", format!("Must be {expected}, not {}.", describe(value)));
        }
        word
    }

    fn kind(&mut self) -> Option<RuleType> {
        let allowed = list(self.target.rule_types().iter().map(|kind| kind.name()));
        let word = self.word("type", &allowed)?;
        match RuleType::of(word) {
            Some(kind) if self.target.rule_types().contains(&kind) => Some(kind),
            Some(_) => {
                let said = format!("{} have no labels; the type of a rule is {allowed}.", self.target.title());
                self.refuse("type", "unknown", said);
                None
            }
            None => {
                let said = format!("There is no type {}; it is {allowed}.", quoted(word));
                self.refuse("type", "unknown", said);
                None
            }
        }
    }

    fn key(&mut self, kind: Option<RuleType>) -> Option<String> {
        let expected = match kind {
            Some(RuleType::Label) => "a label's key".to_owned(),
            Some(RuleType::Attribute) => self.attributes(),
            None => "a label's key or an attribute".to_owned(),
        };
        let word = self.word("key", &expected)?;
        match kind? {
            RuleType::Label => label::key(word)
                .map_err(|violation| self.problems.push(violation.at(format!("{}/key", self.pointer))))
                .ok(),
            RuleType::Attribute if self.target.attribute(word).is_some() => Some(word.to_owned()),
            RuleType::Attribute => {
                let near = near(word, self.target.attributes().iter().map(|attribute| attribute.name()));
                let said =
                    format!("{} have no attribute {}; {near}it is {expected}.", self.target.title(), quoted(word));
                self.refuse("key", "unknown", said);
                None
            }
        }
    }

    fn attributes(&self) -> String {
        list(self.target.attributes().iter().map(|attribute| attribute.name()))
    }

    fn operator(&mut self, kind: Option<RuleType>) -> Option<Operator> {
        // An unknown key is a fault of its own; its rule is judged as others of its type.
        let key = self.object.get("key").and_then(Value::as_str).unwrap_or_default();
        let (allowed, whose) = match kind {
            None => (Operator::ALL, "rules".to_owned()),
            Some(kind) => match self.target.operators(kind, key) {
                [] => (kind.operators(), format!("{} rules", kind.name())),
                of_list if of_list.len() == 1 => (of_list, format!("rules about {key}")),
                operators => (operators, format!("{} rules", kind.name())),
            },
        };
        let names = list(allowed.iter().map(|operator| operator.name()));
        let word = self.word("operator", &names)?;
        match Operator::of(word) {
            Some(operator) if allowed.contains(&operator) => Some(operator),
            known => {
                let near = near(word, allowed.iter().map(|operator| operator.name()));
                let fault = if known.is_some() { "do not have the operator" } else { "have no operator" };
                let said = format!("{} {fault} {}; {near}it is {names}.", capital(&whose), quoted(word));
                self.refuse("operator", "unknown", said);
                None
            }
        }
    }

    fn values(&mut self, kind: Option<RuleType>, key: Option<&str>, operator: Option<Operator>) -> Option<Vec<String>> {
        let value = self.member("values", "a list of strings")?;
        let Value::Array(items) = value else {
            self.refuse("values", "type", format!("Must be a list of strings, not {}.", describe(value)));
            return None;
        };
        match operator {
            Some(operator) if operator.takes_values() && items.is_empty() => {
                self.refuse("values", "blank", format!("{} compares with a value at least.", operator.name()));
                return None;
            }
            Some(operator) if !operator.takes_values() && !items.is_empty() => {
                self.refuse("values", "length", format!("{} takes no values; the list is empty.", operator.name()));
                return None;
            }
            _ => {}
        }
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let read = match (item, kind) {
                (Value::String(text), Some(RuleType::Label)) => label::value(key.unwrap_or_default(), text),
                (Value::String(text), _) => label::line("A value", text),
                (other, _) => Err(Violation::new("type", format!("A value is a string, not {}.", describe(other)))),
            };
            match read {
                Ok(value) => values.push(value),
                Err(violation) => {
                    self.refuse(&format!("values/{index}"), violation.code, violation.message);
                }
            }
        }
        (values.len() == items.len()).then_some(values)
    }

    fn unknown(&mut self) {
        let unknown = self.object.keys().filter(|name| !MEMBERS.contains(&name.as_str()));
        for name in unknown.take(UNKNOWN_MAX) {
            let said = format!("A rule has only {}.", list(MEMBERS));
            self.problems.push(FieldError::new(below(self.pointer, name), "unknown", said));
        }
    }
}

/// What was meant, if it differs only in case and in what stands between its words.
fn near(word: &str, mut known: impl Iterator<Item = &'static str>) -> String {
    if word.len() > 100 {
        return String::new();
    }
    let plain: String = word.trim().to_lowercase().replace(['-', ' '], "_");
    known.find(|name| *name == plain).map_or_else(String::new, |name| format!("“{name}” may be meant; "))
}

/// A word from outside in a message; it may be of any length.
fn quoted(word: &str) -> String {
    const SHOWN: usize = 60;
    match word.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("“{}…”", &word[..end]),
        None => format!("“{word}”"),
    }
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        names => names.concat(),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
