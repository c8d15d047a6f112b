//! Resources of the Conductor family.

pub mod audit;
pub mod config;
pub mod expiration;
pub mod fields;
pub mod filter;
pub mod ldap;
pub mod license;
pub mod maintenance;
pub mod manager;
pub mod permission;
pub mod role;
pub mod role_permission;
pub mod secret;
pub mod secrets_provider;
pub mod site;
pub mod status;
pub mod tenant;
pub mod token;
pub mod user;
pub mod user_group;
pub mod visibility;
