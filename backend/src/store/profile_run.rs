//! Which occurrences of a profile were taken, each once.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, OnConflict, Query};

use super::tables::ProfileRun;
use super::{Conn, Result, micros};

/// Takes a profile's occurrence; false when it was taken before.
pub async fn claim(
    conn: &mut Conn,
    profile_id: i64,
    occurrence: &str,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    use ProfileRun as R;
    let insert = Query::insert()
        .into_table(R::Table)
        .columns([R::ScriptProfileId, R::Occurrence, R::DueAt, R::FiredAt, R::Outcome])
        .values_panic([profile_id.into(), occurrence.into(), micros(due_at).into(), micros(now).into(), "empty".into()])
        .on_conflict(OnConflict::columns([R::ScriptProfileId, R::Occurrence]).do_nothing().to_owned())
        .take();
    Ok(conn.execute(&insert).await? == 1)
}

/// Notes which activity an occurrence became.
pub async fn set_activity(conn: &mut Conn, profile_id: i64, occurrence: &str, activity_id: i64) -> Result<()> {
    use ProfileRun as R;
    let update = Query::update()
        .table(R::Table)
        .value(R::Outcome, "ran")
        .value(R::ActivityId, activity_id)
        .and_where(Expr::col(R::ScriptProfileId).eq(profile_id))
        .and_where(Expr::col(R::Occurrence).eq(occurrence))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
