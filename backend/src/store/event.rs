//! The events log: what people did, and what the server did for them. A row is written in the
//! transaction of the change it tells of, so that there is neither without the other.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::event::{Entity, Event};
use binnacle_shared::time::Seconds;
use jiff::{SignedDuration, Timestamp};
use sea_query::{Alias, Condition, Expr, ExprTrait, IntoTableRef, Query, SelectStatement, SubQueryStatement};

use super::list::{FieldSql, Listed};
use super::tables::{Account, Event as Table, Person};
use super::{Conn, Result, Row, Scope, StoreError, micros};

/// Longest message and longest name that are kept; what is longer is cut.
const LONGEST: usize = 1000;

/// Something that happened. Never put a secret into it.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    pub account_id: i64,
    /// Who did it; none: the server, or somebody unknown.
    pub person_id: Option<i64>,
    pub entity: Entity,
    pub entity_id: Option<i64>,
    /// Title or name of what was changed, as it is after the change.
    pub entity_name: &'a str,
    /// A sentence in the past: "Archived the script profile."
    pub message: String,
}

/// Writes it down, in the transaction of the change.
pub async fn record(conn: &mut Conn, event: &NewEvent<'_>, now: Timestamp) -> Result<()> {
    let name = Query::select()
        .column(Person::Name)
        .from(Person::Table)
        .and_where(Expr::col(Person::Id).eq(event.person_id))
        .take();
    let name = Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(name)));
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::AccountId,
            Table::CreatedAt,
            Table::PersonId,
            Table::PersonName,
            Table::EntityType,
            Table::EntityId,
            Table::EntityName,
            Table::Message,
        ])
        .values_panic([
            event.account_id.into(),
            micros(now).into(),
            event.person_id.into(),
            name,
            event.entity.name().into_owned().into(),
            event.entity_id.into(),
            cut(event.entity_name).into(),
            cut(&event.message).into(),
        ])
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

/// Events of the account that are younger than so many days.
pub fn since(days: i64, now: Timestamp) -> Condition {
    let hours = days.clamp(0, 400_000).saturating_mul(24);
    let start = now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
    Condition::all().add(Expr::col((Table::Table, Table::CreatedAt)).gte(micros(start)))
}

/// What keeps an account's events for a limited time.
struct Retention {
    account_id: i64,
    days: i64,
}

async fn retentions(conn: &mut Conn) -> Result<Vec<Retention>> {
    let select = Query::select()
        .columns([Account::Id, Account::AuditRetentionPeriod])
        .from(Account::Table)
        .and_where(Expr::col(Account::AuditRetentionPeriod).gte(0))
        .take();
    let rows = conn.fetch_all(&select).await?;
    rows.iter()
        .map(|row| Ok(Retention { account_id: row.get("id")?, days: row.get("audit_retention_period")? }))
        .collect()
}

impl Retention {
    fn period(&self) -> SignedDuration {
        SignedDuration::from_hours(self.days.clamp(0, 400_000).saturating_mul(24))
    }

    fn own(&self) -> Condition {
        Condition::all().add(Expr::col(Table::AccountId).eq(self.account_id))
    }
}

/// When the next event will have been kept long enough; none: no account forgets.
pub async fn next_expiry(conn: &mut Conn) -> Result<Option<Timestamp>> {
    let mut next = None;
    for retention in retentions(conn).await? {
        let oldest = Query::select()
            .expr_as(Expr::col(Table::CreatedAt).min(), Alias::new("oldest"))
            .from(Table::Table)
            .cond_where(retention.own())
            .take();
        let oldest = conn.fetch_one(&oldest).await?.optional_time("oldest")?;
        let expiry = oldest.and_then(|at| at.checked_add(retention.period()).ok());
        next = [next, expiry].into_iter().flatten().min();
    }
    Ok(next)
}

/// Forgets what has been kept long enough; tells how many events that were.
pub async fn remove_expired(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let mut removed = 0;
    for retention in retentions(conn).await? {
        let Ok(before) = now.checked_sub(retention.period()) else { continue };
        let delete = Query::delete()
            .from_table(Table::Table)
            .cond_where(retention.own().add(Expr::col(Table::CreatedAt).lte(micros(before))))
            .take();
        removed += conn.execute(&delete).await?;
    }
    Ok(removed)
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

impl Listed for Event {
    type Scope = Scope;
    const KIND: Kind = Kind::Event;
    const NULLABLE: &'static [&'static str] = &["person_name"];

    /// The log belongs to the whole account; its permission is one of the account.
    fn source(scope: &Scope) -> SelectStatement {
        Query::select()
            .from(Table::Table.into_table_ref())
            .and_where(column(Table::AccountId).eq(scope.account_id()))
            .take()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns(
            [
                Table::Id,
                Table::CreatedAt,
                Table::PersonId,
                Table::PersonName,
                Table::EntityType,
                Table::EntityId,
                Table::EntityName,
                Table::Message,
            ]
            .map(|column| (Table::Table, column)),
        );
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Table::Id)),
            "creation_time" => FieldSql::Time(column(Table::CreatedAt)),
            "person_name" => FieldSql::Text(column(Table::PersonName)),
            "person_id" => FieldSql::Integer(column(Table::PersonId)),
            "entity_type" => FieldSql::Text(column(Table::EntityType)),
            "entity_id" => FieldSql::Integer(column(Table::EntityId)),
            "entity_name" => FieldSql::Text(column(Table::EntityName)),
            "message" => FieldSql::Text(column(Table::Message)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            creation_time: Seconds(row.time("created_at")?),
            person_id: row.get("person_id")?,
            person_name: row.get("person_name")?,
            entity_type: row.get("entity_type")?,
            entity_id: row.get("entity_id")?,
            entity_name: row.get("entity_name")?,
            message: row.get("message")?,
        })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok::<(), StoreError>(())
    }
}
