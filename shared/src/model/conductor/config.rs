//! Settings of the manager.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::time::Millis;

/// What stands in the place of a value that only administrators see.
pub const MASKED: &str = "********";

/// A setting, as the API gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigItem {
    pub name: String,
    pub value: Value,
    /// What a new value has to fit.
    pub schema: Option<Value>,
    pub scope: String,
    pub is_editable: bool,
    /// Only administrators see and change it.
    pub admin_only: bool,
    pub updated_at: Option<Millis>,
    pub updater_name: Option<String>,
}
