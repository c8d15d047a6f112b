//! The API, asked through its router, on both databases.

mod access;
mod activities;
mod app;
mod bad_input;
mod computers;
mod first_start;
mod legacy;
mod lists;
mod login;
mod script_profiles;
mod scripts;
mod shapes;
