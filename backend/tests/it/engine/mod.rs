//! The engine on both databases, with a clock that the tests move.

mod activities;
mod catch_up;
mod coming_and_going;
mod firing;
pub mod fixture;
mod many;
mod together;
