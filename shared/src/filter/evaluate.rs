//! What rules mean.
//!
//! - A row fits if it fits every rule; no rule: every row does.
//! - Labels: a row may carry several values under one key, and fits a rule if one of them does.
//!   `not_any_of` wants the key and none of the values under it, `is_not` the same or no such key.
//! - Attributes: what a row does not have fits no rule, not even one that excludes values.
//! - `any_of` and its opposites compare exactly. The others compare folded texts
//!   ([`crate::unicode::fold`]), and every character of a value stands for itself.
//! - A rule that cannot be, such as one about an attribute that the rows do not have, fits nothing.

use super::rule::{Attribute, Operator, Rule, RuleType};
use crate::unicode::fold;

/// What a row has under an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    Nothing,
    Text(&'a str),
    /// A list, with that many entries.
    List(usize),
}

/// What rules are asked about.
pub trait Row {
    fn attribute(&self, attribute: Attribute) -> Found<'_>;

    /// Keys and values, in any order.
    fn labels(&self) -> impl Iterator<Item = (&str, &str)>;
}

/// Whether a row fits all rules.
pub fn matches(rules: &[Rule], row: &impl Row) -> bool {
    rules.iter().all(|rule| match rule.kind {
        RuleType::Label => fits_labels(rule, row),
        RuleType::Attribute => Attribute::of(&rule.key).is_some_and(|key| fits_attribute(rule, row.attribute(key))),
    })
}

fn fits_labels(rule: &Rule, row: &impl Row) -> bool {
    let mut values = row.labels().filter(|(key, _)| *key == rule.key).map(|(_, value)| value).peekable();
    let there = values.peek().is_some();
    let mut any = || values.any(|value| rule.values.iter().any(|wanted| wanted == value));
    match rule.operator {
        Operator::AnyOf => any(),
        Operator::NotAnyOf => there && !any(),
        Operator::IsNot => !any(),
        Operator::IsNull => !there,
        Operator::IsNotNull => there,
        Operator::Contains
        | Operator::NotContains
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::IsNotEmpty => false,
    }
}

fn fits_attribute(rule: &Rule, found: Found<'_>) -> bool {
    let text = match found {
        Found::Nothing => return false,
        Found::List(entries) => return rule.operator == Operator::IsNotEmpty && entries > 0,
        Found::Text(text) => text,
    };
    let values = || rule.values.iter().map(String::as_str);
    let folded = |fits: fn(&str, &str) -> bool| {
        let text = fold(text);
        values().any(|value| fits(&text, &fold(value)))
    };
    match rule.operator {
        Operator::AnyOf => values().any(|value| value == text),
        Operator::NotAnyOf => values().all(|value| value != text),
        Operator::Contains => folded(|text, part| text.contains(part)),
        Operator::NotContains => !folded(|text, part| text.contains(part)),
        Operator::StartsWith => folded(|text, part| text.starts_with(part)),
        Operator::EndsWith => folded(|text, part| text.ends_with(part)),
        Operator::IsNotEmpty => !text.is_empty(),
        Operator::IsNot | Operator::IsNull | Operator::IsNotNull => false,
    }
}
