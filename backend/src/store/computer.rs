//! Computers: what agents reported and people set.

use std::collections::BTreeMap;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::computer::{Computer as Wire, ComputerPatch, DistributionInfo, PendingComputer};
use binnacle_shared::patch::Patch;
use binnacle_shared::time::Seconds;
use sea_query::{Condition, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use serde_json::{Value, json};

use super::association::{ENROLLED, carries_any};
use super::list::{FieldSql, Listed};
use super::tables::{AccessGroup, Computer, ComputerTag};
use super::{Conn, Result, Row, Scope, StoreError};

pub use super::computer_registration::{NewComputer, create_pending, enrol, reject, take_identity};

/// A computer that waits to be accepted.
pub const PENDING: &str = "pending";
/// A computer that is no longer managed and is kept to look at.
pub const ARCHIVED: &str = "archived";
/// How many numbers one statement names.
const CHUNK: usize = 500;
/// A computer that was taken away; its agent is told to register anew.
pub const REMOVED: &str = "removed";

fn column(column: Computer) -> Expr {
    Expr::col((Computer::Table, column))
}

/// Only computers that take part: neither pending nor removed.
pub fn enrolled() -> Condition {
    Condition::all().add(column(Computer::State).eq(ENROLLED))
}

/// Only computers that took part once and are kept to look at.
pub fn archived() -> Condition {
    Condition::all().add(column(Computer::State).eq(ARCHIVED))
}

/// Computers that one can look at: those that take part, and the archived ones.
pub fn visible() -> Condition {
    Condition::all().add(column(Computer::State).is_in([ENROLLED, ARCHIVED]))
}

pub fn with_id(id: i64) -> Condition {
    Condition::all().add(column(Computer::Id).eq(id))
}

/// The computers of an access group and of those below it.
pub fn below_group(group_id: i64) -> Condition {
    let groups = super::association::groups_below(Expr::val(group_id));
    Condition::all().add(column(Computer::AccessGroupId).in_subquery(groups))
}

fn json_document(row: &Row, name: &'static str) -> Result<Option<Value>> {
    let Some(text) = row.get::<Option<String>>(name)? else { return Ok(None) };
    match serde_json::from_str(&text) {
        Ok(value) => Ok(Some(value)),
        Err(_) => Err(StoreError::Unreadable { what: name, value: text }),
    }
}

impl Listed for Wire {
    type Scope = Scope;
    const KIND: Kind = Kind::Computer;
    const NULLABLE: &'static [&'static str] = &["hostname", "distribution", "last_ping_time", "total_memory"];

    fn source(scope: &Scope) -> SelectStatement {
        scope.select::<Computer>()
    }

    fn join(rows: &mut SelectStatement) {
        rows.inner_join(
            AccessGroup::Table,
            Expr::col((AccessGroup::Table, AccessGroup::Id)).equals((Computer::Table, Computer::AccessGroupId)),
        );
    }

    fn columns(select: &mut SelectStatement) {
        use Computer as C;
        select
            .columns(
                [
                    C::Id,
                    C::Title,
                    C::Comment,
                    C::Hostname,
                    C::TotalMemory,
                    C::TotalSwap,
                    C::RebootRequired,
                    C::UpdateManagerPrompt,
                    C::CloneOfId,
                    C::LastExchangeAt,
                    C::LastPingAt,
                    C::RegisteredAt,
                    C::Distributor,
                    C::Distribution,
                    C::Description,
                    C::CodeName,
                    C::VmInfo,
                    C::ContainerInfo,
                    C::State,
                    C::Processors,
                    C::RebootPackages,
                ]
                .map(|c| (C::Table, c)),
            )
            .expr_as(Expr::col((AccessGroup::Table, AccessGroup::Name)), "access_group");
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Computer::Id)),
            "title" => FieldSql::Text(column(Computer::Title)),
            "hostname" => FieldSql::Text(column(Computer::Hostname)),
            "comment" => FieldSql::Text(column(Computer::Comment)),
            "distribution" => FieldSql::Text(column(Computer::Distribution)),
            "access_group" => FieldSql::Text(Expr::col((AccessGroup::Table, AccessGroup::Name))),
            "tags" => FieldSql::Values(|tags| Condition::all().add(carries_any(&tags))),
            "last_ping_time" => FieldSql::Time(column(Computer::LastPingAt)),
            "registered_at" => FieldSql::Time(column(Computer::RegisteredAt)),
            "total_memory" => FieldSql::Integer(column(Computer::TotalMemory)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Computer::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let distribution: Option<String> = row.get("distribution")?;
        let distribution_info = DistributionInfo {
            distributor: row.get("distributor")?,
            description: row.get("description")?,
            release: distribution.clone(),
            code_name: row.get("code_name")?,
        };
        let said_something = distribution_info.distributor.is_some() || distribution_info.description.is_some();
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            comment: row.get("comment")?,
            hostname: row.get("hostname")?,
            tags: Vec::new(),
            access_group: row.get("access_group")?,
            total_memory: row.get("total_memory")?,
            total_swap: row.get("total_swap")?,
            reboot_required_flag: row.get("reboot_required")?,
            update_manager_prompt: row.get("update_manager_prompt")?,
            clone_id: row.get("clone_of_id")?,
            last_exchange_time: row.optional_time("last_exchange_at")?.map(Seconds),
            last_ping_time: row.optional_time("last_ping_at")?.map(Seconds),
            registered_at: Seconds(row.time("registered_at")?),
            distribution,
            distribution_info: said_something.then_some(distribution_info),
            cloud_instance_metadata: json!({}),
            cloud_init: json!({}),
            vm_info: row.get("vm_info")?,
            container_info: row.get("container_info")?,
            ubuntu_pro_info: None,
            ubuntu_pro_reboot_required_info: None,
            livepatch_info: None,
            is_wsl_instance: false,
            is_default_child: None,
            default_child: None,
            num_child: 0,
            parent: None,
            children: Vec::new(),
            archived: row.get::<String>("state")? == "archived",
            employee_id: None,
            has_release_upgrades: false,
            hardware: json_document(row, "processors")?.map(|p| json!({"processors": p})),
            reboot_packages: json_document(row, "reboot_packages")?
                .and_then(|names| serde_json::from_value(names).ok()),
            network_devices: None,
            annotations: None,
            grouped_hardware: None,
            alerts: None,
            upgrades: None,
            profiles: None,
            wsl_profiles: None,
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let ids: Vec<i64> = items.iter().map(|c| c.id).collect();
        let mut tags = tags_of(conn, &ids).await?;
        for computer in items {
            computer.tags = tags.remove(&computer.id).unwrap_or_default();
        }
        Ok(())
    }
}

