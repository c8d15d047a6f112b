//! Who somebody is: passwords, tokens and sessions.

pub mod limiter;
pub mod password;
pub mod session;
pub mod token;
