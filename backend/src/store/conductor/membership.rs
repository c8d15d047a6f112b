//! Who is in which tenant and in which group: a row for each, with the role where there is one.

use std::collections::{BTreeMap, HashMap};

use binnacle_shared::model::conductor::role::Role;
use sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, OnConflict, Order, Query, SelectStatement, UnionType};
use serde_json::{Value, json};

use crate::store::tables::{Person, Tenant, TenantGroup, TenantMember, UserGroup, UserGroupMember};
use crate::store::{Conn, Result, Row};

/// Numbers in one statement; databases take only so many.
pub const AT_ONCE: usize = 1000;

/// What is in a tenant with a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    Person(i64),
    Group(i64),
}

/// The role that something has in a tenant; none: it is no member.
pub async fn role(conn: &mut Conn, tenant_id: i64, member: Member) -> Result<Option<Role>> {
    let select = match member {
        Member::Person(id) => Query::select()
            .column(TenantMember::Role)
            .from(TenantMember::Table)
            .and_where(Expr::col(TenantMember::TenantId).eq(tenant_id))
            .and_where(Expr::col(TenantMember::PersonId).eq(id))
            .take(),
        Member::Group(id) => Query::select()
            .column(TenantGroup::Role)
            .from(TenantGroup::Table)
            .and_where(Expr::col(TenantGroup::TenantId).eq(tenant_id))
            .and_where(Expr::col(TenantGroup::UserGroupId).eq(id))
            .take(),
    };
    conn.fetch_optional(&select).await?.map(|row| row.word("role", Role::from_name)).transpose()
}

/// Gives a role in a tenant, whether there was one before or not.
pub async fn set_role(conn: &mut Conn, tenant_id: i64, member: Member, role: Role) -> Result<()> {
    let insert = match member {
        Member::Person(id) => Query::insert()
            .into_table(TenantMember::Table)
            .columns([TenantMember::TenantId, TenantMember::PersonId, TenantMember::Role])
            .values_panic([tenant_id.into(), id.into(), role.name().into()])
            .on_conflict(
                OnConflict::columns([TenantMember::TenantId, TenantMember::PersonId])
                    .update_column(TenantMember::Role)
                    .to_owned(),
            )
            .take(),
        Member::Group(id) => Query::insert()
            .into_table(TenantGroup::Table)
            .columns([TenantGroup::TenantId, TenantGroup::UserGroupId, TenantGroup::Role])
            .values_panic([tenant_id.into(), id.into(), role.name().into()])
            .on_conflict(
                OnConflict::columns([TenantGroup::TenantId, TenantGroup::UserGroupId])
                    .update_column(TenantGroup::Role)
                    .to_owned(),
            )
            .take(),
    };
    conn.execute(&insert).await?;
    Ok(())
}

/// Takes something out of a tenant; false: it was not in it.
pub async fn remove(conn: &mut Conn, tenant_id: i64, member: Member) -> Result<bool> {
    let delete = match member {
        Member::Person(id) => Query::delete()
            .from_table(TenantMember::Table)
            .and_where(Expr::col(TenantMember::TenantId).eq(tenant_id))
            .and_where(Expr::col(TenantMember::PersonId).eq(id))
            .take(),
        Member::Group(id) => Query::delete()
            .from_table(TenantGroup::Table)
            .and_where(Expr::col(TenantGroup::TenantId).eq(tenant_id))
            .and_where(Expr::col(TenantGroup::UserGroupId).eq(id))
            .take(),
    };
    Ok(conn.execute(&delete).await? > 0)
}

/// Puts somebody into a group; false: they were in it.
pub async fn join_group(conn: &mut Conn, group_id: i64, person_id: i64) -> Result<bool> {
    let insert = Query::insert()
        .into_table(UserGroupMember::Table)
        .columns([UserGroupMember::UserGroupId, UserGroupMember::PersonId])
        .values_panic([group_id.into(), person_id.into()])
        .on_conflict(
            OnConflict::columns([UserGroupMember::UserGroupId, UserGroupMember::PersonId]).do_nothing().to_owned(),
        )
        .take();
    Ok(conn.execute(&insert).await? > 0)
}

/// Takes somebody out of a group; false: they were not in it.
pub async fn leave_group(conn: &mut Conn, group_id: i64, person_id: i64) -> Result<bool> {
    let delete = Query::delete()
        .from_table(UserGroupMember::Table)
        .and_where(Expr::col(UserGroupMember::UserGroupId).eq(group_id))
        .and_where(Expr::col(UserGroupMember::PersonId).eq(person_id))
        .take();
    Ok(conn.execute(&delete).await? > 0)
}

/// The things of which memberships are wanted, by number.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    Tenants(&'a [i64]),
    People(&'a [i64]),
}

/// Somebody in a tenant, and by which group if by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub tenant_id: i64,
    pub tenant: String,
    pub role: Role,
    pub group: Option<String>,
    /// None: the group has nobody in it.
    pub person_id: Option<i64>,
    pub username: Option<String>,
}

