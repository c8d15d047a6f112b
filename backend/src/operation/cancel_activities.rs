//! Cancels activities.

use sea_query::Condition;

use super::{Actor, Services};
use crate::engine::{self, CancelError};

/// Cancels all that match, or none; gives their ids.
pub async fn run(services: &Services, actor: Actor<'_>, matching: Condition) -> Result<Vec<i64>, CancelError> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let (ids, effects) = engine::cancel(&mut conn, actor.scope, matching, now).await?;
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(ids)
}
