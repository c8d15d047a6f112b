//! The client: session cookie and CSRF header, or token, typed answers, errors with their places.
//!
//! Paths are written without prefix: `client::get::<Computer>("computers/5")`.

pub mod client;
pub mod conductor;
mod error;
pub mod legacy;
mod load;
pub mod server;
mod sse;
mod stream;

pub use client::{get, list, patch, post, put, send};
pub use error::ApiError;
pub use load::{Answer, Load, use_load};
pub use stream::{StreamState, use_events};
