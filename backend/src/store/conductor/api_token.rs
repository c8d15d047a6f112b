//! Tokens that programs sign in with.

use std::collections::HashSet;

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::token::Token;
use binnacle_shared::time::Millis;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Query, SelectStatement};

use super::account_scope::AccountScope;
use super::user;
use crate::auth::api_token::masked;
use crate::store::list::{self, FieldSql, Listed};
use crate::store::tables::{ApiToken as Table, Person};
use crate::store::{Conn, Result, Row, micros};

/// What is needed to let the owner of a token in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub person_id: i64,
    pub secret_hash: String,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Stored>> {
    let select = Query::select()
        .columns([Table::PersonId, Table::SecretHash, Table::ExpiresAt, Table::LastUsedAt])
        .from(Table::Table)
        .and_where(Expr::col(Table::Id).eq(id))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    Ok(Some(Stored {
        person_id: row.get("person_id")?,
        secret_hash: row.get("secret_hash")?,
        expires_at: row.optional_time("expires_at")?,
        last_used_at: row.optional_time("last_used_at")?,
    }))
}

/// Notes that a token was used.
pub async fn touch(conn: &mut Conn, id: &str, now: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::LastUsedAt, micros(now))
        .and_where(Expr::col(Table::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// A token without its secret, and whose it is.
#[derive(Clone, Debug)]
pub struct StoredToken {
    pub person_id: i64,
    pub token: Token,
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

impl Listed for StoredToken {
    type Scope = AccountScope;
    const KIND: Kind = Kind::Token;
    const NULLABLE: &'static [&'static str] = &["description", "expiration_date", "last_used"];

    fn source(scope: &AccountScope) -> SelectStatement {
        scope.tokens()
    }

    fn join(rows: &mut SelectStatement) {
        rows.inner_join(Person::Table, Expr::col((Person::Table, Person::Id)).eq(column(Table::PersonId)));
    }

    fn columns(select: &mut SelectStatement) {
        select
            .columns(
                [Table::Id, Table::PersonId, Table::Description, Table::ExpiresAt, Table::LastUsedAt]
                    .map(|column| (Table::Table, column)),
            )
            .column((Person::Table, Person::Username));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Text(column(Table::Id)),
            "description" => FieldSql::Text(column(Table::Description)),
            "username" => FieldSql::Folded(Expr::col((Person::Table, Person::Username))),
            "expiration_date" => FieldSql::Time(column(Table::ExpiresAt)),
            "last_used" => FieldSql::Time(column(Table::LastUsedAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let id: String = row.get("id")?;
        let token = Token {
            value: masked(&id),
            id,
            username: row.get("username")?,
            role: Role::Default.name().to_owned(),
            expiration_date: row.optional_time("expires_at")?.map(Millis),
            last_used: row.optional_time("last_used_at")?.map(Millis),
            description: row.get("description")?,
        };
        Ok(Self { person_id: row.get("person_id")?, token })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let owners: HashSet<i64> = items.iter().map(|item| item.person_id).collect();
        let owners: Vec<i64> = owners.into_iter().collect();
        let administrators = user::administrators_among(conn, &owners).await?;
        for item in items.iter_mut().filter(|item| administrators.contains(&item.person_id)) {
            Role::SysAdmin.name().clone_into(&mut item.token.role);
        }
        Ok(())
    }
}

/// The token of that name, as far as it is seen.
pub async fn seen(conn: &mut Conn, scope: &AccountScope, id: &str) -> Result<Option<StoredToken>> {
    let found: Vec<StoredToken> = list::all(conn, scope, column(Table::Id).eq(id).into()).await?;
    Ok(found.into_iter().next())
}

/// What is needed to make a token.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    pub id: &'a str,
    pub person_id: i64,
    pub secret_hash: &'a str,
    pub description: Option<&'a str>,
    pub expires_at: Option<Timestamp>,
}

pub async fn create(conn: &mut Conn, new: &NewToken<'_>, now: Timestamp) -> Result<()> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::Id,
            Table::PersonId,
            Table::SecretHash,
            Table::Description,
            Table::CreatedAt,
            Table::ExpiresAt,
        ])
        .values_panic([
            new.id.into(),
            new.person_id.into(),
            new.secret_hash.into(),
            new.description.into(),
            micros(now).into(),
            new.expires_at.map(micros).into(),
        ])
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// Forgets the tokens of a person that have expired.
pub async fn purge(conn: &mut Conn, person_id: i64, now: Timestamp) -> Result<()> {
    let delete = Query::delete()
        .from_table(Table::Table)
        .and_where(Expr::col(Table::PersonId).eq(person_id))
        .and_where(Expr::col(Table::ExpiresAt).lte(micros(now)))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

pub async fn remove(conn: &mut Conn, id: &str) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