/// The tags of some computers, by computer.
async fn tags_of(conn: &mut Conn, computers: &[i64]) -> Result<BTreeMap<i64, Vec<String>>> {
    let mut found: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    if computers.is_empty() {
        return Ok(found);
    }
    let select = Query::select()
        .columns([ComputerTag::ComputerId, ComputerTag::Tag])
        .from(ComputerTag::Table)
        .and_where(Expr::col(ComputerTag::ComputerId).is_in(computers.iter().copied()))
        .order_by(ComputerTag::Tag, Order::Asc)
        .take();
    for row in conn.fetch_all(&select).await? {
        found.entry(row.get("computer_id")?).or_default().push(row.get("tag")?);
    }
    Ok(found)
}

/// All tags that computers in scope carry.
pub async fn tags(conn: &mut Conn, scope: &Scope) -> Result<Vec<String>> {
    let select = scope
        .select::<Computer>()
        .cond_where(enrolled())
        .inner_join(
            ComputerTag::Table,
            Expr::col((ComputerTag::Table, ComputerTag::ComputerId)).equals((Computer::Table, Computer::Id)),
        )
        .distinct()
        .column((ComputerTag::Table, ComputerTag::Tag))
        .order_by((ComputerTag::Table, ComputerTag::Tag), Order::Asc)
        .take();
    conn.fetch_all(&select).await?.iter().map(|row| row.get("tag")).collect()
}

