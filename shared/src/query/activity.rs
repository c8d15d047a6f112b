//! What can be asked of activities.

use std::fmt;

use jiff::Timestamp;

use super::computer::{number, one_of};
use super::{ComputerQuery, ComputerTerm, Expr, Term, quoted, refuse};
use crate::model::landscape::activity::ActivityStatus;
use crate::problem::Violation;
use crate::time;

/// One thing that an activity is or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityTerm {
    /// The summary holds the word.
    Word(String),
    Id(i64),
    ParentId(i64),
    Status(ActivityStatus),
    /// At this time or later.
    CreatedAfter(Timestamp),
    CreatedBefore(Timestamp),
    /// By the e-mail address of who asked for it.
    Creator(String),
    Type(String),
    /// It is for a computer that matches.
    Computer(Box<ComputerQuery>),
}

impl Term for ActivityTerm {
    const SELECTORS: &'static [&'static str] =
        &["id", "parent-id", "status", "created-after", "created-before", "creator", "computer", "type"];

    fn word(word: String) -> Self {
        Self::Word(word)
    }

    fn select(selector: &str, value: String, raw: &str) -> Result<Self, Violation> {
        Ok(match selector {
            "id" => Self::Id(number(selector, &value)?),
            "parent-id" => Self::ParentId(number(selector, &value)?),
            "status" => Self::Status(ActivityStatus::from_name(&value).ok_or_else(|| {
                let known: Vec<&str> = ActivityStatus::ALL.iter().map(|status| status.name()).collect();
                one_of(selector, &value, &known)
            })?),
            "created-after" => Self::CreatedAfter(moment(&value)?),
            "created-before" => Self::CreatedBefore(moment(&value)?),
            "creator" => Self::Creator(value),
            "type" => Self::Type(value),
            // Several words stand in quotes; a quoted value inside one criterion keeps its own.
            "computer" => {
                let whole = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                let inner = whole.filter(|inner| !inner.contains('"')).unwrap_or(raw);
                Self::Computer(Box::new(ComputerQuery::parse(inner)?))
            }
            other => return Err(refuse(format!("There is no selector “{other}:”."))),
        })
    }
}

/// The beginning of the time that an ISO prefix names: `2011`, `2011-01`, `2011-01-01T10:30`.
fn moment(value: &str) -> Result<Timestamp, Violation> {
    let padded = match value.len() {
        4 => format!("{value}-01-01"),
        7 => format!("{value}-01"),
        13 => format!("{value}:00"),
        _ => value.to_owned(),
    };
    time::parse(&padded)
        .map_err(|_| refuse(format!("“{value}” is no time; write it like 2026-11-21T10:30 or a part of that.")))
}

/// A query inside a query. Quotes cannot be nested: of several terms none holds what needs them.
fn nested(query: &ComputerQuery) -> String {
    let text = query.to_string();
    match query {
        // Quotes around nothing would be no value.
        _ if text.is_empty() => "\" \"".to_owned(),
        // The empty pair makes the quotes those of the word and not those of the criterion.
        Expr::Is(ComputerTerm::Word(_)) if text.contains('"') => format!("{text}\"\""),
        Expr::Is(_) if text.contains('"') => text,
        _ => format!("\"{}\"", text.replace('"', "")),
    }
}

impl fmt::Display for ActivityTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What looks like a selector has to be quoted.
            Self::Word(word) if word.contains(':') => write!(f, "\"{word}\""),
            Self::Word(word) => f.write_str(&quoted(word)),
            Self::Id(id) => write!(f, "id:{id}"),
            Self::ParentId(id) => write!(f, "parent-id:{id}"),
            Self::Status(status) => write!(f, "status:{}", status.name()),
            Self::CreatedAfter(at) => write!(f, "created-after:{at}"),
            Self::CreatedBefore(at) => write!(f, "created-before:{at}"),
            Self::Creator(email) => write!(f, "creator:{}", quoted(email)),
            Self::Type(name) => write!(f, "type:{}", quoted(name)),
            Self::Computer(query) => write!(f, "computer:{}", nested(query)),
        }
    }
}
