//! The parameters of a list and its page, the same for every kind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::problem::{Problems, Violation};
use crate::registry::Kind;

/// How many rows a list answers when nobody says.
pub const LIMIT_DEFAULT: u32 = 1000;
/// More is cut to this.
pub const LIMIT_MAX: u32 = 10_000;
/// Most values of one filter.
const VALUES_MAX: usize = 100;
/// Longest search and longest list of a filter's values, in bytes.
const TEXT_MAX: usize = 4096;
/// Most words of a search.
const WORDS_MAX: usize = 20;
/// Most fields of a sort order, and most filters.
const FIELDS_MAX: usize = 20;

/// One column of a sort order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub field: &'static str,
    pub descending: bool,
}

/// A filter by a field's value; several values mean any of them, none means that the field has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFilter {
    pub field: &'static str,
    pub values: Vec<String>,
}

/// A span of time that a field must lie in, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeRange {
    pub field: &'static str,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// What part of a list is wanted, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListParams {
    pub limit: u32,
    pub offset: u64,
    /// Words that all have to be found.
    pub search: Option<String>,
    /// A text that has to be found as it stands, blanks and all.
    pub substring: Option<String>,
    pub sort: Vec<Sort>,
    pub filters: Vec<FieldFilter>,
    pub ranges: Vec<TimeRange>,
}

impl ListParams {
    /// Whether all rows are listed, as far as these parameters go.
    pub const fn chooses_nothing(&self) -> bool {
        self.search.is_none() && self.substring.is_none() && self.filters.is_empty() && self.ranges.is_empty()
    }

    /// Reads the query parameters that belong to the list of a kind. Unknown ones are not ours
    /// to judge and are ignored, as the documented API does.
    pub fn parse<'a>(kind: Kind, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Problems> {
        let mut params = Self { limit: LIMIT_DEFAULT, ..Self::default() };
        let mut problems = Problems::default();
        for (name, value) in pairs {
            let read = match name {
                "limit" => count(value).map(|n| {
                    params.limit = u32::try_from(n).unwrap_or(LIMIT_MAX).min(LIMIT_MAX);
                }),
                "offset" => count(value).map(|n| params.offset = n),
                "search" => words(value).map(|t| params.search = t),
                "sort" => sort(kind, value).map(|s| params.sort = s),
                _ => match kind.info().field(name).filter(|f| f.list.filterable) {
                    Some(_) if params.filters.len() >= FIELDS_MAX => {
                        Err(Violation::new("length", format!("There may be at most {FIELDS_MAX} filters.")))
                    }
                    Some(_) if value.split(',').count() > VALUES_MAX => {
                        Err(Violation::new("length", format!("Must have at most {VALUES_MAX} values.")))
                    }
                    Some(field) => text(value).map(|t| {
                        if let Some(t) = t {
                            params.filters.push(FieldFilter {
                                field: field.name,
                                values: t.split(',').map(|v| v.trim().to_owned()).collect(),
                            });
                        }
                    }),
                    None => Ok(()),
                },
            };
            if let Err(violation) = read {
                problems.push(violation.at(format!("/{name}")));
            }
        }
        problems.or(params)
    }
}

/// A whole number that is not negative. Larger than any table is fine, it only finds nothing.
pub fn count(value: &str) -> Result<u64, Violation> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return Err(Violation::new("type", "Must be a whole number, 0 or more."));
    }
    Ok(value.parse::<u64>().unwrap_or(u64::MAX).min(i64::MAX.unsigned_abs()))
}

fn text(value: &str) -> Result<Option<String>, Violation> {
    if value.contains('\0') {
        return Err(Violation::new("format", "Must not hold NUL characters."));
    }
    if value.len() > TEXT_MAX {
        return Err(Violation::new("length", format!("Must have at most {TEXT_MAX} bytes.")));
    }
    Ok(Some(value.trim()).filter(|t| !t.is_empty()).map(str::to_owned))
}

