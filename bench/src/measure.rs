//! Doing one thing over and over, and how long each time took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// What is measured: one of several that work at the same time.
pub trait Worker: Send + 'static {
    fn once(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// The times of many repetitions, sorted.
#[derive(Debug, Clone)]
pub struct Samples {
    times: Vec<Duration>,
    took: Duration,
}

impl Samples {
    pub fn new(mut times: Vec<Duration>, took: Duration) -> Result<Self> {
        if times.is_empty() {
            bail!("nothing was measured");
        }
        times.sort_unstable();
        Ok(Self { times, took })
    }

    /// The time that this share of the repetitions did not pass.
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.times.len() * percent).div_ceil(100).saturating_sub(1);
        self.times.get(at).copied().unwrap_or_default()
    }

    pub fn per_second(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "counts of a few seconds")]
        let count = self.times.len() as f64;
        count / self.took.as_secs_f64()
    }

    pub fn count(&self) -> usize {
        self.times.len()
    }
}

#[allow(clippy::disallowed_methods, reason = "it measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Lets the workers go on for a while, each doing the next as soon as one is done.
pub async fn run<W: Worker>(workers: Vec<W>, lasting: Duration) -> Result<Samples> {
    let start = now();
    let end = start + lasting;
    let tasks: Vec<_> = workers
        .into_iter()
        .map(|mut worker| {
            tokio::spawn(async move {
                // The first time opens connections and fills caches.
                worker.once().await?;
                let mut times = Vec::new();
                loop {
                    let before = now();
                    worker.once().await?;
                    times.push(before.elapsed());
                    if now() >= end {
                        return anyhow::Ok(times);
                    }
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    Samples::new(all, start.elapsed())
}

/// Alone, for the time that one takes; and several at once, for how many can be done.
#[derive(Debug, Clone)]
pub struct Figures {
    pub alone: Samples,
    pub together: Samples,
}

/// Measures both ways with new workers.
pub async fn both<W: Worker>(
    at_once: usize,
    lasting: Duration,
    mut make: impl AsyncFnMut() -> Result<W>,
) -> Result<Figures> {
    let alone = run(vec![make().await?], lasting).await?;
    let mut workers = Vec::new();
    for _ in 0..at_once {
        workers.push(make().await?);
    }
    Ok(Figures { alone, together: run(workers, lasting).await? })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Samples;

    #[test]
    fn percentiles_are_of_what_was_seen() {
        let times = (1..=200).rev().map(Duration::from_millis).collect();
        let samples = Samples::new(times, Duration::from_secs(10)).unwrap();
        assert_eq!(samples.percentile(50), Duration::from_millis(100));
        assert_eq!(samples.percentile(99), Duration::from_millis(198));
        assert!((samples.per_second() - 20.0).abs() < 0.001);
    }
}
