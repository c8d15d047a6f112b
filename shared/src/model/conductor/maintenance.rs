//! The maintenance mode: while it is on, hardly anything is answered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where the manager stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Deactivated,
    /// Waits for what runs; nothing new begins.
    Activating,
    Activated,
}

/// The mode, as the API gives it. Texts are empty where there is nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Maintenance {
    pub status: Status,
    pub activated_at: String,
    pub activation_requested_at: String,
    /// What is waited for.
    #[serde(default)]
    pub remaining_executions: Option<Vec<Value>>,
    pub requested_by: String,
}
