//! What the Conductor API keeps: tenants and what belongs to them.

pub mod account_scope;
pub mod api_token;
pub mod audit;
pub mod audit_log;
pub mod belonging;
pub mod caller;
pub mod config;
pub mod filter;
pub mod filter_sql;
pub mod label;
pub mod ldap;
pub mod license;
pub mod membership;
pub mod node;
pub mod permission;
pub mod provider_context;
pub mod scope;
pub mod secret;
pub mod secrets_provider;
pub mod sign_in;
pub mod site;
pub mod tenant;
pub mod user;
pub mod user_group;

pub use scope::{TenantOwned, TenantScope, Tenants};
