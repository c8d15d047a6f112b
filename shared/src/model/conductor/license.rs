//! The licence that was uploaded.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// A licence, as the API gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct License {
    pub customer_id: Option<String>,
    /// None: it does not end.
    pub expiration_date: Option<Millis>,
    pub license_edition: Option<String>,
    pub trial: bool,
    /// The newest version it is good for; none: every one.
    pub cloudify_version: Option<String>,
    pub capabilities: Option<Vec<String>>,
    pub expired: bool,
}
