//! JSON schemas of request bodies, drawn from the field descriptors that also draw the forms.

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::field::{Field, FormUse, ReferenceBy, Widget};
use crate::patch::Patch;
use crate::record::Purpose;
use crate::registry::Kind;

/// The body that makes or edits a resource of the kind.
pub fn body(kind: Kind, purpose: Purpose) -> Schema {
    let mut root = Object::default();
    let mut groups: Vec<(&str, Object)> = Vec::new();
    for field in kind.info().fields {
        let Some(form) = field.form.filter(|form| purpose == Purpose::Create || form.editable) else { continue };
        match field.name.split_once('/') {
            None => root.add(field.name, field, form, purpose),
            Some((parent, name)) => {
                let at = groups.iter().position(|(group, _)| *group == parent).unwrap_or_else(|| {
                    groups.push((parent, Object::default()));
                    groups.len() - 1
                });
                if let Some((_, group)) = groups.get_mut(at) {
                    group.add(name, field, form, purpose);
                }
            }
        }
    }
    for (name, group) in groups {
        if purpose == Purpose::Create && !group.required.is_empty() {
            root.required.push(name);
        }
        root.properties.insert(name.to_owned(), group.schema());
    }
    Schema::try_from(root.schema()).unwrap_or_default()
}

#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Object {
    fn add(&mut self, name: &'static str, field: &Field, form: FormUse, purpose: Purpose) {
        let mut schema = of_widget(&field.widget);
        let mut about = vec![field.label.to_owned()];
        if !field.help.is_empty() {
            about.push(field.help.to_owned());
        }
        if let Some(condition) = form.shown_when {
            about.push(format!("Only where {} is {}.", condition.field, condition.one_of.join(" or ")));
        }
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), Value::String(about.join(". ").replace("..", ".")));
        }
        self.properties.insert(name.to_owned(), schema);
        if purpose == Purpose::Create && form.required && form.shown_when.is_none() {
            self.required.push(name);
        }
    }

    fn schema(self) -> Value {
        json!({"type": "object", "properties": self.properties, "required": self.required})
    }
}

/// A thing of a kind that is nothing but its fields, as answers show it.
pub fn resource(kind: Kind) -> Schema {
    let mut object = Object::default();
    for field in kind.info().fields {
        let mut schema = match field.widget {
            _ if field.name == "id" => json!({"type": "integer"}),
            // In UTC and without a zone, so not the format of the same name.
            Widget::Time => json!({"type": "string"}),
            ref widget => of_widget(widget),
        };
        let optional = field.form.is_some_and(|form| !form.required);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), Value::String(field.label.to_owned()));
            if let Some(kind) = schema.get("type").filter(|_| optional).cloned() {
                schema.insert("type".into(), json!([kind, "null"]));
            }
        }
        object.properties.insert(field.name.to_owned(), schema);
        object.required.push(field.name);
    }
    Schema::try_from(object.schema()).unwrap_or_default()
}

/// The type of the values that a widget writes.
fn of_widget(widget: &Widget) -> Value {
    match widget {
        Widget::Number { min, max, .. } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Widget::Count | Widget::Reference { by: ReferenceBy::Id, .. } => json!({"type": "integer"}),
        Widget::Switch => json!({"type": "boolean"}),
        Widget::Tags => json!({"type": "array", "items": {"type": "string"}}),
        Widget::Select(choices) | Widget::Cards(choices) => {
            json!({"type": "string", "enum": choices.iter().map(|choice| choice.value).collect::<Vec<_>>()})
        }
        Widget::DateTime | Widget::Time => json!({"type": "string", "format": "date-time"}),
        _ => json!({"type": "string"}),
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Option<T>>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> Schema {
        <Option<T>>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::body;
    use crate::Kind;
    use crate::record::Purpose;

    #[test]
    fn a_form_is_a_body() {
        let create = body(Kind::ScriptProfile, Purpose::Create);
        let create = create.as_value();
        assert_eq!(create["properties"]["title"]["type"], "string");
        assert_eq!(create["properties"]["trigger"]["properties"]["interval"]["type"], "string");
        let required = create["required"].as_array().unwrap();
        assert!(required.iter().any(|name| name == "trigger"), "{required:?}");
        let edit = body(Kind::ScriptProfile, Purpose::Edit);
        assert!(edit.as_value()["properties"].get("script_id").is_none());
        assert_eq!(edit.as_value()["required"].as_array().unwrap().len(), 0);
    }
}
