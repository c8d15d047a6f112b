//! The query language of computers and activities: words and `selector:value` terms.
//!
//! Neighbours are ANDed, `OR` binds tighter than that, `NOT` takes the next term. Which selectors
//! exist and what values they take is said in [`computer`] and [`activity`]; what they mean, where
//! the query becomes SQL.

pub mod activity;
pub mod computer;
mod parse;

use std::fmt;

pub use activity::ActivityTerm;
pub use computer::ComputerTerm;
pub use parse::{LENGTH_MAX, TERMS_MAX, quoted};

use crate::problem::Violation;

/// A query about computers.
pub type ComputerQuery = Expr<ComputerTerm>;
/// A query about activities.
pub type ActivityQuery = Expr<ActivityTerm>;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Computer,
    Activity,
}

impl Subject {
    /// The selectors that can be asked of the subject.
    pub const fn selectors(self) -> &'static [&'static str] {
        match self {
            Self::Computer => ComputerTerm::SELECTORS,
            Self::Activity => ActivityTerm::SELECTORS,
        }
    }
}

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr<T> {
    /// Every part; none: everything.
    All(Vec<Self>),
    /// One part or more.
    Any(Vec<Self>),
    Not(Box<Self>),
    Is(T),
}

/// What a query about one subject is made of.
pub trait Term: Sized + fmt::Display {
    const SELECTORS: &'static [&'static str];

    /// A word without a selector.
    fn word(word: String) -> Self;

    /// A known selector with its value, which is not empty. `raw` is the value as it was typed,
    /// with its quotes.
    fn select(selector: &str, value: String, raw: &str) -> Result<Self, Violation>;
}

/// Whether a query can be read.
pub fn check(subject: Subject, text: &str) -> Result<(), Violation> {
    match subject {
        Subject::Computer => ComputerQuery::parse(text).map(drop),
        Subject::Activity => ActivityQuery::parse(text).map(drop),
    }
}

/// What cannot be read, or a value that a selector does not take.
fn refuse(message: impl Into<String>) -> Violation {
    Violation::new("query", message)
}

impl<T: Term> Expr<T> {
    /// Reads a query. The message of a refusal says what is wrong and what is known.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        parse::expression(text)
    }
}

impl<T> Expr<T> {
    /// Every term, in the order of the text.
    pub fn terms(&self) -> Vec<&T> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::terms).collect(),
            Self::Not(part) => part.terms(),
            Self::Is(term) => vec![term],
        }
    }
}

/// The query as one would type it. A conjunction inside a disjunction, which only a replacement
/// makes, cannot be typed: the language has no parentheses.
impl<T: Term> fmt::Display for Expr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Self], by: &str| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    f.write_str(by)?;
                }
                write!(f, "{part}")?;
            }
            Ok(())
        };
        match self {
            Self::All(parts) => join(f, parts, " "),
            Self::Any(parts) => join(f, parts, " OR "),
            Self::Not(part) => write!(f, "NOT {part}"),
            Self::Is(term) => write!(f, "{term}"),
        }
    }
}
