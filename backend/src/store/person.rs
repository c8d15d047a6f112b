//! People: who they are, what they may do and which part of the account they see.

use binnacle_shared::permission::Role;
use sea_query::{Alias, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::tables::{AccessGroup, Account, Person as Table, PersonAccessGroup, Session};
use super::{Conn, Result, Row, Scope, micros};

/// A person of an account.
#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub account_id: i64,
    pub account_name: String,
    pub account_title: String,
    pub username: String,
    pub email: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub role: Role,
    pub disabled: bool,
    /// Tokens of an older epoch are void.
    pub token_epoch: i64,
    /// The part of the account that the person's access groups cover.
    pub scope: Scope,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What is needed to make a person.
#[derive(Clone, Debug)]
pub struct NewPerson<'a> {
    pub account_id: i64,
    pub username: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: Option<&'a str>,
    pub role: Role,
    pub access_group_ids: &'a [i64],
}

/// One row for each access group of the person, in order of people.
fn select() -> SelectStatement {
    Query::select()
        .columns(
            [
                Table::Id,
                Table::AccountId,
                Table::Username,
                Table::Email,
                Table::Name,
                Table::PasswordHash,
                Table::Role,
                Table::Disabled,
                Table::TokenEpoch,
            ]
            .map(|column| (Table::Table, column)),
        )
        .expr_as(Expr::col((Account::Table, Account::Name)), Alias::new("account_name"))
        .expr_as(Expr::col((Account::Table, Account::Title)), Alias::new("account_title"))
        .expr_as(Expr::col((AccessGroup::Table, AccessGroup::Path)), Alias::new("group_path"))
        .expr_as(Expr::col((AccessGroup::Table, AccessGroup::ParentId)), Alias::new("group_parent"))
        .from(Table::Table)
        .inner_join(Account::Table, Expr::col((Account::Table, Account::Id)).equals((Table::Table, Table::AccountId)))
        .left_join(
            PersonAccessGroup::Table,
            Expr::col((PersonAccessGroup::Table, PersonAccessGroup::PersonId)).equals((Table::Table, Table::Id)),
        )
        .left_join(
            AccessGroup::Table,
            Expr::col((AccessGroup::Table, AccessGroup::Id))
                .equals((PersonAccessGroup::Table, PersonAccessGroup::AccessGroupId)),
        )
        .order_by((Table::Table, Table::Id), Order::Asc)
        .take()
}

fn decode(rows: &[Row]) -> Result<Vec<Person>> {
    let mut people: Vec<(Person, Vec<String>, bool)> = Vec::new();
    for row in rows {
        let id: i64 = row.get("id")?;
        if people.last().is_none_or(|(person, ..)| person.id != id) {
            let account_id = row.get("account_id")?;
            let person = Person {
                id,
                account_id,
                account_name: row.get("account_name")?,
                account_title: row.get("account_title")?,
                username: row.get("username")?,
                email: row.get("email")?,
                name: row.get("name")?,
                password_hash: row.get("password_hash")?,
                role: row.word("role", Role::from_name)?,
                disabled: row.get("disabled")?,
                token_epoch: row.get("token_epoch")?,
                scope: Scope::below(account_id, Vec::new()),
            };
            people.push((person, Vec::new(), false));
        }
        if let (Some((_, paths, whole)), Some(path)) = (people.last_mut(), row.get::<Option<String>>("group_path")?) {
            *whole |= row.get::<Option<i64>>("group_parent")?.is_none();
            paths.push(path);
        }
    }
    Ok(people
        .into_iter()
        .map(|(mut person, paths, whole)| {
            person.scope =
                if whole { Scope::account(person.account_id) } else { Scope::below(person.account_id, paths) };
            person
        })
        .collect())
}

async fn one(conn: &mut Conn, select: &SelectStatement) -> Result<Option<Person>> {
    Ok(decode(&conn.fetch_all(select).await?)?.into_iter().next())
}

pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Person>> {
    one(conn, &select().and_where(Expr::col((Table::Table, Table::Id)).eq(id)).take()).await
}

/// By user name or e-mail address; the latter whatever its case.
pub async fn by_identity(conn: &mut Conn, identity: &str) -> Result<Option<Person>> {
    let email = Expr::from(Func::lower(Expr::col((Table::Table, Table::Email))));
    let condition = Condition::any()
        .add(Expr::col((Table::Table, Table::Username)).eq(identity))
        .add(email.eq(identity.to_lowercase()));
    one(conn, &select().cond_where(condition).take()).await
}

/// Whose session this is, if it has not ended.
pub async fn by_session(conn: &mut Conn, token_hash: &str, now: jiff::Timestamp) -> Result<Option<Person>> {
    let select = select()
        .inner_join(Session::Table, Expr::col((Session::Table, Session::PersonId)).equals((Table::Table, Table::Id)))
        .and_where(Expr::col((Session::Table, Session::TokenHash)).eq(token_hash))
        .and_where(Expr::col((Session::Table, Session::ExpiresAt)).gt(micros(now)))
        .take();
    one(conn, &select).await
}

/// Everybody, by id.
pub async fn list(conn: &mut Conn, account_id: i64) -> Result<Vec<Person>> {
    let select = select().and_where(Expr::col((Table::Table, Table::AccountId)).eq(account_id)).take();
    decode(&conn.fetch_all(&select).await?)
}

pub async fn create(conn: &mut Conn, person: &NewPerson<'_>, now: jiff::Timestamp) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::AccountId,
            Table::Username,
            Table::Email,
            Table::Name,
            Table::PasswordHash,
            Table::Role,
            Table::Disabled,
            Table::TokenEpoch,
            Table::CreatedAt,
        ])
        .values_panic([
            person.account_id.into(),
            person.username.into(),
            person.email.into(),
            person.name.into(),
            person.password_hash.into(),
            person.role.name().into(),
            false.into(),
            0i64.into(),
            micros(now).into(),
        ])
        .returning_col(Table::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    for group in person.access_group_ids {
        let insert = Query::insert()
            .into_table(PersonAccessGroup::Table)
            .columns([PersonAccessGroup::PersonId, PersonAccessGroup::AccessGroupId])
            .values_panic([id.into(), (*group).into()])
            .take();
        conn.execute(&insert).await?;
    }
    Ok(id)
}

/// Sets the password and ends everything that was opened with the old one.
pub async fn set_password(conn: &mut Conn, id: i64, hash: &str) -> Result<()> {
    change(conn, id, Table::PasswordHash, hash.into()).await
}

/// Locks somebody out, at once, or lets them in again.
pub async fn set_disabled(conn: &mut Conn, id: i64, disabled: bool) -> Result<()> {
    change(conn, id, Table::Disabled, disabled.into()).await
}

async fn change(conn: &mut Conn, id: i64, column: Table, value: Expr) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(column, value)
        .value(Table::TokenEpoch, Expr::col(Table::TokenEpoch).add(1))
        .and_where(Expr::col(Table::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    let delete = Query::delete().from_table(Session::Table).and_where(Expr::col(Session::PersonId).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
