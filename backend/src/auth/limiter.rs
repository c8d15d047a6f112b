//! Slows down whoever guesses passwords.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// So many wrong passwords in a row are taken as typing errors.
const FREE: u32 = 10;
/// After them, one more try each so often.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Addresses that are remembered; when full, those whose pause is over go first.
const CAPACITY: usize = 10_000;

/// Counts failed logins by address.
#[derive(Debug, Default)]
pub struct LoginLimiter(Mutex<HashMap<IpAddr, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl LoginLimiter {
    /// How long the address has to wait before it may try again.
    pub fn wait(&self, address: IpAddr, now: Timestamp) -> Option<SignedDuration> {
        let failures = *self.lock().get(&address)?;
        let over = failures.last.checked_add(PAUSE).ok()?;
        (failures.count >= FREE && now < over).then(|| over.duration_since(now))
    }

    pub fn failed(&self, address: IpAddr, now: Timestamp) {
        let mut map = self.lock();
        if map.len() >= CAPACITY {
            map.retain(|_, f| now.duration_since(f.last) < PAUSE);
        }
        if map.len() >= CAPACITY {
            // Everyone is attacking: forgetting all is better than growing without end.
            map.clear();
        }
        let entry = map.entry(address).or_insert(Failures { count: 0, last: now });
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
    }

    pub fn succeeded(&self, address: IpAddr) {
        self.lock().remove(&address);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use jiff::{SignedDuration, Timestamp};

    use super::{FREE, LoginLimiter};

    #[test]
    fn guessing_is_slowed_down_and_forgiven() {
        let limiter = LoginLimiter::default();
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        for _ in 0..FREE {
            assert_eq!(limiter.wait(address, now), None);
            limiter.failed(address, now);
        }
        assert_eq!(limiter.wait(address, now), Some(SignedDuration::from_secs(30)));
        assert_eq!(limiter.wait(address, now + SignedDuration::from_secs(30)), None);
        limiter.succeeded(address);
        assert_eq!(limiter.wait(address, now), None);
    }
}
