//! Reads query strings and the ids in paths, and writes the links of a list.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use binnacle_shared::Kind;
use binnacle_shared::list::{Envelope, ListParams, Page};
use form_urlencoded::Serializer;
use serde::Serialize;

use super::error::ApiError;
use super::rewrite::OriginalPath;

/// The query parameters of a request, in their order, and the path it came by.
#[derive(Clone, Debug)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path =
            parts.extensions.get::<OriginalPath>().map_or_else(|| parts.uri.path().to_owned(), |path| path.0.clone());
        Ok(Self { path, pairs: pairs(parts.uri.query().unwrap_or_default().as_bytes()) })
    }
}

/// Decodes `a=b&c=d`.
pub fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
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
    pub fn items(&self, name: &str) -> Option<Vec<String>> {
        let text = self.get(name)?;
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Some(items.map(|item| item.replace('\0', "")).collect())
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
        Query { path: "/api/v2/script-profiles".into(), pairs: pairs(text.as_bytes()) }
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
        assert_eq!(query.items("c").unwrap(), ["1", "2"]);
        assert_eq!(query.items("d").unwrap(), Vec::<String>::new());
        assert_eq!(query.items("e"), None);
    }

    #[test]
    fn ids_are_digits_that_fit() {
        assert_eq!(number("12"), Some(12));
        for text in ["", "+1", "-1", "1.0", "abc", "99999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
