//! Reads query strings and the ids in paths, and writes the links of a list.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use binnacle_shared::list::{self, Envelope, ListParams, Page};
use binnacle_shared::{Kind, Problems};
use form_urlencoded::Serializer;
use percent_encoding::percent_decode;
use serde::Serialize;

use super::error::ApiError;
use super::rewrite::OriginalPath;

/// Most parameters that a request may have, in query and form together: enough to name 10,000
/// computers one by one.
pub const PARAMETERS_MAX: usize = 20_000;
/// Most items of a list that is one parameter.
const ITEMS_MAX: usize = 200;

/// The query parameters of a request, in their order, and the path it came by.
#[derive(Clone, Debug)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let path =
            parts.extensions.get::<OriginalPath>().map_or_else(|| parts.uri.path().to_owned(), |path| path.0.clone());
        let pairs = pairs(parts.uri.query().unwrap_or_default().as_bytes())?;
        // Whoever searches, and in what: each word becomes a condition.
        for (_, words) in pairs.iter().filter(|(name, _)| name == "search") {
            list::words(words).map_err(|violation| Problems(vec![violation.at("/search")]))?;
        }
        Ok(Self { path, pairs })
    }
}

/// Decodes `a=b&c=d`. What is not text is refused: replaced by something else it would find, or
/// even store, what nobody asked for.
pub fn pairs(encoded: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let parts: Vec<&[u8]> = encoded.split(|b| *b == b'&').filter(|part| !part.is_empty()).collect();
    if parts.len() > PARAMETERS_MAX {
        return Err(ApiError::Malformed(format!("A request has at most {PARAMETERS_MAX} parameters.")));
    }
    parts
        .into_iter()
        .map(|part| {
            let (name, value) = match part.iter().position(|b| *b == b'=') {
                Some(at) => part.split_at(at),
                None => (part, &b""[..]),
            };
            Ok((decode(name)?, decode(value.strip_prefix(b"=").unwrap_or(value))?))
        })
        .collect()
}

fn decode(encoded: &[u8]) -> Result<String, ApiError> {
    let spaced: Vec<u8> = encoded.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    let bytes = Cow::from(percent_decode(&spaced)).into_owned();
    String::from_utf8(bytes)
        .map_err(|_| ApiError::Malformed("A parameter is not UTF-8 text once its %-codes are read.".into()))
}

impl Query {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is true or false; absent is the default.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(ApiError::field(format!("/{name}"), "type", "Must be true or false.")),
        }
    }

    /// Items joined by commas; absent: nothing was said.
    pub fn items(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        if text.contains('\0') {
            return Err(ApiError::field(format!("/{name}"), "format", "Must not hold NUL characters."));
        }
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let items: Vec<String> = items.map(str::to_owned).collect();
        if items.len() > ITEMS_MAX {
            return Err(ApiError::field(format!("/{name}"), "length", format!("Must have at most {ITEMS_MAX} items.")));
        }
        Ok(Some(items))
    }

    /// A whole number that is not negative.
    pub fn count(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        list::count(text).map(Some).map_err(|violation| Problems(vec![violation.at(format!("/{name}"))]).into())
    }

    /// `limit` and `offset`, for lists that belong to no kind.
    pub fn page(&self) -> Result<ListParams, ApiError> {
        let paging = self.pairs.iter().filter(|(name, _)| name == "limit" || name == "offset");
        let pairs = paging.map(|(name, value)| (name.as_str(), value.as_str()));
        ListParams::parse(Kind::Computer, pairs).map_err(ApiError::Invalid)
    }

    /// The parameters that every list of the kind takes.
    pub fn list(&self, kind: Kind) -> Result<ListParams, ApiError> {
        let pairs = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        ListParams::parse(kind, pairs).map_err(ApiError::Invalid)
    }

    /// A page with links to its neighbours.
    pub fn envelope<T: Serialize>(&self, params: &ListParams, page: Page<T>) -> Envelope<T> {
        let limit = u64::from(params.limit);
        let end = params.offset.saturating_add(page.items.len() as u64);
        // A page of nothing has no neighbour that would come nearer to the end.
        let next = (limit > 0 && end < page.total && !page.items.is_empty())
            .then(|| self.link(limit, params.offset.saturating_add(limit)));
        let previous = (params.offset > 0).then(|| self.link(limit, params.offset.saturating_sub(limit)));
        Envelope { results: page.items, count: page.total, next, previous }
    }

    /// The part that was asked for of a list that is short enough to be read whole.
    pub fn part<T: Serialize>(&self, all: Vec<T>) -> Result<Envelope<T>, ApiError> {
        let params = self.page()?;
        let total = all.len() as u64;
        let offset = usize::try_from(params.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(params.limit).unwrap_or(usize::MAX);
        let items = all.into_iter().skip(offset).take(limit).collect();
        Ok(self.envelope(&params, Page { items, total }))
    }

    /// The same list at another offset.
    fn link(&self, limit: u64, offset: u64) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in &self.pairs {
            if name != "limit" && name != "offset" {
                query.append_pair(name, value);
            }
        }
        query.append_pair("limit", &limit.to_string());
        query.append_pair("offset", &offset.to_string());
        format!("{}?{}", self.path, query.finish())
    }
}

