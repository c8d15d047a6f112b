//! Adds an annotation to computers, or takes it away.

use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::event::Entity;
use sea_query::Condition;

use super::{Actor, Services};
use crate::store::{StoreError, computer, computer_facts};

/// What happens to the annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Sets it to a value.
    Set(&'a str),
    Remove,
}

/// Changes all computers that match, or none.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    matching: Condition,
    key: &str,
    change: Change<'_>,
) -> Result<Vec<Computer>, StoreError> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let ids = computer::ids(&mut conn, actor.scope, computer::enrolled().add(matching)).await?;
    for id in &ids {
        match change {
            Change::Set(value) => computer_facts::annotate(&mut conn, *id, key, value).await?,
            Change::Remove => computer_facts::remove_annotation(&mut conn, *id, key).await?,
        }
    }
    let mut changed = computer::by_ids(&mut conn, actor.scope, &ids).await?;
    let words = match change {
        Change::Set(_) => format!("Set the annotation {key}."),
        Change::Remove => format!("Removed the annotation {key}."),
    };
    let mut annotations = computer_facts::annotations(&mut conn, &ids).await?;
    for computer in &mut changed {
        actor.record(&mut conn, now, (Entity::Computer, computer.id, &computer.title), words.clone()).await?;
        computer.annotations = Some(annotations.remove(&computer.id).unwrap_or_default());
    }
    conn.commit().await?;
    Ok(changed)
}
