//! The parameters that lists of the Conductor API take.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use binnacle_shared::list::{FieldFilter, ListParams, Sort, TimeRange};
use binnacle_shared::unicode::nfkc;
use binnacle_shared::{Kind, Problems};
use jiff::Timestamp;

use super::caller::Caller;
use super::error::Error;
use crate::api::query::pairs;
use crate::operation::conductor::Error as Refusal;

/// How many rows a list answers when neither request nor configuration say.
pub const SIZE_DEFAULT: u32 = 1000;
/// Most fields of an order, most filters and ranges, most values of one filter.
const MOST: usize = 100;
/// Longest value, in bytes.
const TEXT_MAX: usize = 4096;

/// The parameters of a request's query, in their order.
#[derive(Clone, Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    /// How many rows a list answers that is not asked for a number.
    size: u32,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = Self::parse(parts.uri.query().unwrap_or_default())?;
        let size = parts.extensions.get::<Caller>().map_or(SIZE_DEFAULT, |caller| caller.page_size);
        Ok(Self { size, ..query })
    }
}

/// What of a list is wanted, in which form.
#[derive(Clone, Debug)]
pub struct Listing {
    pub params: ListParams,
    /// Rows of other tenants as well, as far as one may see them.
    pub all_tenants: bool,
    /// The parts that are expensive.
    pub get_data: bool,
}

fn bad(message: impl Into<String>) -> Error {
    Error::Refused(Refusal::BadParameters(message.into()))
}

fn field(name: &str, code: &'static str, message: impl Into<String>) -> Error {
    Error::Refused(Refusal::Invalid(Problems::one(format!("/{name}"), code, message)))
}

impl Query {
    pub fn parse(text: &str) -> Result<Self, Error> {
        let pairs = pairs(text.as_bytes())?;
        for (name, value) in &pairs {
            if name.contains('\0') || value.contains('\0') {
                return Err(bad("A parameter must not hold NUL characters"));
            }
        }
        Ok(Self { pairs, size: SIZE_DEFAULT })
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same without some parameters, which are no filters.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let pairs = self.pairs.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect();
        Self { pairs, ..self.clone() }
    }

