//! What becomes of the planned times that have passed.

use std::collections::VecDeque;

use binnacle_shared::model::landscape::script_profile::CatchUp;
use binnacle_shared::recurrence::Plan;
use jiff::{SignedDuration, Timestamp};

/// A run that comes so late is still on time, also for profiles that make up for nothing: a
/// server that has much to do at once is not one that was down.
const LATE: SignedDuration = SignedDuration::from_mins(5);
/// So many missed runs are made up for by [`CatchUp::All`]; older ones are skipped.
const BACKLOG: usize = 24;
/// So many planned times are looked at in one step; a run each minute for nearly two years.
const LONGEST_WALK: usize = 1_000_000;

/// Planned times in a row that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub first: Timestamp,
    pub last: Timestamp,
    pub runs: i64,
}

impl Gap {
    fn extend(gap: &mut Option<Self>, at: Timestamp) {
        match gap {
            Some(gap) => {
                gap.last = at;
                gap.runs += 1;
            }
            None => *gap = Some(Self { first: at, last: at, runs: 1 }),
        }
    }
}

/// What to do with a profile that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub skipped: Option<Gap>,
    /// The planned time that runs now.
    pub run: Option<Timestamp>,
    /// The last planned time that is dealt with by this.
    pub planned: Timestamp,
    /// Due next; not after `now` while there is more to make up for.
    pub next: Option<Timestamp>,
}

impl Verdict {
    /// Something that is planned once runs however late it is.
    pub(super) const fn once(due_at: Timestamp) -> Self {
        Self { skipped: None, run: Some(due_at), planned: due_at, next: None }
    }

    /// Judges a recurring schedule whose next run was planned for `due_at`, which has come.
    pub(super) fn recurring(plan: &Plan<'_>, catch_up: CatchUp, due_at: Timestamp, now: Timestamp) -> Self {
        let keep = if catch_up == CatchUp::All { BACKLOG } else { 1 };
        let mut kept = VecDeque::with_capacity(keep + 1);
        let mut skipped = None;
        let mut last = due_at;
        let mut next = None;
        for _ in 0..LONGEST_WALK {
            kept.push_back(last);
            if kept.len() > keep
                && let Some(oldest) = kept.pop_front()
            {
                Gap::extend(&mut skipped, oldest);
            }
            next = plan.next(last, Some(last));
            match next {
                Some(at) if at <= now => last = at,
                _ => break,
            }
        }
        if next.is_some_and(|at| at <= now) {
            next = plan.next(now, Some(last));
        }
        if catch_up == CatchUp::None && now.duration_since(last) > LATE {
            Gap::extend(&mut skipped, last);
            return Self { skipped, run: None, planned: last, next };
        }
        let run = kept.pop_front().unwrap_or(last);
        Self { skipped, run: Some(run), planned: run, next: kept.pop_front().or(next) }
    }
}

#[cfg(test)]
mod tests {
    use binnacle_shared::recurrence::{Cron, Plan};
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, Timestamp};

    use super::{CatchUp, Gap, Verdict};

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    /// A profile of each hour at half past that was due on the 21st at 12:30.
    fn judge(catch_up: CatchUp, now: &str) -> Verdict {
        let cron = Cron::parse("30 * * * *").unwrap();
        let start_after = Timestamp::UNIX_EPOCH;
        let plan = Plan { cron: &cron, zone: &TimeZone::UTC, start_after, min_interval: SignedDuration::ZERO };
        Verdict::recurring(&plan, catch_up, at("21T12:30:00"), at(now))
    }

    #[test]
    fn on_time_all_rules_are_one() {
        for rule in CatchUp::ALL {
            for now in ["21T12:30:00", "21T12:35:00"] {
                let due = at("21T12:30:00");
                let expected = Verdict { skipped: None, run: Some(due), planned: due, next: Some(at("21T13:30:00")) };
                assert_eq!(judge(*rule, now), expected, "{rule:?}");
            }
        }
    }

    #[test]
    fn none_leaves_out_what_is_late() {
        let due = at("21T12:30:00");
        let gap = Gap { first: due, last: due, runs: 1 };
        let expected = Verdict { skipped: Some(gap), run: None, planned: due, next: Some(at("21T13:30:00")) };
        assert_eq!(judge(CatchUp::None, "21T12:35:01"), expected);
        // The last of several is on time again.
        let verdict = judge(CatchUp::None, "21T15:31:00");
        assert_eq!(verdict.run, Some(at("21T15:30:00")));
        assert_eq!(verdict.skipped, Some(Gap { first: due, last: at("21T14:30:00"), runs: 3 }));
    }

    #[test]
    fn last_runs_the_last_of_those_missed() {
        let verdict = judge(CatchUp::Last, "21T16:10:00");
        let skipped = Gap { first: at("21T12:30:00"), last: at("21T14:30:00"), runs: 3 };
        let run = at("21T15:30:00");
        let expected = Verdict { skipped: Some(skipped), run: Some(run), planned: run, next: Some(at("21T16:30:00")) };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn all_runs_one_after_the_other() {
        let verdict = judge(CatchUp::All, "21T15:10:00");
        assert_eq!((verdict.skipped, verdict.run), (None, Some(at("21T12:30:00"))));
        // Due already: the next step takes it.
        assert_eq!(verdict.next, Some(at("21T13:30:00")));
    }

    #[test]
    fn all_has_a_bound() {
        let verdict = judge(CatchUp::All, "22T14:00:00");
        let skipped = Gap { first: at("21T12:30:00"), last: at("21T13:30:00"), runs: 2 };
        assert_eq!((verdict.skipped, verdict.run), (Some(skipped), Some(at("21T14:30:00"))));
    }
}
