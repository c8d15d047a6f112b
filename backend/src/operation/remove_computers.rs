//! Takes computers out of the account. Their agents are told to register anew.

use binnacle_shared::model::landscape::event::Entity;

use super::chosen_computers::Error;
use super::{Actor, Services};
use crate::engine::{self, Effects};
use crate::store::computer;

/// Removes all of them, or none. What was still to be done on them is cancelled.
pub async fn run(services: &Services, actor: Actor<'_>, ids: &[i64]) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let present = computer::by_ids(&mut conn, actor.scope, ids).await?;
    for id in ids {
        let found = present.iter().find(|computer| computer.id == *id).ok_or(Error::Unknown(*id))?;
        if !computer::remove(&mut conn, actor.scope, *id).await? {
            return Err(Error::Unknown(*id));
        }
        actor.record(&mut conn, now, (Entity::Computer, *id, &found.title), "Removed the computer.").await?;
    }
    let mut effects = engine::abandon(&mut conn, actor.scope.account_id(), ids, now).await?;
    effects.merge(Effects { computers: ids.to_vec(), ..Effects::default() });
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(())
}
