//! What people set for themselves, and when they were here.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Func, Query};

use super::tables::Person as Table;
use super::{Conn, Result, micros};

/// Somebody's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub email: String,
    pub timezone: String,
    pub preferred_account: Option<String>,
}

/// The settings, and the login before the present one as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Myself {
    pub settings: Settings,
    pub last_login_at: Option<Timestamp>,
    pub last_login_host: Option<String>,
}

pub async fn read(conn: &mut Conn, person_id: i64) -> Result<Option<Myself>> {
    let select = Query::select()
        .columns([
            Table::Name,
            Table::Email,
            Table::Timezone,
            Table::PreferredAccount,
            Table::LastLoginAt,
            Table::LastLoginHost,
        ])
        .from(Table::Table)
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    let settings = Settings {
        name: row.get("name")?,
        email: row.get("email")?,
        timezone: row.get("timezone")?,
        preferred_account: row.get("preferred_account")?,
    };
    let last_login_at = row.optional_time("last_login_at")?;
    Ok(Some(Myself { settings, last_login_at, last_login_host: row.get("last_login_host")? }))
}

/// Stores the settings. An address that somebody else has is a duplicate.
pub async fn update(conn: &mut Conn, person_id: i64, settings: &Settings) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .values([
            (Table::Name, settings.name.as_str().into()),
            (Table::Email, settings.email.as_str().into()),
            (Table::Timezone, settings.timezone.as_str().into()),
            (Table::PreferredAccount, settings.preferred_account.clone().into()),
        ])
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Remembers a login.
pub async fn logged_in(conn: &mut Conn, person_id: i64, address: Option<&str>, now: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::FirstLoginAt, Func::coalesce([Expr::col(Table::FirstLoginAt), Expr::val(micros(now))]))
        .value(Table::LastLoginAt, micros(now))
        .value(Table::LastLoginHost, address.map(str::to_owned))
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Stores another password and leaves everything else as it is.
pub async fn set_password_hash(conn: &mut Conn, person_id: i64, hash: &str) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::PasswordHash, hash)
        .and_where(Expr::col(Table::Id).eq(person_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