/// A search: a few words, each of which is looked for in every field.
pub fn words(value: &str) -> Result<Option<String>, Violation> {
    let text = text(value)?;
    if text.as_ref().is_some_and(|text| text.split_whitespace().count() > WORDS_MAX) {
        return Err(Violation::new("length", format!("Must have at most {WORDS_MAX} words.")));
    }
    Ok(text)
}

fn sort(kind: Kind, value: &str) -> Result<Vec<Sort>, Violation> {
    let sortable = || kind.info().fields.iter().filter(|f| f.list.sortable);
    if value.split(',').count() > FIELDS_MAX {
        return Err(Violation::new("length", format!("Must have at most {FIELDS_MAX} fields.")));
    }
    value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, descending) = part.strip_prefix('-').map_or((part, false), |n| (n, true));
            sortable().find(|f| f.name == name).map(|f| Sort { field: f.name, descending }).ok_or_else(|| {
                let known: Vec<_> = sortable().map(|f| f.name).collect();
                Violation::new("unknown", format!("Cannot sort by “{name}”; known are {}.", known.join(", ")))
            })
        })
        .collect()
}

/// A part of a list, and how much there is in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub total: u64,
}

impl<T> Page<T> {
    /// The part that was asked for, out of all.
    pub fn of(all: Vec<T>, params: &ListParams) -> Self {
        let total = all.len() as u64;
        let offset = usize::try_from(params.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(params.limit).unwrap_or(usize::MAX);
        Self { items: all.into_iter().skip(offset).take(limit).collect(), total }
    }
}

/// The list envelope of the Landscape family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "List_of_{T}"))]
pub struct Envelope<T> {
    pub results: Vec<T>,
    pub count: u64,
    pub next: Option<String>,
    pub previous: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{ListParams, Sort};
    use crate::registry::Kind;

    #[test]
    fn reads_paging_sorting_and_filters() {
        let p = ListParams::parse(
            Kind::ScriptProfile,
            [
                ("limit", "20"),
                ("offset", "40"),
                ("search", " cert "),
                ("sort", "-created_at,title"),
                ("access_group", "server,web"),
                ("foo", "bar"),
            ],
        )
        .unwrap();
        assert_eq!((p.limit, p.offset, p.search.as_deref()), (20, 40, Some("cert")));
        assert_eq!(
            p.sort,
            [Sort { field: "created_at", descending: true }, Sort { field: "title", descending: false }]
        );
        assert_eq!(p.filters[0].values, ["server", "web"]);
    }

    #[test]
    fn what_would_be_too_long_for_a_database_is_refused() {
        for (name, value) in [
            ("search", "a ".repeat(21)),
            ("search", "a".repeat(5000)),
            ("sort", "title,".repeat(21)),
            ("tags", "a,".repeat(101)),
            ("access_group", "a".repeat(5000)),
        ] {
            let problems = ListParams::parse(Kind::Computer, [(name, value.as_str())]).unwrap_err();
            assert_eq!((problems.0[0].pointer.as_str(), problems.0[0].code.as_ref()), (&*format!("/{name}"), "length"));
        }
        let many = vec![("tags", "a"); 21];
        assert!(ListParams::parse(Kind::Computer, many).is_err());
    }

    #[test]
    fn pages_are_cut_out_of_all() {
        let params = ListParams { limit: 2, offset: 1, ..ListParams::default() };
        let page = super::Page::of(vec![1, 2, 3, 4], &params);
        assert_eq!((page.items, page.total), (vec![2, 3], 4));
    }

    #[test]
    fn clamps_large_and_refuses_wrong() {
        let p = ListParams::parse(Kind::Computer, [("limit", "99999999999999999999999")]).unwrap();
        assert_eq!(p.limit, super::LIMIT_MAX);
        for (name, value) in [("limit", "-1"), ("limit", "x"), ("offset", "1.5"), ("sort", "nope"), ("limit", "")] {
            let problems = ListParams::parse(Kind::Computer, [(name, value)]).unwrap_err();
            assert_eq!(problems.0[0].pointer, format!("/{name}"));
        }
    }
}
