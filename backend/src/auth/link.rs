//! The secret end of a link that is sent to somebody. Only its hash is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::password::pick;
use crate::clock::Random;

/// So long that nobody guesses it.
const LENGTH: usize = 40;

/// A new secret that can stand in a URL as it is.
pub fn generate(random: &dyn Random) -> String {
    pick(random, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", LENGTH)
}

/// What the database keeps.
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{generate, hash};
    use crate::clock::SystemRandom;

    #[test]
    fn links_differ_and_their_hashes_do_not_show_them() {
        let (a, b) = (generate(&SystemRandom), generate(&SystemRandom));
        assert_eq!(a.len(), 40);
        assert_ne!(a, b);
        assert_eq!(hash(&a), hash(&a));
        assert_ne!(hash(&a), hash(&b));
        assert!(!hash(&a).contains(&a));
    }
}
