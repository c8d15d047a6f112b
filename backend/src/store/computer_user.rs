//! Users and groups of computers, as their agents report them.

use sea_query::{Expr, ExprTrait, OnConflict, Order, Query};

use super::tables::{Computer, ComputerUser, ComputerUserGroup, ComputerUserGroupMember};
use super::{Conn, Result, Scope};

/// A user of a computer's system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemUser {
    pub username: String,
    pub uid: i64,
    /// Whether the user has a password or key to come in with.
    pub enabled: bool,
    pub name: Option<String>,
    pub location: Option<String>,
    pub home_phone: Option<String>,
    pub work_phone: Option<String>,
    pub primary_gid: Option<i64>,
    pub primary_groupname: Option<String>,
}

/// A group of a computer's system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemGroup {
    pub id: i64,
    pub computer_id: i64,
    pub gid: i64,
    pub name: String,
    pub members: Vec<String>,
}

/// What a report says of users and groups.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub users: Vec<SystemUser>,
    pub deleted_users: Vec<String>,
    /// Name and number.
    pub groups: Vec<(String, i64)>,
    pub deleted_groups: Vec<String>,
    /// Group and user.
    pub members: Vec<(String, String)>,
    pub deleted_members: Vec<(String, String)>,
}

/// Forgets all users and groups of a computer.
pub async fn clear(conn: &mut Conn, computer_id: i64) -> Result<()> {
    let users = Query::delete()
        .from_table(ComputerUser::Table)
        .and_where(Expr::col(ComputerUser::ComputerId).eq(computer_id))
        .take();
    let groups = Query::delete()
        .from_table(ComputerUserGroup::Table)
        .and_where(Expr::col(ComputerUserGroup::ComputerId).eq(computer_id))
        .take();
    let members = Query::delete()
        .from_table(ComputerUserGroupMember::Table)
        .and_where(Expr::col(ComputerUserGroupMember::ComputerId).eq(computer_id))
        .take();
    for delete in [users, groups, members] {
        conn.execute(&delete).await?;
    }
    Ok(())
}

/// Applies a report.
pub async fn apply(conn: &mut Conn, computer_id: i64, changes: &Changes) -> Result<()> {
    for name in &changes.deleted_users {
        let user = Query::delete()
            .from_table(ComputerUser::Table)
            .and_where(Expr::col(ComputerUser::ComputerId).eq(computer_id))
            .and_where(Expr::col(ComputerUser::Username).eq(name.as_str()))
            .take();
        let memberships = Query::delete()
            .from_table(ComputerUserGroupMember::Table)
            .and_where(Expr::col(ComputerUserGroupMember::ComputerId).eq(computer_id))
            .and_where(Expr::col(ComputerUserGroupMember::Username).eq(name.as_str()))
            .take();
        for delete in [user, memberships] {
            conn.execute(&delete).await?;
        }
    }
    for name in &changes.deleted_groups {
        let group = Query::delete()
            .from_table(ComputerUserGroup::Table)
            .and_where(Expr::col(ComputerUserGroup::ComputerId).eq(computer_id))
            .and_where(Expr::col(ComputerUserGroup::Name).eq(name.as_str()))
            .take();
        let memberships = Query::delete()
            .from_table(ComputerUserGroupMember::Table)
            .and_where(Expr::col(ComputerUserGroupMember::ComputerId).eq(computer_id))
            .and_where(Expr::col(ComputerUserGroupMember::Groupname).eq(name.as_str()))
            .take();
        for delete in [group, memberships] {
            conn.execute(&delete).await?;
        }
    }
    for user in &changes.users {
        put_user(conn, computer_id, user).await?;
    }
    for (name, gid) in &changes.groups {
        use ComputerUserGroup as G;
        let insert = Query::insert()
            .into_table(G::Table)
            .columns([G::ComputerId, G::Name, G::Gid])
            .values_panic([computer_id.into(), name.as_str().into(), (*gid).into()])
            .on_conflict(OnConflict::columns([G::ComputerId, G::Name]).update_column(G::Gid).to_owned())
            .take();
        conn.execute(&insert).await?;
    }
    for (group, user) in &changes.deleted_members {
        let delete = Query::delete()
            .from_table(ComputerUserGroupMember::Table)
            .and_where(Expr::col(ComputerUserGroupMember::ComputerId).eq(computer_id))
            .and_where(Expr::col(ComputerUserGroupMember::Groupname).eq(group.as_str()))
            .and_where(Expr::col(ComputerUserGroupMember::Username).eq(user.as_str()))
            .take();
        conn.execute(&delete).await?;
    }
    for (group, user) in &changes.members {
        use ComputerUserGroupMember as M;
        let insert = Query::insert()
            .into_table(M::Table)
            .columns([M::ComputerId, M::Groupname, M::Username])
            .values_panic([computer_id.into(), group.as_str().into(), user.as_str().into()])
            .on_conflict(OnConflict::columns([M::ComputerId, M::Groupname, M::Username]).do_nothing().to_owned())
            .take();
        conn.execute(&insert).await?;
    }
    Ok(())
}

