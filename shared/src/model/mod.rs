//! The resources, one file each, by API family.

pub mod conductor;
pub mod landscape;
