//! Restarts computers, or shuts them down.

use binnacle_shared::model::landscape::activity::{Activity, RESTART, SHUTDOWN};
use binnacle_shared::model::landscape::event::Entity;

use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::activity::{self, Delivery, NewGroup, Work};
use crate::store::{StoreError, computer, list};

/// Why no computer is restarted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no computer with the number {0}.")]
    Unknown(i64),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a computer goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Restart,
    Shutdown,
}

/// Makes the activity group, for all of the computers or for none.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    ids: &[i64],
    way: Way,
    delivery: Delivery,
) -> Result<Activity, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let which = computer::enrolled().add(computer::with_ids(ids));
    let known = computer::ids(&mut conn, actor.scope, which.clone()).await?;
    if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
        return Err(Error::Unknown(*unknown));
    }
    let (work, summary) = match way {
        Way::Restart => (Work::Other(RESTART), "Restart computer"),
        Way::Shutdown => (Work::Other(SHUTDOWN), "Shut down computer"),
    };
    let group = NewGroup {
        account_id: actor.scope.account_id(),
        access_group_id: computer::common_group(&mut conn, actor.scope, &known).await?,
        summary: summary.to_owned(),
        creator_id: Some(actor.person_id),
        work,
        delivery,
    };
    let first = ids.first().copied().unwrap_or_default();
    let id = activity::create_group(&mut conn, &group, which, now).await?.ok_or(Error::Unknown(first))?;
    let made: Activity = list::read(&mut conn, &actor.any_scope(), id).await?.ok_or(Error::Unknown(first))?;
    actor.record(&mut conn, now, (Entity::ActivityGroup, id, summary), "Asked for it.").await?;
    conn.commit().await?;
    services.engine.publish(Effects { new_groups: vec![id], plan_changed: true, ..Effects::default() }).await?;
    Ok(made)
}
