//! Growing pauses after failures.

use std::time::Duration;

use super::Surroundings;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_mins(1);

/// Doubles its pause with each failure in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure.
    pub(super) fn next(&mut self, surroundings: &Surroundings) -> Duration {
        // Seven doublings exceed the longest pause; more would overflow in the end.
        let pause = FIRST.saturating_mul(1 << self.failures.min(7)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        surroundings.jitter(pause)
    }

    /// Forgets the failures.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{Random, SystemClock};

    #[derive(Debug)]
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_start_over() {
        let surroundings = Surroundings { clock: Arc::new(SystemClock), random: Arc::new(Always(255)) };
        let mut backoff = Backoff::default();
        let pauses: Vec<u128> = (0..9).map(|_| backoff.next(&surroundings).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
        backoff.reset();
        assert_eq!(backoff.next(&surroundings).as_millis(), 500);
    }

    #[test]
    fn chance_only_shortens_a_pause() {
        let surroundings = Surroundings { clock: Arc::new(SystemClock), random: Arc::new(Always(0)) };
        assert_eq!(Backoff::default().next(&surroundings).as_millis(), 375);
    }
}