    /// Every value of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is true or false, in whatever case; absent is false.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(field(name, "type", "Must be true or false.")),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Error> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(field(name, "type", format!("Must be a whole number, 0 or more; it is `{}`.", cut(text))));
        }
        // Larger than any table is fine, it only finds nothing.
        Ok(Some(text.parse().unwrap_or(u64::MAX).min(i64::MAX.unsigned_abs())))
    }

    /// The fields that the answer shall have; none: all of them.
    pub fn include(&self, allowed: &'static [&'static str]) -> Result<Option<Vec<&'static str>>, Error> {
        let Some(text) = self.get("_include").filter(|text| !text.is_empty()) else { return Ok(None) };
        let mut wanted = Vec::new();
        let mut unknown = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match allowed.iter().find(|known| **known == name) {
                Some(known) if !wanted.contains(known) => wanted.push(*known),
                Some(_) => {}
                None => unknown.push(cut(name)),
            }
        }
        if unknown.is_empty() {
            return Ok(Some(wanted));
        }
        unknown.truncate(20);
        Err(Error::UnknownInclude { unknown, allowed: allowed.to_vec() })
    }

    /// The same, where an answer that is cut to some fields keeps this one as well.
    #[must_use]
    pub fn keeping(&self, field: &str) -> Self {
        let mut kept = self.clone();
        let include = kept.pairs.iter_mut().find(|(name, value)| name == "_include" && !value.is_empty());
        if let Some((_, value)) = include {
            value.push(',');
            value.push_str(field);
        }
        kept
    }

    /// Which part of a list is wanted, and what text it holds.
    fn part(&self) -> Result<ListParams, Error> {
        let size = self.number("_size")?.map_or(self.size, |n| u32::try_from(n).unwrap_or(u32::MAX));
        Ok(ListParams {
            limit: if self.flag("_get_all_results")? { u32::MAX } else { size },
            offset: self.number("_offset")?.unwrap_or_default(),
            substring: self.substring("_search")?,
            ..ListParams::default()
        })
    }

    /// What is wanted of the list of a kind.
    pub fn listing(&self, kind: Kind) -> Result<Listing, Error> {
        let mut params = self.part()?;
        for text in self.all("_sort") {
            for part in text.split(',').filter(|part| !part.is_empty()) {
                params.sort.push(sort(kind, part)?);
            }
        }
        for text in self.all("_range") {
            params.ranges.push(range(kind, text)?);
        }
        for (name, value) in self.pairs.iter().filter(|(name, _)| !name.starts_with('_')) {
            add_filter(kind, &mut params.filters, name, value)?;
        }
        if params.sort.len() > MOST || params.ranges.len() > MOST || params.filters.len() > MOST {
            return Err(bad(format!("There may be at most {MOST} filters, ranges and fields to sort by")));
        }
        Ok(Listing { params, all_tenants: self.flag("_all_tenants")?, get_data: self.flag("_get_data")? })
    }

    /// What is wanted of a list whose rows have no fields: its part, and a text to look for. Takes
    /// nothing else but the parameters that are named.
    pub fn paging(&self, also: &[&str]) -> Result<Listing, Error> {
        let paging = ["_size", "_offset", "_search", "_all_tenants", "_get_all_results"];
        let others =
            self.pairs.iter().filter(|(name, _)| !paging.contains(&name.as_str()) && !also.contains(&name.as_str()));
        // The names of columns are refused, as where there are any; other parameters are ignored.
        if let Some((name, _)) = others.into_iter().find(|(name, _)| !name.starts_with('_')) {
            return Err(field(&cut(name), "unknown", format!("`{}` is no field to filter by.", cut(name))));
        }
        Ok(Listing { params: self.part()?, all_tenants: self.flag("_all_tenants")?, get_data: false })
    }

    /// The order that is wanted of things that are in no table, by their fields.
    pub fn order(&self, allowed: &'static [&'static str]) -> Result<Vec<(&'static str, bool)>, Error> {
        if self.get("_range").is_some() {
            return Err(field("_range", "unknown", "This list takes no ranges."));
        }
        let parts = self.all("_sort").flat_map(|text| text.split(',')).filter(|part| !part.is_empty());
        let mut order = Vec::new();
        for part in parts {
            let (descending, name) = direction(part);
            let known = allowed.iter().find(|known| **known == name);
            let known = known.ok_or_else(|| unsortable(name, &allowed.join(", ")))?;
            order.push((*known, descending));
        }
        if order.len() > MOST {
            return Err(bad(format!("There may be at most {MOST} fields to sort by")));
        }
        Ok(order)
    }

    /// The parameters but those, and those.
    pub fn split(mut self, names: &[&str]) -> (Self, Self) {
        let (taken, left) = self.pairs.into_iter().partition(|(name, _)| names.contains(&name.as_str()));
        self.pairs = left;
        let taken = Self { pairs: taken, size: self.size };
        (self, taken)
    }

    /// The names of the parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// A text that is looked for as it stands.
    pub fn substring(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        if text.len() > TEXT_MAX {
            return Err(field(name, "length", format!("Must have at most {TEXT_MAX} bytes.")));
        }
        Ok(Some(nfkc(text).into_owned()))
    }
}

/// What somebody sent, short enough for a message.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn unsortable(name: &str, known: &str) -> Error {
    field("_sort", "unknown", format!("`{}` is no field to sort by; there are: {known}.", cut(name)))
}

/// `-name`, `+name` or `name`, with an `@` that some clients put before it.
fn direction(text: &str) -> (bool, &str) {
    let (descending, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        // A plus that was not encoded arrives as a blank.
        None => (false, text.strip_prefix(['+', ' ']).unwrap_or(text)),
    };
    (descending, name.strip_prefix('@').unwrap_or(name))
}

fn sort(kind: Kind, text: &str) -> Result<Sort, Error> {
    let (descending, name) = direction(text);
    let known = kind.info().field(name).filter(|field| field.list.sortable);
    let known = known.ok_or_else(|| {
        let names: Vec<&str> = kind.info().fields.iter().filter(|f| f.list.sortable).map(|f| f.name).collect();
        unsortable(name, &names.join(", "))
    })?;
    Ok(Sort { field: known.name, descending })
}

