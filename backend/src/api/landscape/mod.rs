//! The Landscape REST API, version 2: one file per resource.

pub mod about;
pub mod account;
pub mod activities;
pub mod computers;
pub mod login;
pub mod script_profiles;
pub mod scripts;
pub mod stream;
pub mod tags;

use binnacle_shared::query::{Subject, parse};
use sea_query::Condition;

use super::context::Context;
use super::error::ApiError;
use crate::operation::Actor;
use crate::store;

impl Context {
    /// The caller as operations see them.
    pub fn actor(&self) -> Actor<'_> {
        Actor { person_id: self.person.id, scope: self.scope() }
    }
}

/// A query about computers or activities as a condition; none is everything.
pub fn condition(subject: Subject, text: Option<&str>) -> Result<Condition, ApiError> {
    let term = parse(subject, text.unwrap_or_default())?;
    let condition = match subject {
        Subject::Computer => store::query::computers(&term),
        Subject::Activity => store::query::activities(&term),
    };
    condition.map_err(|error| ApiError::Query(error.0))
}
