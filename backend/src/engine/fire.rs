//! One occurrence of a profile becomes an activity, exactly once.

use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::ScriptStatus;
use binnacle_shared::model::landscape::script_profile::{RunCause, RunOutcome};
use binnacle_shared::recurrence::Plan;
use jiff::{SignedDuration, Timestamp};
use sea_query::{Condition, Expr, ExprTrait};

use super::Effects;
use super::missed::Verdict;
use crate::store::activity::{self, NewRun};
use crate::store::association::{Reach, reached};
use crate::store::profile_run::{self, NewProfileRun};
use crate::store::schedule::{self, Stored, StoredTrigger};
use crate::store::tables::Computer;
use crate::store::{Conn, Result, Scope, computer, script};

/// When a trigger fires for the first time, or again after it was changed. One in the past
/// fires at once.
pub fn first_run(
    trigger: &StoredTrigger,
    limits: &ScriptProfileLimits,
    last_planned: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    match trigger {
        StoredTrigger::Event => None,
        StoredTrigger::OneTime { run_at } => Some(*run_at),
        StoredTrigger::Recurring { .. } => with_plan(trigger, limits, |plan| plan.next(now, last_planned)).flatten(),
    }
}

/// Works with the plan of a recurring trigger; the others have none.
fn with_plan<T>(trigger: &StoredTrigger, limits: &ScriptProfileLimits, work: impl FnOnce(&Plan<'_>) -> T) -> Option<T> {
    let StoredTrigger::Recurring { cron, start_after, zone, .. } = trigger else { return None };
    Some(work(&Plan {
        cron,
        zone: zone.rules(),
        start_after: *start_after,
        min_interval: SignedDuration::from_mins(limits.min_interval),
    }))
}

/// Runs a profile whose planned time has come, in the caller's transaction, and plans its next
/// run. An occurrence that was taken before, by a process that died after its commit, only moves
/// the plan on.
pub(super) async fn fire_due(
    conn: &mut Conn,
    profile: &Stored,
    due_at: Timestamp,
    limits: &ScriptProfileLimits,
    now: Timestamp,
) -> Result<Effects> {
    let mut effects = Effects::plan_changed();
    let verdict = match &profile.trigger {
        StoredTrigger::Recurring { catch_up, .. } => {
            with_plan(&profile.trigger, limits, |plan| Verdict::recurring(plan, *catch_up, due_at, now))
        }
        StoredTrigger::Event | StoredTrigger::OneTime { .. } => None,
    };
    let verdict = verdict.unwrap_or_else(|| Verdict::once(due_at));
    if let Some(gap) = verdict.skipped {
        let row = NewProfileRun {
            // Skipping takes no occurrence: should its time come again, it may run.
            occurrence: &format!("skipped:{}:{}", gap.first.as_microsecond(), now.as_microsecond()),
            outcome: RunOutcome::Skipped,
            planned_runs: gap.runs,
            last_due_at: gap.last,
            ..NewProfileRun::of(RunCause::Schedule, gap.first)
        };
        profile_run::insert(conn, profile.id, &row, now).await?;
    }
    let mut ran_at = None;
    if let Some(planned) = verdict.run {
        // The trigger's version is in it because a profile that is set back to a time it ran at
        // shall run again.
        let occurrence = format!("v{}:{}", profile.trigger_version, planned.as_microsecond());
        let row = NewProfileRun { occurrence: &occurrence, ..NewProfileRun::of(RunCause::Schedule, planned) };
        if take(conn, profile, &row, None, &mut effects, now).await? {
            ran_at = Some(now);
        }
    }
    schedule::set_run(conn, profile.id, Some(verdict.planned), ran_at, verdict.next).await?;
    Ok(effects)
}

/// Runs a profile on a computer that enrolled, once for that computer.
async fn fire_enrolled(conn: &mut Conn, profile: &Stored, computer_id: i64, now: Timestamp) -> Result<Effects> {
    let mut effects = Effects::default();
    let occurrence = format!("computer:{computer_id}");
    let row = NewProfileRun { occurrence: &occurrence, ..NewProfileRun::of(RunCause::Enrollment, now) };
    if take(conn, profile, &row, Some(computer_id), &mut effects, now).await? {
        schedule::set_last_run(conn, profile.id, now).await?;
    }
    Ok(effects)
}

/// Takes an occurrence and starts its run; false when it was taken before.
async fn take(
    conn: &mut Conn,
    profile: &Stored,
    row: &NewProfileRun<'_>,
    only: Option<i64>,
    effects: &mut Effects,
    now: Timestamp,
) -> Result<bool> {
    if !profile_run::insert(conn, profile.id, row, now).await? {
        return Ok(false);
    }
    if let Some(group) = start(conn, profile, profile.created_by, only, now).await? {
        profile_run::set_activity(conn, profile.id, row.occurrence, group).await?;
        effects.new_groups.push(group);
    }
    Ok(true)
}

/// Runs a profile because somebody asks for it. The schedule stays as it is. `None`: there is no
/// computer to run on.
pub async fn run_now(
    conn: &mut Conn,
    profile: &Stored,
    person_id: i64,
    now: Timestamp,
) -> Result<Option<(i64, Effects)>> {
    let Some(group) = start(conn, profile, Some(person_id), None, now).await? else { return Ok(None) };
    let row = NewProfileRun { occurrence: &format!("activity:{group}"), ..NewProfileRun::of(RunCause::Manual, now) };
    profile_run::insert(conn, profile.id, &row, now).await?;
    profile_run::set_activity(conn, profile.id, row.occurrence, group).await?;
    Ok(Some((group, Effects { new_groups: vec![group], ..Effects::default() })))
}

async fn start(
    conn: &mut Conn,
    profile: &Stored,
    creator_id: Option<i64>,
    only: Option<i64>,
    now: Timestamp,
) -> Result<Option<i64>> {
    let scope = Scope::account(profile.account_id);
    let Some(script) = script::usable(conn, &scope, profile.script_id).await? else {
        return Ok(None);
    };
    if script.status != ScriptStatus::Active {
        return Ok(None);
    }
    let run = NewRun {
        account_id: profile.account_id,
        access_group_id: profile.access_group_id,
        summary: format!("Run script: {}", script.title),
        creator_id,
        script_profile_id: Some(profile.id),
        script_id: script.id,
        script_version: script.version_number,
        username: profile.username.clone(),
        time_limit: profile.time_limit,
        deliver_after: None,
    };
    let mut computers = Condition::all().add(reached(&Reach::Profile(profile.id)));
    if let Some(id) = only {
        computers = computers.add(Expr::col((Computer::Table, Computer::Id)).eq(id));
    }
    activity::create_run(conn, &run, computers, now).await
}

/// Makes a pending computer take part, and runs what runs then. `None`: it was not pending.
pub async fn enrol(
    conn: &mut Conn,
    scope: &Scope,
    computer_id: i64,
    access_group_id: i64,
    now: Timestamp,
) -> Result<Option<Effects>> {
    if !computer::enrol(conn, scope, computer_id, access_group_id, now).await? {
        return Ok(None);
    }
    let mut effects = Effects { computers: vec![computer_id], ..Effects::default() };
    for profile in schedule::on_enrolment(conn, scope.account_id(), computer_id).await? {
        effects.merge(fire_enrolled(conn, &profile, computer_id, now).await?);
    }
    Ok(Some(effects))
}

/// Plans anew what was planned by a clock that was far ahead and has been set back since; tells
/// how many profiles there were, at most `limit`. What ran under the wrong clock does not run a
/// second time: its occurrences are taken.
pub(super) async fn plan_anew(conn: &mut Conn, limit: u64, now: Timestamp) -> Result<usize> {
    let ahead = now.saturating_add(AHEAD).unwrap_or(now);
    let mut count = 0;
    for (profile, limits) in schedule::planned_after(conn, ahead, limit).await? {
        let next = first_run(&profile.trigger, &limits, None, now);
        schedule::set_run(conn, profile.id, None, None, next).await?;
        count += 1;
    }
    Ok(count)
}

/// A clock that goes back by less leaves plans as they are: they wait for their time to come.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