fn range(kind: Kind, text: &str) -> Result<TimeRange, Error> {
    let form = || {
        field(
            "_range",
            "format",
            "Must be a field and two times with commas between them, such as created_at,2026-01-01,; one of the times may be missing.",
        )
    };
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [name, from, to] = parts.as_slice() else { return Err(form()) };
    if from.is_empty() && to.is_empty() {
        return Err(form());
    }
    let known = kind.info().field(name).filter(|f| matches!(f.widget, binnacle_shared::field::Widget::Time));
    let known =
        known.ok_or_else(|| field("_range", "unknown", format!("`{}` is no field that holds a time.", cut(name))))?;
    let time = |text: &str| -> Result<Option<Timestamp>, Error> {
        if text.is_empty() {
            return Ok(None);
        }
        let parsed = binnacle_shared::time::parse(text);
        parsed.map(Some).map_err(|violation| Error::Refused(Refusal::Invalid(Problems(vec![violation.at("/_range")]))))
    };
    Ok(TimeRange { field: known.name, from: time(from)?, to: time(to)? })
}

/// A repeated filter means any of its values; an empty one means that there is no value.
fn add_filter(kind: Kind, filters: &mut Vec<FieldFilter>, name: &str, value: &str) -> Result<(), Error> {
    let known = kind.info().field(name).filter(|field| field.list.filterable);
    let Some(known) = known else {
        let names: Vec<&str> = kind.info().fields.iter().filter(|f| f.list.filterable).map(|f| f.name).collect();
        let message = format!("`{}` is no field to filter by; there are: {}.", cut(name), names.join(", "));
        return Err(field(&cut(name), "unknown", message));
    };
    if value.len() > TEXT_MAX {
        return Err(field(name, "length", format!("Must have at most {TEXT_MAX} bytes.")));
    }
    let value = Some(value).filter(|value| !value.is_empty());
    match filters.iter_mut().find(|filter| filter.field == known.name) {
        Some(filter) if filter.values.len() >= MOST * 10 => {
            Err(field(name, "length", format!("Must have at most {} values.", MOST * 10)))
        }
        Some(filter) => {
            filter.values.extend(value.map(str::to_owned));
            Ok(())
        }
        None => {
            filters.push(FieldFilter { field: known.name, values: value.map(str::to_owned).into_iter().collect() });
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use binnacle_shared::Kind;
    use binnacle_shared::list::Sort;

    use super::{Listing, Query};

    fn listing(text: &str) -> Result<Listing, ()> {
        Query::parse(text).and_then(|query| query.listing(Kind::Site)).map_err(|_| ())
    }

    #[test]
    fn a_list_takes_all_that_the_dialect_has() {
        let text = "_size=20&_offset=40&_sort=-name&_sort=created_at&_search=%EF%AC%81x&_all_tenants=True&name=a&name=b\
                    &location=&_range=created_at,2026-01-01,&_unknown=1";
        let Listing { params, all_tenants, get_data } = listing(text).unwrap();
        assert_eq!((params.limit, params.offset), (20, 40));
        assert_eq!(params.sort[0], Sort { field: "name", descending: true });
        assert_eq!(params.sort[1], Sort { field: "created_at", descending: false });
        assert_eq!(params.substring.as_deref(), Some("fix"));
        assert_eq!(params.filters[0].values, ["a", "b"]);
        assert!(params.ranges[0].from.is_some() && params.ranges[0].to.is_none());
        assert!(all_tenants && !get_data);
    }

    #[test]
    fn an_empty_filter_asks_for_what_has_no_value() {
        let params = listing("created_by=").unwrap().params;
        assert!(params.filters[0].values.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in [
            "_size=-1",
            "_size=x",
            "_size=",
            "_offset=1.5",
            "_sort=nope",
            "_sort=location",
            "_range=created_at",
            "_range=created_at,,",
            "_range=name,2026-01-01,",
            "_range=created_at,never,",
            "nope=1",
            "_all_tenants=2",
            "name=a%00b",
            "name=%FF",
        ] {
            assert!(listing(text).is_err(), "{text}");
        }
        assert!(listing("_size=99999999999999999999999").is_ok());
        assert!(listing(&"_sort=name&".repeat(101)).is_err());
        assert!(listing(&format!("name={}", "a".repeat(5000))).is_err());
    }

    #[test]
    fn fields_to_include_have_to_exist() {
        let include = |text: &str| Query::parse(text).unwrap().include(&["a", "b"]).map_err(|_| ());
        assert_eq!(include(""), Ok(None));
        assert_eq!(include("_include=b,a,b"), Ok(Some(vec!["b", "a"])));
        assert!(include("_include=a,value").is_err());
    }
}
