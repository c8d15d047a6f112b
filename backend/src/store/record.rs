//! Things that are nothing but their fields (`KindInfo::storage`): one path stores them all.

use binnacle_shared::Kind;
use binnacle_shared::field::{ReferenceBy, Widget};
use binnacle_shared::list::{ListParams, Page};
use binnacle_shared::record::Record;
use binnacle_shared::registry::Storage;
use binnacle_shared::time::NaiveMicros;
use jiff::Timestamp;
use sea_query::{Alias, Condition, Expr, ExprTrait, Iden, IntoIden, Query, SelectStatement};
use serde_json::Value;

use super::list::{self, FieldSql, Source};
use super::{Conn, Result, Row, Scope, StoreError, micros};

/// Set by the server when a thing is made, and when it is changed.
const CREATED: &str = "created_at";
const EDITED: &str = "last_edited_at";

/// A column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnType {
    Text,
    Integer,
    Boolean,
    Time,
    /// A list of texts, as JSON.
    Texts,
}

fn column_type(widget: &Widget, name: &str) -> ColumnType {
    match widget {
        Widget::Switch => ColumnType::Boolean,
        Widget::Number { .. } | Widget::Count | Widget::Reference { by: ReferenceBy::Id, .. } => ColumnType::Integer,
        Widget::Time | Widget::DateTime => ColumnType::Time,
        Widget::Tags => ColumnType::Texts,
        _ if name == "id" => ColumnType::Integer,
        _ => ColumnType::Text,
    }
}

/// The table of a kind. Only kinds with a storage come here; the routes are made from those.
fn storage(kind: Kind) -> Result<Storage> {
    kind.info().storage.ok_or(StoreError::Unreadable { what: "storage", value: kind.name().to_owned() })
}

fn columns_of(kind: Kind) -> impl Iterator<Item = (&'static str, ColumnType)> {
    kind.info()
        .fields
        .iter()
        .filter(|field| !field.name.contains('/'))
        .map(|field| (field.name, column_type(&field.widget, field.name)))
}

fn table(kind: Kind) -> Result<impl Iden + Clone> {
    Ok(Alias::new(storage(kind)?.table))
}

/// The rows of the caller's account.
fn source(kind: Kind, scope: &Scope) -> Result<SelectStatement> {
    Ok(Query::select().from(table(kind)?).cond_where(own(scope)).take())
}

fn own(scope: &Scope) -> Condition {
    Condition::all().add(Expr::col("account_id").eq(scope.account_id()))
}

fn field_sql(kind: Kind, name: &str) -> Option<FieldSql> {
    let (name, column) = columns_of(kind).find(|(column, _)| *column == name)?;
    let expr = Expr::col(Alias::new(name));
    Some(match column {
        ColumnType::Text | ColumnType::Texts => FieldSql::Text(expr),
        ColumnType::Integer => FieldSql::Integer(expr),
        ColumnType::Boolean => FieldSql::Boolean(expr),
        ColumnType::Time => FieldSql::Time(expr),
    })
}

fn select_columns(select: &mut SelectStatement, kind: Kind) {
    select.columns(columns_of(kind).map(|(name, _)| Alias::new(name)));
}

fn decode(kind: Kind, row: &Row) -> Result<Record> {
    let mut record = Record::new();
    for (name, column) in columns_of(kind) {
        let value = match column {
            ColumnType::Text => row.get::<Option<String>>(name)?.map(Value::String),
            ColumnType::Integer => row.get::<Option<i64>>(name)?.map(Value::from),
            ColumnType::Boolean => row.get::<Option<bool>>(name)?.map(Value::Bool),
            ColumnType::Time => row.optional_time(name)?.map(|at| Value::String(NaiveMicros(at).to_string())),
            ColumnType::Texts => row.get::<Option<String>>(name)?.and_then(|text| serde_json::from_str(&text).ok()),
        };
        record.insert(name.to_owned(), value.unwrap_or(Value::Null));
    }
    Ok(record)
}

/// A value as its column keeps it.
fn encode(column: ColumnType, value: &Value) -> Expr {
    match (column, value) {
        (ColumnType::Text, value) => Expr::val(value.as_str().map(str::to_owned)),
        (ColumnType::Integer | ColumnType::Time, value) => Expr::val(value.as_i64()),
        (ColumnType::Boolean, value) => Expr::val(value.as_bool()),
        (ColumnType::Texts, Value::Null) => Expr::val(None::<String>),
        (ColumnType::Texts, value) => Expr::val(value.to_string()),
    }
}

