//! The account: its limits and how computers join it.

use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use sea_query::{Expr, ExprTrait, LockType, OnConflict, Query, SelectStatement};

use super::tables::{Account as Table, Setting};
use super::{Conn, Result, Row};

/// An account of this server.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: i64,
    pub name: String,
    pub title: String,
    /// Encrypted.
    pub registration_key: Option<String>,
    pub auto_register: bool,
    pub max_pending: i64,
    pub limits: ScriptProfileLimits,
    /// Days that events are kept; negative: for ever.
    pub audit_retention_period: i64,
}

impl Account {
    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            title: row.get("title")?,
            registration_key: row.get("registration_key")?,
            auto_register: row.get("auto_register")?,
            max_pending: row.get("max_pending")?,
            limits: ScriptProfileLimits {
                max_num_computers: row.get("max_num_computers")?,
                max_num_profiles: row.get("max_num_profiles")?,
                min_interval: row.get("min_interval")?,
            },
            audit_retention_period: row.get("audit_retention_period")?,
        })
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Table::Id,
            Table::Name,
            Table::Title,
            Table::RegistrationKey,
            Table::AutoRegister,
            Table::MaxPending,
            Table::MaxNumComputers,
            Table::MaxNumProfiles,
            Table::MinInterval,
            Table::AuditRetentionPeriod,
        ])
        .from(Table::Table)
        .take()
}

pub async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Account>> {
    let row = select().and_where(Expr::col(Table::Name).eq(name)).take();
    conn.fetch_optional(&row).await?.as_ref().map(Account::decode).transpose()
}

pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Account>> {
    let row = select().and_where(Expr::col(Table::Id).eq(id)).take();
    conn.fetch_optional(&row).await?.as_ref().map(Account::decode).transpose()
}

/// Makes an account; the id is that of the new row.
pub async fn create(conn: &mut Conn, account: &Account, now: jiff::Timestamp) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::Name,
            Table::Title,
            Table::RegistrationKey,
            Table::AutoRegister,
            Table::MaxPending,
            Table::MaxNumComputers,
            Table::MaxNumProfiles,
            Table::MinInterval,
            Table::AuditRetentionPeriod,
            Table::CreatedAt,
        ])
        .values_panic([
            account.name.as_str().into(),
            account.title.as_str().into(),
            account.registration_key.clone().into(),
            account.auto_register.into(),
            account.max_pending.into(),
            account.limits.max_num_computers.into(),
            account.limits.max_num_profiles.into(),
            account.limits.min_interval.into(),
            account.audit_retention_period.into(),
            super::micros(now).into(),
        ])
        .returning_col(Table::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

/// Stores what can be changed of an account.
pub async fn update(conn: &mut Conn, account: &Account) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .values([
            (Table::Title, account.title.as_str().into()),
            (Table::RegistrationKey, account.registration_key.clone().into()),
            (Table::AutoRegister, account.auto_register.into()),
            (Table::MaxPending, account.max_pending.into()),
            (Table::MaxNumComputers, account.limits.max_num_computers.into()),
            (Table::MaxNumProfiles, account.limits.max_num_profiles.into()),
            (Table::MinInterval, account.limits.min_interval.into()),
            (Table::AuditRetentionPeriod, account.audit_retention_period.into()),
        ])
        .and_where(Expr::col(Table::Id).eq(account.id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Until the end of the transaction nobody else gets this lock. On SQLite there is one writer
/// anyway.
pub async fn lock(conn: &mut Conn, id: i64) -> Result<()> {
    if conn.is_postgres() {
        let row = Query::select()
            .column(Table::Id)
            .from(Table::Table)
            .and_where(Expr::col(Table::Id).eq(id))
            .lock(LockType::Update)
            .take();
        conn.fetch_optional(&row).await?;
    }
    Ok(())
}

/// A value that belongs to the whole server.
pub async fn setting(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    let row =
        Query::select().column(Setting::Value).from(Setting::Table).and_where(Expr::col(Setting::Name).eq(name)).take();
    conn.fetch_optional(&row).await?.map(|row| row.get("value")).transpose()
}

/// Keeps the first value that is set, so that two nodes that start at once agree.
pub async fn setting_or_insert(conn: &mut Conn, name: &str, value: &str) -> Result<String> {
    let insert = Query::insert()
        .into_table(Setting::Table)
        .columns([Setting::Name, Setting::Value])
        .values_panic([name.into(), value.into()])
        .on_conflict(OnConflict::column(Setting::Name).do_nothing().to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(setting(conn, name).await?.unwrap_or_else(|| value.to_owned()))
}

/// Sets a value, whatever it was.
pub async fn set_setting(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    let insert = Query::insert()
        .into_table(Setting::Table)
        .columns([Setting::Name, Setting::Value])
        .values_panic([name.into(), value.into()])
        .on_conflict(OnConflict::column(Setting::Name).update_column(Setting::Value).to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// Takes a value away.
pub async fn remove_setting(conn: &mut Conn, name: &str) -> Result<()> {
    let delete = Query::delete().from_table(Setting::Table).and_where(Expr::col(Setting::Name).eq(name)).take();
    conn.execute(&delete).await?;
    Ok(())
}
