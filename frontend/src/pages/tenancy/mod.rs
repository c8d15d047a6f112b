//! Pages of the Conductor family: what tenants keep, who is in them, and the manager itself.

pub mod audit;
mod common;
mod filter_builder;
pub mod filters;
pub mod ldap;
mod members;
pub mod permissions;
pub mod providers;
mod secret_transfer;
pub mod secrets;
pub mod sites;
pub mod system;
pub mod tenants;
pub mod tokens;
pub mod user_groups;
pub mod users;
mod world;
