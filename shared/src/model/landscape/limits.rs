//! Account-wide limits of script profiles.

use serde::{Deserialize, Serialize};

/// `GET script-profile-limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScriptProfileLimits {
    pub max_num_computers: i64,
    pub max_num_profiles: i64,
    /// Minutes between two runs of a recurring profile.
    pub min_interval: i64,
}

impl Default for ScriptProfileLimits {
    fn default() -> Self {
        Self { max_num_computers: 5000, max_num_profiles: 10, min_interval: 360 }
    }
}
