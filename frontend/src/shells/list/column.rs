//! Columns: from descriptors, or drawn by a page.

use std::sync::Arc;

use binnacle_shared::field::{Column as ColumnUse, Field, Widget};
use binnacle_shared::time;
use leptos::prelude::*;
use serde_json::Value;

use crate::components::{Status, TagList, When, cut, cut_to_copy, is_long, status};

type Cell = Arc<dyn Fn(&Value) -> AnyView + Send + Sync>;

/// What goes first where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Always there.
    High,
    /// Not on telephones.
    Middle,
    /// Only on wide screens.
    Low,
}

/// A column.
#[derive(Clone)]
pub struct Column {
    pub name: &'static str,
    pub label: &'static str,
    pub sortable: bool,
    /// Names the row and links to it.
    pub title: bool,
    /// On screen unless the person takes it away.
    pub shown: bool,
    pub(super) numeric: bool,
    /// Pixels where there is just enough room; what is left is shared in this proportion.
    pub(super) width: u32,
    pub(super) priority: Priority,
    pub(super) after: Option<&'static str>,
    pub(super) cell: Cell,
    /// Where its value is in a row, for exports; the column's name unless said otherwise.
    pub(super) pointer: Option<&'static str>,
}

impl Column {
    /// A column drawn by the page. Not sortable, shown, 140 pixels.
    pub fn new<V: IntoAny>(
        name: &'static str,
        label: &'static str,
        cell: impl Fn(&Value) -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            label,
            sortable: false,
            title: false,
            shown: true,
            numeric: false,
            width: 140,
            priority: Priority::Middle,
            after: None,
            cell: Arc::new(move |row| cell(row).into_any()),
            pointer: None,
        }
    }

    /// The column of a field.
    pub fn of(field: &'static Field) -> Self {
        let numeric = matches!(field.widget, Widget::Count | Widget::Number { .. });
        let title = field.list.column == ColumnUse::Title;
        let (width, priority) = match field.widget {
            _ if title => (210, Priority::High),
            Widget::Status => (148, Priority::High),
            Widget::Time | Widget::DateTime => (124, Priority::Middle),
            Widget::Tags => (190, Priority::Middle),
            Widget::Count | Widget::Number { .. } | Widget::Switch => (104, Priority::Middle),
            Widget::TextArea => (220, Priority::Low),
            Widget::Mono => (180, Priority::Low),
            Widget::Text => (190, Priority::Low),
            _ => (140, Priority::Low),
        };
        let pointer = field.pointer();
        let widget = field.widget;
        Self {
            name: field.name,
            label: field.label,
            sortable: field.list.sortable,
            title,
            shown: matches!(field.list.column, ColumnUse::Shown | ColumnUse::Title),
            numeric,
            width,
            priority,
            after: None,
            cell: Arc::new(move |row| {
                let value = row.pointer(&pointer).unwrap_or(&Value::Null);
                // The title is a link, and no button may stand in one.
                if title { cut(&plain(value), false) } else { draw(widget, value) }
            }),
            pointer: None,
        }
    }

    /// Can be sorted by its name.
    #[must_use]
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Only if the person chooses it.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.shown = false;
        self
    }

    /// Pixels where there is just enough room; what is left is shared in this proportion.
    #[must_use]
    pub fn width(mut self, pixels: u32) -> Self {
        self.width = pixels;
        self
    }

    /// What goes first where there is little room.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Stands right of another column.
    #[must_use]
    pub fn after(mut self, name: &'static str) -> Self {
        self.after = Some(name);
        self
    }

    /// Where exports find its value: `/activities/last_activity/activity_status`.
    #[must_use]
    pub fn pointer(mut self, pointer: &'static str) -> Self {
        self.pointer = Some(pointer);
        self
    }

    pub(super) fn class(&self) -> &'static str {
        if self.numeric { "num" } else { "" }
    }

    /// Its value in a row, for exports.
    pub(super) fn value<'a>(&self, row: &'a Value) -> &'a Value {
        let found = match self.pointer {
            Some(pointer) => row.pointer(pointer),
            None => row.pointer(&format!("/{}", self.name)),
        };
        found.unwrap_or(&Value::Null)
    }
}

/// A value as its widget has it, for lists and facts alike.
pub fn draw(widget: Widget, value: &Value) -> AnyView {
    let dash = || view! { <span class="muted">"–"</span> }.into_any();
    match (widget, value) {
        (_, Value::Null) => dash(),
        (_, Value::String(text)) if text.is_empty() => dash(),
        (Widget::Status, Value::String(text)) => {
            let (tone, word) = status::of_value(text);
            view! { <Status tone=tone word=word/> }.into_any()
        }
        (Widget::Time | Widget::DateTime, Value::String(text)) => {
            let at = time::parse(text).ok();
            view! { <When at=at/> }.into_any()
        }
        (Widget::Tags, Value::Array(tags)) => {
            let tags = tags.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            view! { <TagList tags=tags/> }.into_any()
        }
        // An id is a number, and not one to be read in thousands.
        (Widget::Mono, Value::Number(id)) => cut_to_copy(id.to_string(), true),
        (Widget::Mono | Widget::Cron | Widget::Code, _) => cut_to_copy(plain(value), true),
        (Widget::Select(choices) | Widget::Cards(choices), Value::String(text)) => choices
            .iter()
            .find(|choice| choice.value == text)
            .map_or_else(|| text.clone(), |choice| choice.label.to_owned())
            .into_any(),
        (Widget::Number { unit, .. }, Value::Number(n)) => {
            view! { {grouped(n.as_i64().unwrap_or_default())}" "<span class="muted">{unit}</span> }.into_any()
        }
        (Widget::Switch, Value::Bool(on)) => if *on { "Yes" } else { "No" }.into_any(),
        _ => {
            let text = plain(value);
            if is_long(&text) { cut_to_copy(text, false) } else { cut(&text, false) }
        }
    }
}

/// A value as text; people and references by their name.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(n) => n.as_i64().map_or_else(|| crate::json::text(value), grouped),
        Value::Bool(on) => if *on { "Yes" } else { "No" }.to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(object) => object.get("name").or_else(|| object.get("title")).map(plain).unwrap_or_default(),
    }
}

/// A value as a filter has it: numbers without their thousands.
pub(super) fn raw(value: &Value) -> String {
    value.as_str().map_or_else(|| crate::json::text(value), str::to_owned)
}

/// 4213 → "4,213".
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    if n < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
