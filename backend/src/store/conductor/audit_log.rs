//! Reading the audit log, and shortening it.

use binnacle_shared::Kind;
use binnacle_shared::list::FieldFilter;
use binnacle_shared::model::conductor::audit::AuditEntry;
use binnacle_shared::time::NaiveMillis;
use jiff::Timestamp;
use sea_query::{Alias, Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use serde_json::Value;

use crate::store::list::{FieldSql, Listed};
use crate::store::tables::AuditEntry as Table;
use crate::store::{Conn, Result, Row, StoreError, micros};

/// The part of the audit log that somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditScope {
    pub account_id: i64,
    pub part: Part,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Everything,
    /// What concerns the tenant of that number.
    Tenant(i64),
    /// What the person of that number did.
    Own(i64),
}

impl AuditScope {
    fn rows(&self) -> Condition {
        let part = match &self.part {
            Part::Everything => None,
            Part::Tenant(id) => Some(column(Table::TenantId).eq(*id)),
            Part::Own(id) => Some(column(Table::CreatorId).eq(*id)),
        };
        Condition::all().add(column(Table::AccountId).eq(self.account_id)).add_option(part)
    }
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

/// A span of time; its beginning belongs to it, its end does not.
pub fn between(since: Option<Timestamp>, before: Option<Timestamp>) -> Condition {
    let at = || column(Table::CreatedAt);
    Condition::all()
        .add_option(since.map(|since| at().gte(micros(since))))
        .add_option(before.map(|before| at().lt(micros(before))))
}

/// Entries that were written after that one.
pub fn after(id: i64) -> Condition {
    Condition::all().add(column(Table::Id).gt(id))
}

/// The numbers of the newest entries, newest first; whoever's they are.
pub async fn newest(conn: &mut Conn, count: u64) -> Result<Vec<i64>> {
    let select =
        Query::select().column(Table::Id).from(Table::Table).order_by(Table::Id, Order::Desc).limit(count).take();
    conn.fetch_all(&select).await?.iter().map(|row| row.get("id")).collect()
}

/// Removes entries that are in scope and match; tells how many there were.
pub async fn remove(conn: &mut Conn, scope: &AuditScope, before: Timestamp, filters: &[FieldFilter]) -> Result<u64> {
    let mut delete = Query::delete()
        .from_table(Table::Table)
        .cond_where(scope.rows())
        .cond_where(between(None, Some(before)))
        .take();
    for filter in filters {
        let condition = match AuditEntry::field(filter.field) {
            Some(FieldSql::Text(column)) if filter.values.is_empty() => column.is_null(),
            Some(FieldSql::Text(column)) => column.is_in(filter.values.clone()),
            // What cannot be told apart is kept.
            _ => Expr::val(1).eq(0),
        };
        delete.and_where(condition);
    }
    conn.execute(&delete).await
}

fn json(row: &Row, column: &str) -> Result<Option<Value>> {
    let Some(text) = row.get::<Option<String>>(column)? else { return Ok(None) };
    let unreadable = |_| StoreError::Unreadable { what: "audit entry", value: "…".to_owned() };
    serde_json::from_str(&text).map(Some).map_err(unreadable)
}

impl Listed for AuditEntry {
    type Scope = AuditScope;
    const KIND: Kind = Kind::AuditEntry;
    const NULLABLE: &'static [&'static str] = &["creator_name", "tenant_name", "address"];

    fn source(scope: &AuditScope) -> SelectStatement {
        Query::select().from(Table::Table).cond_where(scope.rows()).take()
    }

    fn columns(select: &mut SelectStatement) {
        select
            .columns(
                [
                    Table::Id,
                    Table::CreatedAt,
                    Table::RefTable,
                    Table::RefId,
                    Table::RefIdentifier,
                    Table::Operation,
                    Table::CreatorName,
                    Table::ExecutionId,
                    Table::TenantName,
                    Table::Address,
                ]
                .map(|column| (Table::Table, column)),
            )
            .expr_as(column(Table::BeforeChange), Alias::new("before_change"))
            .expr_as(column(Table::AfterChange), Alias::new("after_change"));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Table::Id)),
            "created_at" => FieldSql::Time(column(Table::CreatedAt)),
            "ref_table" => FieldSql::Text(column(Table::RefTable)),
            "ref_id" => FieldSql::Integer(column(Table::RefId)),
            "operation" => FieldSql::Text(column(Table::Operation)),
            "creator_name" => FieldSql::Text(column(Table::CreatorName)),
            "execution_id" => FieldSql::Text(column(Table::ExecutionId)),
            "tenant_name" => FieldSql::Text(column(Table::TenantName)),
            "address" => FieldSql::Text(column(Table::Address)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            ref_table: row.get("ref_table")?,
            ref_id: row.get("ref_id")?,
            ref_identifier: json(row, "ref_identifier")?.unwrap_or_default(),
            operation: row.get("operation")?,
            creator_name: row.get("creator_name")?,
            execution_id: row.get("execution_id")?,
            created_at: NaiveMillis(row.time("created_at")?),
            tenant_name: row.get("tenant_name")?,
            address: row.get("address")?,
            before: json(row, "before_change")?,
            after: json(row, "after_change")?,
        })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}
