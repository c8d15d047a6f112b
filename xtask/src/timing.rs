//! Progress on the terminal: what is being done, and how long it took.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A running stopwatch.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "build steps are timed by the real clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Does one step, says so before and after, and names the step when it fails.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("── {title}");
    let watch = Stopwatch::start();
    let done = work().with_context(|| format!("{title} failed"))?;
    println!("   done in {}", short(watch.elapsed()));
    Ok(done)
}

/// `0.4 s`, `12.3 s` or `3 min 05 s`.
pub fn short(duration: Duration) -> String {
    if duration < Duration::from_mins(1) {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        let seconds = duration.as_secs();
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        assert_eq!(short(Duration::from_millis(420)), "0.4 s");
        assert_eq!(short(Duration::from_secs(185)), "3 min 05 s");
    }
}
