//! The time zone that a schedule's expression is meant in.
//!
//! Where the rules of a zone come from differs: the server brings them along, the console asks
//! its browser. Whoever reads a schedule says how zones are found; what is done with them is one
//! code for both.

use jiff::tz::TimeZone;

use crate::problem::Violation;

/// How a zone is found by its IANA name.
pub type Zones<'a> = &'a dyn Fn(&str) -> Option<TimeZone>;

/// Longer than any name in the database.
const LONGEST: usize = 64;

/// A zone of the IANA database, by its name. Zones are equal when their names are.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }
}

impl Zone {
    /// The zone of a name, which is found in any case and kept as the database writes it.
    pub fn find(name: &str, zones: Zones<'_>) -> Result<Self, Violation> {
        let name = name.trim();
        let found = if name.eq_ignore_ascii_case("UTC") {
            Some(TimeZone::UTC)
        } else {
            Some(name).filter(|name| is_name(name)).and_then(zones)
        };
        match found {
            Some(rules) => Ok(Self { name: rules.iana_name().unwrap_or(name).to_owned(), rules }),
            None => Err(Violation::new(
                "unknown",
                "Must be the name of a time zone as in the IANA database, such as Europe/Berlin or UTC.",
            )),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub const fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

/// Distances such as `+02:00` are no zones: they know no summer time.
fn is_name(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-/".contains(&b))
}

/// The zones that this program brings along; in the browser there are none but UTC.
pub fn bundled(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())
}
