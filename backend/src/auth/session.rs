//! Sessions of the console: a cookie that a script in the page cannot read, and a token that
//! only a page of ours knows.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::clock::Random;
use crate::keys::Keys;

/// Name of the cookie.
pub const COOKIE: &str = "binnacle_session";
/// The header that a changing request carries beside the cookie.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// How long a session lasts, in hours.
pub const HOURS: i64 = 24;

/// A new session's secret. Only its hash is stored.
#[derive(Clone)]
pub struct SessionToken(String);

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl SessionToken {
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The token in a `Cookie` header, if it looks like one of ours.
    pub fn from_cookies(header: &str) -> Option<Self> {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == COOKIE && value.len() == 43)
            .map(|(_, value)| Self(value.to_owned()))
    }

    /// What the database keeps.
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.0.as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// The token that proves that a request comes from a page of ours.
    pub fn csrf(&self, keys: &Keys) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(keys.session()).ok()?;
        mac.update(self.0.as_bytes());
        Some(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Whether a request's token is the session's, in a time that says nothing.
    pub fn csrf_fits(&self, keys: &Keys, given: &str) -> bool {
        self.csrf(keys).is_some_and(|right| right.as_bytes().ct_eq(given.as_bytes()).into())
    }

    /// The header that gives the browser its cookie.
    pub fn set_cookie(&self, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        let seconds = HOURS * 3600;
        format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}", self.0)
    }
}

/// The header that takes the cookie away again.
pub fn clear_cookie(secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0{secure}")
}

#[cfg(test)]
mod tests {
    use super::SessionToken;
    use crate::clock::SystemRandom;
    use crate::keys::Keys;

    #[test]
    fn a_csrf_token_belongs_to_one_session() {
        let keys = Keys::generate(&SystemRandom);
        let (a, b) = (SessionToken::generate(&SystemRandom), SessionToken::generate(&SystemRandom));
        let csrf = a.csrf(&keys).unwrap();
        assert!(a.csrf_fits(&keys, &csrf));
        assert!(!b.csrf_fits(&keys, &csrf));
        assert!(!a.csrf_fits(&keys, ""));
        assert_ne!(a.hash(), a.0);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let token = SessionToken::generate(&SystemRandom);
        let set = token.set_cookie(true);
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.ends_with("; Secure"));
        let header = format!("theme=dark; {}; x=y", set.split(';').next().unwrap());
        assert_eq!(SessionToken::from_cookies(&header).unwrap().hash(), token.hash());
        assert!(SessionToken::from_cookies("binnacle_session=short").is_none());
        assert!(SessionToken::from_cookies("").is_none());
    }
}
