//! Adds tags to computers, or takes them away.

use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::event::Entity;
use sea_query::Condition;

use super::{Actor, Services};
use crate::store::{StoreError, computer};

/// What happens to the tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Add,
    Remove,
}

/// Changes all computers that match, or none.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    matching: Condition,
    tags: &[String],
    change: Change,
) -> Result<Vec<Computer>, StoreError> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let ids = computer::ids(&mut conn, actor.scope, computer::enrolled().add(matching)).await?;
    for id in &ids {
        match change {
            Change::Add => computer::add_tags(&mut conn, *id, tags).await?,
            Change::Remove => computer::remove_tags(&mut conn, *id, Some(tags)).await?,
        }
    }
    let changed = computer::by_ids(&mut conn, actor.scope, &ids).await?;
    let words = match change {
        Change::Add => format!("Added the tags {}.", tags.join(", ")),
        Change::Remove => format!("Removed the tags {}.", tags.join(", ")),
    };
    for computer in &changed {
        actor.record(&mut conn, now, (Entity::Computer, computer.id, &computer.title), words.clone()).await?;
    }
    conn.commit().await?;
    Ok(changed)
}
