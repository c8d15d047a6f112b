//! Roles: what their people may do, and in which access groups.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::role::Role as Wire;
use binnacle_shared::permission::{PermissionSet, Role as BuiltIn};
use jiff::Timestamp;
use sea_query::{Alias, Condition, Expr, ExprTrait, LockType, OnConflict, Order, Query, SelectStatement};

use super::access_group::Group;
use super::grant::{Grant, Part};
use super::list::{FieldSql, Listed};
use super::tables::{AccessGroup, Account, Person, PersonRole, Role as Table, RoleAccessGroup};
use super::{Conn, Result, Row, Scope, micros};

/// A role as operations need it.
#[derive(Clone, Debug)]
pub struct Role {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub permissions: PermissionSet,
    pub read_only: bool,
    pub groups: Vec<Group>,
}

impl Role {
    /// What the role gives to its people.
    pub fn grant(&self) -> Grant {
        let groups = self.groups.iter().map(|group| (group.path.as_str(), group.parent_id));
        Grant { permissions: self.permissions, part: Part::of_groups(groups) }
    }

    /// The one whose people may do everything.
    pub fn is_global_admin(&self) -> bool {
        self.read_only && self.name == BuiltIn::GlobalAdmin.name()
    }
}

/// What is needed to make a role.
#[derive(Clone, Debug)]
pub struct NewRole<'a> {
    pub name: &'a str,
    pub description: &'a str,
    /// As the row holds them.
    pub permissions: &'a str,
    pub read_only: bool,
    pub access_group_ids: &'a [i64],
}

/// Lets only one change of roles and of who has them happen at a time in an account, so that no
/// two that are fine alone take the last administrator away together.
pub async fn lock(conn: &mut Conn, scope: &Scope) -> Result<()> {
    let account = Query::select()
        .column(Account::Id)
        .from(Account::Table)
        .and_where(Expr::col(Account::Id).eq(scope.account_id()))
        // Not the stronger lock, which would wait for everything that refers to the account.
        .lock(LockType::NoKeyUpdate)
        .take();
    conn.fetch_optional(&account).await?;
    Ok(())
}

async fn one(conn: &mut Conn, scope: &Scope, which: Expr) -> Result<Option<Role>> {
    Ok(some(conn, scope, Condition::all().add(which)).await?.into_iter().next())
}

pub async fn by_id(conn: &mut Conn, scope: &Scope, id: i64) -> Result<Option<Role>> {
    one(conn, scope, column(Table::Id).eq(id)).await
}

pub async fn by_name(conn: &mut Conn, scope: &Scope, name: &str) -> Result<Option<Role>> {
    one(conn, scope, column(Table::Name).eq(name)).await
}

