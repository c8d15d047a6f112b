//! Users: people, as the Conductor API sees them.

use std::collections::{BTreeMap, HashMap, HashSet};

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user::User;
use binnacle_shared::permission::Role as AccountRole;
use binnacle_shared::time::Millis;
use jiff::Timestamp;
use sea_query::{CaseStatement, Expr, ExprTrait, Func, Query, SelectStatement};
use serde_json::{Value, json};

use super::account_scope::AccountScope;
use super::membership::{self, Of};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::{Person as Table, PersonRole, Role as RoleTable};
use crate::store::{Conn, Result, Row, micros};

/// A user, and what is not for everybody's eyes.
#[derive(Clone)]
pub struct StoredUser {
    pub id: i64,
    pub password_hash: Option<String>,
    pub is_bootstrap: bool,
    /// Known by a directory.
    pub is_external: bool,
    /// Wrong passwords in a row, and when the last was.
    pub failed_logins: i64,
    pub last_failed_login_at: Option<Timestamp>,
    pub user: User,
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

/// The people who have the role that may do everything.
fn administrators() -> SelectStatement {
    Query::select()
        .column((PersonRole::Table, PersonRole::PersonId))
        .from(PersonRole::Table)
        .inner_join(
            RoleTable::Table,
            Expr::col((RoleTable::Table, RoleTable::Id)).equals((PersonRole::Table, PersonRole::RoleId)),
        )
        .and_where(Expr::col((RoleTable::Table, RoleTable::Name)).eq(AccountRole::GlobalAdmin.name()))
        .and_where(Expr::col((RoleTable::Table, RoleTable::ReadOnly)).eq(true))
        .take()
}

/// Of some people, those who have that role.
pub async fn administrators_among(conn: &mut Conn, people: &[i64]) -> Result<HashSet<i64>> {
    let mut found = HashSet::new();
    for ids in people.chunks(membership::AT_ONCE) {
        let among = Expr::col((PersonRole::Table, PersonRole::PersonId)).is_in(ids.iter().copied());
        for row in conn.fetch_all(&administrators().and_where(among).take()).await? {
            found.insert(row.get("person_id")?);
        }
    }
    Ok(found)
}

/// Whether one of the active administrators is below the limit of wrong passwords, or was beyond
/// it too long ago.
pub async fn has_open_administrator(conn: &mut Conn, account_id: i64, failures: i64, since: Timestamp) -> Result<bool> {
    let open = column(Table::FailedLogins)
        .lte(failures)
        .or(column(Table::LastFailedLoginAt).is_null())
        .or(column(Table::LastFailedLoginAt).lte(micros(since)));
    let select = AccountScope::whole(account_id)
        .users()
        .expr(Expr::val(1))
        .and_where(column(Table::Id).in_subquery(administrators()))
        .and_where(column(Table::Disabled).eq(false))
        .and_where(open)
        .limit(1)
        .take();
    Ok(conn.fetch_optional(&select).await?.is_some())
}

impl std::fmt::Debug for StoredUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredUser").field("id", &self.id).field("user", &self.user).finish_non_exhaustive()
    }
}

