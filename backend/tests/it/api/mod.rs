//! The API, asked through its router, on both databases.

mod access;
mod activities;
mod administrators;
mod alerts;
pub mod app;
pub mod bad_input;
mod computers;
mod credentials;
mod elsewhere;
mod events;
mod first_start;
mod headers;
mod legacy;
mod lists;
mod login;
mod matrix;
mod queries;
mod reapply;
mod roles;
mod saved_searches;
mod script_profiles;
mod scripts;
mod sessions;
mod shapes;
mod signature;
