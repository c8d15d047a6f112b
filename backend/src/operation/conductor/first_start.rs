//! What the Conductor API needs before anybody asks: a tenant, and what roles may do. It is made
//! at the first start, and at the first start after an upgrade from a version without tenants.

use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::tenant::DEFAULT;
use binnacle_shared::model::conductor::visibility::Visibility;
use jiff::Timestamp;

use super::tenants::broker_password;
use super::{Error, filters};
use crate::clock::Random;
use crate::keys::{Keys, broker_context};
use crate::operation::first_start::ACCOUNT;
use crate::store::conductor::belonging::Home;
use crate::store::conductor::{permission, tenant};
use crate::store::{Db, account, person};

/// Makes what is missing; does nothing where nothing is.
pub async fn run(db: &Db, keys: &Keys, random: &dyn Random, now: Timestamp) -> Result<(), Error> {
    let mut conn = db.read().await?;
    let Some(account) = account::by_name(&mut conn, ACCOUNT).await? else { return Ok(()) };
    let done = tenant::by_name(&mut conn, account.id, DEFAULT).await?.is_some();
    drop(conn);
    if done {
        return Ok(());
    }
    let mut conn = db.write().await?;
    account::lock(&mut conn, account.id).await?;
    // Another node may have been faster.
    if tenant::by_name(&mut conn, account.id, DEFAULT).await?.is_none() {
        permission::seed(&mut conn).await?;
        let password = broker_password(random);
        let sealed = keys.encrypt(random, &broker_context(DEFAULT), &password)?;
        let tenant_id = tenant::create(&mut conn, account.id, DEFAULT, &sealed, now).await?;
        if let Some(first) = person::bootstrap(&mut conn, account.id).await? {
            tenant::add_member(&mut conn, tenant_id, first, Role::User).await?;
            let home = Home { tenant_id, created_by_id: first, created_at: now, visibility: Visibility::Global };
            filters::make_built_in(&mut conn, home).await?;
        }
    }
    conn.commit().await?;
    Ok(())
}
