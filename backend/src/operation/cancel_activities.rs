//! Cancels activities.

use binnacle_shared::model::landscape::event::Entity;
use jiff::Timestamp;
use sea_query::Condition;

use super::{Actor, Services};
use crate::engine::{self, CancelError};
use crate::store::{Conn, StoreError, activity};

/// Cancels all that match, or none; gives their ids.
pub async fn run(services: &Services, actor: Actor<'_>, matching: Condition) -> Result<Vec<i64>, CancelError> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let (ids, effects) = engine::cancel(&mut conn, actor.scope, matching, now).await?;
    record(&mut conn, actor, &ids, "Cancelled it.", now).await?;
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(ids)
}

/// Notes a decision on activities in the events log.
pub(super) async fn record(
    conn: &mut Conn,
    actor: Actor<'_>,
    ids: &[i64],
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for named in activity::names(conn, actor.scope, ids).await? {
        let entity = if named.is_group { Entity::ActivityGroup } else { Entity::Activity };
        actor.record(conn, now, (entity, named.id, &named.summary), message).await?;
    }
    Ok(())
}
