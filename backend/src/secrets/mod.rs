//! What is special about secrets: their form when they travel between managers, the schemas
//! their values must fit, and the stores elsewhere that values may be kept in.

pub mod provider;
mod remote;
pub mod schema;
pub mod share;
mod vault;
