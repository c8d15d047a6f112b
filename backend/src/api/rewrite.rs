//! Brings paths into the form that the router knows, before it looks.
//!
//! A custom verb follows its resource after a colon (`/script-profiles/5:archive`). The router
//! takes parameters only as whole segments, so the verb becomes a segment of its own, marked
//! with a tilde (`/script-profiles/5/~archive`). Nobody can write that form from outside.

use axum::extract::Request;
use axum::http::uri::{PathAndQuery, Uri};
use percent_encoding::percent_decode_str;

use super::conductor::{OLDER, PREFIX};

/// The path as the request had it.
#[derive(Clone, Debug)]
pub struct OriginalPath(pub String);

/// Rewrites the path of an API request and remembers the original one.
pub fn rewrite<B>(mut request: Request<B>) -> Request<B> {
    let original = request.uri().path().to_owned();
    let is_post = request.method() == axum::http::Method::POST;
    if let Some(path) = internal(&original, is_post, request.uri().query())
        && let Some(uri) = with_path(request.uri(), &path)
    {
        *request.uri_mut() = uri;
    }
    request.extensions_mut().insert(OriginalPath(original));
    request
}

fn internal(path: &str, is_post: bool, query: Option<&str>) -> Option<String> {
    if path == "/" {
        // Clients of the legacy API may be configured with a bare host.
        let names_action = query.is_some_and(|q| form_urlencoded::parse(q.as_bytes()).any(|(n, _)| n == "action"));
        return (is_post || names_action).then(|| "/api".to_owned());
    }
    if path != "/api" && !path.starts_with("/api/") {
        return None;
    }
    if !is_text(path) {
        let of_conductor = conductor(path).is_some();
        return Some(if of_conductor { format!("{PREFIX}/~") } else { UNREADABLE.to_owned() });
    }
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    if let Some(path) = conductor(trimmed) {
        return Some(path);
    }
    let closed = trimmed.replace("/~", "/%7E");
    let (parent, last) = closed.rsplit_once('/')?;
    Some(match last.rsplit_once(':') {
        Some((resource, verb)) if !resource.is_empty() && !verb.is_empty() => {
            format!("{parent}/{resource}/~{verb}")
        }
        _ => closed,
    })
}

/// The Conductor API has one table of routes for all its versions, and no verbs after colons.
fn conductor(path: &str) -> Option<String> {
    if path == "/api/version" {
        return Some(format!("{PREFIX}/version"));
    }
    if path == PREFIX || path.starts_with(PREFIX) && path[PREFIX.len()..].starts_with('/') {
        return Some(path.to_owned());
    }
    let rest = OLDER.iter().find_map(|older| path.strip_prefix(older))?;
    Some(format!("{PREFIX}/{rest}"))
}

/// No route takes this, so the answer is that there is nothing at the address.
const UNREADABLE: &str = "/api/~";

/// Whether what the path's codes stand for can be the name of anything.
fn is_text(path: &str) -> bool {
    percent_decode_str(path).decode_utf8().is_ok_and(|text| !text.contains('\0'))
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// A path of the route table in the router's form.
pub fn template(path: &str) -> String {
    match path.rsplit_once(':') {
        Some((resource, verb)) => format!("{resource}/~{verb}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{UNREADABLE, internal, template};

    #[test]
    fn verbs_become_segments() {
        let of = |path| internal(path, false, None);
        assert_eq!(of("/api/v2/script-profiles/5:archive").unwrap(), "/api/v2/script-profiles/5/~archive");
        assert_eq!(of("/api/computers:delete").unwrap(), "/api/computers/~delete");
        assert_eq!(of("/api/v2/x/a:b:c/").unwrap(), "/api/v2/x/a:b/~c");
        assert_eq!(of("/api/v2/x/5/~archive").unwrap(), "/api/v2/x/5/%7Earchive");
        assert_eq!(of("/api/v2/scripts/").unwrap(), "/api/v2/scripts");
        assert_eq!(of("/api/").unwrap(), "/api");
        assert_eq!(of("/api/v2/x/%C3%A9").unwrap(), "/api/v2/x/%C3%A9");
        for unreadable in ["/api/v2/x/%FF", "/api/v2/x/a%00b", "/api/%C3%28"] {
            assert_eq!(of(unreadable).unwrap(), UNREADABLE);
        }
        assert_eq!(of("/scripts/5:x"), None);
        assert_eq!(of("/api/v3.1/filters/x/a:b/").unwrap(), "/api/v3.1/filters/x/a:b");
        assert_eq!(of("/api/v2.1/sites").unwrap(), "/api/v3.1/sites");
        assert_eq!(of("/api/version").unwrap(), "/api/v3.1/version");
        assert_eq!(of("/api/v3.10/x").unwrap(), "/api/v3.10/x");
        assert_eq!(of("/api/v3.1/sites/%FF").unwrap(), "/api/v3.1/~");
        assert_eq!(template("/script-profiles/{id}:archive"), "/script-profiles/{id}/~archive");
    }

    #[test]
    fn a_bare_host_is_the_legacy_api_only_with_an_action() {
        assert_eq!(internal("/", false, None), None);
        assert_eq!(internal("/", false, Some("a=action")), None);
        assert_eq!(internal("/", false, Some("action=GetScripts")).unwrap(), "/api");
        assert_eq!(internal("/", true, None).unwrap(), "/api");
    }
}
