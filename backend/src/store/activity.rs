//! Activities: written in groups, read with their counts, moved along the state machine.

use std::collections::BTreeMap;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::{
    Actions, Activity as Wire, ActivityStatus, ComputerRef, EXECUTE_SCRIPT, GROUP_TYPE, GroupPart, SinglePart,
    group_status,
};
use binnacle_shared::model::landscape::person::Creator;
use binnacle_shared::time::Seconds;
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};

use super::list::{FieldSql, Listed};
use super::tables::{Activity, Computer, Person};
use super::{Conn, Result, Row, Scope, micros};

fn column(column: Activity) -> Expr {
    Expr::col((Activity::Table, column))
}

/// Only groups.
pub fn parents() -> Condition {
    Condition::all().add(column(Activity::ParentId).is_null())
}

/// The groups that a profile made.
pub fn of_profile(profile_id: i64) -> Condition {
    parents().add(column(Activity::ScriptProfileId).eq(profile_id))
}

pub fn with_ids(ids: &[i64]) -> Condition {
    Condition::all().add(column(Activity::Id).is_in(ids.iter().copied()))
}

/// The children of a group.
pub fn children_of(parent_id: i64) -> Condition {
    Condition::all().add(column(Activity::ParentId).eq(parent_id))
}

impl Listed for Wire {
    const KIND: Kind = Kind::Activity;

    fn source(scope: &Scope) -> SelectStatement {
        scope
            .select::<Activity>()
            .left_join(
                Person::Table,
                Expr::col((Person::Table, Person::Id)).equals((Activity::Table, Activity::CreatorId)),
            )
            .left_join(
                Computer::Table,
                Expr::col((Computer::Table, Computer::Id)).equals((Activity::Table, Activity::ComputerId)),
            )
            .take()
    }