/// A page of the list.
pub async fn page(conn: &mut Conn, scope: &Scope, kind: Kind, params: &ListParams) -> Result<Page<Record>> {
    let source = Source {
        kind,
        rows: source(kind, scope)?,
        join: |_| (),
        field: &|name| field_sql(kind, name),
        // What a kind without code of its own keeps is too little to need an index.
        nullable: |_| true,
        id: Expr::col("id"),
        columns: select_columns,
    };
    let Page { items, total } = list::rows(conn, source, params, Condition::all()).await?;
    let items = items.iter().map(|row| decode(kind, row)).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// The thing whose column has that value, if there is one.
pub async fn find(
    conn: &mut Conn,
    scope: &Scope,
    kind: Kind,
    column: &'static str,
    value: impl Into<Expr>,
) -> Result<Option<Record>> {
    let mut select = source(kind, scope)?;
    select_columns(&mut select, kind);
    select.and_where(Expr::col(Alias::new(column)).eq(value.into())).limit(1);
    conn.fetch_optional(&select).await?.map(|row| decode(kind, &row)).transpose()
}

/// Of the fields that must be unique, one whose value another thing has already.
pub async fn taken(
    conn: &mut Conn,
    scope: &Scope,
    kind: Kind,
    values: &Record,
    besides: Option<i64>,
) -> Result<Option<&'static str>> {
    for (name, column) in columns_of(kind).filter(|(name, _)| storage(kind).is_ok_and(|s| s.unique.contains(name))) {
        let Some(value) = values.get(name) else { continue };
        let mut select = source(kind, scope)?;
        select.column("id").and_where(Expr::col(Alias::new(name)).eq(encode(column, value))).limit(1);
        if let Some(id) = besides {
            select.and_where(Expr::col("id").ne(id));
        }
        if conn.fetch_optional(&select).await?.is_some() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Makes a thing and answers its number.
pub async fn insert(conn: &mut Conn, scope: &Scope, kind: Kind, values: &Record, now: Timestamp) -> Result<i64> {
    let mut columns = vec![Alias::new("account_id").into_iden()];
    let mut row = vec![Expr::val(scope.account_id())];
    for (name, column) in columns_of(kind) {
        let value = match values.get(name) {
            Some(value) => encode(column, value),
            None if matches!(name, CREATED | EDITED) => Expr::val(micros(now)),
            None => continue,
        };
        columns.push(Alias::new(name).into_iden());
        row.push(value);
    }
    let insert = Query::insert().into_table(table(kind)?).columns(columns).values_panic(row).returning_col("id").take();
    conn.fetch_one(&insert).await?.get("id")
}

/// Changes what is given of a thing; false if there is none.
pub async fn update(
    conn: &mut Conn,
    scope: &Scope,
    kind: Kind,
    id: i64,
    values: &Record,
    now: Timestamp,
) -> Result<bool> {
    let mut update = Query::update().table(table(kind)?).cond_where(own(scope).add(Expr::col("id").eq(id))).take();
    for (name, column) in columns_of(kind) {
        if let Some(value) = values.get(name) {
            update.value(Alias::new(name), encode(column, value));
        } else if name == EDITED {
            update.value(EDITED, micros(now));
        }
    }
    Ok(conn.execute(&update).await? > 0)
}

/// Removes a thing; false if there is none.
pub async fn remove(conn: &mut Conn, scope: &Scope, kind: Kind, id: i64) -> Result<bool> {
    let delete = Query::delete().from_table(table(kind)?).cond_where(own(scope).add(Expr::col("id").eq(id))).take();
    Ok(conn.execute(&delete).await? > 0)
}

#[cfg(test)]
mod tests {
    use binnacle_shared::Kind;

    use super::field_sql;

    #[test]
    fn whatever_lists_promise_is_a_column() {
        for kind in Kind::ALL.iter().filter(|kind| kind.info().storage.is_some()) {
            for field in kind.info().fields {
                let list = field.list;
                if list.sortable || list.filterable || list.searchable {
                    assert!(field_sql(*kind, field.name).is_some(), "{}.{}", kind.name(), field.name);
                }
            }
        }
    }
}
