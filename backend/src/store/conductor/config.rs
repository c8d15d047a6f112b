//! Settings of the Conductor API that were changed.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, OnConflict, Query};
use serde_json::Value;

use crate::store::tables::ConfigItem as Table;
use crate::store::{Conn, Result, Row, StoreError, micros};

/// The value that a setting was given; none: it has the one that the program gives it.
pub async fn value(conn: &mut Conn, account_id: i64, scope: &str, name: &str) -> Result<Option<Value>> {
    let select = Query::select()
        .column(Table::Value)
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .and_where(Expr::col(Table::Scope).eq(scope))
        .and_where(Expr::col(Table::Name).eq(name))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    let text: String = row.get("value")?;
    let unreadable = |_| StoreError::Unreadable { what: "setting", value: name.to_owned() };
    serde_json::from_str(&text).map(Some).map_err(unreadable)
}

/// A setting that was changed.
#[derive(Clone, Debug)]
pub struct Changed {
    pub scope: String,
    pub name: String,
    /// JSON, or a sealed text.
    pub text: String,
    pub updated_at: Timestamp,
    pub updater_name: String,
}

/// All that were changed.
pub async fn changed(conn: &mut Conn, account_id: i64) -> Result<Vec<Changed>> {
    let select = Query::select()
        .columns([Table::Scope, Table::Name, Table::Value, Table::UpdatedAt, Table::UpdaterName])
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .take();
    let decode = |row: &Row| {
        Ok(Changed {
            scope: row.get("scope")?,
            name: row.get("name")?,
            text: row.get("value")?,
            updated_at: row.time("updated_at")?,
            updater_name: row.get("updater_name")?,
        })
    };
    conn.fetch_all(&select).await?.iter().map(decode).collect()
}

/// Gives a setting a value.
pub async fn set(conn: &mut Conn, account_id: i64, item: &Changed) -> Result<()> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::AccountId, Table::Scope, Table::Name, Table::Value, Table::UpdatedAt, Table::UpdaterName])
        .values_panic([
            account_id.into(),
            item.scope.as_str().into(),
            item.name.as_str().into(),
            item.text.as_str().into(),
            micros(item.updated_at).into(),
            item.updater_name.as_str().into(),
        ])
        .on_conflict(
            OnConflict::columns([Table::AccountId, Table::Scope, Table::Name])
                .update_columns([Table::Value, Table::UpdatedAt, Table::UpdaterName])
                .to_owned(),
        )
        .take();
    conn.execute(&insert).await?;
    Ok(())
}
