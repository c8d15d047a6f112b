//! Who somebody is: passwords, tokens, sessions and signatures.

pub mod api_token;
pub mod authenticate;
pub mod basic;
pub mod device;
pub mod ldap;
pub mod limiter;
pub mod link;
pub mod password;
pub mod session;
pub mod signature;
pub mod token;
