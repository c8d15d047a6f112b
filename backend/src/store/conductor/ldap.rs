//! The directory (LDAP) that people sign in through, and what it makes of them.

use binnacle_shared::model::conductor::ldap::LdapConfig;
use sea_query::{Expr, ExprTrait, Func, Order, Query};
use serde::{Deserialize, Serialize};

use crate::store::tables::{Person, Session, UserGroup, UserGroupMember};
use crate::store::{Conn, Result, StoreError, account};

/// Where its configuration is kept.
pub const SETTING: &str = "conductor_ldap";

/// The configuration as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub config: LdapConfig,
    /// The password of the account for lookups, encrypted.
    pub password: Option<String>,
}

pub async fn is_configured(conn: &mut Conn) -> Result<bool> {
    Ok(account::setting(conn, SETTING).await?.is_some())
}

pub async fn stored(conn: &mut Conn) -> Result<Option<Stored>> {
    let Some(text) = account::setting(conn, SETTING).await? else { return Ok(None) };
    let unreadable = |_| StoreError::Unreadable { what: "setting", value: SETTING.to_owned() };
    serde_json::from_str(&text).map(Some).map_err(unreadable)
}

pub async fn store(conn: &mut Conn, stored: &Stored) -> Result<()> {
    let unreadable = |_| StoreError::Unreadable { what: "setting", value: SETTING.to_owned() };
    let text = serde_json::to_string(stored).map_err(unreadable)?;
    account::set_setting(conn, SETTING, &text).await
}

pub async fn remove(conn: &mut Conn) -> Result<()> {
    account::remove_setting(conn, SETTING).await
}

/// Ends what people of an account have opened with a password, but for some of them: another
/// place decides now whether it is right.
pub async fn end_sign_ins(conn: &mut Conn, account_id: i64, but: &[i64]) -> Result<()> {
    let others =
        || Expr::col(Person::AccountId).eq(account_id).and(Expr::col(Person::Id).is_not_in(but.iter().copied()));
    let update = Query::update()
        .table(Person::Table)
        .value(Person::TokenEpoch, Expr::col(Person::TokenEpoch).add(1))
        .and_where(others())
        .take();
    conn.execute(&update).await?;
    let people = Query::select().column(Person::Id).from(Person::Table).and_where(others()).take();
    let delete =
        Query::delete().from_table(Session::Table).and_where(Expr::col(Session::PersonId).in_subquery(people)).take();
    conn.execute(&delete).await?;
    Ok(())
}

/// The number of the person with this user name: exactly so, or in upper and lower case if there
/// is one only. Directories do not tell them apart.
pub async fn person_named(conn: &mut Conn, account_id: i64, username: &str) -> Result<Option<i64>> {
    let folded = Expr::from(Func::lower(Expr::col(Person::Username))).eq(username.to_lowercase());
    let select = Query::select()
        .columns([Person::Id, Person::Username])
        .from(Person::Table)
        .and_where(Expr::col(Person::AccountId).eq(account_id))
        .and_where(folded.or(Expr::col(Person::Username).eq(username)))
        .order_by(Person::Id, Order::Asc)
        .take();
    let rows = conn.fetch_all(&select).await?;
    for row in &rows {
        if row.get::<String>("username")? == username {
            return row.get("id").map(Some);
        }
    }
    match rows.as_slice() {
        [only] => only.get("id").map(Some),
        _ => Ok(None),
    }
}

/// What a person's row says of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub is_bootstrap: bool,
    pub is_external: bool,
}

pub async fn standing(conn: &mut Conn, person_id: i64) -> Result<Standing> {
    let select = Query::select()
        .columns([Person::IsBootstrap, Person::IsExternal])
        .from(Person::Table)
        .and_where(Expr::col(Person::Id).eq(person_id))
        .take();
    let row = conn.fetch_one(&select).await?;
    Ok(Standing { is_bootstrap: row.get("is_bootstrap")?, is_external: row.get("is_external")? })
}

/// From now on the directory alone knows the password.
pub async fn link(conn: &mut Conn, person_id: i64) -> Result<()> {
    let update = Query::update()
        .table(Person::Table)
        .value(Person::IsExternal, true)
        .value(Person::PasswordHash, None::<String>)
        .and_where(Expr::col(Person::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

pub async fn set_name_and_email(conn: &mut Conn, person_id: i64, name: &str, email: &str) -> Result<()> {
    let update = Query::update()
        .table(Person::Table)
        .value(Person::Name, name)
        .value(Person::Email, email)
        .and_where(Expr::col(Person::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// A group of ours that stands for one of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedGroup {
    pub id: i64,
    pub name: String,
    pub ldap_dn: String,
    /// Whether the person who was asked about is in it.
    pub joined: bool,
}

/// All of them, by name.
pub async fn mapped_groups(conn: &mut Conn, account_id: i64, person_id: Option<i64>) -> Result<Vec<MappedGroup>> {
    let member = Expr::col((UserGroupMember::Table, UserGroupMember::UserGroupId))
        .equals((UserGroup::Table, UserGroup::Id))
        .and(Expr::col((UserGroupMember::Table, UserGroupMember::PersonId)).eq(person_id));
    let select = Query::select()
        .columns([UserGroup::Id, UserGroup::Name, UserGroup::LdapDn].map(|column| (UserGroup::Table, column)))
        .column((UserGroupMember::Table, UserGroupMember::PersonId))
        .from(UserGroup::Table)
        .left_join(UserGroupMember::Table, member)
        .and_where(Expr::col((UserGroup::Table, UserGroup::AccountId)).eq(account_id))
        .and_where(Expr::col((UserGroup::Table, UserGroup::LdapDn)).is_not_null())
        .order_by((UserGroup::Table, UserGroup::Name), Order::Asc)
        .take();
    let mut groups = Vec::new();
    for row in conn.fetch_all(&select).await? {
        groups.push(MappedGroup {
            id: row.get("id")?,
            name: row.get("name")?,
            ldap_dn: row.get("ldap_dn")?,
            joined: row.get::<Option<i64>>("person_id")?.is_some(),
        });
    }
    Ok(groups)
}
