//! Paragraphs of Debian's control files, and what they say of a package.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::package::{DEBIAN, Description, Relation};

/// The fields of one paragraph; of one that goes over several lines, all of them.
pub(super) type Paragraph = BTreeMap<String, String>;

/// The paragraphs of a file.
pub(super) fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut all = Vec::new();
    let mut current = Paragraph::new();
    let mut field: Option<String> = None;
    for line in text.lines() {
        if line.trim().is_empty() {
            if !current.is_empty() {
                all.push(std::mem::take(&mut current));
            }
            field = None;
        } else if line.starts_with([' ', '\t']) {
            if let Some(value) = field.as_ref().and_then(|name| current.get_mut(name)) {
                value.push('\n');
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            current.insert(name.to_owned(), value.trim().to_owned());
            field = Some(name.to_owned());
        }
    }
    if !current.is_empty() {
        all.push(current);
    }
    all
}

/// What a paragraph says of its package. Packages of another architecture than the machine's own
/// carry it in their name.
pub(super) fn description(paragraph: &Paragraph, native: &str) -> Option<Description> {
    let get = |field: &str| paragraph.get(field).map(String::as_str).filter(|value| !value.is_empty());
    let architecture = get("Architecture").unwrap_or("all");
    let mut name = get("Package")?.to_owned();
    if architecture != "all" && architecture != native {
        name = format!("{name}:{architecture}");
    }
    let version = get("Version")?.to_owned();
    let mut relations = BTreeSet::from([
        (Relation::ProvidesItself.number(), format!("{name} = {version}")),
        (Relation::Upgrades.number(), format!("{name} < {version}")),
    ]);
    for (field, one, several) in [
        ("Provides", Relation::Provides, Relation::Provides),
        ("Pre-Depends", Relation::Requires, Relation::RequiresOneOf),
        ("Depends", Relation::Requires, Relation::RequiresOneOf),
        ("Conflicts", Relation::Conflicts, Relation::Conflicts),
        ("Breaks", Relation::Conflicts, Relation::Conflicts),
    ] {
        for alternatives in get(field).map(relation_list).unwrap_or_default() {
            let kind = if alternatives.len() > 1 { several } else { one };
            relations.insert((kind.number(), alternatives.join(" | ")));
        }
    }
    let (summary, text) = get("Description").map_or(("", ""), |text| text.split_once('\n').unwrap_or((text, "")));
    let number = |field: &str| get(field).and_then(|value| value.parse::<i64>().ok());
    Some(Description {
        kind: DEBIAN,
        name,
        version,
        section: get("Section").unwrap_or_default().to_owned(),
        summary: summary.to_owned(),
        description: text.to_owned(),
        size: number("Size"),
        installed_size: number("Installed-Size").map(|kibibytes| kibibytes.saturating_mul(1024)),
        relations,
    })
}

/// `a (>= 1) | b, c` as lists of alternatives, each as the protocol writes it.
fn relation_list(field: &str) -> Vec<Vec<String>> {
    let groups = field.split(',').map(|group| group.split('|').filter_map(relation).collect::<Vec<_>>());
    groups.filter(|group| !group.is_empty()).collect()
}

fn relation(text: &str) -> Option<String> {
    let (name, rest) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.split(')').next()),
        None => (text.split('[').next().unwrap_or_default(), None),
    };
    // The architecture that a relation asks for is no part of the name.
    let name = name.trim().split(':').next().unwrap_or_default();
    if name.is_empty() {
        return None;
    }
    let Some(rest) = rest else { return Some(name.to_owned()) };
    let rest = rest.trim();
    let version = rest.trim_start_matches(['<', '>', '=']);
    let operator = match rest.get(..rest.len() - version.len()).unwrap_or_default() {
        "<<" => "<",
        ">>" => ">",
        // A single sign once meant "or equal", and still does.
        "<" | "<=" => "<=",
        ">" | ">=" => ">=",
        _ => "=",
    };
    Some(format!("{name} {operator} {}", version.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: tea\nStatus: install ok installed\nArchitecture: amd64\nInstalled-Size: 3\n\
        Version: 1.2-3\nProvides: drink (= 2), hot-drink\nPre-Depends: cup:any (>= 1)\n\
        Depends: water (<< 3) | ice [amd64],\n milk\nBreaks: coffee (>> 5~)\n\
        Description: a drink\n It is hot.\n .\n And black.\n\nPackage: old\nStatus: deinstall ok config-files\n";

    #[test]
    fn a_paragraph_describes_a_package() {
        let paragraphs = paragraphs(STATUS);
        assert_eq!(paragraphs.len(), 2);
        let tea = description(&paragraphs[0], "amd64").unwrap();
        assert_eq!((tea.name.as_str(), tea.version.as_str(), tea.installed_size), ("tea", "1.2-3", Some(3072)));
        assert_eq!((tea.summary.as_str(), tea.description.as_str()), ("a drink", " It is hot.\n .\n And black."));
        let relations: Vec<(i64, &str)> = tea.relations.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        assert_eq!(
            relations,
            [
                (131_074, "drink = 2"),
                (131_074, "hot-drink"),
                (196_610, "tea = 1.2-3"),
                (262_148, "cup >= 1"),
                (262_148, "milk"),
                (327_684, "water < 3 | ice"),
                (393_224, "tea < 1.2-3"),
                (458_768, "coffee > 5~"),
            ]
        );
        assert_eq!(description(&paragraphs[0], "arm64").unwrap().name, "tea:amd64");
        assert_eq!(description(&paragraphs[1], "amd64"), None, "without a version there is no package");
    }
}
