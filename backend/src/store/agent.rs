//! What the server keeps of each agent: identity, counters, and the messages it was handed.

use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, LockType, Query, SelectStatement, SimpleExpr};

use binnacle_shared::model::landscape::activity::ActivityStatus;

use super::tables::{Activity, AgentMessage, Computer, ComputerTag, ScriptAttachment};
use super::{Conn, Result, Row, Scope, micros};

/// A computer, from its agent's side.
#[derive(Clone, Debug)]
pub struct Agent {
    pub computer_id: i64,
    pub account_id: i64,
    pub state: String,
    pub title: String,
    /// Hash of the token that was given with the last answer.
    pub token_hash: Option<String>,
    /// Number of the agent's next message.
    pub expected_sequence: i64,
    /// Number that our next new message gets.
    pub next_sequence: i64,
    /// Whether the two numbers are settled; the first exchange under a new identity does that.
    pub sequence_known: bool,
    /// Types that the agent handles, joined by semicolons.
    pub client_types: Option<String>,
    /// Types that the agent was last told it may send, joined by semicolons.
    pub sent_types: Option<String>,
    pub last_ping_at: Option<Timestamp>,
    pub last_exchange_at: Option<Timestamp>,
    /// The agent is about to report its users and groups anew.
    pub users_renewed: bool,
    /// The agent is about to report its packages anew.
    pub packages_renewed: bool,
    /// The name under which this server speaks to the agent, when it is not the server's own.
    pub server_uuid: Option<String>,
}

impl Agent {
    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            computer_id: row.get("id")?,
            account_id: row.get("account_id")?,
            state: row.get("state")?,
            title: row.get("title")?,
            token_hash: row.get("exchange_token_hash")?,
            expected_sequence: row.get("expected_sequence")?,
            next_sequence: row.get("next_sequence")?,
            sequence_known: row.get("sequence_known")?,
            client_types: row.get("client_accepted_types")?,
            sent_types: row.get("sent_accepted_types")?,
            last_ping_at: row.optional_time("last_ping_at")?,
            last_exchange_at: row.optional_time("last_exchange_at")?,
            users_renewed: row.get("users_renewed")?,
            packages_renewed: row.get("packages_renewed")?,
            server_uuid: row.get("server_uuid")?,
        })
    }
}

/// An agent is found by what it alone knows, before it is known whose computer it runs on; that
/// is why no scope stands here. All that follows goes by the account of the row.
fn by(column: Computer, value: &str) -> SelectStatement {
    use Computer as C;
    Query::select()
        .columns([
            C::Id,
            C::AccountId,
            C::State,
            C::Title,
            C::ExchangeTokenHash,
            C::ExpectedSequence,
            C::NextSequence,
            C::SequenceKnown,
            C::ClientAcceptedTypes,
            C::SentAcceptedTypes,
            C::LastPingAt,
            C::LastExchangeAt,
            C::UsersRenewed,
            C::PackagesRenewed,
            C::ServerUuid,
        ])
        .from(C::Table)
        .and_where(Expr::col(column).eq(value))
        .take()
}

/// The agent with this secure id, locked until the end of the transaction: two exchanges of one
/// agent follow each other.
pub async fn by_secure_id(conn: &mut Conn, hash: &str) -> Result<Option<Agent>> {
    let mut select = by(Computer::SecureIdHash, hash);
    if conn.is_postgres() {
        select.lock(LockType::Update);
    }
    conn.fetch_optional(&select).await?.as_ref().map(Agent::decode).transpose()
}

/// The same, without keeping others from changing it.
pub async fn with_secure_id(conn: &mut Conn, hash: &str) -> Result<Option<Agent>> {
    conn.fetch_optional(&by(Computer::SecureIdHash, hash)).await?.as_ref().map(Agent::decode).transpose()
}

pub async fn by_insecure_id(conn: &mut Conn, id: &str) -> Result<Option<Agent>> {
    conn.fetch_optional(&by(Computer::InsecureId, id)).await?.as_ref().map(Agent::decode).transpose()
}

/// A computer that registered and was never heard of since: its agent may not have got the answer,
/// and then registers once more.
pub async fn unheard(conn: &mut Conn, scope: &Scope, machine_id: &str, title: &str) -> Result<Option<(i64, String)>> {
    use Computer as C;
    let column = |column| Expr::col((C::Table, column));
    let select = scope
        .select::<C>()
        .columns([(C::Table, C::Id), (C::Table, C::State)])
        .and_where(column(C::MachineId).eq(machine_id))
        .and_where(column(C::Title).eq(title))
        .and_where(column(C::SequenceKnown).eq(false))
        .and_where(column(C::State).is_in([super::computer::PENDING, super::association::ENROLLED]))
        .order_by((C::Table, C::Id), sea_query::Order::Desc)
        .limit(1)
        .take();
    let row = conn.fetch_optional(&select).await?;
    row.map(|row| Ok((row.get("id")?, row.get("state")?))).transpose()
}

