//! What each role of the Conductor API may do.

use std::collections::BTreeMap;

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission::{Permission, PermissionSet};
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::role_permission::RolePermission;
use sea_query::{Condition, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};

use super::caller::PERMISSIONS_EPOCH;
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::{RolePermission as Table, Setting};
use crate::store::{Conn, Result, Row, account};

/// The permissions of each role.
pub type Matrix = BTreeMap<Role, PermissionSet>;

/// A role's permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub role: Role,
    pub permission: Permission,
}

/// Everything that roles hold. Names that this version does not know give nothing.
pub async fn matrix(conn: &mut Conn) -> Result<Matrix> {
    let mut matrix = Matrix::new();
    for Held { role, permission } in list(conn).await? {
        matrix.entry(role).or_default().insert(permission);
    }
    Ok(matrix)
}

/// The same, row by row.
pub async fn list(conn: &mut Conn) -> Result<Vec<Held>> {
    let select = Query::select()
        .columns([Table::Role, Table::Permission])
        .from(Table::Table)
        .order_by(Table::Role, Order::Asc)
        .order_by(Table::Permission, Order::Asc)
        .take();
    let mut all = Vec::new();
    for row in conn.fetch_all(&select).await? {
        let role = Role::from_name(&row.get::<String>("role")?);
        let permission = Permission::from_name(&row.get::<String>("permission")?);
        all.extend(role.zip(permission).map(|(role, permission)| Held { role, permission }));
    }
    Ok(all)
}

/// Gives a role a permission; false: it held it before.
pub async fn grant(conn: &mut Conn, held: Held) -> Result<bool> {
    let added = insert(conn, &[held]).await? > 0;
    raise_epoch(conn).await?;
    Ok(added)
}

/// Takes a permission from a role; false: it did not hold it.
pub async fn revoke(conn: &mut Conn, held: Held) -> Result<bool> {
    let delete = Query::delete()
        .from_table(Table::Table)
        .and_where(Expr::col(Table::Role).eq(held.role.name()))
        .and_where(Expr::col(Table::Permission).eq(held.permission.name()))
        .take();
    let removed = conn.execute(&delete).await? > 0;
    raise_epoch(conn).await?;
    Ok(removed)
}

/// What the roles hold at first start. Does nothing if that was done before.
pub async fn seed(conn: &mut Conn) -> Result<()> {
    if account::setting(conn, PERMISSIONS_EPOCH).await?.is_some() {
        return Ok(());
    }
    let all: Vec<Held> = Permission::ALL
        .iter()
        .flat_map(|permission| {
            let others = permission.default_roles().iter().copied();
            std::iter::once(Role::SysAdmin).chain(others).map(|role| Held { role, permission: *permission })
        })
        .collect();
    for some in all.chunks(200) {
        insert(conn, some).await?;
    }
    account::setting_or_insert(conn, PERMISSIONS_EPOCH, "1").await?;
    Ok(())
}

async fn insert(conn: &mut Conn, held: &[Held]) -> Result<u64> {
    let mut insert = Query::insert().into_table(Table::Table).columns([Table::Role, Table::Permission]).take();
    for held in held {
        insert.values_panic([held.role.name().into(), held.permission.name().into()]);
    }
    insert.on_conflict(OnConflict::columns([Table::Role, Table::Permission]).do_nothing().to_owned());
    conn.execute(&insert).await
}

/// Lets every node know that what it remembers is old.
async fn raise_epoch(conn: &mut Conn) -> Result<()> {
    let epoch = account::setting(conn, PERMISSIONS_EPOCH).await?.and_then(|text| text.parse::<u64>().ok());
    let next = epoch.unwrap_or_default().wrapping_add(1).to_string();
    let update = Query::update()
        .table(Setting::Table)
        .value(Setting::Value, next)
        .and_where(Expr::col(Setting::Name).eq(PERMISSIONS_EPOCH))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Roles are the server's: one matrix for all accounts.
#[derive(Clone, Copy, Debug)]
pub struct Everywhere;

impl Listed for RolePermission {
    type Scope = Everywhere;
    const KIND: Kind = Kind::RolePermission;

    fn source(_: &Everywhere) -> SelectStatement {
        Query::select().from(Table::Table).take()
    }

    fn columns(select: &mut SelectStatement) {
        select.columns([Table::Role, Table::Permission]);
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "role" => FieldSql::Text(Expr::col(Table::Role)),
            "permission" => FieldSql::Text(Expr::col(Table::Permission)),
            _ => return None,
        })
    }

    /// The rows have no number; with its role a permission is unique.
    fn id() -> Expr {
        Expr::col(Table::Permission)
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self { role: row.get("role")?, permission: row.get("permission")? })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}

/// The rows of a role.
pub fn of_role(role: Role) -> Condition {
    Expr::col(Table::Role).eq(role.name()).into()
}

/// The row of a role's permission, if it holds it.
pub fn exactly(held: Held) -> Condition {
    of_role(held.role).add(Expr::col(Table::Permission).eq(held.permission.name()))
}
