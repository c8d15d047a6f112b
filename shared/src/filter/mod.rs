//! Filters: rules that a row of a list has to fit, all of them.
//!
//! A filter is data. It is read and judged in [`parse`], said in words in [`words`], and means
//! what [`evaluate`] does; the server's SQL selects the same rows.

pub mod builtin;
pub mod evaluate;
pub mod parse;
pub mod rule;
pub mod words;

pub use evaluate::{Found, Row, matches};
pub use parse::Invalid;
pub use rule::{Attribute, Operator, Rule, RuleType, Target};
