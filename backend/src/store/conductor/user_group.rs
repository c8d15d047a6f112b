//! User groups.

use std::collections::HashMap;

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user_group::UserGroup;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use serde_json::json;

use super::account_scope::AccountScope;
use super::membership;
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::{TenantGroup, UserGroup as Table, UserGroupMember};
use crate::store::{Conn, Result, Row, micros};

/// A group, and its number.
#[derive(Clone, Debug)]
pub struct StoredGroup {
    pub id: i64,
    pub group: UserGroup,
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

impl Listed for StoredGroup {
    type Scope = AccountScope;
    const KIND: Kind = Kind::UserGroup;
    const NULLABLE: &'static [&'static str] = &["ldap_dn"];

    fn source(scope: &AccountScope) -> SelectStatement {
        scope.groups()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns([Table::Id, Table::Name, Table::LdapDn, Table::Role].map(|column| (Table::Table, column)));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "name" => FieldSql::Folded(column(Table::Name)),
            "ldap_dn" => FieldSql::Folded(column(Table::LdapDn)),
            "role" => FieldSql::Text(column(Table::Role)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let group = UserGroup {
            name: row.get("name")?,
            ldap_dn: row.get("ldap_dn")?,
            role: row.get("role")?,
            tenants: json!(0),
            users: json!(0),
        };
        Ok(Self { id: row.get("id")?, group })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
        let tenants = membership::count_by(conn, TenantGroup::Table, TenantGroup::UserGroupId, &ids).await?;
        let users = membership::count_by(conn, UserGroupMember::Table, UserGroupMember::UserGroupId, &ids).await?;
        for item in items {
            item.group.tenants = json!(tenants.get(&item.id).unwrap_or(&0));
            item.group.users = json!(users.get(&item.id).unwrap_or(&0));
        }
        Ok(())
    }
}

/// Puts names where there were numbers.
pub async fn detail(conn: &mut Conn, items: &mut [StoredGroup]) -> Result<()> {
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let mut tenants = membership::tenants_of_groups(conn, &ids).await?;
    let mut people: HashMap<i64, Vec<String>> = HashMap::new();
    for person in membership::people_of(conn, &ids).await? {
        people.entry(person.group_id).or_default().push(person.username);
    }
    for item in items {
        item.group.tenants = json!(tenants.remove(&item.id).unwrap_or_default());
        item.group.users = json!(people.remove(&item.id).unwrap_or_default());
    }
    Ok(())
}

/// The group of that name, of an account.
pub async fn by_name(conn: &mut Conn, account_id: i64, name: &str) -> Result<Option<StoredGroup>> {
    let scope = AccountScope::whole(account_id);
    let groups: Vec<StoredGroup> = crate::store::list::all(conn, &scope, column(Table::Name).eq(name).into()).await?;
    Ok(groups.into_iter().next())
}

/// Whether a group goes by that name, in upper or lower case.
pub async fn is_taken(conn: &mut Conn, account_id: i64, name: &str) -> Result<bool> {
    let folded = Expr::from(Func::lower(column(Table::Name))).eq(name.to_lowercase());
    let select = AccountScope::whole(account_id).groups().expr(Expr::val(1)).and_where(folded).take();
    Ok(conn.fetch_optional(&select).await?.is_some())
}

/// The distinguished names that groups have. The same one may be written in many ways, which no
/// database knows.
pub async fn dns(conn: &mut Conn, account_id: i64) -> Result<Vec<String>> {
    let with_dn = column(Table::LdapDn).is_not_null();
    let select = AccountScope::whole(account_id).groups().column(Table::LdapDn).and_where(with_dn).take();
    conn.fetch_all(&select).await?.iter().map(|row| row.get("ldap_dn")).collect()
}

pub async fn create(
    conn: &mut Conn,
    account_id: i64,
    (name, ldap_dn): (&str, Option<&str>),
    role: Role,
    now: Timestamp,
) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::AccountId, Table::Name, Table::LdapDn, Table::Role, Table::CreatedAt])
        .values_panic([account_id.into(), name.into(), ldap_dn.into(), role.name().into(), micros(now).into()])
        .returning_col(Table::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

pub async fn set_role(conn: &mut Conn, id: i64, role: Role) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::Role, role.name())
        .and_where(Expr::col(Table::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

pub async fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
