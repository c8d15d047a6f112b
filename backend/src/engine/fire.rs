//! One occurrence of a profile becomes an activity, exactly once.

use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::ScriptStatus;
use binnacle_shared::recurrence::Plan;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sea_query::{Condition, Expr, ExprTrait};

use super::Effects;
use crate::store::activity::{self, NewRun};
use crate::store::association::{Reach, reached};
use crate::store::schedule::{self, Stored, StoredTrigger};
use crate::store::tables::Computer;
use crate::store::{Conn, Result, Scope, computer, profile_run, script};

/// Why a profile runs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Its planned time has come.
    Due(Timestamp),
    /// A computer enrolled; it runs on that one.
    Enrolled(i64),
}

impl Occasion {
    /// What makes the occurrence unique among those of its profile. The trigger's version is in
    /// it because a profile that is set back to a time it ran at shall run again.
    fn key(self, profile: &Stored) -> String {
        match self {
            Self::Due(at) => format!("v{}:{}", profile.trigger_version, at.as_microsecond()),
            Self::Enrolled(computer) => format!("computer:{computer}"),
        }
    }
}

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
        StoredTrigger::Recurring { .. } => next_run(trigger, limits, last_planned, now),
    }
}

/// When a trigger fires after a run that was planned for `last_planned`.
pub fn next_run(
    trigger: &StoredTrigger,
    limits: &ScriptProfileLimits,
    last_planned: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    match trigger {
        StoredTrigger::Event | StoredTrigger::OneTime { .. } => None,
        StoredTrigger::Recurring { cron, start_after } => Plan {
            cron,
            zone: &TimeZone::UTC,
            start_after: *start_after,
            min_interval: SignedDuration::from_mins(limits.min_interval),
        }
        .next(now, last_planned),
    }
}

/// Runs a profile in the caller's transaction, and plans its next run. An occurrence that was
/// taken before, by a process that died after its commit, only moves the plan on.
pub(super) async fn fire(
    conn: &mut Conn,
    profile: &Stored,
    occasion: Occasion,
    limits: &ScriptProfileLimits,
    now: Timestamp,
) -> Result<Effects> {
    let mut effects = Effects::plan_changed();
    let key = occasion.key(profile);
    let (due_at, only) = match occasion {
        Occasion::Due(at) => (at, None),
        Occasion::Enrolled(computer) => (now, Some(computer)),
    };
    if profile_run::claim(conn, profile.id, &key, due_at, now).await?
        && let Some(group) = start(conn, profile, only, now).await?
    {
        profile_run::set_activity(conn, profile.id, &key, group).await?;
        effects.new_groups.push(group);
    }
    let planned = matches!(occasion, Occasion::Due(_)).then_some(due_at);
    let next = next_run(&profile.trigger, limits, planned, now);
    schedule::set_run(conn, profile.id, planned, now, next).await?;
    Ok(effects)
}

async fn start(conn: &mut Conn, profile: &Stored, only: Option<i64>, now: Timestamp) -> Result<Option<i64>> {
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
        creator_id: profile.created_by,
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
    limits: &ScriptProfileLimits,
    now: Timestamp,
) -> Result<Option<Effects>> {
    if !computer::enrol(conn, scope, computer_id, access_group_id, now).await? {
        return Ok(None);
    }
    let mut effects = Effects { computers: vec![computer_id], ..Effects::default() };
    for profile in schedule::on_enrolment(conn, scope.account_id(), computer_id).await? {
        effects.merge(fire(conn, &profile, Occasion::Enrolled(computer_id), limits, now).await?);
    }
    Ok(Some(effects))
}
