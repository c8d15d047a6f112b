//! What a person's row remembers of signing in: wrong passwords in a row, first time, last time.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Func, Query};

use crate::store::tables::Person as Table;
use crate::store::{Conn, Result, micros};

/// How somebody stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignIns {
    /// Wrong passwords in a row, and when the last was.
    pub failed: i64,
    pub last_failed_at: Option<Timestamp>,
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
}

pub async fn read(conn: &mut Conn, person_id: i64) -> Result<SignIns> {
    let select = Query::select()
        .columns([Table::FailedLogins, Table::LastFailedLoginAt, Table::FirstLoginAt, Table::LastLoginAt])
        .from(Table::Table)
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(SignIns::default()) };
    Ok(SignIns {
        failed: row.get("failed_logins")?,
        last_failed_at: row.optional_time("last_failed_login_at")?,
        first_at: row.optional_time("first_login_at")?,
        last_at: row.optional_time("last_login_at")?,
    })
}

/// Counts a wrong password; does the same work if nobody has that number.
pub async fn count_failure(conn: &mut Conn, person_id: i64, now: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::FailedLogins, Expr::col(Table::FailedLogins).add(1))
        .value(Table::LastFailedLoginAt, micros(now))
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Forgets the wrong passwords.
pub async fn forgive(conn: &mut Conn, person_id: i64) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::FailedLogins, 0i64)
        .value(Table::LastFailedLoginAt, None::<i64>)
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// The password was right.
pub async fn succeed(conn: &mut Conn, person_id: i64, now: Timestamp) -> Result<()> {
    let first = Func::coalesce([Expr::col(Table::FirstLoginAt), Expr::val(micros(now))]);
    let update = Query::update()
        .table(Table::Table)
        .value(Table::FailedLogins, 0i64)
        .value(Table::LastFailedLoginAt, None::<i64>)
        .value(Table::FirstLoginAt, first)
        .value(Table::LastLoginAt, micros(now))
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
