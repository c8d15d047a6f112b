//! What a page says of its list; the rest follows from the descriptors.

use std::borrow::Cow;
use std::sync::Arc;

use binnacle_shared::Kind;
use binnacle_shared::field::{Column as ColumnUse, Field, ReferenceBy, Widget};
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity;
use binnacle_shared::query::Subject;
use binnacle_shared::registry::{Family, KindInfo};
use serde_json::Value;

use super::bulk::Bulk;
use super::column::{Column, Priority};
use crate::api::{self, Answer};
use crate::paths;

/// One of a few exclusive views of a list: active, archived, all.
#[derive(Clone, Debug)]
pub struct Segment {
    pub value: &'static str,
    pub label: &'static str,
}

impl Segment {
    /// The segment with the empty value is the one without a parameter.
    pub const fn new(value: &'static str, label: &'static str) -> Self {
        Self { value, label }
    }
}

/// A filter that the bar offers: a field and its values.
#[derive(Clone, Debug)]
pub struct Facet {
    pub name: &'static str,
    pub label: &'static str,
    pub values: FacetValues,
}

/// Where a filter's values come from.
#[derive(Clone, Debug)]
pub enum FacetValues {
    /// Value and label.
    Known(Vec<(String, String)>),
    /// Loaded when the filter is opened: another kind's things.
    Kind(Kind, ReferenceBy),
    /// The tags in use.
    Tags,
    /// Whatever one types, as it is.
    Text,
    /// The query language, with its operators.
    Query(Subject),
}

impl FacetValues {
    /// What a filter of it does with several values.
    pub const fn operator(&self) -> &'static str {
        match self {
            Self::Tags => "has any of",
            Self::Query(_) => "matches",
            Self::Known(_) | Self::Kind(..) | Self::Text => "is any of",
        }
    }
}

/// Reads a part of a list: path, question (in the words of the v2 API), rows, rows before them.
pub type Read = fn(String, String, usize, usize) -> Answer<Envelope<Value>>;

/// From the v2 API.
fn landscape(path: String, query: String, limit: usize, offset: usize) -> Answer<Envelope<Value>> {
    Box::pin(async move {
        let joint = if query.is_empty() { "" } else { "&" };
        api::get(&format!("{path}?{query}{joint}limit={limit}&offset={offset}")).await
    })
}

type Link = Arc<dyn Fn(&Value) -> String + Send + Sync>;

/// A list.
#[derive(Clone)]
pub struct ListSpec {
    pub kind: Kind,
    /// Path in the API of its family.
    pub path: String,
    /// How rows are read; of the v2 API unless said otherwise.
    pub read: Read,
    /// Query parameters that are always sent.
    pub fixed: Vec<(String, String)>,
    /// The segments' parameter, and they.
    pub segments: Option<(&'static str, Vec<Segment>)>,
    pub columns: Vec<Column>,
    pub facets: Vec<Facet>,
    /// Labels of the fields that a search looks into.
    pub searchable: Vec<String>,
    /// What can be done with the chosen rows.
    pub bulk: Vec<Bulk>,
    /// Label and address of what makes a new one.
    pub create: Option<(Cow<'static, str>, String)>,
    /// Where a row leads.
    pub link: Link,
    /// Asks again every so many seconds.
    pub poll: Option<u32>,
    /// What stands where nothing exists yet; the registry's purpose unless said otherwise.
    pub purpose: String,
}

impl ListSpec {
    /// The list that the registry describes.
    pub fn new(info: &'static KindInfo) -> Self {
        let kind = info.kind;
        let words = info.fields.iter().filter(|field| field.list.searchable);
        Self {
            kind,
            path: info.path.to_owned(),
            read: landscape,
            fixed: Vec::new(),
            segments: None,
            columns: info.fields.iter().filter(|field| field.list.column != ColumnUse::No).map(Column::of).collect(),
            searchable: words.map(|field| field.label.to_lowercase()).collect(),
            facets: info.fields.iter().filter(|f| f.list.filterable).map(|field| facet(kind, field)).collect(),
            bulk: Vec::new(),
            create: None,
            link: Arc::new(move |row| paths::detail(kind, paths::escape(&id_of_kind(kind, row)))),
            poll: None,
            purpose: info.purpose.to_owned(),
        }
    }

    /// Another path than the kind's own: `script-profiles/5/activities`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Reads rows from another API than the v2 API.
    #[must_use]
    pub fn read(mut self, read: Read) -> Self {
        self.read = read;
        self
    }

    /// A query parameter that is always sent.
    #[must_use]
    pub fn fixed(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fixed.push((name.to_owned(), value.into()));
        self
    }

    /// Exclusive views; the first is the standard one.
    #[must_use]
    pub fn segments(mut self, parameter: &'static str, segments: Vec<Segment>) -> Self {
        self.segments = Some((parameter, segments));
        self
    }

    /// Adds a column, or takes the place of the one with the same name.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        let after = column.after.and_then(|name| self.columns.iter().position(|c| c.name == name));
        if let Some(same) = self.columns.iter_mut().find(|c| c.name == column.name) {
            *same = column;
        } else if let Some(after) = after {
            self.columns.insert(after + 1, column);
        } else {
            self.columns.push(column);
        }
        self
    }

    /// Says how much a column of the registry matters where there is little room.
    #[must_use]
    pub fn priority(mut self, name: &str, priority: Priority) -> Self {
        if let Some(column) = self.columns.iter_mut().find(|column| column.name == name) {
            column.priority = priority;
        }
        self
    }

    /// Takes a column away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.columns.retain(|column| column.name != name);
        self
    }

