//! What tests stand on.

pub mod clock;
pub mod counts;
pub mod database;
pub mod process;
pub mod slapd;
