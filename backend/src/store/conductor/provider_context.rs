//! What a bootstrap has left for later clients.

use binnacle_shared::model::conductor::manager::ProviderContext;
use sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::store::tables::ProviderContext as Table;
use crate::store::{Conn, Result, StoreError};

pub async fn current(conn: &mut Conn, account_id: i64) -> Result<Option<ProviderContext>> {
    let select = Query::select()
        .columns([Table::Name, Table::Context])
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    let text: String = row.get("context")?;
    // What stands there may be secret.
    let unreadable = |_| StoreError::Unreadable { what: "provider context", value: "…".to_owned() };
    let context = serde_json::from_str(&text).map_err(unreadable)?;
    Ok(Some(ProviderContext { name: row.get("name")?, context }))
}

pub async fn set(conn: &mut Conn, account_id: i64, context: &ProviderContext) -> Result<()> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::AccountId, Table::Name, Table::Context])
        .values_panic([account_id.into(), context.name.as_str().into(), context.context.to_string().into()])
        .on_conflict(OnConflict::column(Table::AccountId).update_columns([Table::Name, Table::Context]).to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}
