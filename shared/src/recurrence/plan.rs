//! When a recurring profile runs next, and the runs after that.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Cron;

/// All that decides on the runs of a recurring schedule.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    pub cron: &'a Cron,
    pub zone: &'a TimeZone,
    /// No run before this.
    pub start_after: Timestamp,
    /// Runs that would follow closer than this are moved to the first match that does not.
    pub min_interval: SignedDuration,
}

impl Plan<'_> {
    /// The first match that is not before `start_after`, after `now`, and at least
    /// `min_interval` after the run planned last.
    pub fn next(&self, now: Timestamp, last_planned: Option<Timestamp>) -> Option<Timestamp> {
        let mut after = now.max(self.start_after.checked_sub(SignedDuration::from_nanos(1)).ok()?);
        if let Some(last) = last_planned {
            let earliest = last.checked_add(self.min_interval).ok()?;
            after = after.max(earliest.checked_sub(SignedDuration::from_nanos(1)).ok()?);
        }
        self.cron.next_after(after, self.zone)
    }
}

/// The next `count` runs as they will be planned one after the other.
pub fn upcoming(plan: &Plan<'_>, now: Timestamp, last_planned: Option<Timestamp>, count: usize) -> Vec<Timestamp> {
    let mut runs: Vec<Timestamp> = Vec::with_capacity(count);
    while runs.len() < count {
        let last = runs.last().copied();
        match plan.next(last.unwrap_or(now), last.or(last_planned)) {
            Some(run) => runs.push(run),
            None => break,
        }
    }
    runs
}
