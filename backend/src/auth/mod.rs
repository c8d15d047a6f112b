//! Who somebody is: passwords, tokens, sessions and signatures.

pub mod authenticate;
pub mod device;
pub mod limiter;
pub mod link;
pub mod password;
pub mod session;
pub mod signature;
pub mod token;
