//! What became of a profile's occurrences. Each is taken once: a unique index sees to that.

use binnacle_shared::list::{ListParams, Page};
use binnacle_shared::model::landscape::script_profile::{ProfileRun as Wire, RunCause, RunOutcome};
use binnacle_shared::time::Seconds;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query};

use super::tables::ProfileRun;
use super::{Conn, Result, Row, micros};

/// An occurrence that is taken.
#[derive(Clone, Copy, Debug)]
pub struct NewProfileRun<'a> {
    /// Unique among those of the profile.
    pub occurrence: &'a str,
    pub cause: RunCause,
    /// `Empty` until an activity is known.
    pub outcome: RunOutcome,
    pub due_at: Timestamp,
    /// How many planned times it stands for, and the last of them.
    pub planned_runs: i64,
    pub last_due_at: Timestamp,
}

impl NewProfileRun<'_> {
    /// A single one, without its name.
    pub const fn of(cause: RunCause, due_at: Timestamp) -> Self {
        Self { occurrence: "", cause, outcome: RunOutcome::Empty, due_at, planned_runs: 1, last_due_at: due_at }
    }
}

/// Takes a profile's occurrence; false when it was taken before.
pub async fn insert(conn: &mut Conn, profile_id: i64, new: &NewProfileRun<'_>, now: Timestamp) -> Result<bool> {
    use ProfileRun as R;
    let insert = Query::insert()
        .into_table(R::Table)
        .columns([
            R::ScriptProfileId,
            R::Occurrence,
            R::Cause,
            R::Outcome,
            R::DueAt,
            R::FiredAt,
            R::PlannedRuns,
            R::LastDueAt,
        ])
        .values_panic([
            profile_id.into(),
            new.occurrence.into(),
            new.cause.name().into(),
            new.outcome.name().into(),
            micros(new.due_at).into(),
            micros(now).into(),
            new.planned_runs.into(),
            micros(new.last_due_at).into(),
        ])
        .on_conflict(OnConflict::columns([R::ScriptProfileId, R::Occurrence]).do_nothing().to_owned())
        .take();
    Ok(conn.execute(&insert).await? == 1)
}

/// Notes which activity an occurrence became.
pub async fn set_activity(conn: &mut Conn, profile_id: i64, occurrence: &str, activity_id: i64) -> Result<()> {
    use ProfileRun as R;
    let update = Query::update()
        .table(R::Table)
        .value(R::Outcome, RunOutcome::Ran.name())
        .value(R::ActivityId, activity_id)
        .and_where(Expr::col(R::ScriptProfileId).eq(profile_id))
        .and_where(Expr::col(R::Occurrence).eq(occurrence))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// The runs of a profile that was found in scope, the newest first.
pub async fn page(conn: &mut Conn, profile_id: i64, params: &ListParams) -> Result<Page<Wire>> {
    use ProfileRun as R;
    let mut select = Query::select().from(R::Table).and_where(Expr::col(R::ScriptProfileId).eq(profile_id)).take();
    let count = select.clone().expr_as(Expr::cust("COUNT(*)"), "count").take();
    let total: i64 = conn.fetch_one(&count).await?.get("count")?;
    select
        .columns([R::Id, R::Cause, R::Outcome, R::DueAt, R::FiredAt, R::ActivityId, R::PlannedRuns, R::LastDueAt])
        .order_by(R::Id, Order::Desc)
        .limit(params.limit.into())
        .offset(params.offset);
    let items = conn.fetch_all(&select).await?.iter().map(decode).collect::<Result<Vec<Wire>>>()?;
    Ok(Page { items, total: total.unsigned_abs() })
}

fn decode(row: &Row) -> Result<Wire> {
    let planned = row.time("due_at")?;
    Ok(Wire {
        id: row.get("id")?,
        cause: row.word("cause", RunCause::from_name)?,
        outcome: row.word("outcome", RunOutcome::from_name)?,
        planned_time: Seconds(planned),
        fired_time: Seconds(row.time("fired_at")?),
        activity_id: row.get("activity_id")?,
        planned_runs: row.get("planned_runs")?,
        last_planned_time: Seconds(row.optional_time("last_due_at")?.unwrap_or(planned)),
    })
}
