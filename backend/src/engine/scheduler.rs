//! Sleeps until the next row is due. Its cost grows with what is due, not with what exists.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::fire::{fire_due, plan_anew};
use super::housekeeping::forget_old_events;
use super::{Effects, Engine, node};
use crate::clock::Clock;
use crate::store::{Result, StoreError, activity, schedule};

/// After this the rows are looked at in any case: another node may have planned something.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_mins(1);
/// Within this it is noticed that the clock was set. It costs no look at the database.
const STEP: Duration = Duration::from_secs(1);
/// Pause after a failure of the database, so that it is not asked in a tight loop.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// Until an occurrence that another node has in hand is looked at again.
const TAKEN: SignedDuration = SignedDuration::from_millis(100);
/// So many plans are made anew in one transaction.
const BATCH: u64 = 200;

pub(super) async fn run(engine: &Engine, stop: CancellationToken) {
    let clock = engine.0.clock.as_ref();
    // The clock may have been set while nobody looked.
    let mut set_back = true;
    loop {
        let wake = match step(engine, set_back, &stop).await {
            Ok(due) => {
                set_back = false;
                let longest = later(clock, LONGEST_SLEEP);
                due.map_or(longest, |due| due.min(longest))
            }
            Err(error) => {
                tracing::error!(%error, "the scheduler could not look for what is due; trying again");
                later(clock, PAUSE)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = engine.0.events.plan.notified() => {}
            back = sleep_until(clock, wake) => set_back |= back,
        }
    }
}

fn later(clock: &dyn Clock, by: SignedDuration) -> Timestamp {
    clock.now().saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Sleeps until the clock says so, whatever is done to the clock meanwhile. True: it was set back.
async fn sleep_until(clock: &dyn Clock, wake: Timestamp) -> bool {
    loop {
        let before = clock.now();
        let Ok(rest) = Duration::try_from(wake.duration_since(before)) else { return false };
        if rest.is_zero() {
            return false;
        }
        let nap = clock.sleep(rest.min(STEP));
        // It may be set between any two of these lines.
        if (before..wake).contains(&clock.now()) {
            nap.await;
        }
        if clock.now() < before {
            return true;
        }
    }
}

/// Fires what is due and tells when the next is.
async fn step(engine: &Engine, set_back: bool, stop: &CancellationToken) -> Result<Option<Timestamp>> {
    if set_back {
        replan(engine, stop).await?;
    }
    let looked_at = engine.0.clock.now();
    let done = run_due(engine, stop).await?;
    if done.failed > 0 {
        return Ok(Some(later(engine.0.clock.as_ref(), PAUSE)));
    }
    // What cannot be forgotten now is forgotten later; it keeps nothing from firing.
    let forget = forget_old_events(engine).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "old events cannot be removed");
        None
    });
    // Nor does it matter for that whether others know of this node.
    if let Err(error) = node::announce(engine).await {
        tracing::warn!(%error, "this node cannot say that it is there");
    }
    let next = [done.plan.profile, done.plan.scheduled, forget].into_iter().flatten().min();
    // What was due and was left is in other hands. What became due meanwhile is due at once.
    Ok(next.map(|due| if due > looked_at { due } else { later(engine.0.clock.as_ref(), TAKEN) }))
}

/// What is next.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// A profile's occurrence.
    profile: Option<Timestamp>,
    /// Activities that wait for their time.
    scheduled: Option<Timestamp>,
}

/// Looking needs no lock; most looks find nothing that is due.
async fn look(engine: &Engine) -> Result<Plan> {
    let mut conn = engine.0.db.read().await?;
    let profile = schedule::next_due_at(&mut conn).await?;
    let scheduled = activity::next_scheduled_at(&mut conn).await?;
    Ok(Plan { profile, scheduled })
}

/// What came of the due occurrences.
pub(super) struct Done {
    pub fired: usize,
    pub failed: usize,
    plan: Plan,
}

/// Each occurrence ends before a stop is noticed, and none is begun after it.
pub(super) async fn run_due(engine: &Engine, stop: &CancellationToken) -> Result<Done> {
    let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= engine.0.clock.now());
    let mut plan = look(engine).await?;
    if is_due(plan.scheduled) {
        release_scheduled(engine).await?;
        plan = look(engine).await?;
    }
    let mut fired = 0;
    let mut failed: Vec<i64> = Vec::new();
    while is_due(plan.profile) && !stop.is_cancelled() {
        match fire_first(engine, &failed).await {
            Ok(true) => fired += 1,
            Ok(false) => break,
            // One profile that cannot be fired must not hold up the others; a database that takes
            // no change holds up all of them.
            Err(Failure { profile: Some(id), error }) if !error.concerns_all() => {
                tracing::error!(profile = id, %error, "a profile is due and cannot run");
                failed.push(id);
            }
            Err(Failure { error, .. }) => return Err(error),
        }
        plan = look(engine).await?;
    }
    engine.0.node.has_looked(engine.0.clock.now());
    Ok(Done { fired, failed: failed.len(), plan })
}

struct Failure {
    profile: Option<i64>,
    error: StoreError,
}

/// Each occurrence is a transaction of its own: finding it, running it, planning the next.
async fn fire_first(engine: &Engine, except: &[i64]) -> std::result::Result<bool, Failure> {
    let general = |error| Failure { profile: None, error };
    let now = engine.0.clock.now();
    let mut conn = engine.0.db.write().await.map_err(general)?;
    let Some(id) = schedule::first_due(&mut conn, now, except).await.map_err(general)? else { return Ok(false) };
    let specific = |error| Failure { profile: Some(id), error };
    let found = schedule::with_limits(&mut conn, id).await.map_err(specific)?;
    let Some((profile, limits)) = found else { return Ok(false) };
    let due_at = profile.next_run_at.unwrap_or(now);
    let effects = fire_due(&mut conn, &profile, due_at, &limits, now).await.map_err(specific)?;
    conn.commit().await.map_err(specific)?;
    engine.publish(Effects { plan_changed: false, ..effects }).await.map_err(general)?;
    Ok(true)
}

/// Makes plans of a clock that was ahead anew, some at a time.
async fn replan(engine: &Engine, stop: &CancellationToken) -> Result<()> {
    loop {
        let now = engine.0.clock.now();
        let mut conn = engine.0.db.write().await?;
        let planned = plan_anew(&mut conn, BATCH, now).await?;
        conn.commit().await?;
        if planned > 0 {
            tracing::warn!(profiles = planned, "the clock was set back; these profiles were planned anew");
        }
        if planned < usize::try_from(BATCH).unwrap_or(usize::MAX) || stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// Activities whose time has come go on their way.
async fn release_scheduled(engine: &Engine) -> Result<()> {
    let now = engine.0.clock.now();
    let mut conn = engine.0.db.write().await?;
    let groups = activity::release_scheduled(&mut conn, now).await?;
    conn.commit().await?;
    engine.publish(Effects { new_groups: groups, ..Effects::default() }).await
}
