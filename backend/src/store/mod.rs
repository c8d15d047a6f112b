//! The database: SQLite or PostgreSQL, from the same statements. It knows no HTTP.

pub mod access_group;
pub mod access_key;
pub mod account;
pub mod activity;
mod activity_group;
pub mod activity_output;
pub mod administrator;
pub mod agent;
pub mod alert;
pub mod association;
pub mod attachment;
pub mod computer;
pub mod computer_extras;
pub mod computer_facts;
mod computer_registration;
pub mod computer_report;
pub mod computer_user;
pub mod conductor;
pub mod contact;
pub mod database;
pub mod db;
pub mod error;
pub mod event;
pub mod grant;
pub mod hardware;
pub mod invitation;
pub mod list;
pub mod myself;
pub mod package;
pub mod package_set;
pub mod person;
pub mod profile_diff;
pub mod profile_run;
pub mod query;
pub mod record;
pub mod role;
pub mod schedule;
pub mod scope;
pub mod script;
pub mod script_profile;
mod script_version;
pub mod session;
pub mod tables;

pub use db::{Conn, Db, Row, micros};
pub use error::StoreError;
pub use scope::Scope;

/// Result of everything in the store.
pub type Result<T> = std::result::Result<T, StoreError>;
