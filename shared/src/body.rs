//! Reads a JSON object field by field and collects every fault with its place,
//! so that one answer tells all that is wrong.

use serde_json::{Map, Value};

use crate::patch::Patch;
use crate::problem::{FieldError, Problems, Violation};

/// A type that a field of a body can have.
pub trait FromJson: Sized {
    /// How the type is called in a message: "a string".
    const EXPECTED: &'static str;
    fn from_json(value: &Value) -> Option<Self>;
}

impl FromJson for String {
    const EXPECTED: &'static str = "a string";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl FromJson for bool {
    const EXPECTED: &'static str = "true or false";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl FromJson for i64 {
    const EXPECTED: &'static str = "an integer";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

/// Whatever it is.
impl FromJson for Value {
    const EXPECTED: &'static str = "a value";
    fn from_json(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl FromJson for Map<String, Value> {
    const EXPECTED: &'static str = "an object";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_object().cloned()
    }
}

impl FromJson for Vec<Value> {
    const EXPECTED: &'static str = "an array";
    fn from_json(value: &Value) -> Option<Self> {
        value.as_array().cloned()
    }
}

/// One object of a body, with the pointer that leads to it.
#[derive(Debug)]
pub struct Reader<'a> {
    object: &'a Map<String, Value>,
    pointer: String,
    problems: Problems,
}

impl<'a> Reader<'a> {
    /// Starts at the root of a body, which has to be an object.
    pub fn root(value: &'a Value) -> Result<Self, Problems> {
        match value {
            Value::Object(object) => Ok(Self { object, pointer: String::new(), problems: Problems::default() }),
            other => {
                Err(Problems::one("", "type", format!("The body must be a JSON object, not {}.", describe(other))))
            }
        }
    }

    /// Reads an object inside this one; its faults are added to ours.
    pub fn nested<T>(&mut self, name: &str, object: &Map<String, Value>, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let mut inner = Reader { object, pointer: self.pointer_to(name), problems: std::mem::take(&mut self.problems) };
        let result = read(&mut inner);
        self.problems = inner.problems;
        result
    }

    pub fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    pub fn fault(&mut self, name: &str, violation: Violation) {
        let pointer = self.pointer_to(name);
        self.problems.push(violation.at(pointer));
    }

    pub fn fault_at(&mut self, error: FieldError) {
        self.problems.push(error);
    }

    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// A field with its three states; a wrong type is a fault and reads as absent.
    pub fn patch<T: FromJson>(&mut self, name: &str) -> Patch<T> {
        match self.object.get(name) {
            None => Patch::Absent,
            Some(Value::Null) => Patch::Null,
            Some(value) => T::from_json(value).map_or_else(
                || {
                    self.fault(name, wrong_type::<T>(value));
                    Patch::Absent
                },
                Patch::Set,
            ),
        }
    }

    /// A field that may be left out or null.
    pub fn optional<T: FromJson>(&mut self, name: &str) -> Option<T> {
        self.patch(name).set()
    }

    /// A field that must be there.
    pub fn required<T: FromJson>(&mut self, name: &str) -> Option<T> {
        match self.object.get(name) {
            None | Some(Value::Null) => {
                self.fault(name, Violation::new("required", format!("Is required: {}.", T::EXPECTED)));
                None
            }
            Some(_) => self.patch(name).set(),
        }
    }

    /// Passes a value through a rule; a refusal becomes a fault at the field.
    pub fn check<T, U>(
        &mut self,
        name: &str,
        value: Option<T>,
        rule: impl FnOnce(T) -> Result<U, Violation>,
    ) -> Option<U> {
        match rule(value?) {
            Ok(value) => Some(value),
            Err(violation) => {
                self.fault(name, violation);
                None
            }
        }
    }

    /// The same for a field with three states.
    pub fn check_patch<T, U>(
        &mut self,
        name: &str,
        value: Patch<T>,
        rule: impl FnOnce(T) -> Result<U, Violation>,
    ) -> Patch<U> {
        match value {
            Patch::Absent => Patch::Absent,
            Patch::Null => Patch::Null,
            Patch::Set(value) => self.check(name, Some(value), rule).map_or(Patch::Absent, Patch::Set),
        }
    }

    /// A list of strings, each passed through a rule, faults at the element.
    pub fn strings(&mut self, name: &str, rule: impl Fn(String) -> Result<String, Violation>) -> Patch<Vec<String>> {
        let items = match self.patch::<Vec<Value>>(name) {
            Patch::Absent => return Patch::Absent,
            Patch::Null => return Patch::Null,
            Patch::Set(items) => items,
        };
        let mut result = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let checked = String::from_json(item).ok_or_else(|| wrong_type::<String>(item)).and_then(&rule);
            match checked {
                Ok(text) => {
                    if !result.contains(&text) {
                        result.push(text);
                    }
                }
                Err(violation) => {
                    let pointer = format!("{}/{index}", self.pointer_to(name));
                    self.fault_at(violation.at(pointer));
                }
            }
        }
        Patch::Set(result)
    }

    /// Everything that was found.
    pub fn finish(self) -> Problems {
        self.problems
    }
}

fn wrong_type<T: FromJson>(value: &Value) -> Violation {
    Violation::new("type", format!("Must be {}, not {}.", T::EXPECTED, describe(value)))
}

/// Names a JSON value's type for a message; the value itself may be a secret.
pub fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(n) if n.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Reader;
    use crate::rules;

    #[test]
    fn collects_every_fault_with_its_place() {
        let body = json!({"title": 3, "tags": ["ok", "not ok", 5], "trigger": {"n": "x"}});
        let mut r = Reader::root(&body).unwrap();
        let _ = r.required::<String>("title");
        let _ = r.required::<i64>("script_id");
        let _ = r.strings("tags", rules::tag);
        let trigger = r.required("trigger").unwrap();
        r.nested("trigger", &trigger, |t| t.required::<i64>("n"));
        let pointers: Vec<_> = r.finish().0.into_iter().map(|e| (e.pointer, e.code)).collect();
        assert_eq!(
            pointers,
            [
                ("/title".into(), "type".into()),
                ("/script_id".into(), "required".into()),
                ("/tags/1".into(), "format".into()),
                ("/tags/2".into(), "type".into()),
                ("/trigger/n".into(), "type".into()),
            ]
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        assert_eq!(Reader::root(&json!([1])).unwrap_err().0[0].code, "type");
    }
}
