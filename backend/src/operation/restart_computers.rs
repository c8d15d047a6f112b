//! Restarts computers, or shuts them down.

use binnacle_shared::model::landscape::activity::{Activity, RESTART, SHUTDOWN};
use binnacle_shared::model::landscape::event::Entity;

use super::chosen_computers::{self, Error};
use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::activity::{self, Delivery, NewGroup, Work};
use crate::store::{computer, list};

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
    chosen_computers::all_enrolled(&mut conn, actor.scope, ids).await?;
    let (work, summary) = match way {
        Way::Restart => (Work::Other(RESTART), "Restart computer"),
        Way::Shutdown => (Work::Other(SHUTDOWN), "Shut down computer"),
    };
    let group = NewGroup {
        account_id: actor.scope.account_id(),
        access_group_id: computer::common_group(&mut conn, actor.scope, ids).await?,
        summary: summary.to_owned(),
        creator_id: Some(actor.person_id),
        work,
        delivery,
    };
    let first = ids.first().copied().unwrap_or_default();
    let id =
        activity::create_group(&mut conn, &group, computer::with_ids(ids), now).await?.ok_or(Error::Unknown(first))?;
    let made: Activity = list::read(&mut conn, &actor.any_scope(), id).await?.ok_or(Error::Unknown(first))?;
    actor.record(&mut conn, now, (Entity::ActivityGroup, id, summary), "Asked for it.").await?;
    conn.commit().await?;
    services.engine.publish(Effects { new_groups: vec![id], plan_changed: true, ..Effects::default() }).await?;
    Ok(made)
}
