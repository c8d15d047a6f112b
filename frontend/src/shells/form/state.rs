//! What a form knows: values, faults, what was touched, whether it was sent.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use binnacle_shared::field::{Field, Widget};
use binnacle_shared::{FieldError, Kind, Problems};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value};

use super::draft::Draft;
use super::request::Sent;
use crate::api::ApiError;
use crate::go::{Guard, use_go};
use crate::paths;
use crate::react::memo;

type Rules = Arc<dyn Fn(&Value) -> Problems + Send + Sync>;
type Sending = Pin<Box<dyn Future<Output = Result<String, ApiError>>>>;
type Submit = Arc<dyn Fn(Value) -> Sending + Send + Sync>;

/// What a page says of its form; the fields follow from the descriptors.
#[derive(Clone)]
pub struct FormSpec {
    /// Of the thing that is changed; none makes a new one.
    pub id: Option<String>,
    /// Values to start with, as the wire has them.
    pub initial: Value,
    /// The button: "Create profile".
    pub verb: Cow<'static, str>,
    /// Where Cancel leads.
    pub cancel: String,
    /// The request, to be shown as curl and as Python beside the form.
    pub(super) sent: Option<Sent>,
    /// What it asks for: the kind's fields, or what the page asks instead.
    pub(super) fields: &'static [Field],
    /// The name its draft is kept under; none: what is entered is not for this browser to keep.
    pub(super) memory: Option<String>,
    /// A field that the page draws itself, by its name.
    pub(super) custom: Option<(&'static str, Custom)>,
    rules: Rules,
    submit: Submit,
}

/// Draws a field with everything around it.
pub type Custom = fn(Form) -> AnyView;

impl FormSpec {
    /// `rules` judges a body, usually `|body| Type::parse(body).err().unwrap_or_default()`;
    /// `submit` sends it and answers where to go then.
    pub fn new<F>(
        kind: Kind,
        fields: &'static [Field],
        id: Option<i64>,
        initial: Value,
        rules: impl Fn(&Value) -> Problems + Send + Sync + 'static,
        submit: impl Fn(Value) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<String, ApiError>> + 'static,
    {
        Self::named(kind, fields, id.map(|id| id.to_string()), initial, rules, submit)
    }

    /// The same for kinds whose things go by a name.
    pub fn named<F>(
        kind: Kind,
        fields: &'static [Field],
        id: Option<String>,
        initial: Value,
        rules: impl Fn(&Value) -> Problems + Send + Sync + 'static,
        submit: impl Fn(Value) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<String, ApiError>> + 'static,
    {
        Self {
            initial,
            verb: if id.is_some() { "Save" } else { "Create" }.into(),
            cancel: id.as_ref().map_or_else(|| paths::list(kind), |id| paths::detail(kind, paths::escape(id))),
            sent: None,
            fields,
            memory: Some(format!("{}.{}", kind.outline().path, id.as_deref().unwrap_or("new"))),
            id,
            custom: None,
            rules: Arc::new(rules),
            submit: Arc::new(move |body| Box::pin(submit(body))),
        }
    }

    /// Shows the request as curl and as Python beside the form.
    #[must_use]
    pub fn sent(mut self, sent: Sent) -> Self {
        self.sent = Some(sent);
        self
    }

    /// Draws a field that no widget can draw. It shows the field's faults itself: [`Form::faults`].
    #[must_use]
    pub fn custom(mut self, name: &'static str, draw: Custom) -> Self {
        self.custom = Some((name, draw));
        self
    }

    /// Keeps no draft: what is entered is secret.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.memory = None;
        self
    }

    /// Where Cancel leads, if not to the list or the thing itself.
    #[must_use]
    pub fn cancel(mut self, path: impl Into<String>) -> Self {
        self.cancel = path.into();
        self
    }

    /// The button's text: a verb with its object.
    #[must_use]
    pub fn verb(mut self, verb: impl Into<Cow<'static, str>>) -> Self {
        self.verb = verb.into();
        self
    }
}

/// A form's state; `Copy`, so pages hand it to their side panels.
#[derive(Clone, Copy)]
pub struct Form {
    pub(super) spec: StoredValue<FormSpec>,
    /// Values by field name (`trigger/interval`).
    values: RwSignal<Map<String, Value>>,
    initial: StoredValue<Map<String, Value>>,
    /// What would be sent now.
    pub body: Memo<Value>,
    /// What the shared rules say of it.
    pub problems: Memo<Problems>,
    server: RwSignal<Problems>,
    touched: RwSignal<BTreeSet<&'static str>>,
    submitted: RwSignal<bool>,
    pub(super) busy: RwSignal<bool>,
    pub(super) failure: RwSignal<Option<ApiError>>,
    /// Something differs from what was there at first.
    pub dirty: Memo<bool>,
    pub(super) draft: Draft,
}

/// Starts a form. Call it in a page's component.
pub fn use_form(spec: FormSpec) -> Form {
    let initial = flatten(&spec);
    let draft = Draft::of(&spec);
    let values = RwSignal::new(draft.restored().unwrap_or_else(|| initial.clone()));
    let initial = StoredValue::new(initial);
    let rules = spec.rules.clone();
    let spec = StoredValue::new(spec);
    let body = memo(move || values.with(|values| spec.with_value(|spec| nest(spec, values))));
    let problems = memo(move || body.with(|body| rules(body)));
    let dirty = memo(move || values.with(|values| initial.with_value(|initial| values != initial)));
    let form = Form {
        spec,
        values,
        initial,
        body,
        problems,
        server: RwSignal::new(Problems::default()),
        touched: RwSignal::new(BTreeSet::new()),
        submitted: RwSignal::new(false),
        busy: RwSignal::new(false),
        failure: RwSignal::new(None),
        dirty,
        draft,
    };
    draft.follow(values, dirty);
    use_go().guard(Guard {
        dirty: Signal::derive(move || dirty.get() && !form.busy.get()),
        discard: Callback::new(move |()| draft.end()),
    });
    form
}

impl Form {
    /// A field's value, reactive.
    pub fn get(self, name: &str) -> Value {
        self.values.with(|values| values.get(name).cloned().unwrap_or_default())
    }

