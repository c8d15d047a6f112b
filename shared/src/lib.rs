//! Binnacle's model: every resource and every rule, once, for server and browser alike.
//!
//! Nothing here knows HTTP, SQL, a clock or randomness: what varies is an argument.

pub mod body;
pub mod field;
pub mod list;
pub mod model;
pub mod patch;
pub mod permission;
pub mod problem;
pub mod query;
pub mod recurrence;
pub mod registry;
pub mod rules;
pub mod time;

pub use patch::Patch;
pub use problem::{FieldError, Problems};
pub use registry::Kind;
