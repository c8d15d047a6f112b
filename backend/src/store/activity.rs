//! Activities: read with their counts, moved along the state machine. They are made in groups,
//! see `activity_group`.

use std::collections::BTreeMap;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::{
    Actions, Activity as Wire, ActivityStatus, ComputerRef, GROUP_TYPE, GroupPart, SinglePart, group_status,
};
use binnacle_shared::model::landscape::person::Creator;
use binnacle_shared::time::Seconds;
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::list::{FieldSql, Listed};
use super::tables::{Activity, Computer, Person};
use super::{Conn, Result, Row, Scope, micros};

pub use super::activity_group::{Delivery, NewGroup, NewRun, ScriptWork, Work, create_group, create_run};

/// How many numbers one statement names.
const CHUNK: usize = 500;

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
    type Scope = Scope;
    const KIND: Kind = Kind::Activity;
    const NULLABLE: &'static [&'static str] = &["completion_time"];

    fn source(scope: &Scope) -> SelectStatement {
        scope.select::<Activity>()
    }

    fn join(rows: &mut SelectStatement) {
        rows.left_join(
            Person::Table,
            Expr::col((Person::Table, Person::Id)).equals((Activity::Table, Activity::CreatorId)),
        )
        .left_join(
            Computer::Table,
            Expr::col((Computer::Table, Computer::Id)).equals((Activity::Table, Activity::ComputerId)),
        );
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
        let mut counts = status_counts(conn, &groups).await?;
        for item in items {
            let Some(group) = item.group.as_mut() else { continue };
            group.children_statuses = counts.remove(&item.id).unwrap_or_default();
            group.children_count = group.children_statuses.values().sum();
            item.actions = Some(Actions::of_group(&group.children_statuses));
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

/// Writes a group's status and completion anew from its children.
pub async fn refresh_group(conn: &mut Conn, group_id: i64, now: Timestamp) -> Result<()> {
    if conn.is_postgres() {
        // Two that end the last two children at the same time count one after the other: neither
        // sees what the other has not committed, and the group would stay open for ever.
        let lock = Query::select()
            .column(Activity::Id)
            .from(Activity::Table)
            .and_where(Expr::col(Activity::Id).eq(group_id))
            .lock(sea_query::LockType::NoKeyUpdate)
            .take();
        conn.fetch_all(&lock).await?;
    }
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

/// Activities that waited for a person's word go on their way.
pub async fn approve(conn: &mut Conn, ids: &[i64], now: Timestamp) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let update = Query::update()
        .table(Activity::Table)
        .value(Activity::Status, ActivityStatus::Undelivered.name())
        .value(Activity::ApprovedAt, micros(now))
        .value(Activity::ModifiedAt, micros(now))
        .and_where(Expr::col(Activity::Id).is_in(ids.iter().copied()))
        .take();
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
        // A result shows that it was delivered, also when nobody here noted that.
        .value(Activity::DeliveredAt, Func::coalesce([Expr::col(Activity::DeliveredAt), Expr::val(micros(now))]))
        .value(Activity::CompletedAt, micros(now))
        .value(Activity::ModifiedAt, micros(now))
        .and_where(Expr::col(Activity::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// What the events log says of an activity.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: i64,
    pub is_group: bool,
    pub summary: String,
}

/// The names of activities in scope.
pub async fn names(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> Result<Vec<Named>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        found.extend(past(conn, scope, chunk).await?.into_iter().map(|past| Named {
            id: past.id,
            is_group: past.is_group,
            summary: past.summary,
        }));
    }
    Ok(found)
}

/// What has to be known to do an activity again.
#[derive(Clone, Debug)]
pub struct Past {
    pub id: i64,
    pub is_group: bool,
    pub access_group_id: i64,
    pub activity_type: String,
    pub summary: String,
    pub status: ActivityStatus,
    pub computer_id: Option<i64>,
    pub script_profile_id: Option<i64>,
    pub script_id: Option<i64>,
    pub script_version: Option<i64>,
    pub username: Option<String>,
    pub time_limit: Option<i64>,
}

/// The activities in scope with these numbers.
pub async fn past(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> Result<Vec<Past>> {
    past_matching(conn, scope, with_ids(ids)).await
}

/// The children of a group, as far as they are in scope.
pub async fn past_children(conn: &mut Conn, scope: &Scope, parent_id: i64) -> Result<Vec<Past>> {
    past_matching(conn, scope, children_of(parent_id)).await
}

async fn past_matching(conn: &mut Conn, scope: &Scope, matching: Condition) -> Result<Vec<Past>> {
    use Activity as A;
    let select = scope
        .select::<A>()
        .columns(
            [
                A::Id,
                A::AccessGroupId,
                A::ActivityType,
                A::Summary,
                A::Status,
                A::ComputerId,
                A::ScriptProfileId,
                A::ScriptId,
                A::ScriptVersion,
                A::Username,
                A::TimeLimit,
            ]
            .map(|c| (A::Table, c)),
        )
        .cond_where(matching)
        .order_by((A::Table, A::Id), Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            let activity_type: String = row.get("activity_type")?;
            Ok(Past {
                id: row.get("id")?,
                is_group: activity_type == GROUP_TYPE,
                access_group_id: row.get("access_group_id")?,
                activity_type,
                summary: row.get("summary")?,
                status: row.word("status", ActivityStatus::from_name)?,
                computer_id: row.get("computer_id")?,
                script_profile_id: row.get("script_profile_id")?,
                script_id: row.get("script_id")?,
                script_version: row.get("script_version")?,
                username: row.get("username")?,
                time_limit: row.get("time_limit")?,
            })
        })
        .collect()
}

/// The first child of a group that was just made.
pub async fn first_child(conn: &mut Conn, group_id: i64) -> Result<Option<i64>> {
    let select = Query::select()
        .expr_as(Expr::col(Activity::Id).min(), "id")
        .from(Activity::Table)
        .and_where(Expr::col(Activity::ParentId).eq(group_id))
        .take();
    conn.fetch_one(&select).await?.get("id")
}

/// Only activities of these computers.
pub fn on_computers(ids: &[i64]) -> Condition {
    Condition::all().add(column(Activity::ComputerId).is_in(ids.iter().copied()))
}

/// The computers of groups that are for one computer only, by group.
pub async fn only_computers(conn: &mut Conn, groups: &[i64]) -> Result<BTreeMap<i64, ComputerRef>> {
    let mut found = BTreeMap::new();
    for chunk in groups.chunks(CHUNK) {
        let select = Query::select()
            .column((Activity::Table, Activity::ParentId))
            .expr_as(Expr::col((Computer::Table, Computer::Id)).min(), "id")
            .expr_as(Expr::col((Computer::Table, Computer::Title)).min(), "title")
            .from(Activity::Table)
            .inner_join(
                Computer::Table,
                Expr::col((Computer::Table, Computer::Id)).equals((Activity::Table, Activity::ComputerId)),
            )
            .and_where(column(Activity::ParentId).is_in(chunk.iter().copied()))
            .group_by_col((Activity::Table, Activity::ParentId))
            .and_having(Expr::cust("COUNT(*) = 1"))
            .take();
        for row in conn.fetch_all(&select).await? {
            found.insert(row.get("parent_id")?, ComputerRef { id: row.get("id")?, title: row.get("title")? });
        }
    }
    Ok(found)
}
