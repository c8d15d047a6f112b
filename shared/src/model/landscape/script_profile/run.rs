//! What became of the planned times of a script profile (ours).

use serde::{Deserialize, Serialize};

use crate::time::Seconds;

/// A planned time of a profile, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileRun {
    pub id: i64,
    pub cause: RunCause,
    pub outcome: RunOutcome,
    pub planned_time: Seconds,
    /// When the server came to it.
    pub fired_time: Seconds,
    /// The group activity, if there was a computer to run on.
    pub activity_id: Option<i64>,
    /// How many planned times this stands for: more than one only where they were skipped.
    pub planned_runs: i64,
    /// The last of them.
    pub last_planned_time: Seconds,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|one| one.name() == name)
            }
        }
    };
}

words! {
    /// Why a profile ran.
    RunCause {
        /// Its planned time came.
        Schedule = "schedule",
        /// A computer enrolled.
        Enrollment = "enrollment",
        /// Somebody asked for it.
        Manual = "manual",
    }
}

words! {
    /// What came of it.
    RunOutcome {
        /// It became an activity.
        Ran = "ran",
        /// No computer was associated.
        Empty = "empty",
        /// It was missed, and the profile's catch-up rule leaves it out.
        Skipped = "skipped",
    }
}
