//! Things that are nothing but their fields: their bodies are read by the descriptors alone.

use serde_json::{Map, Value};

use crate::body::Reader;
use crate::field::{Field, ReferenceBy, Widget};
use crate::patch::Patch;
use crate::problem::{Problems, Violation};
use crate::registry::{KindInfo, Slug};
use crate::{rules, time};

/// A thing's fields by name.
pub type Record = Map<String, Value>;

/// What a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Makes a thing: all required fields must be there.
    Create,
    /// Changes one: only fields that may change, none of them required; null clears a field.
    Edit,
}

/// Reads a body: the values to store, or all that is wrong with it. Fields that the server sets,
/// and after creation those that cannot change, are ignored.
pub fn read(info: &KindInfo, purpose: Purpose, body: &Value) -> Result<Record, Problems> {
    let mut r = Reader::root(body)?;
    let mut values = Record::new();
    let slug = info.storage.and_then(|storage| storage.slug).filter(|_| purpose == Purpose::Create);
    for field in info.fields {
        let Some(form) = field.form.filter(|form| purpose == Purpose::Create || form.editable) else { continue };
        let required = form.required && form.shown_when.is_none_or(|when| shown(&values, when.field, when.one_of));
        match value(&mut r, field) {
            Patch::Set(value) => {
                values.insert(field.name.to_owned(), value);
            }
            Patch::Null if purpose == Purpose::Edit && !form.required => {
                values.insert(field.name.to_owned(), Value::Null);
            }
            Patch::Null | Patch::Absent if required && (purpose == Purpose::Create || r.has(field.name)) => {
                // A value that was there and wrong has been told already.
                if !r.has(field.name) || body.get(field.name).is_some_and(Value::is_null) {
                    r.fault(field.name, Violation::new("required", "Is required."));
                }
            }
            Patch::Null | Patch::Absent => {
                if let Some(slug) = slug.filter(|slug| slug.field == field.name) {
                    named(&mut r, field, slug, &mut values);
                }
            }
        }
    }
    r.finish().or(values)
}

fn shown(values: &Record, field: &str, one_of: &[&str]) -> bool {
    let value = match values.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => return false,
    };
    one_of.contains(&value.as_str())
}

/// Makes the name that was not given.
fn named(r: &mut Reader<'_>, field: &Field, slug: Slug, values: &mut Record) {
    if r.has(field.name) && !values.contains_key(field.name) && !is_absent(r, field.name) {
        return;
    }
    let Some(title) = values.get(slug.of).and_then(Value::as_str) else { return };
    let made = rules::slug(title);
    let judged = field.rule.map_or_else(|| Ok(made.clone()), |rule| rule(made.clone()));
    match judged {
        Ok(name) => {
            values.insert(field.name.to_owned(), Value::String(name));
        }
        Err(violation) => r.fault(field.name, violation),
    }
}

/// Whether a field was left out, or sent as null or as an empty text.
fn is_absent(r: &mut Reader<'_>, name: &str) -> bool {
    r.patch::<String>(name).set().is_none_or(|text| text.trim().is_empty())
}

/// A field's value as the widget and the rule have it.
fn value(r: &mut Reader<'_>, field: &Field) -> Patch<Value> {
    let name = field.name;
    match field.widget {
        Widget::Switch => r.patch::<bool>(name).map(Value::Bool),
        Widget::Number { min, max, .. } => {
            let number = r.patch::<i64>(name);
            r.check_patch(name, number, |number| in_range(number, min, max)).map(Value::from)
        }
        Widget::Count | Widget::Reference { by: ReferenceBy::Id, .. } => r.patch::<i64>(name).map(Value::from),
        Widget::Tags => r.strings(name, rules::tag).map(Value::from),
        Widget::Select(choices) | Widget::Cards(choices) => {
            let text = r.patch::<String>(name);
            r.check_patch(name, text, |text| {
                let known: Vec<_> = choices.iter().map(|choice| choice.value).collect();
                if known.contains(&text.as_str()) {
                    Ok(Value::String(text))
                } else {
                    Err(Violation::new("unknown", format!("Must be one of {}.", known.join(", "))))
                }
            })
        }
        Widget::DateTime | Widget::Time => {
            let text = r.patch::<String>(name);
            r.check_patch(name, text, |text| time::parse(&text)).map(|at| Value::from(at.as_microsecond()))
        }
        _ => {
            let text = r.patch::<String>(name);
            // An input that was left empty is one that was left out.
            let optional = field.form.is_none_or(|form| !form.required);
            let text = match text {
                Patch::Set(text) if optional && text.trim().is_empty() => Patch::Null,
                text => text,
            };
            let rule = field.rule.unwrap_or(rules::comment);
            r.check_patch(name, text, rule).map(Value::String)
        }
    }
}

fn in_range(number: i64, min: i64, max: i64) -> Result<i64, Violation> {
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(Violation::new("range", format!("Must be between {min} and {max}.")))
    }
}
