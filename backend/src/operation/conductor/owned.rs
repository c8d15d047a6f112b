//! What is the same for all things of tenants: who may change them, who may see them, and that
//! names are unique.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::visibility::{Belonging, Visibility};
use sea_query::Condition;
use serde_json::{Value, json};

use super::{Author, Error, Subject, Whose};
use crate::store::conductor::TenantOwned;
use crate::store::conductor::TenantScope;
use crate::store::conductor::belonging::{self, Found};
use crate::store::list::Listed;
use crate::store::{Conn, account};

/// A kind of thing that belongs to tenants, and its table.
pub trait Owned: Listed<Scope = TenantScope> + serde::Serialize {
    type Table: TenantOwned;
    /// The kind's name in messages.
    const SINGULAR: &'static str;
    /// The table's name in the audit log.
    const TABLE_NAME: &'static str;

    fn belonging(&self) -> &Belonging;

    /// Rows of the table that are of this kind; there may be others in it.
    fn only() -> Condition {
        Condition::all()
    }

    /// As it stands in the audit log: without secrets.
    fn noted(&self) -> Option<Value> {
        super::noted(self)
    }
}

/// By what the audit log knows a thing of a tenant.
pub fn subject<T: Owned>(id: i64, name: &str, tenant: &str) -> Subject {
    let key = match T::KIND {
        Kind::Site | Kind::SecretsProvider => "name",
        Kind::Secret => "key",
        _ => "id",
    };
    let identifier = json!({key: name, "tenant_name": tenant});
    Subject { table: T::TABLE_NAME, id, identifier, whose: Whose::Here }
}

/// The thing that goes by that name, if the author sees it.
pub async fn find<T: Owned>(conn: &mut Conn, author: &Author<'_>, name: &str) -> Result<Found<T>, Error> {
    let found = belonging::by_name::<T::Table, T>(conn, author.scope, name, T::only()).await?;
    found.ok_or_else(|| Error::not_found(T::SINGULAR, name))
}

/// The same, to be changed or removed: what another tenant shows to all is not this one's to change.
pub async fn find_own<T: Owned>(conn: &mut Conn, author: &Author<'_>, name: &str) -> Result<Found<T>, Error> {
    let found = find::<T>(conn, author, name).await?;
    if found.tenant_id != author.tenant()?.id {
        return Err(Error::IllegalAction(format!(
            "The {} `{name}` is global and belongs to the tenant `{}`: change it there",
            T::SINGULAR.to_lowercase(),
            found.item.belonging().tenant_name,
        )));
    }
    Ok(found)
}

/// Whether the author may make something of that visibility and that name. From here to the end
/// of the transaction nobody else makes anything that could collide.
pub async fn check_new<T: Owned>(
    conn: &mut Conn,
    author: &Author<'_>,
    name: &str,
    visibility: Visibility,
) -> Result<(), Error> {
    may_be(author, visibility)?;
    check_name::<T>(conn, author, name, visibility, None).await
}

/// The same for one that is there already.
pub async fn check_name<T: Owned>(
    conn: &mut Conn,
    author: &Author<'_>,
    name: &str,
    visibility: Visibility,
    but: Option<i64>,
) -> Result<(), Error> {
    let tenant = author.tenant()?;
    let account_id = author.person.account_id;
    account::lock(conn, account_id).await?;
    let home = (tenant.id, visibility);
    if belonging::is_taken::<T::Table>(conn, account_id, home, name, but, T::only()).await? {
        return Err(Error::Conflict(format!(
            "<{} id=`{name}` tenant=`{tenant}`> already exists on <Tenant name=`{tenant}`> or with global visibility",
            T::SINGULAR,
            tenant = tenant.name,
        )));
    }
    Ok(())
}

fn may_be(author: &Author<'_>, visibility: Visibility) -> Result<(), Error> {
    if visibility == Visibility::Global { author.require(Permission::CreateGlobalResource) } else { Ok(()) }
}

/// The visibility that something gets that had another: it can only be widened.
pub async fn widen<T: Owned>(
    conn: &mut Conn,
    author: &Author<'_>,
    found: &Found<T>,
    name: &str,
    wanted: Visibility,
) -> Result<(), Error> {
    let present = found.item.belonging().visibility;
    if wanted < present {
        return Err(Error::IllegalAction(format!(
            "Can't set the visibility of `{name}` to {} because it is {} already, and visibility can only be widened",
            wanted.name(),
            present.name(),
        )));
    }
    if wanted == present {
        return Ok(());
    }
    may_be(author, wanted)?;
    check_name::<T>(conn, author, name, wanted, Some(found.id)).await?;
    belonging::update(conn, found.id, vec![(T::Table::VISIBILITY, wanted.name().into())]).await?;
    Ok(())
}
