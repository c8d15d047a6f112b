//! Script profiles as the scheduler sees them: when each is due.

use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script_profile::{ArchivedFilter, CatchUp, EventType, NewTrigger, TriggerType};
use binnacle_shared::recurrence::{Cron, Zone, zone};
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement};

use super::association;
use super::script_profile::{archived, tags_of};
use super::tables::{Account, Computer, ScriptProfile};
use super::{Conn, Result, Row, Scope, StoreError, micros};

fn column(column: ScriptProfile) -> Expr {
    Expr::col((ScriptProfile::Table, column))
}

/// A profile as the scheduler and the operations need it.
#[derive(Clone, Debug)]
pub struct Stored {
    pub id: i64,
    pub account_id: i64,
    pub access_group_id: i64,
    pub script_id: i64,
    pub title: String,
    pub all_computers: bool,
    pub tags: Vec<String>,
    pub time_limit: i64,
    pub username: String,
    pub trigger: StoredTrigger,
    pub trigger_version: i64,
    pub next_run_at: Option<Timestamp>,
    pub last_planned_at: Option<Timestamp>,
    pub created_by: Option<i64>,
    pub archived: bool,
}

/// When a stored profile runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredTrigger {
    Event,
    OneTime { run_at: Timestamp },
    Recurring { cron: Cron, start_after: Timestamp, zone: Zone, catch_up: CatchUp },
}

impl StoredTrigger {
    pub const fn trigger_type(&self) -> TriggerType {
        match self {
            Self::Event => TriggerType::Event,
            Self::OneTime { .. } => TriggerType::OneTime,
            Self::Recurring { .. } => TriggerType::Recurring,
        }
    }
}

impl From<NewTrigger> for StoredTrigger {
    fn from(new: NewTrigger) -> Self {
        match new {
            NewTrigger::Event(EventType::PostEnrollment) => Self::Event,
            NewTrigger::OneTime { timestamp } => Self::OneTime { run_at: timestamp },
            NewTrigger::Recurring { interval, start_after, zone, catch_up } => {
                Self::Recurring { cron: interval, start_after, zone, catch_up }
            }
        }
    }
}

fn stored_columns(select: &mut SelectStatement) {
    use ScriptProfile as P;
    select.columns(
        [
            P::Id,
            P::AccountId,
            P::AccessGroupId,
            P::ScriptId,
            P::Title,
            P::AllComputers,
            P::TimeLimit,
            P::Username,
            P::TriggerType,
            P::RunAt,
            P::Cron,
            P::StartAfter,
            P::TriggerVersion,
            P::NextRunAt,
            P::LastPlannedAt,
            P::CreatedBy,
            P::ArchivedAt,
            P::TimeZone,
            P::CatchUp,
        ]
        .map(|c| (P::Table, c)),
    );
}

fn decode_stored(row: &Row) -> Result<Stored> {
    let required = |name: &'static str| {
        row.optional_time(name)?.ok_or(StoreError::Unreadable { what: name, value: "null".into() })
    };
    let trigger = match row.word("trigger_type", TriggerType::from_name)? {
        TriggerType::Event => StoredTrigger::Event,
        TriggerType::OneTime => StoredTrigger::OneTime { run_at: required("run_at")? },
        TriggerType::Recurring => StoredTrigger::Recurring {
            cron: row.word("cron", |text| Cron::parse(text).ok())?,
            start_after: required("start_after")?,
            zone: row.word("time_zone", |name| Zone::find(name, &zone::bundled).ok())?,
            catch_up: row.word("catch_up", CatchUp::from_name)?,
        },
    };
    Ok(Stored {
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        access_group_id: row.get("access_group_id")?,
        script_id: row.get("script_id")?,
        title: row.get("title")?,
        all_computers: row.get("all_computers")?,
        tags: Vec::new(),
        time_limit: row.get("time_limit")?,
        username: row.get("username")?,
        trigger,
        trigger_version: row.get("trigger_version")?,
        next_run_at: row.optional_time("next_run_at")?,
        last_planned_at: row.optional_time("last_planned_at")?,
        created_by: row.get("created_by")?,
        archived: row.optional_time("archived_at")?.is_some(),
    })
}

/// A profile for changing it: on PostgreSQL the row is locked until the transaction ends.
pub async fn for_update(conn: &mut Conn, scope: &Scope, id: i64) -> Result<Option<Stored>> {
    let mut select = scope.select::<ScriptProfile>();
    stored_columns(&mut select);
    select.and_where(column(ScriptProfile::Id).eq(id));
    if conn.is_postgres() {
        select.lock(LockType::Update);
    }
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    with_tags(conn, decode_stored(&row)?).await.map(Some)
}

async fn with_tags(conn: &mut Conn, mut stored: Stored) -> Result<Stored> {
    stored.tags = tags_of(conn, &[stored.id]).await?.into_iter().map(|(_, tag)| tag).collect();
    Ok(stored)
}

