//! Tags: words on computers, by which profiles find them.

use serde::{Deserialize, Serialize};

pub use crate::rules::tag as rule;

/// A line of `GET tags/profile-diff`: what a tag on more computers would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagChange {
    pub tag: String,
    pub profile: ProfileChange,
}

/// What would become of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileChange {
    /// The profile's title.
    pub name: String,
    /// `ScriptProfile`.
    pub profile_type: String,
    /// How many computers it reaches now.
    pub current_associated_instances: i64,
    /// It would reach more computers than a profile may.
    pub will_exceed_limit: bool,
    /// Some of the computers would not be reached: they are in other access groups.
    pub will_exclude_instances: bool,
}

/// Reads a comma-separated list, as agents and command lines send it. What is no tag is left
/// out: an agent's typing error must not keep its computer from registering.
pub fn parse_list(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').filter_map(|part| rule(part.to_owned()).ok()) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_split_trimmed_and_deduplicated() {
        assert_eq!(super::parse_list(" web, edge,,web,not ok, x-1"), ["web", "edge", "x-1"]);
    }
}
