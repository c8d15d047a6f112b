//! Accounts that are locked for a while after too many wrong passwords, if an operator wants
//! that. Unless they set a period nobody is locked out: guessing is slowed down anyway.
//!
//! Whoever types wrong passwords for all administrators must not be able to lock the house: an
//! administrator is locked out only while another one, who is not disabled, is not. If all of them
//! are beyond the limit, the lock holds for none of them, and only the limit on guessing is left.

use jiff::{SignedDuration, Timestamp};

use crate::store::conductor::{config, user};
use crate::store::{Conn, Result};

/// The scope and names of the two settings.
const SCOPE: &str = "rest";
const FAILURES: &str = "failed_logins_before_account_lock";
const PERIOD: &str = "account_lock_period";
/// So many wrong passwords in a row are let pass when nobody says.
const FAILURES_DEFAULT: i64 = 4;

/// Wrong passwords in a row, and when the last was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    pub count: i64,
    pub last: Option<Timestamp>,
}

/// What an operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    failures: i64,
    minutes: i64,
}

impl Policy {
    /// None: nobody is locked out.
    pub async fn read(conn: &mut Conn, account_id: i64) -> Result<Option<Self>> {
        let minutes = number(conn, account_id, PERIOD).await?.unwrap_or(-1);
        if minutes <= 0 {
            return Ok(None);
        }
        let failures = number(conn, account_id, FAILURES).await?.unwrap_or(FAILURES_DEFAULT);
        Ok(Some(Self { failures, minutes }))
    }

    /// Whether somebody is beyond the limit, whoever it is.
    pub fn exceeds(self, failures: Failures, now: Timestamp) -> bool {
        failures.count > self.failures && failures.last.is_some_and(|last| last > self.since(now))
    }

    /// Failures at that time or before do not count any more.
    fn since(self, now: Timestamp) -> Timestamp {
        // A period longer than time itself does not end.
        let period = self.minutes.checked_mul(60).map(SignedDuration::from_secs);
        period.and_then(|period| now.checked_sub(period).ok()).unwrap_or(Timestamp::MIN)
    }

    /// Whether some administrator could still sign in.
    pub async fn spares_an_administrator(self, conn: &mut Conn, account_id: i64, now: Timestamp) -> Result<bool> {
        user::has_open_administrator(conn, account_id, self.failures, self.since(now)).await
    }
}

/// Whether somebody (of an account, by number) is locked out now who failed so often.
pub async fn is_locked(
    conn: &mut Conn,
    (account_id, person_id): (i64, i64),
    failures: Failures,
    now: Timestamp,
) -> Result<bool> {
    // Spares the questions with nearly every request.
    if failures.count <= 0 || failures.last.is_none() {
        return Ok(false);
    }
    let Some(policy) = Policy::read(conn, account_id).await? else { return Ok(false) };
    if !policy.exceeds(failures, now) {
        return Ok(false);
    }
    let administers = user::administrators_among(conn, &[person_id]).await?.contains(&person_id);
    Ok(!administers || policy.spares_an_administrator(conn, account_id, now).await?)
}

async fn number(conn: &mut Conn, account_id: i64, name: &str) -> Result<Option<i64>> {
    Ok(config::value(conn, account_id, SCOPE, name).await?.and_then(|value| value.as_i64()))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Failures, Policy};

    #[test]
    fn the_fifth_failure_locks_for_the_period() {
        let last: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let exceeds = |minutes: i64, count: i64, now: Timestamp| {
            Policy { failures: 4, minutes }.exceeds(Failures { count, last: Some(last) }, now)
        };
        assert!(!exceeds(10, 4, last));
        assert!(exceeds(10, 5, last));
        assert!(exceeds(10, 5, last + SignedDuration::from_mins(9)));
        assert!(!exceeds(10, 5, last + SignedDuration::from_mins(10)));
        for endless in [i64::MAX, i64::MAX / 60] {
            assert!(exceeds(endless, 5, last + SignedDuration::from_hours(24 * 365)));
        }
        assert!(!Policy { failures: 0, minutes: 10 }.exceeds(Failures { count: 1, last: None }, last));
    }
}
