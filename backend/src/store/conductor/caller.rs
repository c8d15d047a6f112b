//! What somebody is in a tenant, read by one statement with every request.

use std::collections::BTreeSet;

use binnacle_shared::model::conductor::role::Role;
use sea_query::{Alias, Condition, Expr, ExprTrait, Order, Query, SelectStatement, SubQueryStatement, UnionType};

use crate::store::tables::{
    ConfigItem, Person, Setting, Tenant, TenantGroup, TenantMember, UserGroup, UserGroupMember,
};
use crate::store::{Conn, Result, Row};

/// Raised with every change of what a role may do.
pub const PERMISSIONS_EPOCH: &str = "conductor_permissions_epoch";
/// The scope and the name of the setting that says how many rows a list answers.
pub const PAGE_SIZE: (&str, &str) = ("rest", "default_page_size");
/// The state of the maintenance mode.
pub const MAINTENANCE: &str = "conductor_maintenance";

/// Somebody's place in a tenant, and what else decides about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The tenant that was named, if there is such a one.
    pub tenant_id: Option<i64>,
    /// Roles in it, of one's own and of one's groups.
    pub roles: BTreeSet<Role>,
    /// Whether a group makes an administrator of everything.
    pub group_administers: bool,
    pub bootstrap: bool,
    /// Wrong passwords in a row, and when the last was (in microseconds).
    pub failed_logins: i64,
    pub last_failed_login_at: Option<i64>,
    /// What the roles may do has this number.
    pub permissions_epoch: String,
    /// JSON; none: it was never changed.
    pub maintenance: Option<String>,
    /// How many rows a list answers, if somebody has set that; JSON.
    pub page_size: Option<String>,
}

fn setting(name: &'static str) -> SelectStatement {
    Query::select()
        .column((Setting::Table, Setting::Value))
        .from(Setting::Table)
        .and_where(Expr::col((Setting::Table, Setting::Name)).eq(name))
        .take()
}

fn scalar(name: &'static str) -> Expr {
    Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(setting(name))))
}

/// A setting of the Conductor API, of the person's account.
fn config((scope, name): (&'static str, &'static str)) -> Expr {
    let column = |column: ConfigItem| Expr::col((ConfigItem::Table, column));
    let select = Query::select()
        .column((ConfigItem::Table, ConfigItem::Value))
        .from(ConfigItem::Table)
        .and_where(column(ConfigItem::AccountId).equals((Person::Table, Person::AccountId)))
        .and_where(column(ConfigItem::Scope).eq(scope))
        .and_where(column(ConfigItem::Name).eq(name))
        .take();
    Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(select)))
}

fn role(text: Option<String>) -> Result<Option<Role>> {
    let Some(text) = text else { return Ok(None) };
    let unreadable = || crate::store::StoreError::Unreadable { what: "role", value: text.clone() };
    Role::from_name(&text).map(Some).ok_or_else(unreadable)
}

