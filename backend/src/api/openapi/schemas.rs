//! Schemas of bodies and answers, and the components that they refer to.

use std::collections::BTreeSet;

use binnacle_shared::Kind;
use binnacle_shared::record::Purpose;
use binnacle_shared::schema;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::api::routes::doc::{Body, SchemaOf};

/// Where references point to.
const PLACE: &str = "#/components/schemas/";
/// A type that is written otherwise than it is read has two schemas.
const AS_SENT: &str = "AsSent";

/// Collects schemas while operations are written.
pub struct Schemas {
    /// Of what clients send.
    sent: SchemaGenerator,
    /// Of what the server answers.
    answered: SchemaGenerator,
    /// Those that come from no type.
    others: Map<String, Value>,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = PLACE.trim_start_matches('#').trim_end_matches('/').to_owned().into();
            })
        };
        Self {
            sent: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
            others: Map::new(),
        }
    }
}

impl Schemas {
    /// A body that clients send.
    pub fn sent(&mut self, body: Body) -> Value {
        match body {
            // Marked, so that `finish` finds the references that mean what is sent.
            Body::Json(of) => json!({AS_SENT: of(&mut self.sent).to_value()}),
            Body::Form(kind, purpose) => {
                let verb = match purpose {
                    Purpose::Create => "New",
                    Purpose::Edit => "Changed",
                };
                self.named(format!("{verb}{}", kind.name()), schema::body(kind, purpose).to_value())
            }
        }
    }

    /// An answer of a type.
    pub fn answered(&mut self, of: SchemaOf) -> Value {
        of(&mut self.answered).to_value()
    }

    /// A thing that is nothing but its fields.
    pub fn record(&mut self, kind: Kind) -> Value {
        self.named(kind.name().to_owned(), schema::resource(kind).to_value())
    }

    /// A schema that comes from no type, by its name.
    pub fn named(&mut self, name: String, schema: Value) -> Value {
        let reference = json!({"$ref": format!("{PLACE}{name}")});
        self.others.insert(name, schema);
        reference
    }

    /// Puts all that was asked for into the document.
    pub fn finish(mut self, document: &mut Value) {
        let mut sent: Map<String, Value> = self.sent.take_definitions(true);
        let answered: Map<String, Value> = self.answered.take_definitions(true);
        let differing = differing(&sent, &answered);
        for schema in sent.values_mut() {
            rename(schema, &differing);
        }
        unwrap_sent(document, &differing);
        let mut all = self.others;
        all.extend(answered);
        all.extend(sent.into_iter().map(|(name, schema)| (renamed(&name, &differing), schema)));
        // Sorted: generators know no order that a reader would expect.
        all.sort_keys();
        document["components"]["schemas"] = Value::Object(all);
    }
}

/// The names that mean something else in what is sent than in answers, directly or by what
/// they refer to.
fn differing(sent: &Map<String, Value>, answered: &Map<String, Value>) -> BTreeSet<String> {
    let mut differing = BTreeSet::new();
    loop {
        let more: Vec<String> = sent
            .iter()
            .filter(|(name, schema)| {
                let mut schema = (*schema).clone();
                rename(&mut schema, &differing);
                !differing.contains(*name) && answered.get(*name).is_some_and(|answered| *answered != schema)
            })
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return differing;
        }
        differing.extend(more);
    }
}

fn renamed(name: &str, differing: &BTreeSet<String>) -> String {
    if differing.contains(name) { format!("{name}{AS_SENT}") } else { name.to_owned() }
}

/// Points references to the renamed schemas.
fn rename(schema: &mut Value, differing: &BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(PLACE)
            {
                *reference = format!("{PLACE}{}", renamed(name, differing));
            }
            fields.values_mut().for_each(|inner| rename(inner, differing));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| rename(inner, differing)),
        _ => {}
    }
}

/// Takes the marks off.
fn unwrap_sent(value: &mut Value, differing: &BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(mut schema) = fields.remove(AS_SENT) {
                rename(&mut schema, differing);
                *value = schema;
            } else {
                fields.values_mut().for_each(|inner| unwrap_sent(inner, differing));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| unwrap_sent(inner, differing)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value, json};

    use super::differing;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_differs_by_a_reference_differs() {
        let sent = json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"type": "string"}, "C": {}});
        let answered = json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"type": "integer"}, "C": {}});
        let names = differing(&object(&sent), &object(&answered));
        assert_eq!(names, BTreeSet::from(["A".to_owned(), "B".to_owned()]));
    }
}
