//! Whom a profile would reach now, while it is still being written.

use binnacle_shared::list::ListParams;
use binnacle_shared::model::landscape::activity::ComputerRef;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::script_profile::{Preview, PreviewRequest};
use binnacle_shared::permission::Permission;

use super::{Actor, Services};
use crate::store::association::{Reach, reached};
use crate::store::{StoreError, computer, list, script};

/// Examples that are shown.
const EXAMPLES: u32 = 5;

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such script")]
    UnknownScript,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Counts the computers, as far as the caller sees them, and names the first. Who may see profiles
/// need not see computers.
pub async fn run(services: &Services, actor: Actor<'_>, request: &PreviewRequest) -> Result<Preview, Error> {
    let mut conn = services.db.read().await?;
    let script = script::usable(&mut conn, actor.scope, request.script_id).await?.ok_or(Error::UnknownScript)?;
    let reach = Reach::Draft {
        access_group_id: script.access_group_id,
        all_computers: request.all_computers,
        tags: &request.tags,
    };
    let params = ListParams { limit: EXAMPLES, ..ListParams::default() };
    let visible = actor.scope_for(Permission::ViewComputer);
    let page = list::page::<Computer>(&mut conn, &visible, &params, reached(&reach)).await?;
    let total = computer::count(&mut conn, &visible, computer::enrolled()).await?;
    Ok(Preview {
        count: i64::try_from(page.total).unwrap_or(i64::MAX),
        total,
        computers: page
            .items
            .into_iter()
            .map(|computer| ComputerRef { id: computer.id, title: computer.title })
            .collect(),
    })
}
