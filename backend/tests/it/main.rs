//! The integration tests: one binary, so that they link once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod agent;
mod api;
mod conductor;
mod engine;
mod faults;
mod filter_sql;
mod kill;
mod ldap;
mod local_agent;
mod store;
mod support;
mod upgrade;
