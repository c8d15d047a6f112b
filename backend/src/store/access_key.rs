//! Keys by which programs sign requests, and the signatures that were taken.

use jiff::{SignedDuration, Timestamp};
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};

use super::tables::{AccessKey as Table, SpentSignature};
use super::{Conn, Result, Row, micros};

/// A key of somebody.
#[derive(Clone)]
pub struct AccessKey {
    pub id: i64,
    pub person_id: i64,
    pub access_key: String,
    /// Encrypted.
    pub secret_key: String,
    pub title: String,
    /// Whether it is the one that `credentials` shows and replaces.
    pub is_default: bool,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub last_address: Option<String>,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Table::Id,
            Table::PersonId,
            Table::AccessKey,
            Table::SecretKey,
            Table::Title,
            Table::IsDefault,
            Table::CreatedAt,
            Table::LastUsedAt,
            Table::LastAddress,
        ])
        .from(Table::Table)
        .take()
}

fn decode(row: &Row) -> Result<AccessKey> {
    Ok(AccessKey {
        id: row.get("id")?,
        person_id: row.get("person_id")?,
        access_key: row.get("access_key")?,
        secret_key: row.get("secret_key")?,
        title: row.get("title")?,
        is_default: row.get("is_default")?,
        created_at: row.time("created_at")?,
        last_used_at: row.optional_time("last_used_at")?,
        last_address: row.get("last_address")?,
    })
}

/// By the part of it that is no secret.
pub async fn by_key(conn: &mut Conn, access_key: &str) -> Result<Option<AccessKey>> {
    let select = select().and_where(Expr::col(Table::AccessKey).eq(access_key)).take();
    conn.fetch_optional(&select).await?.as_ref().map(decode).transpose()
}

/// Somebody's keys, the newest first.
pub async fn of_person(conn: &mut Conn, person_id: i64) -> Result<Vec<AccessKey>> {
    let select = select().and_where(Expr::col(Table::PersonId).eq(person_id)).order_by(Table::Id, Order::Desc).take();
    conn.fetch_all(&select).await?.iter().map(decode).collect()
}

/// Stores a key; its id is that of the new row.
pub async fn create(conn: &mut Conn, key: &AccessKey) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::PersonId,
            Table::AccessKey,
            Table::SecretKey,
            Table::Title,
            Table::IsDefault,
            Table::CreatedAt,
        ])
        .values_panic([
            key.person_id.into(),
            key.access_key.as_str().into(),
            key.secret_key.as_str().into(),
            key.title.as_str().into(),
            key.is_default.into(),
            micros(key.created_at).into(),
        ])
        .returning_col(Table::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

/// Revokes one of somebody's keys.
pub async fn remove(conn: &mut Conn, person_id: i64, id: i64) -> Result<()> {
    let delete = Query::delete()
        .from_table(Table::Table)
        .and_where(Expr::col(Table::Id).eq(id))
        .and_where(Expr::col(Table::PersonId).eq(person_id))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Notes that it was used.
pub async fn touch(conn: &mut Conn, id: i64, address: Option<&str>, now: Timestamp) -> Result<()> {
    let mut update = Query::update();
    update.table(Table::Table).value(Table::LastUsedAt, micros(now)).and_where(Expr::col(Table::Id).eq(id));
    if let Some(address) = address {
        update.value(Table::LastAddress, address);
    }
    conn.execute(&update).await?;
    Ok(())
}

/// When a signature was taken for the first time: now, unless it was before. What is older than
/// `keep` is forgotten; no request can be that old.
pub async fn first_use(conn: &mut Conn, digest: &str, keep: SignedDuration, now: Timestamp) -> Result<Timestamp> {
    let old = micros(now.saturating_sub(keep).unwrap_or(Timestamp::MIN));
    let forget =
        Query::delete().from_table(SpentSignature::Table).and_where(Expr::col(SpentSignature::FirstAt).lt(old)).take();
    conn.execute(&forget).await?;
    let insert = Query::insert()
        .into_table(SpentSignature::Table)
        .columns([SpentSignature::Digest, SpentSignature::FirstAt])
        .values_panic([digest.into(), micros(now).into()])
        .on_conflict(OnConflict::column(SpentSignature::Digest).do_nothing().to_owned())
        .take();
    conn.execute(&insert).await?;
    let first = Query::select()
        .column(SpentSignature::FirstAt)
        .from(SpentSignature::Table)
        .and_where(Expr::col(SpentSignature::Digest).eq(digest))
        .take();
    conn.fetch_one(&first).await?.time("first_at")
}
