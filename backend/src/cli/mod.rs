//! The subcommands of the binary.

pub mod agent;
mod local_agent;
pub mod openapi;
pub mod serve;
pub mod user;
