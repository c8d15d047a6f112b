//! Passwords, kept as argon2id hashes.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use binnacle_shared::model::landscape::session::PASSWORD_LENGTH as LENGTH;
use tokio::sync::Semaphore;

use crate::clock::Random;

/// One hash takes 19 MiB: so many are made at the same time, the others wait.
const AT_ONCE: usize = 4;

/// Why a password cannot be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has {} to {} characters", LENGTH.start(), LENGTH.end())]
    Length,
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// Hashes and checks passwords, away from the threads that serve requests.
#[derive(Clone, Debug)]
pub struct Passwords {
    gate: Arc<Semaphore>,
    params: Params,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { gate: Arc::new(Semaphore::new(AT_ONCE)), params: Params::DEFAULT }
    }
}

impl Passwords {
    /// Hashing with another cost than the recommended one.
    pub fn with_params(params: Params) -> Self {
        Self { params, ..Self::default() }
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::from(self.params.clone())
    }

    /// The hash to store.
    pub async fn hash(&self, random: &dyn Random, password: String) -> Result<String, PasswordError> {
        if !LENGTH.contains(&password.chars().count()) {
            return Err(PasswordError::Length);
        }
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let argon2 = self.argon2();
        self.work(move || {
            argon2
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|error| PasswordError::Hash(error.to_string()))
        })
        .await?
    }

    /// Whether the password fits the hash. Without a hash (nobody has that name, or the person
    /// has no password) the same work is done for nothing: time tells no one who exists.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        let argon2 = self.argon2();
        self.work(move || {
            if let Some(hash) = hash {
                return argon2.verify_password(password.as_bytes(), hash.as_str()).is_ok();
            }
            let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
            let _ = argon2.hash_password_into(password.as_bytes(), &[0; 16], &mut out);
            false
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let lost = |what: &dyn std::fmt::Display| PasswordError::Hash(what.to_string());
        let _permit = self.gate.acquire().await.map_err(|e| lost(&e))?;
        tokio::task::spawn_blocking(work).await.map_err(|e| lost(&e))
    }
}

/// A password that nobody can guess and anybody can type: 20 characters without look-alikes.
pub fn generate(random: &dyn Random) -> String {
    pick(random, b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 20)
}

/// A word of so many characters out of an alphabet of at most 256.
pub fn pick(random: &dyn Random, alphabet: &[u8], length: usize) -> String {
    // Bytes beyond the last whole multiple would favour the first characters.
    let fair = 256 - 256 % alphabet.len().max(1);
    let mut word = String::with_capacity(length);
    while word.len() < length {
        let mut byte = [0];
        random.fill(&mut byte);
        let value = usize::from(byte[0]);
        if value < fair
            && let Some(c) = alphabet.get(value % alphabet.len().max(1))
        {
            word.push(char::from(*c));
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{PasswordError, Passwords, generate};
    use crate::clock::SystemRandom;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&SystemRandom, "correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_short_password_is_refused() {
        let result = Passwords::default().hash(&SystemRandom, "short".into()).await;
        assert!(matches!(result, Err(PasswordError::Length)));
    }

    #[test]
    fn generated_passwords_differ() {
        let (a, b) = (generate(&SystemRandom), generate(&SystemRandom));
        assert_eq!(a.len(), 20);
        assert_ne!(a, b);
    }
}
