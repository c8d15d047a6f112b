//! Sleeps until the next row is due. Its cost grows with what is due, not with what exists.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::fire::{Occasion, fire};
use super::{Effects, Engine};
use crate::store::{Result, account, activity, schedule};

/// Longest sleep: a clock that was set is noticed after this at the latest.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// Pause after a failure of the database, so that it is not asked in a tight loop.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(engine: &Engine, stop: CancellationToken) {
    let clock = &engine.0.clock;
    loop {
        let sleep = match step(engine).await {
            Ok(Some(due)) => until(clock.now(), due),
            Ok(None) => LONGEST_SLEEP,
            Err(error) => {
                tracing::error!(%error, "the scheduler could not look for what is due; trying again");
                PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = engine.0.events.plan.notified() => {}
            () = clock.sleep(sleep) => {}
        }
    }
}

fn until(now: Timestamp, due: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or_default().min(LONGEST_SLEEP)
}

/// Fires what is due and tells when the next is.
async fn step(engine: &Engine) -> Result<Option<Timestamp>> {
    let done = run_due(engine).await?;
    if done.failed > 0 {
        return Ok(engine.0.clock.now().checked_add(PAUSE).ok());
    }
    let mut conn = engine.0.db.read().await?;
    let profile = schedule::next_due_at(&mut conn).await?;
    let scheduled = activity::next_scheduled_at(&mut conn).await?;
    Ok([profile, scheduled].into_iter().flatten().min())
}

/// What came of the due occurrences.
pub(super) struct Done {
    pub fired: usize,
    pub failed: usize,
}

pub(super) async fn run_due(engine: &Engine) -> Result<Done> {
    release_scheduled(engine).await?;
    let mut fired = 0;
    let mut failed: Vec<i64> = Vec::new();
    loop {
        match fire_first(engine, &failed).await {
            Ok(true) => fired += 1,
            Ok(false) => break,
            // One profile that cannot be fired must not hold up the others.
            Err(Failure { profile: Some(id), error }) => {
                tracing::error!(profile = id, %error, "a profile is due and cannot run");
                failed.push(id);
            }
            Err(Failure { profile: None, error }) => return Err(error),
        }
    }
    Ok(Done { fired, failed: failed.len() })
}

struct Failure {
    profile: Option<i64>,
    error: crate::store::StoreError,
}

/// Each occurrence is a transaction of its own: finding it, running it, planning the next.
async fn fire_first(engine: &Engine, except: &[i64]) -> std::result::Result<bool, Failure> {
    let general = |error| Failure { profile: None, error };
    let now = engine.0.clock.now();
    // Looking needs no lock; most looks find nothing.
    let mut look = engine.0.db.read().await.map_err(general)?;
    let due = schedule::next_due_at(&mut look).await.map_err(general)?;
    drop(look);
    if due.is_none_or(|at| at > now) {
        return Ok(false);
    }
    let mut conn = engine.0.db.write().await.map_err(general)?;
    let found = schedule::first_due(&mut conn, now, except).await.map_err(general)?;
    let Some(profile) = found else { return Ok(false) };
    let specific = |error| Failure { profile: Some(profile.id), error };
    let due_at = profile.next_run_at.unwrap_or(now);
    let account = account::by_id(&mut conn, profile.account_id).await.map_err(specific)?;
    let limits = account.map(|a| a.limits).unwrap_or_default();
    let effects = fire(&mut conn, &profile, Occasion::Due(due_at), &limits, now).await.map_err(specific)?;
    conn.commit().await.map_err(specific)?;
    engine.publish(Effects { plan_changed: false, ..effects }).await.map_err(general)?;
    Ok(true)
}

/// Activities whose time has come go on their way.
async fn release_scheduled(engine: &Engine) -> Result<()> {
    let now = engine.0.clock.now();
    let mut look = engine.0.db.read().await?;
    if activity::next_scheduled_at(&mut look).await?.is_none_or(|at| at > now) {
        return Ok(());
    }
    drop(look);
    let mut conn = engine.0.db.write().await?;
    let groups = activity::release_scheduled(&mut conn, now).await?;
    conn.commit().await?;
    engine.publish(Effects { new_groups: groups, ..Effects::default() }).await
}