/// Those with these names, as far as they exist.
pub async fn by_names(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<Vec<Role>> {
    some(conn, scope, Condition::all().add(column(Table::Name).is_in(names))).await
}

/// Those that a person has.
pub async fn of_person(conn: &mut Conn, scope: &Scope, person_id: i64) -> Result<Vec<Role>> {
    let theirs = Query::select()
        .column(PersonRole::RoleId)
        .from(PersonRole::Table)
        .and_where(Expr::col(PersonRole::PersonId).eq(person_id))
        .take();
    some(conn, scope, Condition::all().add(column(Table::Id).in_subquery(theirs))).await
}

async fn some(conn: &mut Conn, scope: &Scope, which: Condition) -> Result<Vec<Role>> {
    let select = scope
        .select_account::<Table>()
        .columns([Table::Id, Table::Name, Table::Description, Table::Permissions, Table::ReadOnly])
        .cond_where(which)
        .order_by(Table::Name, Order::Asc)
        .take();
    let mut roles = Vec::new();
    for row in conn.fetch_all(&select).await? {
        roles.push(Role {
            id: row.get("id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            permissions: PermissionSet::from_stored(&row.get::<String>("permissions")?),
            read_only: row.get("read_only")?,
            groups: Vec::new(),
        });
    }
    let ids: Vec<i64> = roles.iter().map(|role| role.id).collect();
    for row in conn.fetch_all(&groups_of(&ids)).await? {
        let role_id: i64 = row.get("role_id")?;
        if let Some(role) = roles.iter_mut().find(|role| role.id == role_id) {
            role.groups.push(Group::decode(&row)?);
        }
    }
    Ok(roles)
}

/// The access groups of some roles.
fn groups_of(roles: &[i64]) -> SelectStatement {
    Query::select()
        .column((RoleAccessGroup::Table, RoleAccessGroup::RoleId))
        .columns(Group::COLUMNS.map(|column| (AccessGroup::Table, column)))
        .from(RoleAccessGroup::Table)
        .inner_join(
            AccessGroup::Table,
            Expr::col((AccessGroup::Table, AccessGroup::Id))
                .equals((RoleAccessGroup::Table, RoleAccessGroup::AccessGroupId)),
        )
        .and_where(Expr::col((RoleAccessGroup::Table, RoleAccessGroup::RoleId)).is_in(roles.iter().copied()))
        .order_by((AccessGroup::Table, AccessGroup::Path), Order::Asc)
        .take()
}

pub async fn create(conn: &mut Conn, account_id: i64, role: &NewRole<'_>, now: Timestamp) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::AccountId,
            Table::Key,
            Table::Name,
            Table::Description,
            Table::Permissions,
            Table::ReadOnly,
            Table::CreatedAt,
        ])
        .values_panic([
            account_id.into(),
            role.name.to_lowercase().into(),
            role.name.into(),
            role.description.into(),
            role.permissions.into(),
            role.read_only.into(),
            micros(now).into(),
        ])
        .returning_col(Table::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    add_groups(conn, id, role.access_group_ids).await?;
    Ok(id)
}

/// The roles that every account starts with, for the whole account. Gives the first one's id:
/// that of the role which may do everything.
pub async fn create_built_in(conn: &mut Conn, account_id: i64, root: &Group, now: Timestamp) -> Result<i64> {
    let mut first = None;
    for built_in in BuiltIn::ALL {
        let new = NewRole {
            name: built_in.name(),
            description: built_in.description(),
            permissions: &built_in.stored_permissions(),
            read_only: built_in.is_read_only(),
            access_group_ids: &[root.id],
        };
        let id = create(conn, account_id, &new, now).await?;
        first.get_or_insert(id);
    }
    first.ok_or(super::StoreError::Dangling)
}

/// Stores description, permissions and groups of a role.
pub async fn update(conn: &mut Conn, role: &Role) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::Description, role.description.as_str())
        .value(Table::Permissions, role.permissions.to_stored())
        .and_where(Expr::col(Table::Id).eq(role.id))
        .take();
    conn.execute(&update).await?;
    let delete = Query::delete()
        .from_table(RoleAccessGroup::Table)
        .and_where(Expr::col(RoleAccessGroup::RoleId).eq(role.id))
        .take();
    conn.execute(&delete).await?;
    let groups: Vec<i64> = role.groups.iter().map(|group| group.id).collect();
    add_groups(conn, role.id, &groups).await
}

async fn add_groups(conn: &mut Conn, role_id: i64, groups: &[i64]) -> Result<()> {
    for group in groups {
        let insert = Query::insert()
            .into_table(RoleAccessGroup::Table)
            .columns([RoleAccessGroup::RoleId, RoleAccessGroup::AccessGroupId])
            .values_panic([role_id.into(), (*group).into()])
            .on_conflict(
                OnConflict::columns([RoleAccessGroup::RoleId, RoleAccessGroup::AccessGroupId]).do_nothing().to_owned(),
            )
            .take();
        conn.execute(&insert).await?;
    }
    Ok(())
}

