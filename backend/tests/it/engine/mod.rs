//! The engine on both databases, with a clock that the tests move.

mod activities;
mod firing;
pub mod fixture;
