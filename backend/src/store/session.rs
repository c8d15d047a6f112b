//! Sessions of the console. Only a hash of each cookie is kept.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Query};

use super::tables::Session;
use super::{Conn, Result, micros};

/// Remembers a session, and forgets those that have ended.
pub async fn create(
    conn: &mut Conn,
    token_hash: &str,
    person_id: i64,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    let ended =
        Query::delete().from_table(Session::Table).and_where(Expr::col(Session::ExpiresAt).lte(micros(now))).take();
    conn.execute(&ended).await?;
    let insert = Query::insert()
        .into_table(Session::Table)
        .columns([Session::TokenHash, Session::PersonId, Session::CreatedAt, Session::ExpiresAt])
        .values_panic([token_hash.into(), person_id.into(), micros(now).into(), micros(expires_at).into()])
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

pub async fn remove(conn: &mut Conn, token_hash: &str) -> Result<()> {
    let delete =
        Query::delete().from_table(Session::Table).and_where(Expr::col(Session::TokenHash).eq(token_hash)).take();
    conn.execute(&delete).await?;
    Ok(())
}
