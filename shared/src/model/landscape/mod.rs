//! Resources of the Landscape family.

pub mod access_group;
pub mod activity;
pub mod computer;
pub mod limits;
pub mod person;
pub mod script;
pub mod script_profile;
pub mod tag;
