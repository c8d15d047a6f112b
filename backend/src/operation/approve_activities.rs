//! Approves activities that wait for a person's word.

use sea_query::Condition;

use super::{Actor, Services, cancel_activities};
use crate::engine::{self, CancelError};

/// Approves all that match, or none; gives their ids.
pub async fn run(services: &Services, actor: Actor<'_>, matching: Condition) -> Result<Vec<i64>, CancelError> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let (ids, effects) = engine::approve(&mut conn, actor.scope, matching, now).await?;
    cancel_activities::record(&mut conn, actor, &ids, "Approved it.", now).await?;
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(ids)
}
