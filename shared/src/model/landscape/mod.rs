//! Resources of the Landscape family.

pub mod access_group;
pub mod activity;
pub mod administrator;
pub mod alert;
pub mod computer;
pub mod event;
pub mod invitation;
pub mod limits;
pub mod person;
pub mod role;
pub mod saved_search;
pub mod script;
pub mod script_profile;
pub mod session;
pub mod tag;
