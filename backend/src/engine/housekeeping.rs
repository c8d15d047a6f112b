//! Forgets what was kept long enough.

use jiff::{SignedDuration, Timestamp};

use super::Engine;
use crate::store::{Result, event};

/// Expired events are removed together, at most once in so many seconds: one removal for each
/// event at its very moment would wake the server for nothing.
const TOGETHER: i64 = 3600;

/// Removes expired events, and tells when to look again; none: nothing expires.
pub(super) async fn forget_old_events(engine: &Engine) -> Result<Option<Timestamp>> {
    let now = engine.0.clock.now();
    let mut look = engine.0.db.read().await?;
    let mut next = event::next_expiry(&mut look).await?;
    drop(look);
    if next.is_some_and(|at| at <= now) {
        let mut conn = engine.0.db.write().await?;
        let removed = event::remove_expired(&mut conn, now).await?;
        next = event::next_expiry(&mut conn).await?;
        conn.commit().await?;
        tracing::debug!(removed, "events were kept long enough");
    }
    Ok(next.map(together))
}

/// The end of the hour in which it happens.
fn together(at: Timestamp) -> Timestamp {
    let rest = TOGETHER - at.as_second().rem_euclid(TOGETHER);
    at.saturating_add(SignedDuration::from_secs(rest)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn removals_are_gathered_in_hours() {
        let of = |text: &str| together(text.parse().unwrap()).to_string();
        assert_eq!(of("2026-11-21T08:00:01Z"), "2026-11-21T09:00:00Z");
        assert_eq!(of("2026-11-21T08:59:59Z"), "2026-11-21T09:00:00Z");
        assert_eq!(of("2026-11-21T08:00:00Z"), "2026-11-21T09:00:00Z");
    }
}