impl Listed for StoredUser {
    type Scope = AccountScope;
    const KIND: Kind = Kind::User;
    const NULLABLE: &'static [&'static str] = &["first_login_at", "last_login_at"];

    fn source(scope: &AccountScope) -> SelectStatement {
        scope.users()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns(
            [
                Table::Id,
                Table::Username,
                Table::PasswordHash,
                Table::Disabled,
                Table::CreatedAt,
                Table::FirstLoginAt,
                Table::LastLoginAt,
                Table::FailedLogins,
                Table::LastFailedLoginAt,
                Table::ShowGettingStarted,
                Table::IsBootstrap,
                Table::IsExternal,
            ]
            .map(|column| (Table::Table, column)),
        );
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "username" => FieldSql::Folded(column(Table::Username)),
            "role" => {
                let administers = column(Table::Id).in_subquery(administrators());
                let role = CaseStatement::new().case(administers, Role::SysAdmin.name()).finally(Role::Default.name());
                FieldSql::Text(role.into())
            }
            "active" => FieldSql::Boolean(column(Table::Disabled).eq(false)),
            "created_at" => FieldSql::Time(column(Table::CreatedAt)),
            "first_login_at" => FieldSql::Time(column(Table::FirstLoginAt)),
            "last_login_at" => FieldSql::Time(column(Table::LastLoginAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let user = User {
            username: row.get("username")?,
            role: Role::Default.name().to_owned(),
            tenants: json!(0),
            tenant_roles: None,
            groups: json!(0),
            group_system_roles: json!({}),
            active: !row.get::<bool>("disabled")?,
            created_at: Millis(row.time("created_at")?),
            first_login_at: row.optional_time("first_login_at")?.map(Millis),
            last_login_at: row.optional_time("last_login_at")?.map(Millis),
            is_locked: false,
            show_getting_started: row.get("show_getting_started")?,
            password_hash: None,
        };
        Ok(Self {
            id: row.get("id")?,
            password_hash: row.get("password_hash")?,
            is_bootstrap: row.get("is_bootstrap")?,
            is_external: row.get("is_external")?,
            failed_logins: row.get("failed_logins")?,
            last_failed_login_at: row.optional_time("last_failed_login_at")?,
            user,
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
        let administrators = administrators_among(conn, &ids).await?;
        let tenants = membership::counts(conn, Of::People(&ids)).await?;
        let mut groups = groups(conn, &ids).await?;
        for item in items {
            if administrators.contains(&item.id) {
                Role::SysAdmin.name().clone_into(&mut item.user.role);
            }
            item.user.tenants = json!(tenants.get(&item.id).unwrap_or(&0));
            let groups = groups.remove(&item.id).unwrap_or_default();
            item.user.groups = json!(groups.len());
            item.user.group_system_roles = by_role(&groups);
        }
        Ok(())
    }
}

/// The groups of some people, each with the role that it gives everywhere.
async fn groups(conn: &mut Conn, people: &[i64]) -> Result<HashMap<i64, BTreeMap<String, Role>>> {
    let mut all: HashMap<i64, BTreeMap<String, Role>> = HashMap::new();
    for member in membership::groups_of(conn, people).await? {
        all.entry(member.person_id).or_default().insert(member.group, member.role);
    }
    Ok(all)
}

fn by_role(groups: &BTreeMap<String, Role>) -> Value {
    let mut by_role: BTreeMap<Role, Vec<&str>> = BTreeMap::new();
    for (name, role) in groups {
        by_role.entry(*role).or_default().push(name);
    }
    json!(by_role)
}

/// What somebody is in tenants.
#[derive(Debug, Default)]
struct Places {
    direct: BTreeMap<String, Role>,
    /// By tenant and role: the groups.
    groups: BTreeMap<String, BTreeMap<Role, Vec<String>>>,
}

impl Places {
    fn tenants(&self) -> Value {
        let mut all: BTreeMap<&str, Vec<Role>> = BTreeMap::new();
        for (tenant, role) in &self.direct {
            all.entry(tenant).or_default().push(*role);
        }
        for (tenant, roles) in &self.groups {
            all.entry(tenant).or_default().extend(roles.keys());
        }
        let entry = |(tenant, roles): (&str, Vec<Role>)| {
            (tenant.to_owned(), membership::standing(self.direct.get(tenant).copied(), roles))
        };
        Value::Object(all.into_iter().map(entry).collect())
    }
}

/// Puts names and roles where there were numbers.
pub async fn detail(conn: &mut Conn, items: &mut [StoredUser]) -> Result<()> {
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let mut groups = groups(conn, &ids).await?;
    let mut places: HashMap<i64, Places> = HashMap::new();
    for link in membership::links(conn, Of::People(&ids)).await? {
        let Some(person) = link.person_id else { continue };
        let places = places.entry(person).or_default();
        match link.group {
            None => drop(places.direct.insert(link.tenant, link.role)),
            Some(group) => {
                places.groups.entry(link.tenant).or_default().entry(link.role).or_default().push(group);
            }
        }
    }
    for item in items {
        let places = places.remove(&item.id).unwrap_or_default();
        let groups = groups.remove(&item.id).unwrap_or_default();
        item.user.tenants = places.tenants();
        item.user.groups = json!(groups.keys().collect::<Vec<_>>());
        item.user.tenant_roles = Some(json!({"direct": places.direct, "groups": places.groups}));
    }
    Ok(())
}

/// The user of that name, of an account.
pub async fn by_name(conn: &mut Conn, account_id: i64, username: &str) -> Result<Option<StoredUser>> {
    let scope = AccountScope::whole(account_id);
    let named = column(Table::Username).eq(username).into();
    let users: Vec<StoredUser> = crate::store::list::all(conn, &scope, named).await?;
    Ok(users.into_iter().next())
}

/// Whether somebody goes by that user name, in upper or lower case.
pub async fn is_taken(conn: &mut Conn, username: &str) -> Result<bool> {
    any(conn, Expr::from(Func::lower(column(Table::Username))).eq(username.to_lowercase())).await
}

/// Whether somebody has that e-mail address.
pub async fn has_email(conn: &mut Conn, email: &str) -> Result<bool> {
    any(conn, Expr::from(Func::lower(column(Table::Email))).eq(email.to_lowercase())).await
}

async fn any(conn: &mut Conn, which: Expr) -> Result<bool> {
    let select = Query::select().expr(Expr::val(1)).from(Table::Table).and_where(which).limit(1).take();
    Ok(conn.fetch_optional(&select).await?.is_some())
}

/// When somebody was made and was here, where they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub created_at: Option<Timestamp>,
    pub first_login_at: Option<Timestamp>,
    pub last_login_at: Option<Timestamp>,
}

pub async fn set_times(conn: &mut Conn, id: i64, times: Times) -> Result<()> {
    let given = [
        (Table::CreatedAt, times.created_at),
        (Table::FirstLoginAt, times.first_login_at),
        (Table::LastLoginAt, times.last_login_at),
    ];
    let given = given.into_iter().filter_map(|(column, time)| Some((column, Expr::val(micros(time?)))));
    set(conn, id, given.collect()).await
}

pub async fn set_show_getting_started(conn: &mut Conn, id: i64, shown: bool) -> Result<()> {
    set(conn, id, vec![(Table::ShowGettingStarted, shown.into())]).await
}

pub async fn set_external(conn: &mut Conn, id: i64) -> Result<()> {
    set(conn, id, vec![(Table::IsExternal, true.into())]).await
}

async fn set(conn: &mut Conn, id: i64, values: Vec<(Table, Expr)>) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let update = Query::update().table(Table::Table).values(values).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&update).await?;
    Ok(())
}

pub async fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
