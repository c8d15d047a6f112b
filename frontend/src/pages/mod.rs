//! The pages, one file each.

pub mod access_groups;
pub mod activities;
pub mod activity;
pub mod administrators;
pub mod computer;
pub mod computer_form;
pub mod computers;
mod enrol;
pub mod events;
mod matching;
pub mod myself;
mod profile_parts;
pub mod records;
pub mod roles;
pub mod script;
pub mod script_form;
pub mod script_profile;
pub mod script_profile_form;
pub mod script_profiles;
pub mod scripts;
pub mod settings;
pub mod sign_in;
pub mod tenancy;
