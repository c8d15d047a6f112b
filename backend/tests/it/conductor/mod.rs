//! The Conductor API, by the router.

mod audit;
mod audit_parts;
mod bad_input;
mod client;
mod config;
mod contract;
mod dialect;
mod filters;
mod labels;
mod ldap;
mod license;
mod lockout;
mod maintenance;
mod matrix;
mod permissions;
mod secrets;
mod secrets_providers;
mod secrets_share;
mod sites;
mod status;
mod tenants;
mod tokens;
mod user_groups;
mod users;
