//! Clients that send a password with every request do not pay for a hash each time: a pair that
//! was right is remembered for a while, as a keyed digest, in this process alone. Who it belongs
//! to is read with every request, so that what was changed since counts at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use crate::clock::Random;

/// How long a pair is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);
/// How many at most.
const CAPACITY: usize = 10_000;

type Digest = [u8; 32];

/// Whose password it was, and in which epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub person_id: i64,
    pub token_epoch: i64,
}

/// The pairs that were right.
pub struct Remembered {
    key: [u8; 32],
    pairs: Mutex<HashMap<Digest, (Verified, Timestamp)>>,
    /// Who is about to check which pair.
    turns: Mutex<HashMap<Digest, Weak<Turn>>>,
}

/// Clients that start together send the same pair at the same time: one of them checks it, the
/// others wait and find it remembered.
pub type Turn = tokio::sync::Mutex<()>;

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remembered(…)")
    }
}

impl Remembered {
    pub fn new(random: &dyn Random) -> Self {
        let mut key = [0; 32];
        random.fill(&mut key);
        Self { key, pairs: Mutex::default(), turns: Mutex::default() }
    }

    fn digest(&self, username: &str, password: &str) -> Option<Digest> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(&username.len().to_le_bytes());
        mac.update(username.as_bytes());
        mac.update(password.as_bytes());
        Some(mac.finalize().into_bytes().into())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, (Verified, Timestamp)>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose pair it is, if it was right not long ago.
    pub fn find(&self, username: &str, password: &str, now: Timestamp) -> Option<Verified> {
        let digest = self.digest(username, password)?;
        let found = self.lock().get(&digest).copied();
        found.filter(|(_, until)| now < *until).map(|(verified, _)| verified)
    }

    /// What to hold while the pair is checked.
    pub fn turn(&self, username: &str, password: &str) -> Arc<Turn> {
        let Some(digest) = self.digest(username, password) else { return Arc::default() };
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(&digest).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Turn::default());
        turns.insert(digest, Arc::downgrade(&turn));
        turn
    }

    /// The pair was right.
    pub fn remember(&self, username: &str, password: &str, verified: Verified, now: Timestamp) {
        let (Some(digest), Ok(until)) = (self.digest(username, password), now.checked_add(REMEMBERED)) else { return };
        let mut pairs = self.lock();
        if pairs.len() >= CAPACITY {
            pairs.retain(|_, (_, until)| now < *until);
        }
        if pairs.len() >= CAPACITY {
            pairs.clear();
        }
        pairs.insert(digest, (verified, until));
    }

    /// The pair is not right any more.
    pub fn forget(&self, username: &str, password: &str) {
        if let Some(digest) = self.digest(username, password) {
            self.lock().remove(&digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Remembered, Verified};
    use crate::clock::SystemRandom;

    #[test]
    fn a_pair_is_remembered_for_a_while_and_no_other() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let remembered = Remembered::new(&SystemRandom);
        let kim = Verified { person_id: 7, token_epoch: 1 };
        remembered.remember("kim", "secret", kim, now);
        assert_eq!(remembered.find("kim", "secret", now), Some(kim));
        assert_eq!(remembered.find("kim", "Secret", now), None);
        assert_eq!(remembered.find("kims", "ecret", now), None);
        assert_eq!(remembered.find("kim", "secret", now + SignedDuration::from_mins(5)), None);
        remembered.forget("kim", "secret");
        assert_eq!(remembered.find("kim", "secret", now), None);
    }

    #[test]
    fn a_pair_is_checked_by_one_at_a_time() {
        let remembered = Remembered::new(&SystemRandom);
        let turn = remembered.turn("kim", "secret");
        let held = turn.try_lock().unwrap();
        assert!(remembered.turn("kim", "secret").try_lock().is_err());
        assert!(remembered.turn("kim", "other").try_lock().is_ok());
        drop(held);
        assert!(remembered.turn("kim", "secret").try_lock().is_ok());
        drop(turn);
        let _new = remembered.turn("lee", "x");
        assert_eq!(remembered.turns.lock().unwrap().len(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let remembered = Remembered::new(&SystemRandom);
        for number in 0..super::CAPACITY + 5 {
            let verified = Verified { person_id: 1, token_epoch: 0 };
            remembered.remember("kim", &number.to_string(), verified, now);
            assert!(remembered.lock().len() <= super::CAPACITY);
        }
    }
}