/// The first profile that is due, of any account: the engine serves them all. On PostgreSQL it is
/// locked, and one that another node has in hand is passed over.
pub async fn first_due(conn: &mut Conn, now: Timestamp, except: &[i64]) -> Result<Option<i64>> {
    let mut select = first_due_select(now);
    if !except.is_empty() {
        select.and_where(column(ScriptProfile::Id).is_not_in(except.iter().copied()));
    }
    if conn.is_postgres() {
        select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    conn.fetch_optional(&select).await?.map(|row| row.get("id")).transpose()
}

/// The statement behind [`first_due`].
pub fn first_due_select(now: Timestamp) -> SelectStatement {
    Query::select()
        .column((ScriptProfile::Table, ScriptProfile::Id))
        .from(ScriptProfile::Table)
        .and_where(column(ScriptProfile::NextRunAt).lte(micros(now)))
        .order_by((ScriptProfile::Table, ScriptProfile::NextRunAt), Order::Asc)
        .limit(1)
        .take()
}

/// A profile that the engine has found, with the limits of its account.
pub async fn with_limits(conn: &mut Conn, id: i64) -> Result<Option<(Stored, ScriptProfileLimits)>> {
    let select = joined().and_where(column(ScriptProfile::Id).eq(id)).take();
    conn.fetch_optional(&select).await?.as_ref().map(decode_joined).transpose()
}

/// Recurring profiles whose last planned time lies after the given one: a clock that has been set
/// back since was ahead by then.
pub async fn planned_after(conn: &mut Conn, time: Timestamp, limit: u64) -> Result<Vec<(Stored, ScriptProfileLimits)>> {
    let mut select = joined()
        .and_where(column(ScriptProfile::LastPlannedAt).gt(micros(time)))
        .and_where(column(ScriptProfile::TriggerType).eq(TriggerType::Recurring.name()))
        .cond_where(archived(ArchivedFilter::Active))
        .limit(limit)
        .take();
    if conn.is_postgres() {
        select.lock_with_tables(LockType::Update, [ScriptProfile::Table]);
    }
    conn.fetch_all(&select).await?.iter().map(decode_joined).collect()
}

fn joined() -> SelectStatement {
    let mut select = Query::select().from(ScriptProfile::Table).take();
    stored_columns(&mut select);
    select.columns(
        [Account::MaxNumComputers, Account::MaxNumProfiles, Account::MinInterval].map(|c| (Account::Table, c)),
    );
    select
        .inner_join(
            Account::Table,
            Expr::col((Account::Table, Account::Id)).equals((ScriptProfile::Table, ScriptProfile::AccountId)),
        )
        .take()
}

fn decode_joined(row: &Row) -> Result<(Stored, ScriptProfileLimits)> {
    let limits = ScriptProfileLimits {
        max_num_computers: row.get("max_num_computers")?,
        max_num_profiles: row.get("max_num_profiles")?,
        min_interval: row.get("min_interval")?,
    };
    Ok((decode_stored(row)?, limits))
}

/// When the next profile of any account is due.
pub async fn next_due_at(conn: &mut Conn) -> Result<Option<Timestamp>> {
    conn.fetch_one(&next_due_select()).await?.optional_time("next_run_at")
}

/// The statement behind [`next_due_at`].
pub fn next_due_select() -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(ScriptProfile::NextRunAt).min(), "next_run_at")
        .from(ScriptProfile::Table)
        .and_where(Expr::col(ScriptProfile::NextRunAt).is_not_null())
        .take()
}

/// The profiles that run when this computer enrols.
pub async fn on_enrolment(conn: &mut Conn, account_id: i64, computer_id: i64) -> Result<Vec<Stored>> {
    let mut select = Scope::account(account_id).select::<ScriptProfile>();
    stored_columns(&mut select);
    let reached = Query::select()
        .expr(Expr::val(1))
        .from(Computer::Table)
        .and_where(Expr::col((Computer::Table, Computer::Id)).eq(computer_id))
        .cond_where(association::reached(&association::Reach::Row))
        .take();
    select
        .cond_where(archived(ArchivedFilter::Active))
        .and_where(column(ScriptProfile::TriggerType).eq(TriggerType::Event.name()))
        .and_where(Expr::exists(reached))
        .order_by((ScriptProfile::Table, ScriptProfile::Id), Order::Asc);
    conn.fetch_all(&select).await?.iter().map(decode_stored).collect()
}

/// A changed trigger, and when it fires next.
#[derive(Clone, Debug)]
pub struct NewSchedule {
    pub trigger: StoredTrigger,
    pub next_run_at: Option<Timestamp>,
}

/// Notes what was planned last, when the profile ran if it did, and when it runs next.
pub async fn set_run(
    conn: &mut Conn,
    id: i64,
    planned_at: Option<Timestamp>,
    ran_at: Option<Timestamp>,
    next_run_at: Option<Timestamp>,
) -> Result<()> {
    let mut update = Query::update();
    update
        .table(ScriptProfile::Table)
        .value(ScriptProfile::NextRunAt, next_run_at.map(micros))
        .value(ScriptProfile::LastPlannedAt, planned_at.map(micros))
        .and_where(Expr::col(ScriptProfile::Id).eq(id));
    if let Some(ran) = ran_at {
        update.value(ScriptProfile::LastRunAt, micros(ran));
    }
    conn.execute(&update).await?;
    Ok(())
}

/// Notes that a profile without a schedule ran.
pub async fn set_last_run(conn: &mut Conn, id: i64, ran_at: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(ScriptProfile::Table)
        .value(ScriptProfile::LastRunAt, micros(ran_at))
        .and_where(Expr::col(ScriptProfile::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
