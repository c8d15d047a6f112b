//! Gives computers other titles.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::computer::{Computer, ComputerPatch};
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::patch::Patch;

use super::chosen_computers::{self, Error};
use super::{Actor, Services};
use crate::store::computer;

/// Renames all of them, or none. The titles have been checked.
pub async fn run(
    services: &Services,
    actor: Actor<'_>,
    titles: &BTreeMap<i64, String>,
) -> Result<Vec<Computer>, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let ids: Vec<i64> = titles.keys().copied().collect();
    chosen_computers::all_enrolled(&mut conn, actor.scope, &ids).await?;
    for (id, title) in titles {
        let patch = ComputerPatch { title: Patch::Set(title.clone()), ..ComputerPatch::default() };
        computer::update(&mut conn, actor.scope, *id, &patch, None).await?;
        actor.record(&mut conn, now, (Entity::Computer, *id, title), "Renamed the computer.").await?;
    }
    let renamed = computer::by_ids(&mut conn, actor.scope, &ids).await?;
    conn.commit().await?;
    Ok(renamed)
}
