//! Tags: words on computers, by which profiles find them.

pub use crate::rules::tag as rule;

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
