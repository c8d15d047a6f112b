//! Runs a script on computers at once, without a profile.

use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::ScriptStatus;
use sea_query::Condition;

use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::activity::{self, Delivery, NewGroup, ScriptWork, Work};
use crate::store::{StoreError, computer, list, script};

/// Why the script does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    UnknownScript,
    #[error("The script is archived or redacted; it does not run any more.")]
    NotActive,
    #[error("Say as which user the script shall run: neither the request nor the script names one.")]
    RequiresUser,
    #[error("The query matches no computer.")]
    NoComputers,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What shall run, and how.
#[derive(Clone, Debug)]
pub struct Execution {
    pub script_id: i64,
    pub username: Option<String>,
    pub time_limit: Option<i64>,
    pub delivery: Delivery,
}

/// Makes the activity group.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    execution: &Execution,
    matching: Condition,
) -> Result<Activity, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let script = script::usable(&mut conn, actor.scope, execution.script_id).await?.ok_or(Error::UnknownScript)?;
    if script.status != ScriptStatus::Active {
        return Err(Error::NotActive);
    }
    let username = execution.username.clone().or_else(|| script.username.clone()).ok_or(Error::RequiresUser)?;
    let run = NewGroup {
        account_id: actor.scope.account_id(),
        access_group_id: script.access_group_id,
        summary: format!("Run script: {}", script.title),
        creator_id: Some(actor.person_id),
        work: Work::Script(ScriptWork {
            script_profile_id: None,
            script_id: script.id,
            script_version: script.version_number,
            username,
            time_limit: execution.time_limit.unwrap_or(script.time_limit),
        }),
        delivery: execution.delivery,
    };
    let computers = computer::enrolled()
        .add(matching)
        .add(actor.scope.rows::<crate::store::tables::Computer>())
        .add(computer::below_group(script.access_group_id));
    let group = activity::create_group(&mut conn, &run, computers, now).await?.ok_or(Error::NoComputers)?;
    let made: Option<Activity> = list::read(&mut conn, actor.scope, group).await?;
    actor.record(&mut conn, now, (Entity::ActivityGroup, group, &run.summary), "Asked for it.").await?;
    conn.commit().await?;
    services.engine.publish(Effects { new_groups: vec![group], plan_changed: true, ..Effects::default() }).await?;
    made.ok_or(Error::NoComputers)
}
