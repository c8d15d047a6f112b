//! A filter as a sentence.

use super::rule::{Attribute, Operator, Rule, RuleType, Target};

/// The whole filter in English, such as “Deployments whose label env is prod or test, and whose
/// blueprint is not web.”
pub fn sentence(target: Target, rules: &[Rule]) -> String {
    let Some((last, others)) = rules.split_last() else {
        return format!("All {}.", target.title().to_lowercase());
    };
    let mut text = target.title().to_owned();
    for rule in others {
        text.push(' ');
        text.push_str(&clause(rule));
        text.push(',');
    }
    text.push_str(if others.is_empty() { " " } else { " and " });
    text.push_str(&clause(last));
    text.push('.');
    text
}

/// One rule, as it follows the name of what is filtered: “whose label env is prod or test”.
pub fn clause(rule: &Rule) -> String {
    let name = match rule.kind {
        RuleType::Label => format!("label {}", said(&rule.key)),
        RuleType::Attribute => match Attribute::of(&rule.key) {
            Some(attribute) => attribute.title().to_owned(),
            None => said(&rule.key),
        },
    };
    let any = || either(&rule.values);
    let none = |verb: &str, negated: &str| none_of(verb, negated, &rule.values);
    let label = rule.kind == RuleType::Label;
    match rule.operator {
        Operator::AnyOf => format!("whose {name} is {}", any()),
        Operator::NotAnyOf if label => format!("whose {name} is set but {}", none("is", "is not")),
        Operator::NotAnyOf => format!("whose {name} {}", none("is", "is not")),
        Operator::IsNot => format!("whose {name} is not set or {}", none("is", "is not")),
        Operator::IsNull => format!("without the {name}"),
        Operator::IsNotNull => format!("with the {name}"),
        Operator::Contains => format!("whose {name} contains {}", any()),
        Operator::NotContains => format!("whose {name} {}", none("contains", "does not contain")),
        Operator::StartsWith => format!("whose {name} starts with {}", any()),
        Operator::EndsWith => format!("whose {name} ends with {}", any()),
        Operator::IsNotEmpty if Attribute::of(&rule.key).is_some_and(Attribute::is_list) => format!("with a {name}"),
        Operator::IsNotEmpty => format!("whose {name} is not empty"),
    }
}

/// `a`, `a or b`, `a, b or c`.
fn either(values: &[String]) -> String {
    joined(values, " or ")
}

/// `is not a`, `is neither a nor b`, `is neither a, b nor c`.
fn none_of(verb: &str, negated: &str, values: &[String]) -> String {
    match values {
        [value] => format!("{negated} {}", said(value)),
        values => format!("{verb} neither {}", joined(values, " nor ")),
    }
}

fn joined(values: &[String], last: &str) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == values.len() { last } else { ", " });
        }
        text.push_str(&said(value));
    }
    text
}

/// A value as it can stand among words: in quotes, unless it is a plain word that no sentence has.
fn said(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let edge = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| plain(c) || matches!(c, '.' | '/' | '@' | '~');
    let bare = value.starts_with(edge) && value.ends_with(edge) && value.chars().all(inner);
    if bare && !matches!(value, "or" | "nor" | "and" | "neither" | "not" | "is" | "set" | "empty") {
        value.to_owned()
    } else {
        format!("“{value}”")
    }
}
