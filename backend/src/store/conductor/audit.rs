//! The audit log: one row for each change, written in the transaction of the change.

use std::borrow::Cow;

use jiff::Timestamp;
use sea_query::{Expr, Query};
use serde_json::Value;

use crate::store::tables::AuditEntry as Table;
use crate::store::{Conn, Result, micros};

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Update,
    Delete,
    /// Somebody looked at a value that is otherwise hidden.
    Read,
}

impl Operation {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Read => "read",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete, Self::Read].into_iter().find(|known| known.name() == name)
    }
}

/// A change, and who made it.
#[derive(Clone, Debug)]
pub struct NewEntry<'a> {
    pub account_id: i64,
    pub ref_table: &'a str,
    pub ref_id: i64,
    /// By what the row is known: its name, its tenant.
    pub ref_identifier: Value,
    pub operation: Operation,
    /// Who did it. Names are for readers; whose an entry is, is decided by numbers alone.
    pub creator_id: Option<i64>,
    pub creator_name: Option<&'a str>,
    pub execution_id: Option<&'a str>,
    /// The tenant whose people may see the entry; none: administrators of everything only, and who
    /// did it.
    pub tenant_id: Option<i64>,
    pub tenant_name: Option<Cow<'a, str>>,
    pub address: Option<String>,
    /// Without secrets.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// How many rows one statement writes.
const AT_ONCE: usize = 500;

const COLUMNS: [Table; 14] = [
    Table::AccountId,
    Table::CreatedAt,
    Table::RefTable,
    Table::RefId,
    Table::RefIdentifier,
    Table::Operation,
    Table::CreatorId,
    Table::CreatorName,
    Table::ExecutionId,
    Table::TenantId,
    Table::TenantName,
    Table::Address,
    Table::BeforeChange,
    Table::AfterChange,
];

fn values(entry: NewEntry<'_>, now: Timestamp) -> [Expr; 14] {
    let text = |value: Option<Value>| -> Expr { value.map(|value| value.to_string()).into() };
    [
        entry.account_id.into(),
        micros(now).into(),
        entry.ref_table.into(),
        entry.ref_id.into(),
        entry.ref_identifier.to_string().into(),
        entry.operation.name().into(),
        entry.creator_id.into(),
        entry.creator_name.into(),
        entry.execution_id.into(),
        entry.tenant_id.into(),
        entry.tenant_name.map(Cow::into_owned).into(),
        entry.address.into(),
        text(entry.before),
        text(entry.after),
    ]
}

pub async fn record(conn: &mut Conn, entry: NewEntry<'_>, now: Timestamp) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns(COLUMNS)
        .values_panic(values(entry, now))
        .returning_col(Table::Id)
        .take();
    conn.note_audit();
    conn.fetch_one(&insert).await?.get("id")
}

/// The same for many.
pub async fn record_all(conn: &mut Conn, entries: Vec<NewEntry<'_>>, now: Timestamp) -> Result<()> {
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        let mut insert = Query::insert().into_table(Table::Table).columns(COLUMNS).take();
        for entry in entries.by_ref().take(AT_ONCE) {
            insert.values_panic(values(entry, now));
        }
        conn.note_audit();
        conn.execute(&insert).await?;
    }
    Ok(())
}