    /// A field's value as text, reactive.
    pub fn text(self, name: &str) -> String {
        as_text(&self.get(name))
    }

    /// Sets a field, as a page does that proposes values.
    pub fn set(self, name: &str, value: Value) {
        let pointer = format!("/{name}");
        self.server.update(|problems| problems.0.retain(|error| !lies_at(error, &pointer)));
        self.values.update(|values| {
            values.insert(name.to_owned(), value);
        });
    }

    /// Whether this form changes something that exists.
    pub fn is_edit(self) -> bool {
        self.spec.with_value(|spec| spec.id.is_some())
    }

    /// The person has been at a field: its faults may be shown.
    pub fn touch(self, name: &'static str) {
        if self.touched.try_with_untracked(|touched| !touched.contains(name)) == Some(true) {
            self.touched.update(|touched| {
                touched.insert(name);
            });
        }
    }

    /// The person has left a field. A moment later, since a message that appears moves what is
    /// below it, and the button that is just being pressed must not move away.
    pub(super) fn left(self, name: &'static str) {
        set_timeout(move || self.touch(name), Duration::from_millis(200));
    }

    /// Whether a field applies now.
    pub fn applies(self, field: &Field) -> bool {
        self.values.with(|values| applies(field, values))
    }

    /// What is to be shown as wrong with a field.
    pub fn error(self, field: &'static Field) -> Option<FieldError> {
        let pointer = field.pointer();
        let server = self.server.with(|p| p.0.iter().find(|e| lies_at(e, &pointer)).cloned());
        if server.is_some() {
            return server;
        }
        let judged = self.submitted.get() || self.touched.with(|touched| touched.contains(field.name));
        let found = self.problems.with(|p| p.0.iter().find(|e| judged && lies_at(e, &pointer)).cloned())?;
        Some(if found.code == "required" { missing(field, found) } else { found })
    }

    /// What is wrong at a place or below it: what the server said, and what the rules say.
    pub fn faults(self, pointer: &str) -> Vec<FieldError> {
        let mut all = self.server.get().0;
        self.problems.with(|problems| all.extend(problems.0.iter().cloned()));
        all.retain(|error| lies_at(error, pointer));
        all
    }

    /// Whether somebody has tried to send it: everything that is wrong is told of.
    pub fn is_judged(self) -> bool {
        self.submitted.get()
    }

    /// Faults that belong to no field on screen.
    pub(super) fn homeless(self) -> Vec<FieldError> {
        let fields = self.fields();
        let at_home =
            |error: &FieldError| fields.iter().any(|field| self.applies(field) && lies_at(error, &field.pointer()));
        let mut all = self.server.get().0;
        if self.submitted.get() {
            all.extend(self.problems.get().0);
        }
        all.retain(|error| !at_home(error));
        all
    }

