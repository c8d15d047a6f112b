//! People: who they are, what they may do and which part of the account they see.

use binnacle_shared::permission::PermissionSet;
use sea_query::{Alias, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::grant::{Grant, Grants, Part};
use super::tables::{AccessGroup, Account, Person as Table, PersonRole, Role, RoleAccessGroup, Session};
use super::{Conn, Result, Row, micros, role};

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
    pub disabled: bool,
    /// Tokens of an older epoch are void.
    pub token_epoch: i64,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// What the roles give.
    pub grants: Grants,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("roles", &self.roles)
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
    pub role_ids: &'a [i64],
}

/// One row for each access group of each role of the person, in order of people and roles: one
/// statement tells who asks and what they may do.
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
                Table::Disabled,
                Table::TokenEpoch,
            ]
            .map(|column| (Table::Table, column)),
        )
        .expr_as(Expr::col((Account::Table, Account::Name)), Alias::new("account_name"))
        .expr_as(Expr::col((Account::Table, Account::Title)), Alias::new("account_title"))
        .expr_as(Expr::col((Role::Table, Role::Id)), Alias::new("role_id"))
        .expr_as(Expr::col((Role::Table, Role::Name)), Alias::new("role_name"))
        .expr_as(Expr::col((Role::Table, Role::Permissions)), Alias::new("permissions"))
        .expr_as(Expr::col((AccessGroup::Table, AccessGroup::Path)), Alias::new("group_path"))
        .expr_as(Expr::col((AccessGroup::Table, AccessGroup::ParentId)), Alias::new("group_parent"))
        .from(Table::Table)
        .inner_join(Account::Table, Expr::col((Account::Table, Account::Id)).equals((Table::Table, Table::AccountId)))
        .left_join(
            PersonRole::Table,
            Expr::col((PersonRole::Table, PersonRole::PersonId)).equals((Table::Table, Table::Id)),
        )
        .left_join(Role::Table, Expr::col((Role::Table, Role::Id)).equals((PersonRole::Table, PersonRole::RoleId)))
        .left_join(
            RoleAccessGroup::Table,
            Expr::col((RoleAccessGroup::Table, RoleAccessGroup::RoleId)).equals((Role::Table, Role::Id)),
        )
        .left_join(
            AccessGroup::Table,
            Expr::col((AccessGroup::Table, AccessGroup::Id))
                .equals((RoleAccessGroup::Table, RoleAccessGroup::AccessGroupId)),
        )
        .order_by((Table::Table, Table::Id), Order::Asc)
        .order_by((Role::Table, Role::Name), Order::Asc)
        .take()
}

fn decode(rows: &[Row]) -> Result<Vec<Person>> {
    let mut people: Vec<Person> = Vec::new();
    let mut rest = rows;
    while let Some(row) = rest.first() {
        let id: i64 = row.get("id")?;
        let role_id: Option<i64> = row.get("role_id")?;
        let mut groups: Vec<(String, Option<i64>)> = Vec::new();
        while let Some((row, others)) = rest.split_first() {
            if row.get::<i64>("id")? != id || row.get::<Option<i64>>("role_id")? != role_id {
                break;
            }
            if let Some(path) = row.get("group_path")? {
                groups.push((path, row.get("group_parent")?));
            }
            rest = others;
        }
        if people.last().is_none_or(|person| person.id != id) {
            people.push(Person {
                id,
                account_id: row.get("account_id")?,
                account_name: row.get("account_name")?,
                account_title: row.get("account_title")?,
                username: row.get("username")?,
                email: row.get("email")?,
                name: row.get("name")?,
                password_hash: row.get("password_hash")?,
                disabled: row.get("disabled")?,
                token_epoch: row.get("token_epoch")?,
                roles: Vec::new(),
                grants: Grants::default(),
            });
        }
        if let (Some(person), Some(_)) = (people.last_mut(), role_id) {
            person.roles.push(row.get("role_name")?);
            person.grants.add(Grant {
                permissions: PermissionSet::from_stored(&row.get::<String>("permissions")?),
                part: Part::of_groups(groups.iter().map(|(path, parent)| (path.as_str(), *parent))),
            });
        }
    }
    Ok(people)
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

/// Whom the first start made.
pub async fn bootstrap(conn: &mut Conn, account_id: i64) -> Result<Option<i64>> {
    let select = Query::select()
        .column(Table::Id)
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .and_where(Expr::col(Table::IsBootstrap))
        .take();
    conn.fetch_optional(&select).await?.map(|row| row.get("id")).transpose()
}

/// Marks whom the first start made.
pub async fn set_bootstrap(conn: &mut Conn, id: i64) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::IsBootstrap, true)
        .and_where(Expr::col(Table::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// The number of the person with exactly this user name.
pub async fn id_of_username(conn: &mut Conn, account_id: i64, username: &str) -> Result<Option<i64>> {
    let select = Query::select()
        .column(Table::Id)
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .and_where(Expr::col(Table::Username).eq(username))
        .take();
    conn.fetch_optional(&select).await?.map(|row| row.get("id")).transpose()
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
            false.into(),
            0i64.into(),
            micros(now).into(),
        ])
        .returning_col(Table::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    for role_id in person.role_ids {
        role::add_person(conn, *role_id, id).await?;
    }
    Ok(id)
}

pub async fn set_name(conn: &mut Conn, id: i64, name: &str) -> Result<()> {
    let update =
        Query::update().table(Table::Table).value(Table::Name, name).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&update).await?;
    Ok(())
}

/// Sets the password and ends everything that was opened with the old one.
pub async fn set_password(conn: &mut Conn, id: i64, hash: &str) -> Result<()> {
    change(conn, id, [(Table::PasswordHash, hash.into()), (Table::IsExternal, false.into())]).await
}

/// Locks somebody out, at once, or lets them in again.
pub async fn set_disabled(conn: &mut Conn, id: i64, disabled: bool) -> Result<()> {
    change(conn, id, [(Table::Disabled, disabled.into())]).await
}

async fn change<const N: usize>(conn: &mut Conn, id: i64, values: [(Table, Expr); N]) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .values(values)
        .value(Table::TokenEpoch, Expr::col(Table::TokenEpoch).add(1))
        .and_where(Expr::col(Table::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    let delete = Query::delete().from_table(Session::Table).and_where(Expr::col(Session::PersonId).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
