//! How computers come: they register, take part or are turned away, and may take the place of
//! one that was there.

use binnacle_shared::model::landscape::tag;
use sea_query::{Expr, ExprTrait, Query};

use super::association::ENROLLED;
use super::computer::{PENDING, add_tags};
use super::tables::Computer;
use super::{Conn, Result, Scope};

fn column(column: Computer) -> Expr {
    Expr::col((Computer::Table, column))
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

/// An enrolled computer gets what a pending one registered with, and the pending one goes: the
/// machine was installed anew. Number, title, tags and history stay. Both have been found in
/// scope.
pub async fn take_identity(conn: &mut Conn, existing: i64, pending: i64) -> Result<()> {
    use Computer as C;
    const IDENTITY: [C; 11] = [
        C::Hostname,
        C::MachineId,
        C::VmInfo,
        C::ContainerInfo,
        C::SecureIdHash,
        C::InsecureId,
        C::ExchangeTokenHash,
        C::ExpectedSequence,
        C::NextSequence,
        C::SequenceKnown,
        C::ClientAcceptedTypes,
    ];
    let select = Query::select().columns(IDENTITY).from(C::Table).and_where(Expr::col(C::Id).eq(pending)).take();
    let row = conn.fetch_one(&select).await?;
    let delete = Query::delete().from_table(C::Table).and_where(Expr::col(C::Id).eq(pending)).take();
    conn.execute(&delete).await?;
    super::agent::forget_handed(conn, existing, None).await?;
    let update = Query::update()
        .table(C::Table)
        .values([
            (C::Hostname, row.get::<Option<String>>("hostname")?.into()),
            (C::MachineId, row.get::<Option<String>>("machine_id")?.into()),
            (C::VmInfo, row.get::<Option<String>>("vm_info")?.into()),
            (C::ContainerInfo, row.get::<Option<String>>("container_info")?.into()),
            (C::SecureIdHash, row.get::<Option<String>>("secure_id_hash")?.into()),
            (C::InsecureId, row.get::<Option<String>>("insecure_id")?.into()),
            (C::ExchangeTokenHash, row.get::<Option<String>>("exchange_token_hash")?.into()),
            (C::ExpectedSequence, row.get::<i64>("expected_sequence")?.into()),
            (C::NextSequence, row.get::<i64>("next_sequence")?.into()),
            (C::SequenceKnown, row.get::<bool>("sequence_known")?.into()),
            (C::ClientAcceptedTypes, row.get::<Option<String>>("client_accepted_types")?.into()),
            // Of the new agent nothing is known yet, not even that it was told what it may send.
            (C::SentAcceptedTypes, None::<String>.into()),
            (C::CloneOfId, None::<i64>.into()),
        ])
        .and_where(Expr::col(C::Id).eq(existing))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