/// The numbers of a path. A path that names something else by them leads nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Ids<const N: usize>(pub [i64; N]);

impl<const N: usize, S: Send + Sync> FromRequestParts<S> for Ids<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NoSuchPath)?;
        let ids: Option<Vec<i64>> = params.iter().map(|(_, text)| number(text)).collect();
        ids.and_then(|ids| ids.try_into().ok()).map(Self).ok_or(ApiError::NoSuchPath)
    }
}

/// The one word of a path that is no number.
#[derive(Clone, Debug)]
pub struct Name(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NoSuchPath)?;
        let mut words = params.iter().map(|(_, text)| text.to_owned());
        match (words.next(), words.next()) {
            (Some(word), None) if !word.contains('\0') => Ok(Self(word)),
            _ => Err(ApiError::NoSuchPath),
        }
    }
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use binnacle_shared::Kind;
    use binnacle_shared::list::Page;

    use super::{Query, number, pairs};

    fn query(text: &str) -> Query {
        Query { path: "/api/v2/script-profiles".into(), pairs: pairs(text.as_bytes()).unwrap() }
    }

    #[test]
    fn links_keep_the_other_parameters() {
        let query = query("archived=all&limit=2&search=a%20b&offset=1");
        let params = query.list(Kind::ScriptProfile).unwrap();
        let page = query.envelope(&params, Page { items: vec![1, 2], total: 9 });
        let base = "/api/v2/script-profiles?archived=all&search=a+b";
        assert_eq!(page.next, Some(format!("{base}&limit=2&offset=3")));
        assert_eq!(page.previous, Some(format!("{base}&limit=2&offset=0")));
        let last = query.envelope(&params, Page { items: vec![1, 2], total: 3 });
        assert_eq!(last.next, None);
    }

    #[test]
    fn flags_and_items() {
        let query = query("a=TRUE&b=x&c=1,%202,,&d=");
        assert!(query.flag("a", false).unwrap());
        assert!(query.flag("b", false).is_err());
        assert!(query.flag("none", true).unwrap());
        assert_eq!(query.items("c").unwrap().unwrap(), ["1", "2"]);
        assert_eq!(query.items("d").unwrap().unwrap(), Vec::<String>::new());
        assert_eq!(query.items("e").unwrap(), None);
    }

    #[test]
    fn parameters_are_decoded_strictly() {
        let of = |text: &str| pairs(text.as_bytes()).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            of("a=b+c&&d&e=%C3%A9=%zz&=x"),
            [pair("a", "b c"), pair("d", ""), pair("e", "é=%zz"), pair("", "x")]
        );
        for bad in ["a=%FF", "%C3=x", "a=%C3%28"] {
            assert!(pairs(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(pairs(b"a=\xff").is_err());
        assert!(pairs("a&".repeat(20_000).as_bytes()).is_ok());
        assert!(pairs("a&".repeat(20_001).as_bytes()).is_err());
        assert!(query(&format!("a={}", "1,".repeat(201))).items("a").is_err());
        assert_eq!(query("days=30").count("days").unwrap(), Some(30));
        assert!(query("days=-1").count("days").is_err());
    }

    #[test]
    fn ids_are_digits_that_fit() {
        assert_eq!(number("12"), Some(12));
        for text in ["", "+1", "-1", "1.0", "abc", "99999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
