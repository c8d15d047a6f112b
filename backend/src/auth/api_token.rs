//! Tokens of the Conductor API: `ctok-`, a name of ten characters, and a secret of forty.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::password::pick;
use crate::clock::Random;

const PREFIX: &str = "ctok";
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A token, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: String,
    secret: String,
}

impl std::fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiToken({})", masked(&self.id))
    }
}

impl ApiToken {
    pub fn generate(random: &dyn Random) -> Self {
        Self { id: pick(random, ALPHABET, 10), secret: pick(random, ALPHABET, 40) }
    }

    /// Reads what a client sends; none: it has not the form of a token.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = prefix == PREFIX && !id.is_empty() && !secret.is_empty() && text.len() < 200;
        fits.then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// What the client keeps.
    pub fn value(&self) -> String {
        format!("{PREFIX}-{}-{}", self.id, self.secret)
    }

    /// What is stored. The secret has 238 bits of chance: one round of a digest is enough.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.secret))
    }

    /// Whether this is the token that was stored so; takes as long whatever differs.
    pub fn fits(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

/// How a token is shown once it was made.
pub fn masked(id: &str) -> String {
    format!("{PREFIX}-{id}-********")
}

#[cfg(test)]
mod tests {
    use super::{ApiToken, masked};
    use crate::clock::SystemRandom;

    #[test]
    fn a_token_is_read_back_and_fits_its_hash_alone() {
        let token = ApiToken::generate(&SystemRandom);
        assert_eq!((token.id.len(), token.secret.len()), (10, 40));
        let read = ApiToken::parse(&token.value()).unwrap();
        assert_eq!(read, token);
        assert!(read.fits(&token.hash()));
        assert!(!ApiToken::generate(&SystemRandom).fits(&token.hash()));
        assert!(!format!("{token:?}").contains(&token.secret));
        assert_eq!(masked("abc"), "ctok-abc-********");
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        for text in ["", "ctok", "ctok-a", "ctok--b", "ctok-a-", "tok-a-b", "ctoka-b-c"] {
            assert_eq!(ApiToken::parse(text), None, "{text}");
        }
        assert_eq!(ApiToken::parse("ctok-a-b-c").unwrap().secret, "b-c");
    }
}
