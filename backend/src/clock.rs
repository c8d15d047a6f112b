//! The only place that reads the wall clock and makes random numbers.
//!
//! Everything else takes a [`Clock`] and a [`Random`] as arguments, so that every schedule, back-off
//! and token can be tested without waiting and without luck.

use std::{fmt::Debug, time::Duration};

use futures::future::BoxFuture;
use jiff::Timestamp;

/// Tells the time and waits for it to pass.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Ends when so much time has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Makes random numbers.
pub trait Random: Debug + Send + Sync + 'static {
    /// Fills the bytes with what nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the place")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[allow(clippy::disallowed_methods, reason = "this is the place")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The machine's source of randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[allow(clippy::disallowed_methods, reason = "this is the place")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::fill(bytes);
    }
}
