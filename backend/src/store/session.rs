//! Sessions: what somebody opened by logging in. Only a hash of each cookie is kept.

use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};

use super::tables::{Person, Session as Table};
use super::{Conn, Result, Row, micros};

/// Sessions of one person that are kept; the ones unused for longest go first.
const MOST: u64 = 1000;
/// Longest description of a browser that is kept.
const USER_AGENT: usize = 300;

/// An open session.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: i64,
    pub person_id: i64,
    pub created_at: Timestamp,
    /// End of the cookie.
    pub expires_at: Timestamp,
    /// End of the bearer token that was given with it.
    pub token_expires_at: Timestamp,
    pub last_used_at: Timestamp,
    /// Where it was used last.
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// What a login leaves.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub token_hash: &'a str,
    pub person_id: i64,
    pub expires_at: Timestamp,
    pub token_expires_at: Timestamp,
    pub address: Option<String>,
    pub user_agent: Option<&'a str>,
}

fn open(now: Timestamp) -> Condition {
    Condition::any()
        .add(Expr::col(Table::ExpiresAt).gt(micros(now)))
        .add(Expr::col(Table::TokenExpiresAt).gt(micros(now)))
}

/// Remembers a session, and forgets those that have ended.
pub async fn create(conn: &mut Conn, new: &NewSession<'_>, now: Timestamp) -> Result<i64> {
    let ended = Query::delete().from_table(Table::Table).cond_where(open(now).not()).take();
    conn.execute(&ended).await?;
    let too_many = Query::select()
        .column(Table::Id)
        .from(Table::Table)
        .and_where(Expr::col(Table::PersonId).eq(new.person_id))
        .order_by(Table::LastUsedAt, Order::Desc)
        .order_by(Table::Id, Order::Desc)
        // SQLite takes no offset without a limit.
        .limit(MOST)
        .offset(MOST - 1)
        .take();
    let oldest = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).in_subquery(too_many)).take();
    conn.execute(&oldest).await?;
    let user_agent = new.user_agent.map(|text| text.chars().take(USER_AGENT).collect::<String>());
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::TokenHash,
            Table::PersonId,
            Table::CreatedAt,
            Table::ExpiresAt,
            Table::TokenExpiresAt,
            Table::LastUsedAt,
            Table::Address,
            Table::UserAgent,
        ])
        .values_panic([
            new.token_hash.into(),
            new.person_id.into(),
            micros(now).into(),
            micros(new.expires_at).into(),
            micros(new.token_expires_at).into(),
            micros(now).into(),
            new.address.clone().into(),
            user_agent.into(),
        ])
        .returning_col(Table::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Table::Id,
            Table::PersonId,
            Table::CreatedAt,
            Table::ExpiresAt,
            Table::TokenExpiresAt,
            Table::LastUsedAt,
            Table::Address,
            Table::UserAgent,
        ])
        .from(Table::Table)
        .take()
}

fn decode(row: &Row) -> Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        person_id: row.get("person_id")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        token_expires_at: row.time("token_expires_at")?,
        last_used_at: row.time("last_used_at")?,
        address: row.get("address")?,
        user_agent: row.get("user_agent")?,
    })
}

/// The session of a cookie that has not ended.
pub async fn by_cookie(conn: &mut Conn, token_hash: &str, now: Timestamp) -> Result<Option<Session>> {
    let select = select()
        .and_where(Expr::col(Table::TokenHash).eq(token_hash))
        .and_where(Expr::col(Table::ExpiresAt).gt(micros(now)))
        .take();
    conn.fetch_optional(&select).await?.as_ref().map(decode).transpose()
}

/// The session that a token was given with.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Session>> {
    let select = select().and_where(Expr::col(Table::Id).eq(id)).take();
    conn.fetch_optional(&select).await?.as_ref().map(decode).transpose()
}

/// Somebody's open sessions, the one used last first.
pub async fn of_person(conn: &mut Conn, person_id: i64, now: Timestamp) -> Result<Vec<Session>> {
    let select = select()
        .and_where(Expr::col(Table::PersonId).eq(person_id))
        .cond_where(open(now))
        .order_by(Table::LastUsedAt, Order::Desc)
        .order_by(Table::Id, Order::Desc)
        .take();
    conn.fetch_all(&select).await?.iter().map(decode).collect()
}

/// Notes that it was used.
pub async fn touch(conn: &mut Conn, id: i64, address: Option<&str>, now: Timestamp) -> Result<()> {
    let mut update = Query::update();
    update.table(Table::Table).value(Table::LastUsedAt, micros(now)).and_where(Expr::col(Table::Id).eq(id));
    if let Some(address) = address {
        update.value(Table::Address, address);
    }
    conn.execute(&update).await?;
    Ok(())
}

/// Ends one of somebody's sessions; false: they have none with that number.
pub async fn remove(conn: &mut Conn, person_id: i64, id: i64) -> Result<bool> {
    let delete = Query::delete()
        .from_table(Table::Table)
        .and_where(Expr::col(Table::Id).eq(id))
        .and_where(Expr::col(Table::PersonId).eq(person_id))
        .take();
    Ok(conn.execute(&delete).await? > 0)
}

/// Ends all of somebody's sessions but one; tells how many that were.
pub async fn remove_others(conn: &mut Conn, person_id: i64, keep: Option<i64>) -> Result<u64> {
    let mut delete = Query::delete();
    delete.from_table(Table::Table).and_where(Expr::col(Table::PersonId).eq(person_id));
    if let Some(keep) = keep {
        delete.and_where(Expr::col(Table::Id).ne(keep));
    }
    conn.execute(&delete).await
}

/// Whose sessions and tokens shall end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Person(i64),
    Account(i64),
    Everybody,
}

/// Ends sessions and tokens at once, by raising the epoch that tokens carry.
pub async fn end_all(conn: &mut Conn, whose: Whose) -> Result<u64> {
    let people = match whose {
        Whose::Person(id) => Condition::all().add(Expr::col(Person::Id).eq(id)),
        Whose::Account(id) => Condition::all().add(Expr::col(Person::AccountId).eq(id)),
        Whose::Everybody => Condition::all(),
    };
    let ids = Query::select().column(Person::Id).from(Person::Table).cond_where(people.clone()).take();
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::PersonId).in_subquery(ids)).take();
    let ended = conn.execute(&delete).await?;
    let raise = Query::update()
        .table(Person::Table)
        .value(Person::TokenEpoch, Expr::col(Person::TokenEpoch).add(1))
        .cond_where(people)
        .take();
    conn.execute(&raise).await?;
    Ok(ended)
}
