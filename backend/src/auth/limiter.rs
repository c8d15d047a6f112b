//! Slows down whoever guesses passwords, without locking out those who know them (ADR 0012).
//!
//! Each thing that is counted is a bucket that fills with failures and empties with time. An
//! attempt is counted when it begins and taken back when it succeeds, so that many at the same
//! moment get no further than one after the other.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// Buckets that are remembered. When there are more, the emptiest are forgotten.
const CAPACITY: usize = 40_000;

/// How much a bucket holds, and how long it takes to lose one failure.
#[derive(Clone, Copy, Debug)]
struct Rate {
    free: i32,
    each: SignedDuration,
}

/// Wrong passwords from one address, whatever the name.
const ADDRESS: Rate = Rate { free: 10, each: SignedDuration::from_secs(30) };
/// From one browser that this person has signed in with before.
const DEVICE: Rate = Rate { free: 10, each: SignedDuration::from_secs(30) };
/// For one name, from everywhere. When it is full, that name is under attack.
const NAME: Rate = Rate { free: 30, each: SignedDuration::from_mins(1) };
/// For one name from one address; it counts only while the name is under attack.
const PAIR: Rate = Rate { free: 3, each: SignedDuration::from_mins(20) };

/// Somebody tries a password.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// None without a network.
    pub address: Option<IpAddr>,
    /// The name as it was typed; whether anybody has it makes no difference.
    pub name: &'a str,
    /// A browser that the person of that name has signed in with before.
    pub device: Option<&'a str>,
}

type Key = [u8; 16];

/// When a bucket will be empty, and how long it takes to lose one failure.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    empty_at: Timestamp,
    each: SignedDuration,
}

impl Bucket {
    /// Failures in it, in thousandths.
    fn fill(&self, now: Timestamp) -> i128 {
        self.empty_at.duration_since(now).as_millis() * 1000 / self.each.as_millis().max(1)
    }
}

/// Counts failed logins. It lives in memory: a restart forgives.
#[derive(Debug, Default)]
pub struct LoginLimiter(Mutex<HashMap<Key, Bucket>>);

impl LoginLimiter {
    /// Counts the attempt, or tells how long to wait before the next.
    pub fn begin(&self, attempt: Attempt<'_>, now: Timestamp) -> Result<(), SignedDuration> {
        let mut buckets = self.lock();
        let wait = |key: Key, rate: Rate| {
            let empty_at = buckets.get(&key)?.empty_at;
            let over = empty_at.duration_since(now) - rate.each * (rate.free - 1);
            (over > SignedDuration::ZERO).then_some(over)
        };
        let refused = if let Some(device) = attempt.device {
            wait(device_key(device), DEVICE)
        } else {
            let by_address = wait(address_key(attempt.address), ADDRESS);
            let attacked = wait(name_key(attempt.name), NAME);
            let by_pair = attacked.and_then(|over| Some(over.min(wait(pair_key(attempt), PAIR)?)));
            by_address.max(by_pair)
        };
        if let Some(wait) = refused {
            return Err(wait);
        }
        for (key, rate) in counted(attempt) {
            let bucket = buckets.entry(key).or_insert(Bucket { empty_at: now, each: rate.each });
            let from = bucket.empty_at.max(now);
            // However many there were: an attack that is over is forgotten soon.
            let most = now.saturating_add(rate.each * (rate.free * 2)).unwrap_or(from);
            bucket.empty_at = from.saturating_add(rate.each).unwrap_or(from).min(most);
        }
        if buckets.len() > CAPACITY {
            shrink(&mut buckets, now);
        }
        Ok(())
    }

