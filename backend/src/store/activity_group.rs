//! How activities are made: a group, and a child for each computer, in one statement.

use binnacle_shared::model::landscape::activity::{ActivityStatus, EXECUTE_SCRIPT, GROUP_TYPE};
use jiff::{SignedDuration, Timestamp};
use sea_query::{Condition, Expr, ExprTrait, Order, Query};

use super::activity::refresh_group;
use super::tables::{Activity, Computer};
use super::{Conn, Result, Scope, StoreError, micros};

/// What the children shall do.
#[derive(Clone, Debug)]
pub enum Work {
    Script(ScriptWork),
    /// What the type alone says.
    Other(&'static str),
}

/// A script and how it runs.
#[derive(Clone, Debug)]
pub struct ScriptWork {
    pub script_profile_id: Option<i64>,
    pub script_id: i64,
    pub script_version: i64,
    pub username: String,
    pub time_limit: i64,
}

/// When agents get it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Not before this.
    pub after: Option<Timestamp>,
    /// Minutes over which the computers' turns are spread.
    pub window: i64,
}

/// An activity for some computers.
#[derive(Clone, Debug)]
pub struct NewGroup {
    pub account_id: i64,
    /// The group's own access group.
    pub access_group_id: i64,
    pub summary: String,
    pub creator_id: Option<i64>,
    pub work: Work,
    pub delivery: Delivery,
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

impl From<&NewRun> for NewGroup {
    fn from(run: &NewRun) -> Self {
        Self {
            account_id: run.account_id,
            access_group_id: run.access_group_id,
            summary: run.summary.clone(),
            creator_id: run.creator_id,
            work: Work::Script(ScriptWork {
                script_profile_id: run.script_profile_id,
                script_id: run.script_id,
                script_version: run.script_version,
                username: run.username.clone(),
                time_limit: run.time_limit,
            }),
            delivery: Delivery { after: run.deliver_after, window: 0 },
        }
    }
}

/// Makes a group that runs a script, with a child for each computer that matches. No computer: no
/// group.
pub async fn create_run(conn: &mut Conn, run: &NewRun, computers: Condition, now: Timestamp) -> Result<Option<i64>> {
    create_group(conn, &run.into(), computers, now).await
}

/// Makes a group and a child for each computer that matches, in one statement. No computer: no
/// group.
pub async fn create_group(
    conn: &mut Conn,
    new: &NewGroup,
    computers: Condition,
    now: Timestamp,
) -> Result<Option<i64>> {
    use Activity as A;
    let (activity_type, script) = match &new.work {
        Work::Script(script) => (EXECUTE_SCRIPT, Some(script)),
        Work::Other(name) => (*name, None),
    };
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
            new.account_id.into(),
            new.access_group_id.into(),
            GROUP_TYPE.into(),
            new.summary.as_str().into(),
            ActivityStatus::Undelivered.name().into(),
            new.creator_id.into(),
            script.and_then(|s| s.script_profile_id).into(),
            script.map(|s| s.script_id).into(),
            script.map(|s| s.script_version).into(),
            new.delivery.window.into(),
            micros(now).into(),
            micros(now).into(),
            false.into(),
        ])
        .returning_col(A::Id)
        .take();
    let group_id: i64 = conn.fetch_one(&group).await?.get("id")?;
    let (status, deliver_after) = turns(new.delivery, now);
    let children = Scope::account(new.account_id)
        .select::<Computer>()
        .column((Computer::Table, Computer::AccountId))
        .column((Computer::Table, Computer::AccessGroupId))
        .expr(Expr::val(group_id))
        .expr(Expr::val(activity_type))
        .expr(Expr::val(new.summary.as_str()))
        .expr(Expr::val(status.name()))
        .expr(Expr::val(new.creator_id))
        .column((Computer::Table, Computer::Id))
        .expr(Expr::val(script.and_then(|s| s.script_profile_id)))
        .expr(Expr::val(script.map(|s| s.script_id)))
        .expr(Expr::val(script.map(|s| s.script_version)))
        .expr(Expr::val(script.map(|s| s.username.as_str())))
        .expr(Expr::val(script.map(|s| s.time_limit)))
        .expr(Expr::val(0_i64))
        .expr(deliver_after)
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
    insert.select_from(children).map_err(|e| StoreError::Unreadable { what: "statement", value: e.to_string() })?;
    if conn.execute(&insert).await? == 0 {
        let delete = Query::delete().from_table(A::Table).and_where(Expr::col(A::Id).eq(group_id)).take();
        conn.execute(&delete).await?;
        return Ok(None);
    }
    if status == ActivityStatus::Scheduled {
        start_first(conn, group_id, now).await?;
    }
    refresh_group(conn, group_id, now).await?;
    Ok(Some(group_id))
}

/// The status of children that are made, and when their turn is. With a window, the turns are
/// spread evenly over it, in the order of the computers.
fn turns(delivery: Delivery, now: Timestamp) -> (ActivityStatus, Expr) {
    let later = delivery.after.filter(|at| *at > now);
    if later.is_none() && delivery.window <= 0 {
        return (ActivityStatus::Undelivered, Expr::val(delivery.after.map(micros)));
    }
    let first = micros(later.unwrap_or(now));
    let window = i64::try_from(SignedDuration::from_mins(delivery.window).as_micros()).unwrap_or(i64::MAX);
    let place = Expr::cust("(ROW_NUMBER() OVER (ORDER BY \"computer\".\"id\") - 1)");
    let turn = Expr::val(first).add(place.mul(window).div(Expr::cust("COUNT(*) OVER ()")));
    (ActivityStatus::Scheduled, turn)
}

/// Those whose turn is now do not wait for the scheduler.
async fn start_first(conn: &mut Conn, group_id: i64, now: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Activity::Table)
        .value(Activity::Status, ActivityStatus::Undelivered.name())
        .and_where(Expr::col(Activity::ParentId).eq(group_id))
        .and_where(Expr::col(Activity::Status).eq(ActivityStatus::Scheduled.name()))
        .and_where(Expr::col(Activity::DeliverAfter).lte(micros(now)))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
