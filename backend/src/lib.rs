//! Binnacle: a fleet console, its server and its agent.

pub mod agent;
pub mod api;
pub mod assets;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod engine;
pub mod facts;
pub mod keys;
pub mod license;
pub mod operation;
pub mod outbound;
pub mod protocol;
pub mod secrets;
pub mod store;