    /// The password was right, or could not be checked: the attempt did not count.
    pub fn forgive(&self, attempt: Attempt<'_>) {
        let mut buckets = self.lock();
        for (key, rate) in counted(attempt) {
            if let Some(bucket) = buckets.get_mut(&key) {
                bucket.empty_at = bucket.empty_at.saturating_sub(rate.each).unwrap_or(bucket.empty_at);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The buckets that a failure falls into. What a known browser does is nobody else's concern.
fn counted(attempt: Attempt<'_>) -> Vec<(Key, Rate)> {
    match attempt.device {
        Some(device) => vec![(device_key(device), DEVICE)],
        None => {
            vec![(address_key(attempt.address), ADDRESS), (name_key(attempt.name), NAME), (pair_key(attempt), PAIR)]
        }
    }
}

/// Makes room: what is empty goes, then the eighth that is nearest to it.
fn shrink(buckets: &mut HashMap<Key, Bucket>, now: Timestamp) {
    buckets.retain(|_, bucket| bucket.empty_at > now);
    if buckets.len() > CAPACITY {
        let mut fills: Vec<i128> = buckets.values().map(|bucket| bucket.fill(now)).collect();
        let (_, bound, _) = fills.select_nth_unstable(CAPACITY / 8);
        let bound = *bound;
        buckets.retain(|_, bucket| bucket.fill(now) > bound);
    }
}

/// Keys are digests, so that a bucket's size does not depend on what somebody sends.
fn key(kind: &str, parts: [&str; 2]) -> Key {
    let mut digest = Sha256::new();
    for part in [kind, parts[0], parts[1]] {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    let digest: [u8; 32] = digest.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

fn address_key(address: Option<IpAddr>) -> Key {
    key("address", [&network(address), ""])
}

fn name_key(name: &str) -> Key {
    key("name", [&name.to_lowercase(), ""])
}

fn pair_key(attempt: Attempt<'_>) -> Key {
    key("pair", [&attempt.name.to_lowercase(), &network(attempt.address)])
}

fn device_key(device: &str) -> Key {
    key("device", [device, ""])
}

/// A household or a server has 2^64 addresses of IPv6; they count as one.
fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => String::new(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}", u128::from(address) >> 64),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use jiff::{SignedDuration, Timestamp};

    use super::{Attempt, CAPACITY, LoginLimiter};

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    fn from(last: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + last))
    }

    fn attempt(address: u32, name: &str) -> Attempt<'_> {
        Attempt { address: Some(from(address)), name, device: None }
    }

    #[test]
    fn an_address_gets_ten_tries_and_then_one_each_half_minute() {
        let limiter = LoginLimiter::default();
        for number in 0..10 {
            let name = format!("name {number}");
            limiter.begin(attempt(1, &name), now()).unwrap();
        }
        let half_minute = SignedDuration::from_secs(30);
        assert_eq!(limiter.begin(attempt(1, "x"), now()), Err(half_minute));
        assert_eq!(limiter.begin(attempt(2, "x"), now()), Ok(()));
        assert_eq!(limiter.begin(attempt(1, "x"), now() + half_minute), Ok(()));
        assert!(limiter.begin(attempt(1, "x"), now() + half_minute).is_err());
        assert_eq!(limiter.begin(attempt(1, "x"), now() + SignedDuration::from_mins(6)), Ok(()));
    }

    #[test]
    fn right_passwords_are_not_counted_and_forgive_nothing_else() {
        let limiter = LoginLimiter::default();
        for _ in 0..100 {
            limiter.begin(attempt(1, "own"), now()).unwrap();
            limiter.forgive(attempt(1, "own"));
        }
        // An account of one's own does not help to guess at another.
        for _ in 0..10 {
            limiter.begin(attempt(1, "admin"), now()).unwrap();
            if limiter.begin(attempt(1, "own"), now()).is_ok() {
                limiter.forgive(attempt(1, "own"));
            }
        }
        assert!(limiter.begin(attempt(1, "admin"), now()).is_err());
    }

    #[test]
    fn many_addresses_guess_slowly_and_the_owner_gets_in() {
        let limiter = LoginLimiter::default();
        let mut taken = 0;
        for round in 0..10 {
            for address in 0..20 {
                let name = if round % 2 == 0 { "admin" } else { "ADMIN" };
                taken += u32::from(limiter.begin(attempt(address, name), now()).is_ok());
            }
        }
        // Three for each address once the name is under attack, and not ten.
        assert!((60..=80).contains(&taken), "{taken}");
        // From an address that did not fail the right password is still taken.
        limiter.begin(attempt(999, "admin"), now()).unwrap();
        // A known browser does not even share the address with the attackers.
        let known = Attempt { device: Some("known"), ..attempt(3, "admin") };
        for _ in 0..10 {
            limiter.begin(known, now()).unwrap();
        }
        assert!(limiter.begin(known, now()).is_err(), "a stolen cookie is limited as well");
        // Others are not concerned.
        limiter.begin(attempt(998, "kim"), now()).unwrap();
    }

    #[test]
    fn a_network_of_version_6_counts_as_one() {
        let limiter = LoginLimiter::default();
        let of = |low: u128| Attempt {
            address: Some(IpAddr::V6(Ipv6Addr::from((0x2001_0db8_u128 << 96) + low))),
            name: "x",
            device: None,
        };
        let taken = (0..50).filter(|low| limiter.begin(of(*low), now()).is_ok()).count();
        assert_eq!(taken, 10);
        let mapped =
            Attempt { address: Some(IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped())), name: "y", device: None };
        let plain = Attempt { address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), ..mapped };
        assert_eq!(super::address_key(mapped.address), super::address_key(plain.address));
    }

    #[test]
    fn memory_is_bounded_and_the_fullest_are_kept() {
        let limiter = LoginLimiter::default();
        for _ in 0..10 {
            limiter.begin(attempt(1, "admin"), now()).unwrap();
        }
        for address in 2..20_000 {
            let name = format!("{address}");
            limiter.begin(attempt(address, &name), now()).unwrap();
            assert!(limiter.lock().len() <= CAPACITY + 3);
        }
        assert!(limiter.begin(attempt(1, "other"), now()).is_err());
    }
}
