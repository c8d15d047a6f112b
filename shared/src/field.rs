//! Field descriptors: what lists, forms and details need to know of a field to draw it.

use crate::problem::Violation;
use crate::registry::Kind;

/// A field of a resource.
#[must_use]
#[derive(Debug)]
pub struct Field {
    /// Name on the wire; a nested one is written with slashes (`trigger/interval`).
    pub name: &'static str,
    pub label: &'static str,
    /// One short sentence below the input; may be empty.
    pub help: &'static str,
    pub widget: Widget,
    pub list: ListUse,
    /// The field's place in forms; absent for what the server sets.
    pub form: Option<FormUse>,
    /// What its text must be like, beyond what the widget says.
    pub rule: Option<TextRule>,
}

/// Judges a text and answers how it is kept.
pub type TextRule = fn(String) -> Result<String, Violation>;

impl Field {
    /// A field that is shown in details and nowhere else, until more is said.
    pub const fn new(name: &'static str, label: &'static str, widget: Widget) -> Self {
        let list = ListUse { column: Column::No, sortable: false, searchable: false, filterable: false };
        Self { name, label, help: "", widget, list, form: None, rule: None }
    }

    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    pub const fn column(mut self, column: Column) -> Self {
        self.list.column = column;
        self
    }

    pub const fn sortable(mut self) -> Self {
        self.list.sortable = true;
        self
    }

    pub const fn searchable(mut self) -> Self {
        self.list.searchable = true;
        self
    }

    pub const fn filterable(mut self) -> Self {
        self.list.filterable = true;
        self
    }

    pub const fn rule(mut self, rule: TextRule) -> Self {
        self.rule = Some(rule);
        self
    }

    pub const fn form(mut self, form: FormUse) -> Self {
        self.form = Some(form);
        self
    }

    /// The field's JSON pointer, as in `FieldError::pointer`.
    pub fn pointer(&self) -> String {
        format!("/{}", self.name)
    }
}

/// How lists use a field.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListUse {
    pub column: Column,
    pub sortable: bool,
    /// The quick filter looks into it.
    pub searchable: bool,
    /// May be asked for by name in the query.
    pub filterable: bool,
}

/// Whether a field is a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Never.
    #[default]
    No,
    /// Only if the person chooses it.
    Optional,
    /// Unless the person takes it away.
    Shown,
    /// The one that names the row and links to it.
    Title,
}

/// How forms use a field.
#[must_use]
#[derive(Clone, Copy, Debug)]
pub struct FormUse {
    /// The heading it stands under.
    pub group: &'static str,
    pub required: bool,
    /// Can it be changed after creation?
    pub editable: bool,
    /// The field is shown only while another has this value.
    pub shown_when: Option<Condition>,
    /// Half of the form's width.
    pub half: bool,
}

impl FormUse {
    /// Must be given, and can be changed later.
    pub const fn required(group: &'static str) -> Self {
        Self { group, required: true, editable: true, shown_when: None, half: false }
    }

    /// May be left out.
    pub const fn optional(group: &'static str) -> Self {
        Self { required: false, ..Self::required(group) }
    }

    /// Cannot be changed after creation.
    pub const fn fixed(mut self) -> Self {
        self.editable = false;
        self
    }

    /// Takes half of the form's width.
    pub const fn half(mut self) -> Self {
        self.half = true;
        self
    }

    /// Shown only while another field has one of these values.
    pub const fn when(mut self, field: &'static str, one_of: &'static [&'static str]) -> Self {
        self.shown_when = Some(Condition { field, one_of });
        self
    }
}

/// A field (by name) has one of these values.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    pub field: &'static str,
    pub one_of: &'static [&'static str],
}

/// One of a few values.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    pub help: &'static str,
}

/// What a field looks like, to write and to read.
#[derive(Clone, Copy, Debug)]
pub enum Widget {
    Text,
    /// Text in the monospace font: user names, ids.
    Mono,
    /// A secret: hidden while it is typed, and never shown.
    Password,
    TextArea,
    /// A program's text with line numbers.
    Code,
    Number {
        unit: &'static str,
        min: i64,
        max: i64,
    },
    Switch,
    Tags,
    /// Another resource: stored as its id or name (`by`).
    Reference {
        kind: Kind,
        by: ReferenceBy,
    },
    /// A drop-down.
    Select(&'static [Choice]),
    /// A few large choices side by side.
    Cards(&'static [Choice]),
    DateTime,
    Cron,
    /// A time zone by its IANA name.
    TimeZone,
    /// Shown only: a status with icon and word.
    Status,
    /// Shown only: a point in time.
    Time,
    /// Shown only: `{id, name}`.
    Person,
    /// Shown only: a number.
    Count,
}

/// What a reference stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceBy {
    Id,
    Name,
}