/// Looks up what a person is in the tenant of that name; none: in no tenant.
pub async fn place(conn: &mut Conn, person_id: i64, tenant: Option<&str>) -> Result<Place> {
    let of_tenant = Condition::all()
        .add(Expr::col((Tenant::Table, Tenant::AccountId)).equals((Person::Table, Person::AccountId)))
        .add(Expr::col((Tenant::Table, Tenant::Name)).eq(tenant.unwrap_or_default()));
    let membership = Condition::all()
        .add(Expr::col((TenantMember::Table, TenantMember::TenantId)).equals((Tenant::Table, Tenant::Id)))
        .add(Expr::col((TenantMember::Table, TenantMember::PersonId)).eq(person_id));
    let in_group = Expr::col((UserGroupMember::Table, UserGroupMember::PersonId)).equals((Person::Table, Person::Id));
    let group =
        Expr::col((UserGroup::Table, UserGroup::Id)).equals((UserGroupMember::Table, UserGroupMember::UserGroupId));
    let by_group = Condition::all()
        .add(Expr::col((TenantGroup::Table, TenantGroup::TenantId)).equals((Tenant::Table, Tenant::Id)))
        .add(Expr::col((TenantGroup::Table, TenantGroup::UserGroupId)).equals((UserGroup::Table, UserGroup::Id)));
    let select = Query::select()
        .columns([Person::IsBootstrap, Person::FailedLogins, Person::LastFailedLoginAt].map(|c| (Person::Table, c)))
        .expr_as(Expr::col((Tenant::Table, Tenant::Id)), Alias::new("tenant_id"))
        .expr_as(Expr::col((TenantMember::Table, TenantMember::Role)), Alias::new("own_role"))
        .expr_as(Expr::col((TenantGroup::Table, TenantGroup::Role)), Alias::new("group_role"))
        .expr_as(Expr::col((UserGroup::Table, UserGroup::Role)), Alias::new("system_role"))
        .expr_as(scalar(PERMISSIONS_EPOCH), Alias::new("permissions_epoch"))
        .expr_as(scalar(MAINTENANCE), Alias::new("maintenance"))
        .expr_as(config(PAGE_SIZE), Alias::new("page_size"))
        .from(Person::Table)
        .left_join(Tenant::Table, of_tenant)
        .left_join(TenantMember::Table, membership)
        .left_join(UserGroupMember::Table, in_group)
        .left_join(UserGroup::Table, group)
        .left_join(TenantGroup::Table, by_group)
        .and_where(Expr::col((Person::Table, Person::Id)).eq(person_id))
        .take();
    let mut place = Place::default();
    for row in conn.fetch_all(&select).await? {
        place.tenant_id = row.get("tenant_id")?;
        place.bootstrap = row.get("is_bootstrap")?;
        place.failed_logins = row.get("failed_logins")?;
        place.last_failed_login_at = row.get("last_failed_login_at")?;
        place.permissions_epoch = row.get::<Option<String>>("permissions_epoch")?.unwrap_or_default();
        place.maintenance = row.get("maintenance")?;
        place.page_size = row.get("page_size")?;
        place.roles.extend(role(row.get("own_role")?)?);
        place.roles.extend(role(row.get("group_role")?)?);
        place.group_administers |= role(row.get("system_role")?)? == Some(Role::SysAdmin);
    }
    Ok(place)
}

/// The first, by name, of the tenants that a person is a member of.
pub async fn first_tenant(conn: &mut Conn, person_id: i64) -> Result<Option<String>> {
    let ids: Vec<i64> = memberships(conn, person_id).await?.iter().map(|membership| membership.tenant_id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let select = Query::select()
        .column(Tenant::Name)
        .from(Tenant::Table)
        .and_where(Expr::col(Tenant::Id).is_in(ids))
        .order_by(Tenant::Name, Order::Asc)
        .limit(1)
        .take();
    conn.fetch_optional(&select).await?.map(|row| row.get("name")).transpose()
}

/// A tenant that somebody is a member of, and a role that they have there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub tenant_id: i64,
    pub role: Role,
}

fn membership(row: &Row) -> Result<Membership> {
    Ok(Membership { tenant_id: row.get("tenant_id")?, role: row.word("role", Role::from_name)? })
}

/// All that a person is in any tenant, of their own and by groups.
pub async fn memberships(conn: &mut Conn, person_id: i64) -> Result<Vec<Membership>> {
    let by_group = Query::select()
        .columns([(TenantGroup::Table, TenantGroup::TenantId), (TenantGroup::Table, TenantGroup::Role)])
        .from(TenantGroup::Table)
        .inner_join(
            UserGroupMember::Table,
            Expr::col((UserGroupMember::Table, UserGroupMember::UserGroupId))
                .equals((TenantGroup::Table, TenantGroup::UserGroupId)),
        )
        .and_where(Expr::col((UserGroupMember::Table, UserGroupMember::PersonId)).eq(person_id))
        .take();
    let all = Query::select()
        .columns([(TenantMember::Table, TenantMember::TenantId), (TenantMember::Table, TenantMember::Role)])
        .from(TenantMember::Table)
        .and_where(Expr::col((TenantMember::Table, TenantMember::PersonId)).eq(person_id))
        .union(UnionType::Distinct, by_group)
        .take();
    conn.fetch_all(&all).await?.iter().map(membership).collect()
}
