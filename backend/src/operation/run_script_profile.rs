//! Runs a script profile now, because somebody asks for it. Its schedule stays as it is.

use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::event::Entity;

use super::{Actor, Services};
use crate::engine;
use crate::store::{StoreError, list, schedule};

/// Why the profile does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script profile")]
    Unknown,
    #[error("The script profile is archived; it does not run any more.")]
    Archived,
    #[error("The script profile reaches no computer now, so there is nothing to run on.")]
    NoComputers,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the group activity.
pub async fn run(services: &Services, actor: Actor<'_>, id: i64) -> Result<Activity, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let profile = schedule::for_update(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    if profile.archived {
        return Err(Error::Archived);
    }
    let started = engine::run_now(&mut conn, &profile, actor.person_id, now).await?;
    let (group, effects) = started.ok_or(Error::NoComputers)?;
    let made: Option<Activity> = list::read(&mut conn, actor.scope, group).await?;
    let event = (Entity::ScriptProfile, id, profile.title.as_str());
    actor.record(&mut conn, now, event, "Ran the script profile.").await?;
    conn.commit().await?;
    services.engine.publish(effects).await?;
    made.ok_or(Error::Store(StoreError::Dangling))
}
