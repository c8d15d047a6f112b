//! What agents report of their computers from time to time: processes, and the last of each
//! other report as a document.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query};
use serde_json::Value;

use super::tables::{Computer, ComputerProcess, ComputerReport};
use super::{Conn, Result, Scope, StoreError, micros};

/// The last report of a kind about an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// A mount point, say; empty when the report is about the computer.
    pub item: String,
    pub at: Timestamp,
    pub body: Value,
}

/// Keeps a report in place of the one before it.
pub async fn put(
    conn: &mut Conn,
    computer_id: i64,
    kind: &str,
    item: &str,
    body: &Value,
    now: Timestamp,
) -> Result<()> {
    use ComputerReport as R;
    let insert = Query::insert()
        .into_table(R::Table)
        .columns([R::ComputerId, R::Kind, R::Item, R::ReportedAt, R::Body])
        .values_panic([computer_id.into(), kind.into(), item.into(), micros(now).into(), body.to_string().into()])
        .on_conflict(
            OnConflict::columns([R::ComputerId, R::Kind, R::Item]).update_columns([R::ReportedAt, R::Body]).to_owned(),
        )
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// How many items of a kind are kept.
pub async fn count(conn: &mut Conn, computer_id: i64, kind: &str) -> Result<i64> {
    let select = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from(ComputerReport::Table)
        .and_where(Expr::col(ComputerReport::ComputerId).eq(computer_id))
        .and_where(Expr::col(ComputerReport::Kind).eq(kind))
        .take();
    conn.fetch_one(&select).await?.get("count")
}

/// The last reports of a kind, by item; none when the computer is out of scope.
pub async fn last(conn: &mut Conn, scope: &Scope, computer_id: i64, kind: &str) -> Result<Vec<Report>> {
    use ComputerReport as R;
    let select = scope
        .select::<Computer>()
        .inner_join(R::Table, Expr::col((R::Table, R::ComputerId)).equals((Computer::Table, Computer::Id)))
        .columns([R::Item, R::ReportedAt, R::Body].map(|column| (R::Table, column)))
        .and_where(Expr::col((Computer::Table, Computer::Id)).eq(computer_id))
        .and_where(Expr::col((R::Table, R::Kind)).eq(kind))
        .order_by((R::Table, R::Item), Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            let body: String = row.get("body")?;
            let body =
                serde_json::from_str(&body).map_err(|_| StoreError::Unreadable { what: "report", value: body })?;
            Ok(Report { item: row.get("item")?, at: row.time("reported_at")?, body })
        })
        .collect()
}

/// A process of a computer.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    pub pid: i64,
    pub name: String,
    /// One letter, as ps shows it.
    pub state: String,
    pub uid: i64,
    pub gid: i64,
    /// Kibibytes.
    pub vm_size: Option<i64>,
    /// Seconds since 1970.
    pub start_time: i64,
    pub percent_cpu: Option<f64>,
}

/// Forgets processes: some, or all.
pub async fn forget_processes(conn: &mut Conn, computer_id: i64, pids: Option<&[i64]>) -> Result<()> {
    let mut delete = Query::delete();
    delete.from_table(ComputerProcess::Table).and_where(Expr::col(ComputerProcess::ComputerId).eq(computer_id));
    if let Some(pids) = pids {
        delete.and_where(Expr::col(ComputerProcess::Pid).is_in(pids.iter().copied()));
    }
    conn.execute(&delete).await?;
    Ok(())
}

/// Takes up processes, or what changed of them.
pub async fn put_processes(conn: &mut Conn, computer_id: i64, processes: &[Process]) -> Result<()> {
    use ComputerProcess as P;
    let facts = [P::Name, P::State, P::Uid, P::Gid, P::VmSize, P::StartTime, P::PercentCpu];
    for chunk in processes.chunks(100) {
        let mut insert = Query::insert();
        insert.into_table(P::Table).columns([P::ComputerId, P::Pid].into_iter().chain(facts));
        for process in chunk {
            insert.values_panic([
                computer_id.into(),
                process.pid.into(),
                process.name.as_str().into(),
                process.state.as_str().into(),
                process.uid.into(),
                process.gid.into(),
                process.vm_size.into(),
                process.start_time.into(),
                process.percent_cpu.into(),
            ]);
        }
        insert.on_conflict(OnConflict::columns([P::ComputerId, P::Pid]).update_columns(facts).to_owned());
        conn.execute(&insert).await?;
    }
    Ok(())
}

/// The processes of a computer, by number; none when it is out of scope.
pub async fn processes(conn: &mut Conn, scope: &Scope, computer_id: i64) -> Result<Vec<Process>> {
    use ComputerProcess as P;
    let columns = [P::Pid, P::Name, P::State, P::Uid, P::Gid, P::VmSize, P::StartTime, P::PercentCpu];
    let select = scope
        .select::<Computer>()
        .inner_join(P::Table, Expr::col((P::Table, P::ComputerId)).equals((Computer::Table, Computer::Id)))
        .columns(columns.map(|column| (P::Table, column)))
        .and_where(Expr::col((Computer::Table, Computer::Id)).eq(computer_id))
        .order_by((P::Table, P::Pid), Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(Process {
                pid: row.get("pid")?,
                name: row.get("name")?,
                state: row.get("state")?,
                uid: row.get("uid")?,
                gid: row.get("gid")?,
                vm_size: row.get("vm_size")?,
                start_time: row.get("start_time")?,
                percent_cpu: row.get("percent_cpu")?,
            })
        })
        .collect()
}
