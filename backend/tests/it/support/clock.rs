//! A clock that stands until a test moves it, and chance that is the same every time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use binnacle::clock::{Clock, Random};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Stands still; sleepers wake when the test has moved it far enough.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    pub fn at(time: &str) -> Self {
        Self { now: watch::Sender::new(time.parse().unwrap()) }
    }

    pub fn set(&self, time: &str) {
        self.now.send_replace(time.parse().unwrap());
    }

    pub fn advance(&self, by: SignedDuration) {
        self.now.send_modify(|now| *now = now.checked_add(by).unwrap());
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.now.subscribe();
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let until = now.borrow().saturating_add(duration).unwrap_or(Timestamp::MAX);
        Box::pin(async move {
            // The clock outlives whoever sleeps by it; if not, the sleep never ends.
            if now.wait_for(|now| *now >= until).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// Counts up from a seed: different each time it is asked, the same in each run.
#[derive(Debug)]
pub struct SeededRandom {
    state: AtomicU64,
}

impl SeededRandom {
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // splitmix64
            let mut z = self.state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            let length = chunk.len();
            chunk.copy_from_slice(&z.to_le_bytes()[..length]);
        }
    }
}