/// Gives a computer new ids in place of those that its agent never received.
pub async fn replace_ids(conn: &mut Conn, computer_id: i64, secure_id_hash: &str, insecure_id: &str) -> Result<()> {
    let update = Query::update()
        .table(Computer::Table)
        .value(Computer::SecureIdHash, secure_id_hash)
        .value(Computer::InsecureId, insecure_id)
        .and_where(Expr::col(Computer::Id).eq(computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Writes back where an agent stands after an exchange.
pub async fn save(conn: &mut Conn, agent: &Agent, now: Timestamp) -> Result<()> {
    use Computer as C;
    let update = Query::update()
        .table(C::Table)
        .value(C::ExchangeTokenHash, agent.token_hash.clone())
        .value(C::ExpectedSequence, agent.expected_sequence)
        .value(C::NextSequence, agent.next_sequence)
        .value(C::SequenceKnown, agent.sequence_known)
        .value(C::ClientAcceptedTypes, agent.client_types.clone())
        .value(C::SentAcceptedTypes, agent.sent_types.clone())
        .value(C::UsersRenewed, agent.users_renewed)
        .value(C::PackagesRenewed, agent.packages_renewed)
        .value(C::ServerUuid, agent.server_uuid.clone())
        .value(C::LastExchangeAt, micros(now))
        .and_where(Expr::col(C::Id).eq(agent.computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Remembers the types that a computer's agent told when it registered.
pub async fn set_client_types(conn: &mut Conn, computer_id: i64, types: &str) -> Result<()> {
    let update = Query::update()
        .table(Computer::Table)
        .value(Computer::ClientAcceptedTypes, types)
        .and_where(Expr::col(Computer::Id).eq(computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Notes a sign of life.
pub async fn touch(conn: &mut Conn, computer_id: i64, now: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Computer::Table)
        .value(Computer::LastPingAt, micros(now))
        .and_where(Expr::col(Computer::Id).eq(computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// A message that an agent was handed and did not confirm yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    pub sequence: i64,
    pub activity_id: Option<i64>,
    pub body: Vec<u8>,
}

/// The messages that an agent did not confirm, in order.
pub async fn handed(conn: &mut Conn, computer_id: i64) -> Result<Vec<Handed>> {
    use AgentMessage as M;
    let select = Query::select()
        .columns([M::Sequence, M::ActivityId, M::Body])
        .from(M::Table)
        .and_where(Expr::col(M::ComputerId).eq(computer_id))
        .order_by(M::Sequence, sea_query::Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(Handed { sequence: row.get("sequence")?, activity_id: row.get("activity_id")?, body: row.get("body")? })
        })
        .collect()
}

/// Keeps a message until it is confirmed.
pub async fn hand(conn: &mut Conn, computer_id: i64, message: &Handed) -> Result<()> {
    use AgentMessage as M;
    let insert = Query::insert()
        .into_table(M::Table)
        .columns([M::ComputerId, M::Sequence, M::ActivityId, M::Body])
        .values_panic([
            computer_id.into(),
            message.sequence.into(),
            message.activity_id.into(),
            message.body.clone().into(),
        ])
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// Forgets the messages before a number, or all of them.
pub async fn forget_handed(conn: &mut Conn, computer_id: i64, before: Option<i64>) -> Result<()> {
    let mut delete = Query::delete();
    delete.from_table(AgentMessage::Table).and_where(Expr::col(AgentMessage::ComputerId).eq(computer_id));
    if let Some(before) = before {
        delete.and_where(Expr::col(AgentMessage::Sequence).lt(before));
    }
    conn.execute(&delete).await?;
    Ok(())
}

/// Whether a computer has messages to fetch or to confirm, or activities to be handed.
pub async fn has_work(conn: &mut Conn, agent: &Agent) -> Result<bool> {
    let messages = Query::select()
        .column(AgentMessage::Sequence)
        .from(AgentMessage::Table)
        .and_where(Expr::col(AgentMessage::ComputerId).eq(agent.computer_id))
        .limit(1)
        .take();
    if conn.fetch_optional(&messages).await?.is_some() {
        return Ok(true);
    }
    has_orders(conn, agent).await
}

/// Whether activities wait to be handed to a computer.
pub async fn has_orders(conn: &mut Conn, agent: &Agent) -> Result<bool> {
    let activities = undelivered(agent).column((Activity::Table, Activity::Id)).limit(1).take();
    Ok(conn.fetch_optional(&activities).await?.is_some())
}

/// The tags of an agent's computer.
pub async fn tags(conn: &mut Conn, computer_id: i64) -> Result<Vec<String>> {
    let select = Query::select()
        .column(ComputerTag::Tag)
        .from(ComputerTag::Table)
        .and_where(Expr::col(ComputerTag::ComputerId).eq(computer_id))
        .order_by(ComputerTag::Tag, sea_query::Order::Asc)
        .take();
    conn.fetch_all(&select).await?.iter().map(|row| row.get("tag")).collect()
}

fn undelivered(agent: &Agent) -> SelectStatement {
    Scope::account(agent.account_id)
        .select::<Activity>()
        .and_where(Expr::col((Activity::Table, Activity::ComputerId)).eq(agent.computer_id))
        .and_where(Expr::col((Activity::Table, Activity::Status)).eq(ActivityStatus::Undelivered.name()))
        .take()
}

/// An activity that is about to be handed to its agent.
#[derive(Clone, Debug)]
pub struct Order {
    pub activity_id: i64,
    pub parent_id: Option<i64>,
    pub activity_type: String,
    pub script_id: Option<i64>,
    pub script_version: Option<i64>,
    pub username: Option<String>,
    pub time_limit: Option<i64>,
    pub creator_id: Option<i64>,
    pub created_at: Timestamp,
}

/// The activities that wait for this agent, oldest first.
pub async fn orders(conn: &mut Conn, agent: &Agent, limit: u64) -> Result<Vec<Order>> {
    use Activity as A;
    let mut select = undelivered(agent);
    select
        .columns(
            [
                A::Id,
                A::ParentId,
                A::ActivityType,
                A::ScriptId,
                A::ScriptVersion,
                A::Username,
                A::TimeLimit,
                A::CreatorId,
                A::CreatedAt,
            ]
            .map(|column| (A::Table, column)),
        )
        .order_by((A::Table, A::Id), sea_query::Order::Asc)
        .limit(limit);
    if conn.is_postgres() {
        select.lock(LockType::Update);
    }
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(Order {
                activity_id: row.get("id")?,
                parent_id: row.get("parent_id")?,
                activity_type: row.get("activity_type")?,
                script_id: row.get("script_id")?,
                script_version: row.get("script_version")?,
                username: row.get("username")?,
                time_limit: row.get("time_limit")?,
                creator_id: row.get("creator_id")?,
                created_at: row.time("created_at")?,
            })
        })
        .collect()
}

/// The attachments of a script: names and numbers.
pub async fn attachments(conn: &mut Conn, script_id: i64) -> Result<Vec<(String, i64)>> {
    let select = Query::select()
        .columns([ScriptAttachment::Filename, ScriptAttachment::Id])
        .from(ScriptAttachment::Table)
        .and_where(Expr::col(ScriptAttachment::ScriptId).eq(script_id))
        .take();
    conn.fetch_all(&select).await?.iter().map(|row| Ok((row.get("filename")?, row.get("id")?))).collect()
}

/// The content of an attachment, if the agent has an order to run its script.
pub async fn attachment(conn: &mut Conn, agent: &Agent, id: i64) -> Result<Option<Vec<u8>>> {
    let ordered = Scope::account(agent.account_id)
        .select::<Activity>()
        .expr(Expr::val(1))
        .and_where(Expr::col((Activity::Table, Activity::ComputerId)).eq(agent.computer_id))
        .and_where(Expr::col((Activity::Table, Activity::Status)).eq(ActivityStatus::Delivered.name()))
        .and_where(
            Expr::col((Activity::Table, Activity::ScriptId))
                .equals((ScriptAttachment::Table, ScriptAttachment::ScriptId)),
        )
        .take();
    let select = Query::select()
        .column((ScriptAttachment::Table, ScriptAttachment::Content))
        .from(ScriptAttachment::Table)
        .and_where(Expr::col((ScriptAttachment::Table, ScriptAttachment::Id)).eq(id))
        .and_where(Expr::exists(ordered))
        .take();
    conn.fetch_optional(&select).await?.map(|row| row.get("content")).transpose()
}

/// When an activity was made, if it is this computer's; agents name that moment in results.
pub async fn activity_created_at(conn: &mut Conn, agent: &Agent, id: i64) -> Result<Option<Timestamp>> {
    let select = Scope::account(agent.account_id)
        .select::<Activity>()
        .column((Activity::Table, Activity::CreatedAt))
        .and_where(Expr::col((Activity::Table, Activity::ComputerId)).eq(agent.computer_id))
        .and_where(Expr::col((Activity::Table, Activity::Id)).eq(id))
        .take();
    conn.fetch_optional(&select).await?.map(|row| row.time("created_at")).transpose()
}

/// Facts that a report states of its computer. What it leaves out stays as it was.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<(Computer, SimpleExpr)>);

impl Facts {
    /// States a fact, if there is one.
    pub fn set<T: Into<SimpleExpr>>(&mut self, column: Computer, value: Option<T>) {
        self.0.extend(value.map(|value| (column, value.into())));
    }
}

/// Stores facts.
pub async fn report(conn: &mut Conn, computer_id: i64, facts: Facts) -> Result<()> {
    if facts.0.is_empty() {
        return Ok(());
    }
    let update = Query::update()
        .table(Computer::Table)
        .values(facts.0)
        .and_where(Expr::col(Computer::Id).eq(computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
