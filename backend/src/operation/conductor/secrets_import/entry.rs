//! Reads what came in a list of secrets, entry by entry: a fault in one is no fault of the others.

use std::collections::BTreeMap;
use std::fmt;

use binnacle_shared::body::describe;
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::visibility::Visibility;
use binnacle_shared::time;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::secret_values::VALUE_MAX;

/// What is wrong with an entry, by field.
pub type Faults = BTreeMap<&'static str, Value>;

/// Longest of the texts that are no value.
const WORD_MAX: usize = 256;

/// What the answer calls fields that are not there.
const MISSING: &str = "missing secret fields";

/// A secret as it came.
pub struct Entry {
    /// Its place in the list.
    pub index: usize,
    pub key: String,
    /// The tenant it goes to.
    pub tenant: String,
    pub visibility: Visibility,
    pub is_hidden: bool,
    /// The value, and whether it is encrypted; none where a provider has it.
    pub value: Option<(String, bool)>,
    pub provider: Option<String>,
    pub provider_options: Option<Value>,
    pub created_at: Option<Timestamp>,
    pub creator: Option<String>,
}

impl fmt::Debug for Entry {
    /// Without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {}, {})", self.index, self.tenant, self.key)
    }
}

struct Reader<'a> {
    object: &'a Map<String, Value>,
    faults: Faults,
}

impl Reader<'_> {
    fn present(&self, name: &str) -> Option<&Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn fault(&mut self, name: &'static str, message: impl Into<String>) {
        self.faults.insert(name, Value::String(message.into()));
    }

    /// A text; `as_what` is the field's name in faults.
    fn text(&mut self, name: &'static str, as_what: &'static str) -> Option<String> {
        match self.present(name)? {
            Value::String(text) => Some(text.clone()),
            other => {
                let message = format!("Must be a string, not {}", describe(other));
                self.fault(as_what, message);
                None
            }
        }
    }

    /// A short text.
    fn word(&mut self, name: &'static str, as_what: &'static str) -> Option<String> {
        let text = self.text(name, as_what)?;
        if text.chars().count() > WORD_MAX {
            self.fault(as_what, format!("Must have at most {WORD_MAX} characters"));
            return None;
        }
        Some(text)
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.present(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => {
                self.fault(name, "Must be true or false");
                None
            }
        }
    }
}

/// Reads an entry; tenants are given their new names.
pub fn read(index: usize, value: &Value, tenants: &BTreeMap<String, String>) -> Result<Entry, Faults> {
    let Value::Object(object) = value else {
        return Err(Faults::from([("secret", json!(format!("Must be an object, not {}", describe(value))))]));
    };
    let mut r = Reader { object, faults: Faults::new() };
    let provider = r.word("provider", "provider").filter(|name| !name.is_empty());
    let required: &[&str] = if provider.is_some() {
        &["key", "tenant_name", "visibility", "is_hidden_value"]
    } else {
        &["key", "value", "tenant_name", "visibility", "is_hidden_value", "encrypted"]
    };
    let missing: Vec<&str> = required.iter().copied().filter(|name| r.present(name).is_none()).collect();
    if !missing.is_empty() {
        r.faults.insert(MISSING, json!(missing));
    }
    let key = r.word("key", "key");
    if let Some(Err(violation)) = key.clone().map(fields::name) {
        r.fault("key", violation.message);
    }
    let tenant = r.word("tenant_name", "tenant_name").map(|name| tenants.get(&name).cloned().unwrap_or(name));
    let visibility = r.word("visibility", "visibility").and_then(|word| {
        let known = Visibility::from_name(&word);
        if known.is_none() {
            r.fault("visibility", "Must be private, tenant or global");
        }
        known
    });
    let is_hidden = r.flag("is_hidden_value");
    let encrypted = r.flag("encrypted").unwrap_or_default();
    let value = r.text("value", "value").filter(|text| !text.is_empty() || provider.is_none());
    match &value {
        Some(text) if text.is_empty() => r.fault("value", "Must not be empty"),
        // A third more than the value, once it is encrypted.
        Some(text) if text.len() > 2 * VALUE_MAX => r.fault("value", "Is too long"),
        _ => {}
    }
    let provider_options = r.present("provider_options").cloned();
    match &provider_options {
        Some(other) if !other.is_object() => r.fault("provider_options", "Must be an object"),
        Some(_) if provider.is_none() => r.fault("provider_options", "Are for secrets that have a provider"),
        _ => {}
    }
    let created_at = r.word("created_at", "timestamp").and_then(|text| match time::parse(&text) {
        Ok(time) => Some(time),
        Err(violation) => {
            r.fault("timestamp", violation.message);
            None
        }
    });
    let creator = r.word("creator", "creator");
    match (key, tenant, visibility, is_hidden) {
        (Some(key), Some(tenant), Some(visibility), Some(is_hidden)) if r.faults.is_empty() => Ok(Entry {
            index,
            key,
            tenant,
            visibility,
            is_hidden,
            value: value.map(|text| (text, encrypted)),
            provider,
            provider_options,
            created_at,
            creator,
        }),
        _ => Err(r.faults),
    }
}