pub async fn add_tags(conn: &mut Conn, computer_id: i64, tags: &[String]) -> Result<()> {
    for tag in tags {
        let insert = Query::insert()
            .into_table(ComputerTag::Table)
            .columns([ComputerTag::ComputerId, ComputerTag::Tag])
            .values_panic([computer_id.into(), tag.as_str().into()])
            .on_conflict(OnConflict::columns([ComputerTag::ComputerId, ComputerTag::Tag]).do_nothing().to_owned())
            .take();
        conn.execute(&insert).await?;
    }
    Ok(())
}

pub async fn remove_tags(conn: &mut Conn, computer_id: i64, tags: Option<&[String]>) -> Result<()> {
    let mut delete = Query::delete();
    delete.from_table(ComputerTag::Table).and_where(Expr::col(ComputerTag::ComputerId).eq(computer_id));
    if let Some(tags) = tags {
        delete.and_where(Expr::col(ComputerTag::Tag).is_in(tags.iter().map(String::as_str)));
    }
    conn.execute(&delete).await?;
    Ok(())
}

/// Changes what people may change. The access group has been looked up by the caller.
pub async fn update(
    conn: &mut Conn,
    scope: &Scope,
    id: i64,
    patch: &ComputerPatch,
    access_group_id: Option<i64>,
) -> Result<()> {
    let mut update = Query::update();
    update.table(Computer::Table).cond_where(scope.rows::<Computer>());
    update.and_where(column(Computer::Id).eq(id));
    let mut changes = false;
    if let Patch::Set(title) = &patch.title {
        update.value(Computer::Title, title.as_str());
        changes = true;
    }
    match &patch.comment {
        Patch::Absent => {}
        Patch::Null => {
            update.value(Computer::Comment, "");
            changes = true;
        }
        Patch::Set(comment) => {
            update.value(Computer::Comment, comment.as_str());
            changes = true;
        }
    }
    if let Some(group) = access_group_id {
        update.value(Computer::AccessGroupId, group);
        changes = true;
    }
    if changes {
        conn.execute(&update).await?;
    }
    match &patch.tags {
        Patch::Absent => {}
        Patch::Null => remove_tags(conn, id, None).await?,
        Patch::Set(tags) => {
            remove_tags(conn, id, None).await?;
            add_tags(conn, id, tags).await?;
        }
    }
    Ok(())
}

/// The computers that wait to be accepted.
pub async fn pending(conn: &mut Conn, scope: &Scope) -> Result<Vec<PendingComputer>> {
    let select = scope
        .select::<Computer>()
        .columns(
            [
                Computer::Id,
                Computer::Title,
                Computer::Hostname,
                Computer::RegisteredAt,
                Computer::VmInfo,
                Computer::ContainerInfo,
                Computer::SuggestedAccessGroup,
            ]
            .map(|c| (Computer::Table, c)),
        )
        .and_where(column(Computer::State).eq(PENDING))
        .order_by((Computer::Table, Computer::Id), Order::Asc)
        .take();
    let mut found: Vec<PendingComputer> = Vec::new();
    for row in conn.fetch_all(&select).await? {
        let id: i64 = row.get("id")?;
        found.push(PendingComputer {
            id,
            title: row.get("title")?,
            hostname: row.get("hostname")?,
            creation_time: Seconds(row.time("registered_at")?),
            vm_info: row.get("vm_info")?,
            container_info: row.get("container_info")?,
            client_tags: Vec::new(),
            access_group: row.get("suggested_access_group")?,
        });
    }
    let ids: Vec<i64> = found.iter().map(|c| c.id).collect();
    let mut tags = tags_of(conn, &ids).await?;
    for computer in &mut found {
        computer.client_tags = tags.remove(&computer.id).unwrap_or_default();
    }
    Ok(found)
}

