//! The integration tests: one binary, so that they link once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod agent;
mod api;
mod engine;
mod faults;
mod kill;
mod local_agent;
mod store;
mod support;
mod upgrade;
