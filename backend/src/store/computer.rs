//! Computers: what agents reported and people set.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::computer::{Computer as Wire, ComputerPatch, DistributionInfo, PendingComputer};
use binnacle_shared::model::landscape::tag;
use binnacle_shared::patch::Patch;
use binnacle_shared::time::Seconds;
use sea_query::{Condition, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use serde_json::{Value, json};

use super::association::{ENROLLED, carries_any};
use super::list::{FieldSql, Listed};
use super::tables::{AccessGroup, Computer, ComputerTag};
use super::{Conn, Result, Row, Scope, StoreError};

/// A computer that waits to be accepted.
pub const PENDING: &str = "pending";
/// A computer that is no longer managed and is kept to look at.
pub const ARCHIVED: &str = "archived";
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
    const KIND: Kind = Kind::Computer;

    fn source(scope: &Scope) -> SelectStatement {
        scope
            .select::<Computer>()
            .inner_join(
                AccessGroup::Table,
                Expr::col((AccessGroup::Table, AccessGroup::Id)).equals((Computer::Table, Computer::AccessGroupId)),
            )
            .take()
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
                    C::NetworkDevices,
                    C::Annotations,
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
        let network_devices = json_document(row, "network_devices")?
            .map(serde_json::from_value)
            .transpose()
            .map_err(|e| StoreError::Unreadable { what: "network_devices", value: e.to_string() })?;
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
            network_devices,
            annotations: json_document(row, "annotations")?,
            hardware: json_document(row, "processors")?.map(|p| json!({"processors": p})),
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let tags = Query::select()
            .columns([ComputerTag::ComputerId, ComputerTag::Tag])
            .from(ComputerTag::Table)
            .and_where(Expr::col(ComputerTag::ComputerId).is_in(items.iter().map(|c| c.id)))
            .order_by(ComputerTag::Tag, Order::Asc)
            .take();
        for row in conn.fetch_all(&tags).await? {
            let id: i64 = row.get("computer_id")?;
            if let Some(computer) = items.iter_mut().find(|c| c.id == id) {
                computer.tags.push(row.get("tag")?);
            }
        }
        Ok(())
    }
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
    let mut found = Vec::new();
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
    let tags = Query::select()
        .columns([ComputerTag::ComputerId, ComputerTag::Tag])
        .from(ComputerTag::Table)
        .and_where(Expr::col(ComputerTag::ComputerId).is_in(found.iter().map(|c| c.id)))
        .order_by(ComputerTag::Tag, Order::Asc)
        .take();
    if !found.is_empty() {
        for row in conn.fetch_all(&tags).await? {
            let id: i64 = row.get("computer_id")?;
            if let Some(computer) = found.iter_mut().find(|c| c.id == id) {
                computer.client_tags.push(row.get("tag")?);
            }
        }
    }
    Ok(found)
}

/// What a registration says of a new computer.
#[derive(Clone, Debug)]
pub struct NewComputer {
    pub title: String,
    pub hostname: Option<String>,
    pub machine_id: Option<String>,
    pub vm_info: Option<String>,
    pub container_info: Option<String>,
    pub suggested_access_group: Option<String>,
    /// Comma-separated, as the agent sent them.
    pub tags: String,
    pub secure_id_hash: String,
    pub insecure_id: String,
    pub clone_of_id: Option<i64>,
    pub access_group_id: i64,
}

/// Stores a computer that waits. [`enrol`] makes it take part.
pub async fn create_pending(conn: &mut Conn, account_id: i64, new: &NewComputer, now: jiff::Timestamp) -> Result<i64> {
    use Computer as C;
    let insert = Query::insert()
        .into_table(C::Table)
        .columns([
            C::AccountId,
            C::AccessGroupId,
            C::State,
            C::Title,
            C::Comment,
            C::Hostname,
            C::MachineId,
            C::VmInfo,
            C::ContainerInfo,
            C::SuggestedAccessGroup,
            C::RebootRequired,
            C::CloneOfId,
            C::RegisteredAt,
            C::SecureIdHash,
            C::InsecureId,
            C::ExpectedSequence,
            C::NextSequence,
            C::SequenceKnown,
        ])
        .values_panic([
            account_id.into(),
            new.access_group_id.into(),
            PENDING.into(),
            new.title.as_str().into(),
            "".into(),
            new.hostname.clone().into(),
            new.machine_id.clone().into(),
            new.vm_info.clone().into(),
            new.container_info.clone().into(),
            new.suggested_access_group.clone().into(),
            false.into(),
            new.clone_of_id.into(),
            super::micros(now).into(),
            new.secure_id_hash.as_str().into(),
            new.insecure_id.as_str().into(),
            0_i64.into(),
            0_i64.into(),
            false.into(),
        ])
        .returning_col(C::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    add_tags(conn, id, &tag::parse_list(&new.tags)).await?;
    Ok(id)
}

/// Makes a pending computer take part; false when it was not pending.
pub async fn enrol(
    conn: &mut Conn,
    scope: &Scope,
    id: i64,
    access_group_id: i64,
    now: jiff::Timestamp,
) -> Result<bool> {
    let update = Query::update()
        .table(Computer::Table)
        .value(Computer::State, ENROLLED)
        .value(Computer::AccessGroupId, access_group_id)
        .value(Computer::EnrolledAt, super::micros(now))
        .cond_where(scope.rows::<Computer>())
        .and_where(column(Computer::Id).eq(id))
        .and_where(column(Computer::State).eq(PENDING))
        .take();
    Ok(conn.execute(&update).await? == 1)
}

/// Takes a pending computer away; false when it was not pending. The row goes too: nothing of
/// the account refers to a computer that never took part.
pub async fn reject(conn: &mut Conn, scope: &Scope, id: i64) -> Result<bool> {
    let delete = Query::delete()
        .from_table(Computer::Table)
        .cond_where(scope.rows::<Computer>())
        .and_where(column(Computer::Id).eq(id))
        .and_where(column(Computer::State).eq(PENDING))
        .take();
    Ok(conn.execute(&delete).await? == 1)
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