impl Link {
    fn decode(row: &Row, group: Option<String>) -> Result<Self> {
        Ok(Self {
            tenant_id: row.get("tenant_id")?,
            tenant: row.get("tenant_name")?,
            role: row.word("role", Role::from_name)?,
            group,
            person_id: row.get("person_id")?,
            username: row.get("username")?,
        })
    }
}

fn names(select: &mut SelectStatement) {
    select
        .expr_as(Expr::col((Tenant::Table, Tenant::Id)), Alias::new("tenant_id"))
        .expr_as(Expr::col((Tenant::Table, Tenant::Name)), Alias::new("tenant_name"))
        .expr_as(Expr::col((Person::Table, Person::Id)), Alias::new("person_id"))
        .column((Person::Table, Person::Username))
        .order_by((Tenant::Table, Tenant::Name), Order::Asc)
        .order_by((Person::Table, Person::Username), Order::Asc);
}

/// All memberships of some tenants or some people: of their own first, then by groups.
pub async fn links(conn: &mut Conn, of: Of<'_>) -> Result<Vec<Link>> {
    let ids = match of {
        Of::Tenants(ids) | Of::People(ids) => ids,
    };
    let mut all = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        for row in conn.fetch_all(&direct(of, ids)).await? {
            all.push(Link::decode(&row, None)?);
        }
    }
    for ids in ids.chunks(AT_ONCE) {
        for row in conn.fetch_all(&by_groups(of, ids)).await? {
            let group = row.get("group_name")?;
            all.push(Link::decode(&row, group)?);
        }
    }
    Ok(all)
}

fn direct(of: Of<'_>, ids: &[i64]) -> SelectStatement {
    let which = match of {
        Of::Tenants(_) => TenantMember::TenantId,
        Of::People(_) => TenantMember::PersonId,
    };
    let member = |column| Expr::col((TenantMember::Table, column));
    let mut select = Query::select()
        .column((TenantMember::Table, TenantMember::Role))
        .from(TenantMember::Table)
        .inner_join(Tenant::Table, Expr::col((Tenant::Table, Tenant::Id)).eq(member(TenantMember::TenantId)))
        .inner_join(Person::Table, Expr::col((Person::Table, Person::Id)).eq(member(TenantMember::PersonId)))
        .and_where(member(which).is_in(ids.iter().copied()))
        .take();
    names(&mut select);
    select
}

fn by_groups(of: Of<'_>, ids: &[i64]) -> SelectStatement {
    let which = match of {
        Of::Tenants(_) => (TenantGroup::Table, TenantGroup::TenantId).into_column_ref(),
        Of::People(_) => (UserGroupMember::Table, UserGroupMember::PersonId).into_column_ref(),
    };
    let in_tenant = |column| Expr::col((TenantGroup::Table, column));
    let in_group = |column| Expr::col((UserGroupMember::Table, column));
    let mut select = Query::select()
        .column((TenantGroup::Table, TenantGroup::Role))
        .expr_as(Expr::col((UserGroup::Table, UserGroup::Name)), Alias::new("group_name"))
        .from(TenantGroup::Table)
        .inner_join(Tenant::Table, Expr::col((Tenant::Table, Tenant::Id)).eq(in_tenant(TenantGroup::TenantId)))
        .inner_join(
            UserGroup::Table,
            Expr::col((UserGroup::Table, UserGroup::Id)).eq(in_tenant(TenantGroup::UserGroupId)),
        )
        .left_join(
            UserGroupMember::Table,
            in_group(UserGroupMember::UserGroupId).eq(in_tenant(TenantGroup::UserGroupId)),
        )
        .left_join(Person::Table, Expr::col((Person::Table, Person::Id)).eq(in_group(UserGroupMember::PersonId)))
        .and_where(Expr::col(which).is_in(ids.iter().copied()))
        .order_by((UserGroup::Table, UserGroup::Name), Order::Asc)
        .take();
    names(&mut select);
    select
}

/// What somebody is in a tenant, as the API says it: the role of their own if there is one, and all.
pub fn standing(own: Option<Role>, mut roles: Vec<Role>) -> Value {
    roles.sort_unstable();
    roles.dedup();
    json!({"tenant-role": own, "roles": roles})
}

