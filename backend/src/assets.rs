//! The console, carried in the binary.

use std::borrow::Cow;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::RustEmbed;

use crate::api::error::ApiError;

/// What `cargo xtask` has built. A debug build reads the folder as it is at the time.
#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Assets;

const INDEX: &str = "index.html";
const MISSING: &str = "The console is not part of this build. Run `cargo xtask run`, or `cargo xtask \
                       build` for a binary that carries it. The API is there: see /api/v2/about.\n";
/// Only our own program runs, and no other page may put us into a frame.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                      img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// One file of the console.
#[derive(Debug)]
struct File {
    plain: Cow<'static, [u8]>,
    hash: [u8; 32],
    brotli: Option<Cow<'static, [u8]>>,
}

impl File {
    fn find(name: &str) -> Option<Self> {
        let plain = Assets::get(name)?;
        let brotli = Assets::get(&format!("{name}.br")).map(|file| file.data);
        Some(Self { hash: plain.metadata.sha256_hash(), plain: plain.data, brotli })
    }
}

/// A file of the console; its start page for every address that the console knows itself.
pub fn serve(request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::NoSuchPath.into_response();
    }
    let name = request.uri().path().trim_start_matches('/');
    let headers = request.headers();
    let found = Some(name).filter(|n| !n.is_empty() && !n.contains("..") && !is_compressed(n));
    if let Some(file) = found.and_then(File::find) {
        return answer(headers, name, file);
    }
    if !name.is_empty() && (is_file(name) || !wants_page(headers)) {
        return ApiError::NoSuchPath.into_response();
    }
    match File::find(INDEX) {
        Some(file) => answer(headers, INDEX, file),
        None => (StatusCode::NOT_FOUND, MISSING).into_response(),
    }
}

/// A person goes somewhere; a script that asks for something would read the start page as that.
fn wants_page(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains("text/html"))
}

/// The compressed twin is reached by `Accept-Encoding`, not by its name.
fn is_compressed(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "br")
}

/// A file that is missing is an error, not the start page: a browser would read that as a script.
fn is_file(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    mime_guess::from_path(last).first().is_some()
}

fn answer(request: &HeaderMap, name: &str, File { plain, hash, brotli }: File) -> Response {
    let brotli = brotli.filter(|_| accepts_brotli(request));
    // Weak: the same file is sent in more than one encoding.
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash));
    let known = request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let is_encoded = brotli.is_some();
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let bytes = match brotli.unwrap_or(plain) {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Response::new(Body::from(bytes))
    };
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let mut set = |header, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(header, value);
        }
    };
    let is_text = kind.type_() == "text";
    set(CONTENT_TYPE, &if is_text { format!("{kind}; charset=utf-8") } else { kind.to_string() });
    set(ETAG, &format!("W/{etag}"));
    set(VARY, "Accept-Encoding");
    if is_encoded && !known {
        set(CONTENT_ENCODING, "br");
    }
    if name == INDEX {
        set(CONTENT_SECURITY_POLICY, POLICY);
    }
    let for_ever = "public, max-age=31536000, immutable";
    set(CACHE_CONTROL, if is_hashed(name) { for_ever } else { "no-cache" });
    response
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| {
            let (name, quality) = item.split_once(';').unwrap_or((item, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
            (!refused).then_some(name.trim())
        })
        .any(|name| name == "br")
}

/// The build writes a hash of the content into names: such a file never changes.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '_', '.', '/']).any(|part| part.len() >= 15 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use axum::extract::Request;
    use axum::http::header::{
        ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, VARY,
    };
    use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

    use super::{File, INDEX, accepts_brotli, answer, is_file, is_hashed, serve};

    const HASHED: &str = "console-3f2a9c1b7d8e0f12.js";

    fn file() -> File {
        let (plain, brotli) = (Cow::Borrowed(&b"plain"[..]), Some(Cow::Borrowed(&b"br"[..])));
        File { plain, hash: [7; 32], brotli }
    }

    fn with(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[tokio::test]
    async fn each_reader_gets_the_encoding_it_takes() {
        for (accepted, encoding, body) in [("gzip, br", Some("br"), "br"), ("gzip", None, "plain"), ("", None, "plain")]
        {
            let response = answer(&with(&[(ACCEPT_ENCODING, accepted)]), HASHED, file());
            assert_eq!(response.headers().get(CONTENT_ENCODING).map(|v| v.to_str().unwrap()), encoding);
            assert_eq!(response.headers()[VARY], "Accept-Encoding");
            let bytes = axum::body::to_bytes(response.into_body(), 64).await.unwrap();
            assert_eq!(bytes, body.as_bytes());
        }
    }

    #[test]
    fn hashed_files_are_kept_and_the_page_is_asked_for_again() {
        let kept = answer(&HeaderMap::new(), HASHED, file());
        assert_eq!(kept.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        for name in [INDEX, "config.json"] {
            let response = answer(&HeaderMap::new(), name, file());
            assert_eq!(response.headers()[CACHE_CONTROL], "no-cache", "{name}");
            let tag = response.headers()[ETAG].clone();
            let again = answer(&HeaderMap::from_iter([(IF_NONE_MATCH, tag)]), name, file());
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{name}");
        }
    }

    #[test]
    fn the_page_runs_nothing_inline() {
        let page = answer(&HeaderMap::new(), INDEX, file());
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!answer(&HeaderMap::new(), HASHED, file()).headers().contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn what_is_missing_is_the_page_for_people_only() {
        let status = |path: &str, accept: &str| {
            let request = Request::get(path).header(ACCEPT, accept).body(axum::body::Body::empty()).unwrap();
            serve(&request).headers().get(axum::http::header::CONTENT_TYPE).cloned()
        };
        let json = Some(HeaderValue::from_static("application/json"));
        assert_eq!(status("/gone-3f2a9c1b7d8e0f12.js", "*/*"), json);
        assert_eq!(status("/gone-3f2a9c1b7d8e0f12.js", "text/html"), json);
        assert_eq!(status("/scripts/5", "*/*"), json);
        assert_ne!(status("/scripts/5", "text/html,application/xhtml+xml"), json);
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(is_hashed("binnacle-console-3f2a9c1b7d8e0f12_bg.wasm"));
        assert!(is_hashed("tokens-3f2a9c1b7d8e0f12.css"));
        assert!(!is_hashed("boot.js"));
        assert!(!is_hashed("index.html"));
    }

    #[test]
    fn addresses_of_the_console_are_no_files() {
        assert!(is_file("assets/gone.js"));
        assert!(!is_file("script-profiles/5"));
        assert!(!is_file("access-groups/rack-4.2"));
        assert!(!is_file(""));
    }

    #[test]
    fn brotli_is_sent_to_who_takes_it() {
        let headers = |value| HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        assert!(accepts_brotli(&headers("gzip, deflate, br")));
        assert!(accepts_brotli(&headers("br;q=0.5")));
        assert!(!accepts_brotli(&headers("gzip, br;q=0")));
        assert!(!accepts_brotli(&HeaderMap::new()));
    }
}
