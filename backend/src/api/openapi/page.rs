//! The page that shows the description: three small files of our own, so that a server without
//! a way to the internet shows it as well.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The page needs its own two files and the description.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that is part of the program, and its fingerprint.
#[derive(Debug)]
pub struct Asset {
    media_type: &'static str,
    bytes: Bytes,
    etag: String,
}

impl Asset {
    pub fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes)));
        Self { media_type, bytes: bytes.into(), etag }
    }

    /// The file, or that the client's copy is still good.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let known = request
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim().trim_start_matches("W/") == self.etag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(self.bytes.clone()))
        };
        let headers = response.headers_mut();
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(ETAG, etag);
        }
        if !known {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }
}

macro_rules! files {
    ($($(#[$meta:meta])* $name:ident $media_type:literal $file:literal;)+) => {$(
        $(#[$meta])*
        pub async fn $name(headers: HeaderMap) -> Response {
            static FILE: std::sync::OnceLock<Asset> = std::sync::OnceLock::new();
            FILE.get_or_init(|| Asset::new($media_type, include_bytes!($file).to_vec())).answer(&headers)
        }
    )+};
}

files! {
    /// `GET docs`
    html "text/html; charset=utf-8" "page/docs.html";
    /// `GET docs.js`
    script "text/javascript; charset=utf-8" "page/docs.js";
    /// `GET docs.css`
    style "text/css; charset=utf-8" "page/docs.css";
}
