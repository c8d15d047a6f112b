//! Access groups: the tree by which people see and profiles reach.

use std::collections::HashMap;

use binnacle_shared::model::landscape::access_group::AccessGroup as Wire;
use binnacle_shared::model::landscape::script::ScriptStatus;
use sea_query::{Expr, ExprTrait, LockType, Order, Query, SelectStatement};

use super::computer::REMOVED;
use super::tables::{AccessGroup, Activity, Computer, Script, ScriptProfile};
use super::{Conn, Result, Row, Scope};

/// A group as the store needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: i64,
    pub name: String,
    pub title: String,
    pub parent_id: Option<i64>,
    /// Ids from the root to here, each followed by a slash.
    pub path: String,
}

impl Group {
    /// What [`Group::decode`] reads.
    pub(super) const COLUMNS: [AccessGroup; 5] =
        [AccessGroup::Id, AccessGroup::Name, AccessGroup::Title, AccessGroup::ParentId, AccessGroup::Path];

    pub(super) fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            title: row.get("title")?,
            parent_id: row.get("parent_id")?,
            path: row.get("path")?,
        })
    }
}

fn select(scope: &Scope) -> SelectStatement {
    Query::select()
        .columns(Group::COLUMNS)
        .from(AccessGroup::Table)
        .cond_where(scope.groups_condition("access_group"))
        .take()
}

/// All groups in scope, parents before children.
pub async fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<Group>> {
    let rows = select(scope).order_by(AccessGroup::Path, Order::Asc).take();
    conn.fetch_all(&rows).await?.iter().map(Group::decode).collect()
}

pub async fn by_name(conn: &mut Conn, scope: &Scope, name: &str) -> Result<Option<Group>> {
    let row = select(scope).and_where(Expr::col(AccessGroup::Name).eq(name)).take();
    conn.fetch_optional(&row).await?.as_ref().map(Group::decode).transpose()
}

pub async fn by_id(conn: &mut Conn, scope: &Scope, id: i64) -> Result<Option<Group>> {
    let row = select(scope).and_where(Expr::col(AccessGroup::Id).eq(id)).take();
    conn.fetch_optional(&row).await?.as_ref().map(Group::decode).transpose()
}

/// Makes a group below `parent`; without one it is the root.
pub async fn create(
    conn: &mut Conn,
    account_id: i64,
    name: &str,
    title: &str,
    parent: Option<&Group>,
) -> Result<Group> {
    let insert = Query::insert()
        .into_table(AccessGroup::Table)
        .columns([
            AccessGroup::AccountId,
            AccessGroup::Name,
            AccessGroup::Title,
            AccessGroup::ParentId,
            AccessGroup::Path,
        ])
        .values_panic([account_id.into(), name.into(), title.into(), parent.map(|p| p.id).into(), "".into()])
        .returning_col(AccessGroup::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    let path = format!("{}{id}/", parent.map(|p| p.path.as_str()).unwrap_or_default());
    let update = Query::update()
        .table(AccessGroup::Table)
        .value(AccessGroup::Path, path.as_str())
        .and_where(Expr::col(AccessGroup::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(Group { id, name: name.into(), title: title.into(), parent_id: parent.map(|p| p.id), path })
}

/// Stores what the group is for.
pub async fn describe(conn: &mut Conn, group: &Group, description: &str) -> Result<()> {
    let update = Query::update()
        .table(AccessGroup::Table)
        .value(AccessGroup::Description, description)
        .and_where(Expr::col(AccessGroup::Id).eq(group.id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Keeps others from putting anything into the group until the transaction ends.
pub async fn lock(conn: &mut Conn, group: &Group) -> Result<()> {
    let lock = Query::select()
        .column(AccessGroup::Id)
        .from(AccessGroup::Table)
        .and_where(Expr::col(AccessGroup::Id).eq(group.id))
        .lock(LockType::Update)
        .take();
    conn.fetch_optional(&lock).await?;
    Ok(())
}

/// A table whose rows stand in groups, and which of them are no more than history.
macro_rules! holding {
    ($($table:ident where $history:expr;)+) => {
        /// Whether anything is in the group that is not history, or below it.
        pub async fn is_used(conn: &mut Conn, group: &Group) -> Result<bool> {
            let mut rows = vec![
                Query::select()
                    .column(AccessGroup::Id)
                    .from(AccessGroup::Table)
                    .and_where(Expr::col(AccessGroup::ParentId).eq(group.id))
                    .take(),
            ];
            $(rows.push(
                Query::select()
                    .column($table::Id)
                    .from($table::Table)
                    .and_where(Expr::col($table::AccessGroupId).eq(group.id))
                    .and_where($history.not())
                    .take(),
            );)+
            for rows in &mut rows {
                if conn.fetch_optional(rows.limit(1)).await?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }

        /// Moves the rest of what was in a group that is not used any more.
        pub async fn pass_on_history(conn: &mut Conn, group: &Group, heir_id: i64) -> Result<()> {
            $(
                let update = Query::update()
                    .table($table::Table)
                    .value($table::AccessGroupId, heir_id)
                    .and_where(Expr::col($table::AccessGroupId).eq(group.id))
                    .take();
                conn.execute(&update).await?;
            )+
            Ok(())
        }
    };
}

holding! {
    Computer where Expr::col(Computer::State).eq(REMOVED);
    Script where Expr::col(Script::Status).ne(ScriptStatus::Active.name());
    ScriptProfile where Expr::col(ScriptProfile::ArchivedAt).is_not_null();
    Activity where Expr::val(1).eq(1);
}

pub async fn remove(conn: &mut Conn, group: &Group) -> Result<()> {
    let delete =
        Query::delete().from_table(AccessGroup::Table).and_where(Expr::col(AccessGroup::Id).eq(group.id)).take();
    conn.execute(&delete).await?;
    Ok(())
}

/// As the API shows them: with the names of parents and children.
pub fn to_wire(groups: &[Group]) -> Vec<Wire> {
    let names: HashMap<i64, &str> = groups.iter().map(|g| (g.id, g.name.as_str())).collect();
    groups
        .iter()
        .map(|group| Wire {
            name: group.name.clone(),
            title: group.title.clone(),
            parent: group.parent_id.and_then(|id| names.get(&id).copied()).unwrap_or_default().to_owned(),
            children: groups
                .iter()
                .filter(|child| child.parent_id == Some(group.id))
                .map(|child| child.name.as_str())
                .collect::<Vec<_>>()
                .join(","),
        })
        .collect()
}