pub async fn remove(conn: &mut Conn, role_id: i64) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).eq(role_id)).take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Gives somebody the role, unless they have it.
pub async fn add_person(conn: &mut Conn, role_id: i64, person_id: i64) -> Result<()> {
    let insert = Query::insert()
        .into_table(PersonRole::Table)
        .columns([PersonRole::PersonId, PersonRole::RoleId])
        .values_panic([person_id.into(), role_id.into()])
        .on_conflict(OnConflict::columns([PersonRole::PersonId, PersonRole::RoleId]).do_nothing().to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

pub async fn remove_person(conn: &mut Conn, role_id: i64, person_id: i64) -> Result<()> {
    let delete = Query::delete()
        .from_table(PersonRole::Table)
        .and_where(Expr::col(PersonRole::RoleId).eq(role_id))
        .and_where(Expr::col(PersonRole::PersonId).eq(person_id))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Whether anybody is left who may do everything.
pub async fn has_global_admin(conn: &mut Conn, scope: &Scope) -> Result<bool> {
    let count = scope
        .select_account::<Table>()
        .expr_as(Expr::cust("COUNT(*)"), Alias::new("count"))
        .inner_join(
            PersonRole::Table,
            Expr::col((PersonRole::Table, PersonRole::RoleId)).equals((Table::Table, Table::Id)),
        )
        .inner_join(
            Person::Table,
            Expr::col((Person::Table, Person::Id)).equals((PersonRole::Table, PersonRole::PersonId)),
        )
        .and_where(column(Table::Name).eq(BuiltIn::GlobalAdmin.name()))
        .and_where(column(Table::ReadOnly).eq(true))
        .and_where(Expr::col((Person::Table, Person::Disabled)).eq(false))
        .take();
    Ok(conn.fetch_one(&count).await?.get::<i64>("count")? > 0)
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

/// The roles of which a row elsewhere says something.
fn with(rows: SelectStatement) -> Condition {
    Condition::all().add(column(Table::Id).in_subquery(rows))
}

impl Listed for Wire {
    type Scope = Scope;
    const KIND: Kind = Kind::Role;

    fn source(scope: &Scope) -> SelectStatement {
        scope.select_account::<Table>()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns(
            [Table::Id, Table::Key, Table::Name, Table::Description, Table::Permissions, Table::ReadOnly]
                .map(|column| (Table::Table, column)),
        );
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Table::Id)),
            "name" => FieldSql::Text(column(Table::Name)),
            "description" => FieldSql::Text(column(Table::Description)),
            "read_only" => FieldSql::Boolean(column(Table::ReadOnly)),
            "access_groups" => FieldSql::Values(|names| {
                with(
                    Query::select()
                        .column((RoleAccessGroup::Table, RoleAccessGroup::RoleId))
                        .from(RoleAccessGroup::Table)
                        .inner_join(
                            AccessGroup::Table,
                            Expr::col((AccessGroup::Table, AccessGroup::Id))
                                .equals((RoleAccessGroup::Table, RoleAccessGroup::AccessGroupId)),
                        )
                        .and_where(Expr::col((AccessGroup::Table, AccessGroup::Name)).is_in(names))
                        .take(),
                )
            }),
            "persons" => FieldSql::Values(|emails| {
                with(
                    Query::select()
                        .column((PersonRole::Table, PersonRole::RoleId))
                        .from(PersonRole::Table)
                        .inner_join(
                            Person::Table,
                            Expr::col((Person::Table, Person::Id)).equals((PersonRole::Table, PersonRole::PersonId)),
                        )
                        .and_where(Expr::col((Person::Table, Person::Email)).is_in(emails))
                        .and_where(Expr::col((Person::Table, Person::Disabled)).eq(false))
                        .take(),
                )
            }),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let set = PermissionSet::from_stored(&row.get::<String>("permissions")?);
        let names =
            |global: bool| set.iter().filter(|p| p.is_global() == global).map(|p| p.name().to_owned()).collect();
        Ok(Self {
            id: row.get("id")?,
            key: row.get("key")?,
            name: row.get("name")?,
            description: row.get("description")?,
            read_only: row.get("read_only")?,
            permissions: names(false),
            global_permissions: names(true),
            persons: Vec::new(),
            access_groups: Vec::new(),
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let ids: Vec<i64> = items.iter().map(|role| role.id).collect();
        let persons = Query::select()
            .column((PersonRole::Table, PersonRole::RoleId))
            .column((Person::Table, Person::Email))
            .from(PersonRole::Table)
            .inner_join(
                Person::Table,
                Expr::col((Person::Table, Person::Id)).equals((PersonRole::Table, PersonRole::PersonId)),
            )
            .and_where(Expr::col((PersonRole::Table, PersonRole::RoleId)).is_in(ids.iter().copied()))
            .and_where(Expr::col((Person::Table, Person::Disabled)).eq(false))
            .order_by((Person::Table, Person::Email), Order::Asc)
            .take();
        for row in conn.fetch_all(&persons).await? {
            let role_id: i64 = row.get("role_id")?;
            if let Some(role) = items.iter_mut().find(|role| role.id == role_id) {
                role.persons.push(row.get("email")?);
            }
        }
        for row in conn.fetch_all(&groups_of(&ids)).await? {
            let role_id: i64 = row.get("role_id")?;
            if let Some(role) = items.iter_mut().find(|role| role.id == role_id) {
                role.access_groups.push(row.get("name")?);
            }
        }
        Ok(())
    }
}
