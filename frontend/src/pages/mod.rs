//! The pages, one file each.

pub mod activities;
pub mod activity;
pub mod computer;
pub mod computer_form;
pub mod computers;
mod enrol;
mod matching;
mod profile_parts;
pub mod script;
pub mod script_form;
pub mod script_profile;
pub mod script_profile_form;
pub mod script_profiles;
pub mod scripts;
pub mod sign_in;
