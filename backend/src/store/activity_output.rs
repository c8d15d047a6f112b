//! What scripts wrote, in the pieces in which it arrived.

use binnacle_shared::model::landscape::activity::OutputChunk;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Order, Query};

use super::tables::{Activity, ActivityOutput};
use super::{Conn, Result, micros};

/// Adds a piece of output if it continues what is there; false when it was known or does not fit.
pub async fn append(conn: &mut Conn, activity_id: i64, offset: i64, text: &str, now: Timestamp) -> Result<bool> {
    use ActivityOutput as O;
    let last = Query::select()
        .columns([O::Seq, O::ByteOffset, O::Text])
        .from(O::Table)
        .and_where(Expr::col(O::ActivityId).eq(activity_id))
        .order_by(O::Seq, Order::Desc)
        .limit(1)
        .take();
    let (seq, expected) = match conn.fetch_optional(&last).await? {
        Some(row) => {
            let text: String = row.get("text")?;
            let end = row.get::<i64>("byte_offset")? + i64::try_from(text.len()).unwrap_or(i64::MAX);
            (row.get::<i64>("seq")? + 1, end)
        }
        None => (0, 0),
    };
    if offset < expected || text.is_empty() {
        return Ok(false);
    }
    let insert = Query::insert()
        .into_table(O::Table)
        .columns([O::ActivityId, O::Seq, O::ReceivedAt, O::ByteOffset, O::Text])
        .values_panic([activity_id.into(), seq.into(), micros(now).into(), offset.into(), text.into()])
        .take();
    conn.execute(&insert).await?;
    Ok(true)
}

/// Output from a piece on, in order.
pub async fn read(conn: &mut Conn, activity_id: i64, from_seq: i64) -> Result<Vec<OutputChunk>> {
    use ActivityOutput as O;
    let select = Query::select()
        .columns([O::Seq, O::ReceivedAt, O::Text])
        .from(O::Table)
        .and_where(Expr::col(O::ActivityId).eq(activity_id))
        .and_where(Expr::col(O::Seq).gte(from_seq))
        .order_by(O::Seq, Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(OutputChunk {
                activity_id,
                seq: row.get("seq")?,
                at: format!("{:.3}", row.time("received_at")?),
                text: row.get("text")?,
            })
        })
        .collect()
}

/// Whether the output of an activity was cut.
pub async fn is_truncated(conn: &mut Conn, activity_id: i64) -> Result<bool> {
    let select = Query::select()
        .column(Activity::OutputTruncated)
        .from(Activity::Table)
        .and_where(Expr::col(Activity::Id).eq(activity_id))
        .take();
    Ok(match conn.fetch_optional(&select).await? {
        Some(row) => row.get("output_truncated")?,
        None => false,
    })
}