    /// Offers the query language as a filter.
    #[must_use]
    pub fn query(mut self, subject: Subject) -> Self {
        self.facets.push(Facet { name: "query", label: "Query", values: FacetValues::Query(subject) });
        self
    }

    /// Does not offer one filter.
    #[must_use]
    pub fn without_facet(mut self, name: &str) -> Self {
        self.facets.retain(|facet| facet.name != name);
        self
    }

    /// The name under which this browser keeps columns and views: the path without ids, so that
    /// the activities of all profiles share theirs.
    pub fn memory(&self) -> String {
        let words: Vec<&str> =
            self.path.split('/').filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).collect();
        words.join(".")
    }

    /// No filters, for short lists within other pages.
    #[must_use]
    pub fn without_facets(mut self) -> Self {
        self.facets.clear();
        self
    }

    /// Where a row leads, if not to the page of its own.
    #[must_use]
    pub fn link(mut self, link: impl Fn(&Value) -> String + Send + Sync + 'static) -> Self {
        self.link = Arc::new(link);
        self
    }

    /// Something that can be done with the chosen rows.
    #[must_use]
    pub fn bulk(mut self, bulk: Bulk) -> Self {
        self.bulk.push(bulk);
        self
    }

    /// The button that makes a new one, for those who may.
    #[must_use]
    pub fn create(mut self, label: impl Into<Cow<'static, str>>, href: impl Into<String>) -> Self {
        self.create = Some((label.into(), href.into()));
        self
    }

    /// Asks again every so many seconds.
    #[must_use]
    pub fn poll(mut self, seconds: u32) -> Self {
        self.poll = Some(seconds);
        self
    }

    /// What stands where nothing exists yet.
    #[must_use]
    pub fn purpose(mut self, text: impl Into<String>) -> Self {
        self.purpose = text.into();
        self
    }
}

/// A row's id as text.
pub fn id_of(row: &Value) -> String {
    id_in(row, "id")
}

/// By what a thing of a kind is known.
const fn key_of(kind: Kind) -> &'static str {
    match kind.outline().family {
        Family::Landscape => "id",
        Family::Conductor { key, .. } => key,
    }
}

/// The same for a row of a kind.
pub fn id_of_kind(kind: Kind, row: &Value) -> String {
    id_in(row, key_of(kind))
}

/// The text under a key, or else the name.
fn id_in(row: &Value, key: &str) -> String {
    match row.get(key).or_else(|| row.get("name")) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => crate::json::text(other),
        None => String::new(),
    }
}

/// A field as a filter.
fn facet(kind: Kind, field: &'static Field) -> Facet {
    let known = |choices: &[binnacle_shared::field::Choice]| {
        FacetValues::Known(choices.iter().map(|c| (c.value.to_owned(), c.label.to_owned())).collect())
    };
    let values = match field.widget {
        Widget::Select(choices) | Widget::Cards(choices) => known(choices),
        Widget::Status if kind == Kind::Activity => known(activity::status_choices()),
        Widget::Switch => {
            FacetValues::Known(vec![("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())])
        }
        Widget::Reference { kind, by } => FacetValues::Kind(kind, by),
        Widget::Tags => FacetValues::Tags,
        _ => FacetValues::Text,
    };
    Facet { name: field.name, label: field.label, values }
}
