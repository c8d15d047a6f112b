//! The Conductor REST API, version 3.1: its dialect, and one file per resource.

pub mod answer;
pub mod audit;
mod authenticate;
mod body;
pub mod caller;
pub mod cluster;
pub mod config;
pub mod error;
pub mod filters;
pub mod idp;
pub mod labels;
pub mod ldap;
pub mod license;
mod maintenance;
pub mod maintenance_mode;
pub mod managers;
pub mod matrix;
pub mod memberships;
pub mod permissions;
pub mod provider_context;
pub mod query;
mod roles;
pub mod secrets;
pub mod secrets_providers;
pub mod secrets_search;
pub mod secrets_share;
pub mod sites;
pub mod status;
pub mod tenants;
pub mod tokens;
pub mod user_groups;
pub mod users;
pub mod version;

/// Where the API is. Paths of older versions lead to the same, but for `/api/v2`, which is the
/// Landscape API's.
pub const PREFIX: &str = "/api/v3.1";
/// Older versions.
pub const OLDER: &[&str] = &["/api/v3/", "/api/v2.1/", "/api/v1/"];
