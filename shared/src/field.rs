//! Field descriptors: what lists, forms and details need to know of a field to draw it.

use crate::registry::Kind;

/// A field of a resource.
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
}

impl Field {
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
