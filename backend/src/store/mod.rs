//! The database: SQLite or PostgreSQL, from the same statements. It knows no HTTP.

pub mod access_group;
pub mod account;
pub mod activity;
pub mod activity_output;
pub mod agent;
pub mod association;
pub mod computer;
pub mod db;
pub mod error;
pub mod list;
pub mod person;
pub mod profile_run;
pub mod query;
pub mod schedule;
pub mod scope;
pub mod script;
pub mod script_profile;
pub mod session;
pub mod tables;

pub use db::{Conn, Db, Row, micros};
pub use error::StoreError;
pub use scope::Scope;

/// Result of everything in the store.
pub type Result<T> = std::result::Result<T, StoreError>;