async fn put_user(conn: &mut Conn, computer_id: i64, user: &SystemUser) -> Result<()> {
    use ComputerUser as U;
    let facts =
        [U::Uid, U::Enabled, U::Name, U::Location, U::HomePhone, U::WorkPhone, U::PrimaryGid, U::PrimaryGroupname];
    let insert = Query::insert()
        .into_table(U::Table)
        .columns([U::ComputerId, U::Username].into_iter().chain(facts))
        .values_panic([
            computer_id.into(),
            user.username.as_str().into(),
            user.uid.into(),
            user.enabled.into(),
            user.name.clone().into(),
            user.location.clone().into(),
            user.home_phone.clone().into(),
            user.work_phone.clone().into(),
            user.primary_gid.into(),
            user.primary_groupname.clone().into(),
        ])
        .on_conflict(OnConflict::columns([U::ComputerId, U::Username]).update_columns(facts).to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// The users of a computer, by name; none when it is out of scope.
pub async fn users(conn: &mut Conn, scope: &Scope, computer_id: i64) -> Result<Vec<SystemUser>> {
    use ComputerUser as U;
    let select = scope
        .select::<Computer>()
        .inner_join(U::Table, Expr::col((U::Table, U::ComputerId)).equals((Computer::Table, Computer::Id)))
        .columns(
            [
                U::Username,
                U::Uid,
                U::Enabled,
                U::Name,
                U::Location,
                U::HomePhone,
                U::WorkPhone,
                U::PrimaryGid,
                U::PrimaryGroupname,
            ]
            .map(|column| (U::Table, column)),
        )
        .and_where(Expr::col((Computer::Table, Computer::Id)).eq(computer_id))
        .order_by((U::Table, U::Username), Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(SystemUser {
                username: row.get("username")?,
                uid: row.get("uid")?,
                enabled: row.get("enabled")?,
                name: row.get("name")?,
                location: row.get("location")?,
                home_phone: row.get("home_phone")?,
                work_phone: row.get("work_phone")?,
                primary_gid: row.get("primary_gid")?,
                primary_groupname: row.get("primary_groupname")?,
            })
        })
        .collect()
}

/// The groups of a computer with their members, by name; none when it is out of scope.
pub async fn groups(conn: &mut Conn, scope: &Scope, computer_id: i64) -> Result<Vec<SystemGroup>> {
    use ComputerUserGroup as G;
    use ComputerUserGroupMember as M;
    let here = || Expr::col((Computer::Table, Computer::Id)).eq(computer_id);
    let select = scope
        .select::<Computer>()
        .inner_join(G::Table, Expr::col((G::Table, G::ComputerId)).equals((Computer::Table, Computer::Id)))
        .columns([G::Id, G::Gid, G::Name].map(|column| (G::Table, column)))
        .and_where(here())
        .order_by((G::Table, G::Name), Order::Asc)
        .take();
    let mut groups = Vec::new();
    for row in conn.fetch_all(&select).await? {
        groups.push(SystemGroup {
            id: row.get("id")?,
            computer_id,
            gid: row.get("gid")?,
            name: row.get("name")?,
            members: Vec::new(),
        });
    }
    let select = scope
        .select::<Computer>()
        .inner_join(M::Table, Expr::col((M::Table, M::ComputerId)).equals((Computer::Table, Computer::Id)))
        .columns([M::Groupname, M::Username].map(|column| (M::Table, column)))
        .and_where(here())
        .order_by((M::Table, M::Username), Order::Asc)
        .take();
    for row in conn.fetch_all(&select).await? {
        let name: String = row.get("groupname")?;
        if let Some(group) = groups.iter_mut().find(|group| group.name == name) {
            group.members.push(row.get("username")?);
        }
    }
    Ok(groups)
}

/// The groups that a user of a computer is in, the primary one included.
pub async fn groups_of(conn: &mut Conn, scope: &Scope, computer_id: i64, username: &str) -> Result<Vec<SystemGroup>> {
    let primary = users(conn, scope, computer_id).await?.into_iter().find(|user| user.username == username);
    let primary = primary.and_then(|user| user.primary_gid);
    let mut groups = groups(conn, scope, computer_id).await?;
    groups.retain(|group| Some(group.gid) == primary || group.members.iter().any(|member| member == username));
    Ok(groups)
}
