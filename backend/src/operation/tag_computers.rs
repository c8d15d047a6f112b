//! Adds tags to computers, or takes them away.

use std::collections::BTreeSet;

use binnacle_shared::model::landscape::computer::Computer;
use sea_query::Condition;

use super::{Actor, Services};
use crate::store::{StoreError, computer, list};

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
    let mut conn = services.db.write().await?;
    let mut computers: Vec<Computer> = list::all(&mut conn, actor.scope, computer::enrolled().add(matching)).await?;
    for computer in &mut computers {
        let mut present: BTreeSet<String> = std::mem::take(&mut computer.tags).into_iter().collect();
        match change {
            Change::Add => {
                computer::add_tags(&mut conn, computer.id, tags).await?;
                present.extend(tags.iter().cloned());
            }
            Change::Remove => {
                computer::remove_tags(&mut conn, computer.id, Some(tags)).await?;
                present.retain(|tag| !tags.contains(tag));
            }
        }
        computer.tags = present.into_iter().collect();
    }
    conn.commit().await?;
    Ok(computers)
}