pub async fn count_pending(conn: &mut Conn, account_id: i64) -> Result<i64> {
    let select = Scope::account(account_id)
        .select::<Computer>()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .and_where(column(Computer::State).eq(PENDING))
        .take();
    conn.fetch_one(&select).await?.get("count")
}

/// How many computers match.
pub async fn count(conn: &mut Conn, scope: &Scope, matching: Condition) -> Result<i64> {
    let select = scope.select::<Computer>().expr_as(Expr::cust("COUNT(*)"), "count").cond_where(matching).take();
    conn.fetch_one(&select).await?.get("count")
}

/// Takes an enrolled computer out of the account; false when it was not enrolled. The row stays
/// for the activities that refer to it, and its agent is told to register anew.
pub async fn remove(conn: &mut Conn, scope: &Scope, id: i64) -> Result<bool> {
    let update = Query::update()
        .table(Computer::Table)
        .value(Computer::State, REMOVED)
        .cond_where(scope.rows::<Computer>())
        .and_where(column(Computer::Id).eq(id))
        .and_where(column(Computer::State).is_in([ENROLLED, ARCHIVED]))
        .take();
    Ok(conn.execute(&update).await? == 1)
}

pub fn with_ids(ids: &[i64]) -> Condition {
    // Nothing in the list finds nothing.
    Condition::all().add(column(Computer::Id).is_in(ids.iter().copied()))
}

/// Numbers of the computers in scope that match, in order; locked on PostgreSQL, since a change
/// follows.
pub async fn ids(conn: &mut Conn, scope: &Scope, matching: Condition) -> Result<Vec<i64>> {
    let mut select = scope.select::<Computer>();
    select
        .column((Computer::Table, Computer::Id))
        .cond_where(matching)
        .order_by((Computer::Table, Computer::Id), Order::Asc);
    if conn.is_postgres() {
        select.lock(sea_query::LockType::Update);
    }
    conn.fetch_all(&select).await?.iter().map(|row| row.get("id")).collect()
}

/// The computers in scope with these numbers, in the order of the numbers. However many: no
/// statement gets more values than a database takes.
pub async fn by_ids(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> Result<Vec<Wire>> {
    let mut found: Vec<Wire> = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        found.extend(super::list::all::<Wire>(conn, scope, with_ids(chunk)).await?);
    }
    found.sort_by_key(|computer| computer.id);
    Ok(found)
}

/// Moves computers into an access group.
pub async fn move_to(conn: &mut Conn, scope: &Scope, ids: &[i64], access_group_id: i64) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        let update = Query::update()
            .table(Computer::Table)
            .value(Computer::AccessGroupId, access_group_id)
            .cond_where(scope.rows::<Computer>())
            .cond_where(with_ids(chunk))
            .take();
        conn.execute(&update).await?;
    }
    Ok(())
}

/// The lowest access group that some computers are in or below, as far as the scope reaches;
/// else the group of the first of them.
pub async fn common_group(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> Result<i64> {
    let mut paths: Vec<String> = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let select = scope
            .select::<Computer>()
            .inner_join(
                AccessGroup::Table,
                Expr::col((AccessGroup::Table, AccessGroup::Id)).equals((Computer::Table, Computer::AccessGroupId)),
            )
            .distinct()
            .column((AccessGroup::Table, AccessGroup::Path))
            .cond_where(with_ids(chunk))
            .take();
        for row in conn.fetch_all(&select).await? {
            paths.push(row.get("path")?);
        }
    }
    let numbers = |path: &str| -> Vec<i64> { path.split('/').filter_map(|id| id.parse().ok()).collect() };
    let mut common = paths.first().map(|path| numbers(path)).unwrap_or_default();
    let own = common.last().copied();
    for path in &paths {
        let other = numbers(path);
        let length = common.iter().zip(&other).take_while(|(a, b)| a == b).count();
        common.truncate(length);
    }
    if let Some(group) = common.last()
        && super::access_group::by_id(conn, scope, *group).await?.is_some()
    {
        return Ok(*group);
    }
    own.ok_or(StoreError::Dangling)
}
