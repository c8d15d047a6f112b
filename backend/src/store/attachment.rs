//! Files that scripts find beside them where they run.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::script::AttachmentRef;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Order, Query};

use super::tables::ScriptAttachment;
use super::{Conn, Result, micros};

/// The attachments of some scripts, by script, in the order in which they were added.
pub async fn of_scripts(conn: &mut Conn, scripts: &[i64]) -> Result<BTreeMap<i64, Vec<AttachmentRef>>> {
    use ScriptAttachment as A;
    let select = Query::select()
        .columns([A::Id, A::ScriptId, A::Filename])
        .from(A::Table)
        .and_where(Expr::col(A::ScriptId).is_in(scripts.iter().copied()))
        .order_by(A::Id, Order::Asc)
        .take();
    let mut found: BTreeMap<i64, Vec<AttachmentRef>> = BTreeMap::new();
    for row in conn.fetch_all(&select).await? {
        let attachment = AttachmentRef { id: row.get("id")?, filename: row.get("filename")? };
        found.entry(row.get("script_id")?).or_default().push(attachment);
    }
    Ok(found)
}

/// Number and bytes of a script's attachments.
pub async fn totals(conn: &mut Conn, script_id: i64) -> Result<(usize, i64)> {
    let select = Query::select()
        .column(ScriptAttachment::Size)
        .from(ScriptAttachment::Table)
        .and_where(Expr::col(ScriptAttachment::ScriptId).eq(script_id))
        .take();
    let rows = conn.fetch_all(&select).await?;
    let sizes: Vec<i64> = rows.iter().map(|row| row.get("size")).collect::<Result<_>>()?;
    Ok((sizes.len(), sizes.into_iter().fold(0, i64::saturating_add)))
}

/// The bytes of an attachment of a script that the caller has found in scope.
pub async fn content(conn: &mut Conn, script_id: i64, id: i64) -> Result<Option<(String, Vec<u8>)>> {
    use ScriptAttachment as A;
    let select = Query::select()
        .columns([A::Filename, A::Content])
        .from(A::Table)
        .and_where(Expr::col(A::Id).eq(id))
        .and_where(Expr::col(A::ScriptId).eq(script_id))
        .take();
    let row = conn.fetch_optional(&select).await?;
    row.map(|row| Ok((row.get("filename")?, row.get("content")?))).transpose()
}

/// Adds a file. A name that the script has already is `Duplicate`.
pub async fn create(conn: &mut Conn, script_id: i64, filename: &str, content: &[u8], now: Timestamp) -> Result<i64> {
    use ScriptAttachment as A;
    let insert = Query::insert()
        .into_table(A::Table)
        .columns([A::ScriptId, A::Filename, A::Content, A::Size, A::CreatedAt])
        .values_panic([
            script_id.into(),
            filename.into(),
            content.to_vec().into(),
            i64::try_from(content.len()).unwrap_or(i64::MAX).into(),
            micros(now).into(),
        ])
        .returning_col(A::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

/// Removes a file by name; false when there is none.
pub async fn remove(conn: &mut Conn, script_id: i64, filename: &str) -> Result<bool> {
    use ScriptAttachment as A;
    let delete = Query::delete()
        .from_table(A::Table)
        .and_where(Expr::col(A::ScriptId).eq(script_id))
        .and_where(Expr::col(A::Filename).eq(filename))
        .take();
    Ok(conn.execute(&delete).await? == 1)
}

/// Removes all files of a script.
pub async fn remove_all(conn: &mut Conn, script_id: i64) -> Result<()> {
    let delete = Query::delete()
        .from_table(ScriptAttachment::Table)
        .and_where(Expr::col(ScriptAttachment::ScriptId).eq(script_id))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Gives a script the files of another one.
pub async fn copy(conn: &mut Conn, from: i64, to: i64, now: Timestamp) -> Result<()> {
    use ScriptAttachment as A;
    let files = Query::select()
        .expr(Expr::val(to))
        .columns([A::Filename, A::Content, A::Size])
        .expr(Expr::val(micros(now)))
        .from(A::Table)
        .and_where(Expr::col(A::ScriptId).eq(from))
        .order_by(A::Id, Order::Asc)
        .take();
    let mut insert = Query::insert();
    insert.into_table(A::Table).columns([A::ScriptId, A::Filename, A::Content, A::Size, A::CreatedAt]);
    insert.select_from(files).map_err(|e| super::StoreError::Unreadable { what: "statement", value: e.to_string() })?;
    conn.execute(&insert).await?;
    Ok(())
}
