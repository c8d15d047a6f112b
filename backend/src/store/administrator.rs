//! People as those see them who manage roles.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::administrator::{Administrator, StateFilter};
use sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::list::{FieldSql, Listed};
use super::tables::{Account, Invitation, Person as Table, PersonRole, Role};
use super::{Conn, Result, Row, Scope};

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

/// Those that a list shows.
pub fn in_state(filter: StateFilter) -> Condition {
    match filter {
        StateFilter::Active => Condition::all().add(column(Table::Disabled).eq(false)),
        StateFilter::Disabled => Condition::all().add(column(Table::Disabled).eq(true)),
        StateFilter::All => Condition::all(),
    }
}

/// Those with one of these addresses, whatever its case.
pub fn with_email(addresses: &[String]) -> Condition {
    let lower: Vec<String> = addresses.iter().map(|address| address.to_lowercase()).collect();
    Condition::all().add(Expr::from(Func::lower(column(Table::Email))).is_in(lower))
}

/// How many may log in or are invited, and how many may be.
pub async fn count_and_limit(conn: &mut Conn, scope: &Scope) -> Result<(i64, i64)> {
    let account = Query::select()
        .column(Account::MaxAdministrators)
        .from(Account::Table)
        .and_where(Expr::col(Account::Id).eq(scope.account_id()))
        .take();
    let limit = conn.fetch_one(&account).await?.get("max_administrators")?;
    let people = scope
        .select_account::<Table>()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .cond_where(in_state(StateFilter::Active))
        .take();
    let people: i64 = conn.fetch_one(&people).await?.get("count")?;
    let invited = scope.select_account::<Invitation>().expr_as(Expr::cust("COUNT(*)"), "count").take();
    let invited: i64 = conn.fetch_one(&invited).await?.get("count")?;
    Ok((people.saturating_add(invited), limit))
}

impl Listed for Administrator {
    type Scope = Scope;
    const KIND: Kind = Kind::Administrator;

    fn source(scope: &Scope) -> SelectStatement {
        scope.select_account::<Table>()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns(
            [Table::Id, Table::Name, Table::Email, Table::Username, Table::Disabled]
                .map(|column| (Table::Table, column)),
        );
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Table::Id)),
            "name" => FieldSql::Text(column(Table::Name)),
            "email" => FieldSql::Text(column(Table::Email)),
            "username" => FieldSql::Text(column(Table::Username)),
            "disabled" => FieldSql::Boolean(column(Table::Disabled)),
            "roles" => FieldSql::Values(|names| {
                let people = Query::select()
                    .column((PersonRole::Table, PersonRole::PersonId))
                    .from(PersonRole::Table)
                    .inner_join(
                        Role::Table,
                        Expr::col((Role::Table, Role::Id)).equals((PersonRole::Table, PersonRole::RoleId)),
                    )
                    .and_where(Expr::col((Role::Table, Role::Name)).is_in(names))
                    .take();
                Condition::all().add(column(Table::Id).in_subquery(people))
            }),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            email: row.get("email")?,
            roles: Vec::new(),
            username: row.get("username")?,
            disabled: row.get("disabled")?,
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let roles = Query::select()
            .column((PersonRole::Table, PersonRole::PersonId))
            .column((Role::Table, Role::Name))
            .from(PersonRole::Table)
            .inner_join(Role::Table, Expr::col((Role::Table, Role::Id)).equals((PersonRole::Table, PersonRole::RoleId)))
            .and_where(Expr::col((PersonRole::Table, PersonRole::PersonId)).is_in(items.iter().map(|item| item.id)))
            .order_by((Role::Table, Role::Name), Order::Asc)
            .take();
        for row in conn.fetch_all(&roles).await? {
            let person_id: i64 = row.get("person_id")?;
            if let Some(person) = items.iter_mut().find(|person| person.id == person_id) {
                person.roles.push(row.get("name")?);
            }
        }
        Ok(())
    }
}
