//! Keeps what a bootstrap leaves for later clients.

use binnacle_shared::model::conductor::manager::ProviderContext;
use serde_json::json;

use super::{Author, Error, Subject};
use crate::operation::Services;
use crate::store::account;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::provider_context;

/// The context that was left.
pub async fn current(services: &Services, author: &Author<'_>) -> Result<ProviderContext, Error> {
    let mut conn = services.db.read().await?;
    let found = provider_context::current(&mut conn, author.person.account_id).await?;
    found.ok_or_else(|| Error::not_found("ProviderContext", "CONTEXT"))
}

/// Leaves a context where there is none, or changes the one that is there.
pub async fn set(
    services: &Services,
    author: &Author<'_>,
    context: &ProviderContext,
    update: bool,
) -> Result<(), Error> {
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, account_id).await?;
    let before = provider_context::current(&mut conn, account_id).await?;
    let operation = match (&before, update) {
        (Some(_), false) => return Err(Error::Conflict("There is a provider context already".into())),
        (None, true) => return Err(Error::not_found("ProviderContext", "CONTEXT")),
        (Some(_), true) => Operation::Update,
        (None, false) => Operation::Create,
    };
    provider_context::set(&mut conn, account_id, context).await?;
    // The context itself may hold secrets.
    let noted = |context: &ProviderContext| json!({"name": context.name});
    let subject = Subject::of_account("provider_context", 0, noted(context));
    let change = (before.as_ref().map(noted), Some(noted(context)));
    author.record(&mut conn, services.clock.now(), operation, subject, change).await?;
    conn.commit().await?;
    Ok(())
}
