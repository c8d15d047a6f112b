//! Forgets nodes that are gone.

use binnacle_shared::model::conductor::manager::Manager;
use serde_json::json;

use super::{Author, Error, Subject, noted};
use crate::engine::ALIVE_FOR;
use crate::operation::Services;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::node;
use crate::store::{Conn, list};

/// The node of that name.
pub async fn find(conn: &mut Conn, hostname: &str) -> Result<Manager, Error> {
    let found = list::all::<Manager>(conn, &(), node::named(hostname)).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("Manager", hostname))
}

/// Forgets a node. One that is there would say so again within a minute.
pub async fn remove(services: &Services, author: &Author<'_>, hostname: &str) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let found = find(&mut conn, hostname).await?;
    if now.duration_since(found.last_seen.0) <= ALIVE_FOR {
        return Err(Error::Conflict(format!("The manager `{hostname}` is running; stop it first")));
    }
    node::remove(&mut conn, found.id).await?;
    let subject = Subject::of_account("managers", found.id, json!({"id": hostname}));
    author.record(&mut conn, now, Operation::Delete, subject, (noted(&found), None)).await?;
    conn.commit().await?;
    Ok(())
}
