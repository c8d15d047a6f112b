//! Changes a script profile, and plans anew when its trigger moved.

use binnacle_shared::Problems;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script_profile::{ScriptProfile, ScriptProfilePatch, TriggerPatch};

use super::create_script_profile::{self, check_reach, limits};
use super::{Actor, Services};
use crate::engine::{Effects, first_run};
use crate::store::association::Reach;
use crate::store::schedule::{self, NewSchedule, Stored, StoredTrigger};
use crate::store::{StoreError, list, script_profile};

/// Why the profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script profile")]
    Unknown,
    #[error("The script profile is archived; it cannot be changed any more.")]
    Archived,
    #[error("{0}")]
    Invalid(Problems),
    /// What can also go wrong when a profile is made.
    #[error(transparent)]
    Rule(create_script_profile::Error),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Rule(error.into())
    }
}

impl From<create_script_profile::Error> for Error {
    fn from(error: create_script_profile::Error) -> Self {
        Self::Rule(error)
    }
}

/// Checks and stores the change.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    id: i64,
    patch: &ScriptProfilePatch,
) -> Result<ScriptProfile, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present = schedule::for_update(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    if present.archived {
        return Err(Error::Archived);
    }
    patch.check_trigger_type(present.trigger.trigger_type()).map_err(Error::Invalid)?;
    let limits = limits(&mut conn, actor.scope).await?;
    if let Some((all_computers, tags)) = changed_reach(&present, patch) {
        let reach = Reach::Draft { access_group_id: present.access_group_id, all_computers, tags };
        check_reach(&mut conn, present.account_id, &reach, &limits).await?;
    }
    let schedule = match changed_trigger(&present.trigger, patch.trigger.as_ref()) {
        None => None,
        // What becomes of missed runs says nothing about when the next one is.
        Some(trigger) if same_times(&present.trigger, &trigger) => {
            Some(NewSchedule { trigger, next_run_at: present.next_run_at })
        }
        Some(trigger) => {
            let next_run_at = first_run(&trigger, &limits, present.last_planned_at, now);
            if next_run_at.is_none() {
                return Err(create_script_profile::Error::NeverRuns.into());
            }
            Some(NewSchedule { trigger, next_run_at })
        }
    };
    script_profile::update(&mut conn, id, patch, schedule.as_ref(), now).await?;
    let changed = list::read(&mut conn, actor.scope, id).await?;
    let title = patch.title.as_ref().unwrap_or(&present.title);
    actor.record(&mut conn, now, (Entity::ScriptProfile, id, title), "Changed the script profile.").await?;
    conn.commit().await?;
    services.engine.publish(Effects::plan_changed()).await?;
    changed.ok_or(Error::Unknown)
}

/// Whom the profile reaches after the change; none when they stay the same. A profile whose
/// computers became too many by themselves can still be changed in everything else, also by a form
/// that sends every field back.
fn changed_reach<'a>(present: &'a Stored, patch: &'a ScriptProfilePatch) -> Option<(bool, &'a [String])> {
    let all_computers = patch.all_computers.unwrap_or(present.all_computers);
    let tags = patch.tags.as_deref().unwrap_or(&present.tags);
    let among = |some: &[String], others: &[String]| some.iter().all(|tag| others.contains(tag));
    let same_tags = among(tags, &present.tags) && among(&present.tags, tags);
    let same = all_computers == present.all_computers && (all_computers || same_tags);
    (!same).then_some((all_computers, tags))
}

/// The trigger after the change; none when it stays as it is. Setting it to what it is already
/// must not make a finished profile run again: forms send every field back.
fn changed_trigger(present: &StoredTrigger, patch: Option<&TriggerPatch>) -> Option<StoredTrigger> {
    let trigger = match (present, patch?) {
        (StoredTrigger::OneTime { .. }, TriggerPatch::OneTime { timestamp }) => {
            StoredTrigger::OneTime { run_at: *timestamp }
        }
        (
            StoredTrigger::Recurring { cron, start_after, zone, catch_up },
            TriggerPatch::Recurring { interval, start_after: new_start, zone: new_zone, catch_up: new_catch_up },
        ) => StoredTrigger::Recurring {
            cron: interval.clone().unwrap_or_else(|| cron.clone()),
            start_after: new_start.unwrap_or(*start_after),
            zone: new_zone.clone().unwrap_or_else(|| zone.clone()),
            catch_up: new_catch_up.unwrap_or(*catch_up),
        },
        // An event has nothing to change, another type was refused before.
        _ => return None,
    };
    (trigger != *present).then_some(trigger)
}

/// Whether two recurring triggers fire at the same times.
fn same_times(present: &StoredTrigger, changed: &StoredTrigger) -> bool {
    match (present, changed) {
        (
            StoredTrigger::Recurring { cron, start_after, zone, .. },
            StoredTrigger::Recurring { cron: new_cron, start_after: new_start, zone: new_zone, .. },
        ) => cron == new_cron && start_after == new_start && zone == new_zone,
        _ => false,
    }
}