/// How many different people each tenant has, or how many tenants each person, groups counted in.
pub async fn counts(conn: &mut Conn, of: Of<'_>) -> Result<HashMap<i64, i64>> {
    let (key, ids) = match of {
        Of::Tenants(ids) => ("tenant_id", ids),
        Of::People(ids) => ("person_id", ids),
    };
    let mut counts = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let among = |column: Expr| column.is_in(ids.iter().copied());
        let member = |column| Expr::col((TenantMember::Table, column));
        let in_tenant = |column| Expr::col((TenantGroup::Table, column));
        let in_group = |column| Expr::col((UserGroupMember::Table, column));
        let (own, grouped) = match of {
            Of::Tenants(_) => (member(TenantMember::TenantId), in_tenant(TenantGroup::TenantId)),
            Of::People(_) => (member(TenantMember::PersonId), in_group(UserGroupMember::PersonId)),
        };
        let by_group = Query::select()
            .column((TenantGroup::Table, TenantGroup::TenantId))
            .column((UserGroupMember::Table, UserGroupMember::PersonId))
            .from(TenantGroup::Table)
            .inner_join(
                UserGroupMember::Table,
                in_group(UserGroupMember::UserGroupId).eq(in_tenant(TenantGroup::UserGroupId)),
            )
            .and_where(among(grouped))
            .take();
        let pairs = Query::select()
            .column((TenantMember::Table, TenantMember::TenantId))
            .column((TenantMember::Table, TenantMember::PersonId))
            .from(TenantMember::Table)
            .and_where(among(own))
            .union(UnionType::Distinct, by_group)
            .take();
        let key = Alias::new(key);
        let count = Query::select()
            .expr_as(Expr::col(key.clone()), Alias::new("key"))
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("count"))
            .from_subquery(pairs, Alias::new("pairs"))
            .group_by_col(key)
            .take();
        add(conn, &mut counts, &count).await?;
    }
    Ok(counts)
}

/// How many rows of a table there are for each number in a column of it.
pub async fn count_by<T>(conn: &mut Conn, table: T, column: T, ids: &[i64]) -> Result<HashMap<i64, i64>>
where
    T: sea_query::Iden + Copy + 'static,
{
    let mut counts = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let count = Query::select()
            .expr_as(Expr::col(column), Alias::new("key"))
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("count"))
            .from(table)
            .and_where(Expr::col(column).is_in(ids.iter().copied()))
            .group_by_col(column)
            .take();
        add(conn, &mut counts, &count).await?;
    }
    Ok(counts)
}

async fn add(conn: &mut Conn, counts: &mut HashMap<i64, i64>, count: &SelectStatement) -> Result<()> {
    for row in conn.fetch_all(count).await? {
        counts.insert(row.get("key")?, row.get("count")?);
    }
    Ok(())
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InGroup {
    pub group_id: i64,
    pub group: String,
    /// The role that holds everywhere and comes with the group.
    pub role: Role,
    pub person_id: i64,
    pub username: String,
}

/// The groups that some people are in.
pub async fn groups_of(conn: &mut Conn, people: &[i64]) -> Result<Vec<InGroup>> {
    in_groups(conn, UserGroupMember::PersonId, people).await
}

/// The people that are in some groups.
pub async fn people_of(conn: &mut Conn, groups: &[i64]) -> Result<Vec<InGroup>> {
    in_groups(conn, UserGroupMember::UserGroupId, groups).await
}

async fn in_groups(conn: &mut Conn, which: UserGroupMember, ids: &[i64]) -> Result<Vec<InGroup>> {
    let member = |column| Expr::col((UserGroupMember::Table, column));
    let mut all = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let select = Query::select()
            .columns([UserGroupMember::UserGroupId, UserGroupMember::PersonId].map(|c| (UserGroupMember::Table, c)))
            .expr_as(Expr::col((UserGroup::Table, UserGroup::Name)), Alias::new("group_name"))
            .column((UserGroup::Table, UserGroup::Role))
            .column((Person::Table, Person::Username))
            .from(UserGroupMember::Table)
            .inner_join(
                UserGroup::Table,
                Expr::col((UserGroup::Table, UserGroup::Id)).eq(member(UserGroupMember::UserGroupId)),
            )
            .inner_join(Person::Table, Expr::col((Person::Table, Person::Id)).eq(member(UserGroupMember::PersonId)))
            .and_where(member(which).is_in(ids.iter().copied()))
            .order_by((UserGroup::Table, UserGroup::Name), Order::Asc)
            .order_by((Person::Table, Person::Username), Order::Asc)
            .take();
        for row in conn.fetch_all(&select).await? {
            all.push(InGroup {
                group_id: row.get("user_group_id")?,
                group: row.get("group_name")?,
                role: row.word("role", Role::from_name)?,
                person_id: row.get("person_id")?,
                username: row.get("username")?,
            });
        }
    }
    Ok(all)
}

/// The tenants that some groups are in, by name, with the role there.
pub async fn tenants_of_groups(conn: &mut Conn, groups: &[i64]) -> Result<HashMap<i64, BTreeMap<String, Role>>> {
    let mut all: HashMap<i64, BTreeMap<String, Role>> = HashMap::new();
    for ids in groups.chunks(AT_ONCE) {
        let select = Query::select()
            .columns([TenantGroup::UserGroupId, TenantGroup::Role].map(|column| (TenantGroup::Table, column)))
            .column((Tenant::Table, Tenant::Name))
            .from(TenantGroup::Table)
            .inner_join(
                Tenant::Table,
                Expr::col((Tenant::Table, Tenant::Id)).equals((TenantGroup::Table, TenantGroup::TenantId)),
            )
            .and_where(Expr::col((TenantGroup::Table, TenantGroup::UserGroupId)).is_in(ids.iter().copied()))
            .take();
        for row in conn.fetch_all(&select).await? {
            let tenants = all.entry(row.get("user_group_id")?).or_default();
            tenants.insert(row.get("name")?, row.word("role", Role::from_name)?);
        }
    }
    Ok(all)
}
