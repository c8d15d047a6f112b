//! The license file that Conductor's managers take: YAML with a `license` and its `signature`.
//!
//! Whether the signature is its vendor's cannot be told without the vendor's key. What the file
//! says is read, kept and shown, and its end counts.

use binnacle_shared::problem::{FieldError, Problems};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The longest file; real ones have about a thousand bytes.
const MAX_FILE: usize = 64 * 1024;
const MAX_TEXT: usize = 500;
const MAX_CAPABILITIES: usize = 1000;

/// What a license says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    pub customer_id: String,
    /// None: it does not end.
    pub expiration_date: Option<Timestamp>,
    pub license_edition: Option<String>,
    pub trial: bool,
    /// The newest version it is good for; none: every one.
    pub cloudify_version: Option<String>,
    pub capabilities: Option<Vec<String>>,
    /// As it stands in the file, base64 without its line breaks; not checked.
    pub signature: String,
}

/// Why a license cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LicenseError {
    /// The file cannot be read at all.
    #[error("the license is no YAML: {0}")]
    InvalidYaml(String),
    /// It can be read, but does not say what a license says.
    #[error("the license is incomplete: {0}")]
    Fields(Problems),
    /// It was good until this moment.
    #[error("the license has expired on {0}")]
    Expired(Timestamp),
}

impl License {
    /// Reads a license file. One that has expired is read too.
    pub fn read(file: &[u8]) -> Result<Self, LicenseError> {
        let invalid = |what: &str| LicenseError::InvalidYaml(what.to_owned());
        if file.len() > MAX_FILE {
            return Err(invalid("it is too long"));
        }
        let text = std::str::from_utf8(file).map_err(|_| invalid("it is no UTF-8"))?;
        let value: Value = yaml(text)?;
        let Value::Object(file) = value else {
            return Err(invalid("it is no mapping"));
        };
        // A second reading keeps numbers as they are written: version 4.10 is not version 4.1.
        let texts: Texts = yaml(text).unwrap_or_default();
        let mut problems = Problems::default();
        let mut outer = Fields { members: &file, within: "", problems: &mut problems };
        let signature = outer.signature();
        let none = Map::new();
        let members = outer.members("license").unwrap_or(&none);
        if members.is_empty() {
            return Err(LicenseError::Fields(problems));
        }
        let mut inner = Fields { members, within: "/license", problems: &mut problems };
        let license = Self {
            customer_id: inner.number_or_text("customer_id", texts.license.customer_id, true).unwrap_or_default(),
            expiration_date: inner.date("expiration_date"),
            license_edition: inner.text("license_edition", false),
            trial: inner.flag("trial"),
            cloudify_version: inner.number_or_text("cloudify_version", texts.license.cloudify_version, false),
            capabilities: inner.list("capabilities"),
            signature,
        };
        problems.or(license).map_err(LicenseError::Fields)
    }

    /// Whether its time is over.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.expiration_date.is_some_and(|end| now >= end)
    }

    /// Refuses a license whose time is over.
    pub fn check(&self, now: Timestamp) -> Result<(), LicenseError> {
        match self.expiration_date {
            Some(end) if now >= end => Err(LicenseError::Expired(end)),
            _ => Ok(()),
        }
    }
}

/// Fields whose values people write as numbers.
#[derive(Default, Deserialize)]
struct Texts {
    license: LicenseTexts,
}

#[derive(Default, Deserialize)]
struct LicenseTexts {
    customer_id: Option<String>,
    cloudify_version: Option<String>,
}

fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, LicenseError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: 1,
            max_depth: 16,
            max_nodes: 5_000,
            max_events: 20_000,
            // Nobody writes a license with references.
            max_aliases: 0,
            max_merge_keys: 0,
        },
        ignore_binary_tag_for_string: true,
        strict_booleans: false,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let text = error.to_string();
        LicenseError::InvalidYaml(text.chars().take(MAX_TEXT).collect())
    })
}

/// Reads the members of a mapping, and collects what is wrong with them.
struct Fields<'a, 'p> {
    members: &'a Map<String, Value>,
    within: &'static str,
    problems: &'p mut Problems,
}

impl<'a> Fields<'a, '_> {
    fn problem(&mut self, name: &str, code: &'static str, message: &str) {
        self.problems.push(FieldError::new(format!("{}/{name}", self.within), code, message));
    }

    fn present(&mut self, name: &str, required: bool) -> Option<&'a Value> {
        let value = self.members.get(name).filter(|value| !value.is_null());
        if value.is_none() && required {
            self.problem(name, "required", "is missing");
        }
        value
    }

    fn text(&mut self, name: &str, required: bool) -> Option<String> {
        let Value::String(text) = self.present(name, required)? else {
            self.problem(name, "type", "must be a text");
            return None;
        };
        self.judged(name, text, required)
    }

    fn judged(&mut self, name: &str, text: &str, required: bool) -> Option<String> {
        let text = text.trim();
        if text.is_empty() && required {
            self.problem(name, "required", "is missing");
        } else if text.len() > MAX_TEXT {
            self.problem(name, "length", "is too long");
        } else if text.chars().any(char::is_control) {
            // Not every database could keep it.
            self.problem(name, "format", "must not hold control characters");
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    fn number_or_text(&mut self, name: &str, written: Option<String>, required: bool) -> Option<String> {
        match self.members.get(name) {
            Some(Value::Number(number)) => {
                let text = written.unwrap_or_else(|| number.to_string());
                self.judged(name, &text, required)
            }
            _ => self.text(name, required),
        }
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.present(name, true) {
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.problem(name, "type", "must be true or false");
                false
            }
            None => false,
        }
    }

    /// Must be named, and may be null: a license without end says so.
    fn date(&mut self, name: &str) -> Option<Timestamp> {
        if !self.members.contains_key(name) {
            self.problem(name, "required", "is missing");
        }
        let date = match self.present(name, false)? {
            Value::String(text) => moment(text.trim()),
            _ => None,
        };
        if date.is_none() {
            self.problem(name, "format", "must be a date, such as 12/31/2030");
        }
        date
    }

    fn list(&mut self, name: &str) -> Option<Vec<String>> {
        let Value::Array(items) = self.present(name, false)? else {
            self.problem(name, "type", "must be a list of texts");
            return None;
        };
        let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        match texts {
            None => self.problem(name, "type", "must be a list of texts"),
            Some(ref texts) if texts.len() > MAX_CAPABILITIES => self.problem(name, "length", "is too long"),
            Some(_) => {}
        }
        texts
    }

    fn members(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.present(name, true)? {
            Value::Object(members) if members.is_empty() => {
                self.problem(name, "required", "is missing");
                None
            }
            Value::Object(members) => Some(members),
            _ => {
                self.problem(name, "type", "must be a mapping");
                None
            }
        }
    }

    fn signature(&mut self) -> String {
        match self.present("signature", true) {
            Some(Value::String(text)) if !text.trim().is_empty() => text.split_whitespace().collect(),
            Some(Value::String(_)) => {
                self.problem("signature", "required", "is missing");
                String::new()
            }
            Some(_) => {
                self.problem("signature", "type", "must be a text");
                String::new()
            }
            None => String::new(),
        }
    }
}

/// A date as license files have it, month first, or a date or moment of ISO 8601. A date is the
/// moment it begins, in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let date = civil::Date::strptime("%m/%d/%Y", text).or_else(|_| civil::Date::strptime("%Y-%m-%d", text)).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
