//! Tenants.

use std::collections::{BTreeMap, HashMap};

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::tenant::Tenant as Wire;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use serde_json::{Value, json};

use super::account_scope::AccountScope;
use super::membership::{self, Link, Of};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::{Tenant as Table, TenantGroup, TenantMember};
use crate::store::{Conn, Result, Row, micros};

/// A tenant by number and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub id: i64,
    pub name: String,
}

impl Tenant {
    fn decode(row: &Row) -> Result<Self> {
        Ok(Self { id: row.get("id")?, name: row.get("name")? })
    }
}

fn select(account_id: i64) -> SelectStatement {
    Query::select()
        .columns([Table::Id, Table::Name])
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .take()
}

pub async fn by_name(conn: &mut Conn, account_id: i64, name: &str) -> Result<Option<Tenant>> {
    let select = select(account_id).and_where(Expr::col(Table::Name).eq(name)).take();
    conn.fetch_optional(&select).await?.as_ref().map(Tenant::decode).transpose()
}

/// Makes a tenant; the broker's password comes encrypted.
pub async fn create(
    conn: &mut Conn,
    account_id: i64,
    name: &str,
    rabbitmq_password: &str,
    now: Timestamp,
) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::AccountId, Table::Name, Table::RabbitmqPassword, Table::CreatedAt])
        .values_panic([account_id.into(), name.into(), rabbitmq_password.into(), micros(now).into()])
        .returning_col(Table::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

/// Makes somebody a member; false: they were one before, and keep the role they had.
pub async fn add_member(conn: &mut Conn, tenant_id: i64, person_id: i64, role: Role) -> Result<bool> {
    let insert = Query::insert()
        .into_table(TenantMember::Table)
        .columns([TenantMember::TenantId, TenantMember::PersonId, TenantMember::Role])
        .values_panic([tenant_id.into(), person_id.into(), role.name().into()])
        .on_conflict(OnConflict::columns([TenantMember::TenantId, TenantMember::PersonId]).do_nothing().to_owned())
        .take();
    Ok(conn.execute(&insert).await? > 0)
}

pub async fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}

/// A tenant with what it has beside its members.
#[derive(Clone)]
pub struct StoredTenant {
    pub id: i64,
    /// Encrypted.
    pub rabbitmq_password: String,
    pub tenant: Wire,
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

impl std::fmt::Debug for StoredTenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredTenant").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Listed for StoredTenant {
    type Scope = AccountScope;
    const KIND: Kind = Kind::Tenant;

    fn source(scope: &AccountScope) -> SelectStatement {
        scope.tenants()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns([Table::Id, Table::Name, Table::RabbitmqPassword].map(|column| (Table::Table, column)));
    }

    fn field(name: &str) -> Option<FieldSql> {
        (name == "name").then(|| FieldSql::Text(column(Table::Name)))
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let tenant = Wire {
            name: row.get("name")?,
            users: json!(0),
            groups: json!(0),
            user_roles: None,
            broker: BTreeMap::new(),
        };
        Ok(Self { id: row.get("id")?, rabbitmq_password: row.get("rabbitmq_password")?, tenant })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
        let users = membership::counts(conn, Of::Tenants(&ids)).await?;
        let groups = membership::count_by(conn, TenantGroup::Table, TenantGroup::TenantId, &ids).await?;
        for item in items {
            item.tenant.users = json!(users.get(&item.id).unwrap_or(&0));
            item.tenant.groups = json!(groups.get(&item.id).unwrap_or(&0));
        }
        Ok(())
    }
}

/// The people and groups of a tenant as they are put together.
#[derive(Debug, Default)]
struct Members {
    direct: BTreeMap<String, Role>,
    groups: BTreeMap<String, (Role, Vec<String>)>,
}

impl Members {
    fn add(&mut self, link: Link) {
        match (link.group, link.username) {
            (None, Some(username)) => drop(self.direct.insert(username, link.role)),
            (None, None) => {}
            (Some(group), username) => {
                let (_, users) = self.groups.entry(group).or_insert_with(|| (link.role, Vec::new()));
                users.extend(username);
            }
        }
    }

    /// Everybody, with the role that they have themselves and all that they have.
    fn users(&self) -> Value {
        let mut all: BTreeMap<&str, Vec<Role>> = BTreeMap::new();
        for (username, role) in &self.direct {
            all.entry(username).or_default().push(*role);
        }
        for (role, users) in self.groups.values() {
            for username in users {
                all.entry(username).or_default().push(*role);
            }
        }
        let entry = |(username, roles): (&str, Vec<Role>)| {
            (username.to_owned(), membership::standing(self.direct.get(username).copied(), roles))
        };
        Value::Object(all.into_iter().map(entry).collect())
    }
}

/// Puts names and roles where there were numbers.
pub async fn detail(conn: &mut Conn, items: &mut [StoredTenant]) -> Result<()> {
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let mut members: HashMap<i64, Members> = HashMap::new();
    for link in membership::links(conn, Of::Tenants(&ids)).await? {
        members.entry(link.tenant_id).or_default().add(link);
    }
    for item in items {
        let members = members.remove(&item.id).unwrap_or_default();
        item.tenant.users = members.users();
        let groups: BTreeMap<&String, Role> = members.groups.iter().map(|(name, (role, _))| (name, *role)).collect();
        item.tenant.groups = json!(groups);
        let entry = |(name, (role, users)): (&String, &(Role, Vec<String>))| {
            (name.clone(), json!({"role": role, "users": users}))
        };
        let by_group: serde_json::Map<String, Value> = members.groups.iter().map(entry).collect();
        item.tenant.user_roles = Some(json!({"direct": members.direct, "groups": by_group}));
    }
    Ok(())
}