    /// The fields of the kind's forms, in their order.
    pub(super) fn fields(self) -> Vec<&'static Field> {
        self.spec.with_value(|spec| spec.fields).iter().filter(|field| field.form.is_some()).collect()
    }

    /// Back to what was there at first.
    pub(super) fn reset(self) {
        self.values.set(self.initial.get_value());
        self.touched.set(BTreeSet::new());
        self.submitted.set(false);
        self.server.set(Problems::default());
        self.draft.discard();
    }

    /// Judges, then sends; `focus` is told the first field that is wrong.
    pub(super) fn send(self, focus: impl Fn(&'static Field) + Copy + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.submitted.set(true);
        self.failure.set(None);
        self.server.set(Problems::default());
        if !self.problems.with_untracked(Problems::is_empty) {
            self.focus_first(focus);
            return;
        }
        self.busy.set(true);
        let go = use_go();
        let submit = self.spec.with_value(|spec| spec.submit.clone());
        let sending = submit(self.body.get_untracked());
        spawn_local(async move {
            match sending.await {
                Ok(target) => {
                    self.draft.end();
                    go.at_once(&target, false);
                }
                Err(error) => {
                    if self.busy.try_get_untracked().is_none() {
                        return;
                    }
                    self.busy.set(false);
                    self.server.try_set(error.problems.clone());
                    let placed = untrack(|| !error.problems.is_empty() && self.homeless().is_empty());
                    if !placed {
                        self.failure.try_set(Some(error));
                    }
                    self.focus_first(focus);
                }
            }
        });
    }

    fn focus_first(self, focus: impl Fn(&'static Field) + 'static) {
        // After the messages are there, so that they are read with the field.
        request_animation_frame(move || {
            if self.busy.try_get_untracked().is_none() {
                return;
            }
            let first =
                untrack(|| self.fields().into_iter().find(|field| self.applies(field) && self.error(field).is_some()));
            if let Some(field) = first {
                focus(field);
            }
        });
    }
}

/// Who writes JSON is told the type that is missing; who fills in a form, what to do.
fn missing(field: &Field, mut error: FieldError) -> FieldError {
    error.message = match field.widget {
        Widget::Reference { kind, .. } => format!("Choose one of the {}.", kind.outline().plural.to_lowercase()),
        Widget::Select(_) | Widget::Cards(_) => "Choose one.".to_owned(),
        Widget::Number { unit, .. } => format!("Enter a number of {unit}."),
        Widget::DateTime => "Enter a date and time.".to_owned(),
        _ => "Must not be blank.".to_owned(),
    };
    error
}

/// At a pointer or below it.
fn lies_at(error: &FieldError, pointer: &str) -> bool {
    error.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A value as a condition or an input has it.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => crate::json::text(other),
    }
}

fn applies(field: &Field, values: &Map<String, Value>) -> bool {
    field.form.is_some_and(|form| {
        form.shown_when.is_none_or(|condition| {
            let value = values.get(condition.field).map(as_text).unwrap_or_default();
            condition.one_of.contains(&value.as_str())
        })
    })
}

/// The form's values of a document: by field name, whatever the nesting.
fn flatten(spec: &FormSpec) -> Map<String, Value> {
    spec.fields
        .iter()
        .filter(|field| field.form.is_some())
        .map(|field| {
            let value = spec.initial.pointer(&field.pointer()).cloned().unwrap_or_default();
            (field.name.to_owned(), value)
        })
        .collect()
}

/// The document of a form's values: what applies and is not empty. A part of a nested object is
/// sent even if it cannot change, since the object is only understood whole.
fn nest(spec: &FormSpec, values: &Map<String, Value>) -> Value {
    let mut body = Map::new();
    for field in spec.fields {
        let Some(form) = field.form else { continue };
        let path: Vec<&str> = field.name.split('/').collect();
        let fixed = spec.id.is_some() && !form.editable && path.len() == 1;
        let value = values.get(field.name).cloned().unwrap_or_default();
        let blank = value.is_null() || (!form.required && spec.id.is_none() && as_text(&value).is_empty());
        if fixed || blank || !applies(field, values) {
            continue;
        }
        put(&mut body, &path, value);
    }
    Value::Object(body)
}

/// Puts a value at a path, making the objects on the way.
fn put(object: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry((*first).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
