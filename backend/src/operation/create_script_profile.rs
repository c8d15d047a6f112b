//! Makes a script profile and plans its first run.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::ScriptStatus;
use binnacle_shared::model::landscape::script_profile::{NewScriptProfile, NewTrigger, ScriptProfile};

use super::{Actor, Services};
use crate::engine::{Effects, first_run};
use crate::store::association::{Reach, reached};
use crate::store::schedule::StoredTrigger;
use crate::store::{Conn, Scope, StoreError, account, computer, list, script, script_profile};

/// Why the profile was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    UnknownScript,
    #[error("{0}")]
    UnusableScript(String),
    #[error("the title is taken")]
    Duplicate,
    #[error("The account has {limit} script profiles already, which is the limit; archive one first.")]
    TooManyProfiles { limit: i64 },
    #[error("This would reach {count} computers; a profile may reach at most {limit}.")]
    TooManyComputers { count: i64, limit: i64, pointer: &'static str },
    #[error("The profile would never run: no time matches both the cron expression and the start.")]
    NeverRuns,
    #[error(transparent)]
    Store(StoreError),
}

super::duplicate_is_a_refusal!(Error);

/// Checks the limits, stores the profile and tells the scheduler.
pub async fn run(services: &Services, actor: Actor<'_>, new: &NewScriptProfile) -> Result<ScriptProfile, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let account_id = actor.scope.account_id();
    script_profile::lock_limits(&mut conn, account_id).await?;
    let access_group_id = usable_script(&mut conn, actor.scope, new.script_id).await?;
    let limits = limits(&mut conn, actor.scope).await?;
    if script_profile::count_active(&mut conn, account_id).await? >= limits.max_num_profiles {
        return Err(Error::TooManyProfiles { limit: limits.max_num_profiles });
    }
    let reach = Reach::Draft { access_group_id, all_computers: new.all_computers, tags: &new.tags };
    check_reach(&mut conn, account_id, &reach, &limits).await?;
    let trigger = StoredTrigger::from(new.trigger.clone());
    let next_run = first_run(&trigger, &limits, None, now);
    if next_run.is_none() && !matches!(new.trigger, NewTrigger::Event(_)) {
        return Err(Error::NeverRuns);
    }
    let id =
        script_profile::create(&mut conn, account_id, access_group_id, new, next_run, actor.person_id, now).await?;
    let made = list::read(&mut conn, actor.scope, id).await?;
    actor.record(&mut conn, now, (Entity::ScriptProfile, id, &new.title), "Made the script profile.").await?;
    conn.commit().await?;
    services.engine.publish(Effects::plan_changed()).await?;
    made.ok_or(Error::Store(StoreError::Dangling))
}

/// The access group of a script that profiles can use.
pub(super) async fn usable_script(conn: &mut Conn, scope: &Scope, script_id: i64) -> Result<i64, Error> {
    script_profile::lock_script(conn, script_id).await?;
    let script = script::usable(conn, scope, script_id).await?.ok_or(Error::UnknownScript)?;
    if script.status != ScriptStatus::Active {
        let status = script.status.name().to_lowercase();
        return Err(Error::UnusableScript(format!("The script “{}” is {status}; choose an active one.", script.title)));
    }
    if script.script_type != script::V2 {
        return Err(Error::UnusableScript(format!(
            "The script “{}” is of the old kind (v1); a profile needs a v2 script.",
            script.title
        )));
    }
    Ok(script.access_group_id)
}

pub(super) async fn limits(conn: &mut Conn, scope: &Scope) -> Result<ScriptProfileLimits, StoreError> {
    let account = account::by_id(conn, scope.account_id()).await?;
    Ok(account.map(|a| a.limits).unwrap_or_default())
}

/// The limit counts every computer of the account that would be reached, also those that the
/// caller does not see.
pub(super) async fn check_reach(
    conn: &mut Conn,
    account_id: i64,
    reach: &Reach<'_>,
    limits: &ScriptProfileLimits,
) -> Result<(), Error> {
    let count = computer::count(conn, &Scope::account(account_id), reached(reach)).await?;
    if count > limits.max_num_computers {
        let by_tags = matches!(reach, Reach::Draft { all_computers: false, .. });
        let pointer = if by_tags { "/tags" } else { "/all_computers" };
        return Err(Error::TooManyComputers { count, limit: limits.max_num_computers, pointer });
    }
    Ok(())
}
