//! The console, carried in the binary.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};

/// What trunk has built. A debug build reads the folder as it is at the time.
#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Assets;

const INDEX: &str = "index.html";
const MISSING: &str = "The console is not part of this build. Run `cargo xtask run`, or `cargo xtask \
                       build` for a binary that carries it. The API is there: see /api/v2/about.\n";
/// Only our own program runs, and no other page may put us into a frame.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
                      style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file of the console; its start page for every address that the console knows itself.
pub fn serve(request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return crate::api::error::ApiError::NoSuchPath.into_response();
    }
    let name = request.uri().path().trim_start_matches('/');
    if let Some(file) = Some(name).filter(|n| !n.is_empty() && !n.contains("..")).and_then(Assets::get) {
        return answer(request.headers(), name, file);
    }
    if is_file(name) {
        return crate::api::error::ApiError::NoSuchPath.into_response();
    }
    match Assets::get(INDEX) {
        Some(file) => answer(request.headers(), INDEX, file),
        None => (StatusCode::NOT_FOUND, MISSING).into_response(),
    }
}

/// A file that is missing is an error, not the start page: a browser would read that as a script.
fn is_file(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    mime_guess::from_path(last).first().is_some()
}

fn answer(request: &HeaderMap, name: &str, plain: EmbeddedFile) -> Response {
    let brotli = accepts_brotli(request).then(|| Assets::get(&format!("{name}.br"))).flatten();
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(plain.metadata.sha256_hash()));
    let known = request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let is_encoded = brotli.is_some();
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(brotli.unwrap_or(plain).data.into_owned()))
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
    set(ETAG, &etag);
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

/// Trunk writes a hash of the content into names: such a file never changes.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '_', '.', '/']).any(|part| part.len() >= 15 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT_ENCODING;
    use axum::http::{HeaderMap, HeaderValue};

    use super::{accepts_brotli, is_file, is_hashed};

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
