//! What all things of tenants have in common in the store: whose they are, who sees them, by
//! what name they go.

use std::collections::HashMap;

use binnacle_shared::model::conductor::visibility::{Belonging, Visibility};
use binnacle_shared::time::Millis;
use jiff::Timestamp;
use sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement};

use super::scope::{TenantOwned, TenantScope};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::{Person, Tenant};
use crate::store::{Conn, Result, Row, micros};

/// How many rows one statement makes.
const ROWS_AT_ONCE: usize = 500;

/// A row that was found, and whose it is.
#[derive(Clone, Debug)]
pub struct Found<T> {
    pub id: i64,
    pub tenant_id: i64,
    pub created_by_id: i64,
    pub item: T,
}

/// Where a new row goes.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    pub tenant_id: i64,
    pub created_by_id: i64,
    pub created_at: Timestamp,
    pub visibility: Visibility,
}

/// Joins the names of tenant and maker.
pub fn join<T: TenantOwned>(rows: &mut SelectStatement) {
    rows.inner_join(Tenant::Table, Expr::col((Tenant::Table, Tenant::Id)).eq(T::TENANT.column()))
        .inner_join(Person::Table, Expr::col((Person::Table, Person::Id)).eq(T::CREATED_BY.column()));
}

/// Adds the columns that [`decode`] and [`found`] read.
pub fn columns<T: TenantOwned>(select: &mut SelectStatement) {
    select
        .expr_as(T::ID.column(), Alias::new("id"))
        .expr_as(T::TENANT.column(), Alias::new("tenant_id"))
        .expr_as(T::CREATED_BY.column(), Alias::new("created_by_id"))
        .expr_as(T::CREATED_AT.column(), Alias::new("created_at"))
        .expr_as(T::VISIBILITY.column(), Alias::new("visibility"))
        .expr_as(T::NAME.column(), Alias::new("name"))
        .expr_as(Expr::col((Tenant::Table, Tenant::Name)), Alias::new("tenant_name"))
        .expr_as(Expr::col((Person::Table, Person::Username)), Alias::new("created_by"));
}

/// The fields that all have.
pub fn field<T: TenantOwned>(name: &str) -> Option<FieldSql> {
    Some(match name {
        "created_at" => FieldSql::Time(T::CREATED_AT.column()),
        "created_by" => FieldSql::Text(Expr::col((Person::Table, Person::Username))),
        "tenant_name" => FieldSql::Text(Expr::col((Tenant::Table, Tenant::Name))),
        "visibility" => FieldSql::Text(T::VISIBILITY.column()),
        _ => return None,
    })
}

pub fn decode(row: &Row) -> Result<Belonging> {
    Ok(Belonging::new(
        Millis(row.time("created_at")?),
        row.get("created_by")?,
        row.get("tenant_name")?,
        row.word("visibility", Visibility::from_name)?,
    ))
}

/// The thing in scope that goes by that name.
pub async fn by_name<T, L>(
    conn: &mut Conn,
    scope: &TenantScope,
    name: &str,
    also: Condition,
) -> Result<Option<Found<L>>>
where
    T: TenantOwned,
    L: Listed<Scope = TenantScope>,
{
    let mut select = L::source(scope);
    L::join(&mut select);
    L::columns(&mut select);
    select.and_where(T::NAME.column().eq(name)).cond_where(also);
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    let mut items = [L::decode(&row)?];
    L::complete(conn, &mut items).await?;
    let [item] = items;
    Ok(Some(Found {
        id: row.get("id")?,
        tenant_id: row.get("tenant_id")?,
        created_by_id: row.get("created_by_id")?,
        item,
    }))
}

/// Whether something stands in the way of that name with that visibility: in the tenant, or
/// where all tenants see it. What is global stands in everybody's way.
pub async fn is_taken<T: TenantOwned>(
    conn: &mut Conn,
    account_id: i64,
    home: (i64, Visibility),
    name: &str,
    but: Option<i64>,
    also: Condition,
) -> Result<bool> {
    let (tenant_id, visibility) = home;
    let mut select = Query::select()
        .expr_as(Expr::val(1), Alias::new("taken"))
        .from(T::TABLE)
        .inner_join(Tenant::Table, Expr::col((Tenant::Table, Tenant::Id)).eq(T::TENANT.column()))
        .and_where(Expr::col((Tenant::Table, Tenant::AccountId)).eq(account_id))
        .and_where(T::NAME.column().eq(name))
        .cond_where(also)
        .limit(1)
        .take();
    if visibility != Visibility::Global {
        let here = T::TENANT.column().eq(tenant_id).or(T::VISIBILITY.column().eq(Visibility::Global.name()));
        select.and_where(here);
    }
    if let Some(id) = but {
        select.and_where(T::ID.column().ne(id));
    }
    Ok(conn.fetch_optional(&select).await?.is_some())
}

fn row<T: TenantOwned>(home: Home, values: Vec<(T, Expr)>) -> (Vec<T>, Vec<Expr>) {
    let common = [
        (T::TENANT, home.tenant_id.into()),
        (T::VISIBILITY, home.visibility.name().into()),
        (T::CREATED_BY, home.created_by_id.into()),
        (T::CREATED_AT, micros(home.created_at).into()),
    ];
    common.into_iter().chain(values).unzip()
}

/// The same for many, with values for the same columns in the same order; gives their numbers by
/// tenant and name.
pub async fn insert_all<T: TenantOwned>(
    conn: &mut Conn,
    rows: Vec<(Home, Vec<(T, Expr)>)>,
) -> Result<HashMap<(i64, String), i64>> {
    let mut ids = HashMap::with_capacity(rows.len());
    let mut rows = rows.into_iter().map(|(home, values)| row(home, values)).peekable();
    while let Some(columns) = rows.peek().map(|(columns, _)| columns.clone()) {
        let mut insert = Query::insert().into_table(T::TABLE).columns(columns).take();
        for (_, values) in rows.by_ref().take(ROWS_AT_ONCE) {
            insert.values_panic(values);
        }
        for made in conn.fetch_all(insert.returning(Query::returning().columns([T::ID, T::TENANT, T::NAME]))).await? {
            ids.insert((made.get("tenant_id")?, made.get("name")?), made.get("id")?);
        }
    }
    Ok(ids)
}

/// Makes a row out of what all have and these values; gives its number.
pub async fn insert<T: TenantOwned>(conn: &mut Conn, home: Home, values: Vec<(T, Expr)>) -> Result<i64> {
    let (columns, values) = row(home, values);
    let insert = Query::insert().into_table(T::TABLE).columns(columns).values_panic(values).returning_col(T::ID).take();
    conn.fetch_one(&insert).await?.get("id")
}

/// Sets columns of a row.
pub async fn update<T: TenantOwned>(conn: &mut Conn, id: i64, values: Vec<(T, Expr)>) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let update = Query::update().table(T::TABLE).values(values).and_where(Expr::col(T::ID).eq(id)).take();
    conn.execute(&update).await?;
    Ok(())
}

pub async fn remove<T: TenantOwned>(conn: &mut Conn, id: i64) -> Result<()> {
    let delete = Query::delete().from_table(T::TABLE).and_where(Expr::col(T::ID).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