    fn columns(select: &mut SelectStatement) {
        use Activity as A;
        select
            .columns(
                [
                    A::Id,
                    A::ParentId,
                    A::ActivityType,
                    A::Summary,
                    A::Status,
                    A::CreatorId,
                    A::ComputerId,
                    A::ScriptProfileId,
                    A::ScriptId,
                    A::DeliverDelayWindow,
                    A::DeliverAfter,
                    A::CreatedAt,
                    A::ModifiedAt,
                    A::ApprovedAt,
                    A::DeliveredAt,
                    A::CompletedAt,
                    A::ResultCode,
                    A::ResultText,
                    A::ExitCode,
                ]
                .map(|c| (A::Table, c)),
            )
            .expr_as(Expr::col((Person::Table, Person::Name)), "creator_name")
            .expr_as(Expr::col((Person::Table, Person::Email)), "creator_email")
            .expr_as(Expr::col((Computer::Table, Computer::Title)), "computer_title");
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Activity::Id)),
            "summary" => FieldSql::Text(column(Activity::Summary)),
            "activity_status" => FieldSql::Text(column(Activity::Status)),
            "type" => FieldSql::Text(column(Activity::ActivityType)),
            "creation_time" => FieldSql::Time(column(Activity::CreatedAt)),
            "completion_time" => FieldSql::Time(column(Activity::CompletedAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Activity::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let status = row.word("status", ActivityStatus::from_name)?;
        let activity_type: String = row.get("activity_type")?;
        let is_group = activity_type == GROUP_TYPE;
        let creator = match (row.get::<Option<i64>>("creator_id")?, row.get::<Option<String>>("creator_name")?) {
            (Some(id), Some(name)) => {
                let email: Option<String> = row.get("creator_email")?;
                Some(Creator { name, email: email.unwrap_or_default(), id })
            }
            _ => None,
        };
        let computer_id: Option<i64> = row.get("computer_id")?;
        let group = is_group
            .then(|| {
                Ok::<_, super::StoreError>(GroupPart {
                    deliver_delay_window: row.get("deliver_delay_window")?,
                    children_count: 0,
                    children_statuses: BTreeMap::new(),
                })
            })
            .transpose()?;
        let single = (!is_group)
            .then(|| {
                let computer = computer_id
                    .zip(row.get::<Option<String>>("computer_title")?)
                    .map(|(id, title)| ComputerRef { id, title });
                Ok::<_, super::StoreError>(SinglePart {
                    computer_id,
                    computer,
                    delivery_time: row.optional_time("delivered_at")?.map(Seconds),
                    deliver_after_time: row.optional_time("deliver_after")?.map(Seconds),
                    deliver_before_time: None,
                    schedule_after_time: None,
                    schedule_before_time: None,
                    exit_code: row.get("exit_code")?,
                    modification_time: Seconds(row.time("modified_at")?),
                    children: Vec::new(),
                })
            })
            .transpose()?;
        Ok(Self {
            id: row.get("id")?,
            creation_time: Seconds(row.time("created_at")?),
            creator,
            activity_type,
            summary: row.get("summary")?,
            completion_time: row.optional_time("completed_at")?.map(Seconds),
            approval_time: row.optional_time("approved_at")?.map(Seconds),
            parent_id: row.get("parent_id")?,
            result_text: row.get("result_text")?,
            result_code: row.get("result_code")?,
            activity_status: status,
            actions: Some(Actions::from(status)),
            script_profile_id: row.get("script_profile_id")?,
            script_id: row.get("script_id")?,
            group,
            single,
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let groups: Vec<i64> = items.iter().filter(|a| a.group.is_some()).map(|a| a.id).collect();
        if groups.is_empty() {
            return Ok(());
        }
        for (parent, counts) in status_counts(conn, &groups).await? {
            let found = items.iter_mut().find(|a| a.id == parent);
            if let Some(group) = found.and_then(|a| a.group.as_mut()) {
                group.children_count = counts.values().sum();
                group.children_statuses = counts;
            }
        }
        Ok(())
    }
}

/// Per group: how many of its children have which status.
async fn status_counts(conn: &mut Conn, groups: &[i64]) -> Result<BTreeMap<i64, BTreeMap<ActivityStatus, u64>>> {
    let select = Query::select()
        .columns([Activity::ParentId, Activity::Status])
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from(Activity::Table)
        .and_where(Expr::col(Activity::ParentId).is_in(groups.iter().copied()))
        .group_by_columns([Activity::ParentId, Activity::Status])
        .take();
    let mut counts: BTreeMap<i64, BTreeMap<ActivityStatus, u64>> = BTreeMap::new();
    for row in conn.fetch_all(&select).await? {
        let status = row.word("status", ActivityStatus::from_name)?;
        let count: i64 = row.get("count")?;
        counts.entry(row.get("parent_id")?).or_default().insert(status, count.unsigned_abs());
    }
    Ok(counts)
}

/// A script that shall run on computers.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub account_id: i64,
    /// The group's own access group, that of the script.
    pub access_group_id: i64,
    pub summary: String,
    pub creator_id: Option<i64>,
    pub script_profile_id: Option<i64>,
    pub script_id: i64,
    pub script_version: i64,
    pub username: String,
    pub time_limit: i64,
    pub deliver_after: Option<Timestamp>,
}

/// Makes a group and a child for each computer that matches, in one statement. No computer: no
/// group.
pub async fn create_run(conn: &mut Conn, run: &NewRun, computers: Condition, now: Timestamp) -> Result<Option<i64>> {
    use Activity as A;
    let group = Query::insert()
        .into_table(A::Table)
        .columns([
            A::AccountId,
            A::AccessGroupId,
            A::ActivityType,
            A::Summary,
            A::Status,
            A::CreatorId,
            A::ScriptProfileId,
            A::ScriptId,
            A::ScriptVersion,
            A::DeliverDelayWindow,
            A::CreatedAt,
            A::ModifiedAt,
            A::OutputTruncated,
        ])
        .values_panic([
            run.account_id.into(),
            run.access_group_id.into(),
            GROUP_TYPE.into(),
            run.summary.as_str().into(),
            ActivityStatus::Undelivered.name().into(),
            run.creator_id.into(),
            run.script_profile_id.into(),
            run.script_id.into(),
            run.script_version.into(),
            0_i64.into(),
            micros(now).into(),
            micros(now).into(),
            false.into(),
        ])
        .returning_col(A::Id)
        .take();
    let group_id: i64 = conn.fetch_one(&group).await?.get("id")?;
    let status = if run.deliver_after.is_some_and(|at| at > now) {
        ActivityStatus::Scheduled
    } else {
        ActivityStatus::Undelivered
    };
    let children = Scope::account(run.account_id)
        .select::<Computer>()
        .column((Computer::Table, Computer::AccountId))
        .column((Computer::Table, Computer::AccessGroupId))
        .expr(Expr::val(group_id))
        .expr(Expr::val(EXECUTE_SCRIPT))
        .expr(Expr::val(run.summary.as_str()))
        .expr(Expr::val(status.name()))
        .expr(Expr::val(run.creator_id))
        .column((Computer::Table, Computer::Id))
        .expr(Expr::val(run.script_profile_id))
        .expr(Expr::val(run.script_id))
        .expr(Expr::val(run.script_version))
        .expr(Expr::val(run.username.as_str()))
        .expr(Expr::val(run.time_limit))
        .expr(Expr::val(0_i64))
        .expr(Expr::val(run.deliver_after.map(micros)))
        .expr(Expr::val(micros(now)))
        .expr(Expr::val(micros(now)))
        .expr(Expr::val(false))
        .cond_where(computers)
        .order_by((Computer::Table, Computer::Id), Order::Asc)
        .take();
    let mut insert = Query::insert();
    insert.into_table(A::Table).columns([
        A::AccountId,
        A::AccessGroupId,
        A::ParentId,
        A::ActivityType,
        A::Summary,
        A::Status,
        A::CreatorId,
        A::ComputerId,
        A::ScriptProfileId,
        A::ScriptId,
        A::ScriptVersion,
        A::Username,
        A::TimeLimit,
        A::DeliverDelayWindow,
        A::DeliverAfter,
        A::CreatedAt,
        A::ModifiedAt,
        A::OutputTruncated,
    ]);
    insert
        .select_from(children)
        .map_err(|e| super::StoreError::Unreadable { what: "statement", value: e.to_string() })?;
    if conn.execute(&insert).await? == 0 {
        let delete = Query::delete().from_table(A::Table).and_where(Expr::col(A::Id).eq(group_id)).take();
        conn.execute(&delete).await?;
        return Ok(None);
    }
    refresh_group(conn, group_id, now).await?;
    Ok(Some(group_id))
}

/// Writes a group's status and completion anew from its children.
pub async fn refresh_group(conn: &mut Conn, group_id: i64, now: Timestamp) -> Result<()> {
    let counts = status_counts(conn, &[group_id]).await?.remove(&group_id).unwrap_or_default();
    let status = group_status(&counts);
    let completed = status.is_final().then_some(micros(now));
    let update = Query::update()
        .table(Activity::Table)
        .value(Activity::Status, status.name())
        .value(Activity::CompletedAt, completed)
        .value(Activity::ModifiedAt, micros(now))
        .and_where(Expr::col(Activity::Id).eq(group_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// What the engine has to know to move an activity along.
#[derive(Clone, Debug)]
pub struct State {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub computer_id: Option<i64>,
    pub status: ActivityStatus,
    pub delivered: bool,
}

/// The states of activities in scope that match, locked on PostgreSQL.
pub async fn states(conn: &mut Conn, scope: &Scope, matching: Condition) -> Result<Vec<State>> {
    let mut select = scope.select::<Activity>();
    select
        .columns(
            [Activity::Id, Activity::ParentId, Activity::ComputerId, Activity::Status, Activity::DeliveredAt]
                .map(|c| (Activity::Table, c)),
        )
        .cond_where(matching)
        .order_by((Activity::Table, Activity::Id), Order::Asc);
    if conn.is_postgres() {
        select.lock(sea_query::LockType::Update);
    }
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(State {
                id: row.get("id")?,
                parent_id: row.get("parent_id")?,
                computer_id: row.get("computer_id")?,
                status: row.word("status", ActivityStatus::from_name)?,
                delivered: row.optional_time("delivered_at")?.is_some(),
            })
        })
        .collect()
}

/// A new status for single activities; `completed_at` follows from it.
pub async fn set_status(conn: &mut Conn, ids: &[i64], status: ActivityStatus, now: Timestamp) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut update = Query::update();
    update
        .table(Activity::Table)
        .value(Activity::Status, status.name())
        .value(Activity::ModifiedAt, micros(now))
        .value(Activity::CompletedAt, status.is_final().then_some(micros(now)))
        .and_where(Expr::col(Activity::Id).is_in(ids.iter().copied()));
    if status == ActivityStatus::Delivered {
        update.value(Activity::DeliveredAt, micros(now));
    }
    conn.execute(&update).await?;
    Ok(())
}

/// When the next activity that waits for its time goes on its way, in any account.
pub async fn next_scheduled_at(conn: &mut Conn) -> Result<Option<Timestamp>> {
    let select = Query::select()
        .expr_as(Expr::col(Activity::DeliverAfter).min(), "deliver_after")
        .from(Activity::Table)
        .and_where(Expr::col(Activity::Status).eq(ActivityStatus::Scheduled.name()))
        .take();
    conn.fetch_one(&select).await?.optional_time("deliver_after")
}

/// Sends activities on their way whose time has come; tells which groups they belong to.
pub async fn release_scheduled(conn: &mut Conn, now: Timestamp) -> Result<Vec<i64>> {
    let update = Query::update()
        .table(Activity::Table)
        .value(Activity::Status, ActivityStatus::Undelivered.name())
        .value(Activity::ModifiedAt, micros(now))
        .and_where(Expr::col(Activity::Status).eq(ActivityStatus::Scheduled.name()))
        .and_where(Expr::col(Activity::DeliverAfter).lte(micros(now)))
        .returning(Query::returning().columns([Activity::ParentId]))
        .take();
    let mut groups: Vec<i64> = Vec::new();
    for row in conn.fetch_all(&update).await? {
        groups.extend(row.get::<Option<i64>>("parent_id")?);
    }
    groups.sort_unstable();
    groups.dedup();
    for group in &groups {
        refresh_group(conn, *group, now).await?;
    }
    Ok(groups)
}

/// What a computer said of an activity.
#[derive(Clone, Debug)]
pub struct ActivityResult {
    pub status: ActivityStatus,
    pub code: Option<i64>,
    pub exit_code: Option<i64>,
    pub text: String,
    pub truncated: bool,
}

pub async fn set_result(conn: &mut Conn, id: i64, result: &ActivityResult, now: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Activity::Table)
        .value(Activity::Status, result.status.name())
        .value(Activity::ResultCode, result.code)
        .value(Activity::ExitCode, result.exit_code)
        .value(Activity::ResultText, result.text.as_str())
        .value(Activity::OutputTruncated, result.truncated)
        .value(Activity::CompletedAt, micros(now))
        .value(Activity::ModifiedAt, micros(now))
        .and_where(Expr::col(Activity::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
