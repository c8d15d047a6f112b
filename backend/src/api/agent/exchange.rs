//! An exchange: the agent's messages in, ours out, and both counters moved, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Bytes, extract::State, http::HeaderMap, response::Response};
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::{ACCEPTED_TYPES, AgentApi, AgentApiError, answer, registration, reports, secret_hash};
use crate::{
    engine::{self, Effects},
    protocol::{
        ClientPayload, MAX_MESSAGES, Message, SERVER_API, ServerPayload,
        digest::type_digest,
        header, kind,
        registration::{Register, accepted_types, unknown_id},
    },
    store::{
        Conn, StoreError, account,
        agent::{self, Agent, Handed},
        association::ENROLLED,
        computer::PENDING,
    },
};

/// Messages of one answer beyond this size wait for the next, unless a single one is larger.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// The longest list of message types that is remembered of a client.
const MAX_TYPES: usize = 500;

pub(super) async fn handle(
    State(api): State<AgentApi>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AgentApiError> {
    let payload = ClientPayload::decode(&body)?;
    let now = api.clock.now();
    let mut conn = api.db.write().await?;
    let (payload, effects) = exchange(&api, &mut conn, &headers, payload, now).await?;
    conn.commit().await?;
    api.engine.publish(effects).await?;
    Ok(answer(payload.encode()))
}

async fn exchange(
    api: &AgentApi,
    conn: &mut Conn,
    headers: &HeaderMap,
    payload: ClientPayload,
    now: Timestamp,
) -> Result<(ServerPayload, Effects), AgentApiError> {
    let Some(secure_id) = headers.get(header::COMPUTER_ID) else {
        return newcomer(api, conn, payload, now).await;
    };
    let found = agent::by_secure_id(conn, &secret_hash(secure_id.as_bytes())).await?;
    let Some(agent) = found.filter(|agent| [ENROLLED, PENDING].contains(&agent.state.as_str())) else {
        return Ok((turned_away(api, None), Effects::default()));
    };
    if token_is_stale(api, &agent, headers) {
        tracing::warn!(computer = agent.computer_id, "an agent came with an old token; it has to register as a copy");
        return Ok((turned_away(api, Some(&agent.title)), Effects::default()));
    }
    known(api, conn, agent, headers, payload, now).await
}

/// Whether an agent comes with another token than the last. No token at all is normal after a
/// failed exchange; an older one belongs to a copy of the machine, or to its original. One of
/// ours that was made after the last exchange we know of says that this database was put back to
/// an earlier state: the agent is the right one.
fn token_is_stale(api: &AgentApi, agent: &Agent, headers: &HeaderMap) -> bool {
    let (Some(given), Some(kept)) = (headers.get(header::EXCHANGE_TOKEN), &agent.token_hash) else { return false };
    if bool::from(secret_hash(given.as_bytes()).as_bytes().ct_eq(kept.as_bytes())) {
        return false;
    }
    let opened = given.to_str().ok().and_then(|token| api.keys.decrypt(&token_context(agent), token).ok());
    let made_at = opened.and_then(|micros| Timestamp::from_microsecond(micros.parse().ok()?).ok());
    let ahead = made_at.zip(agent.last_exchange_at).is_some_and(|(made_at, last)| made_at > last);
    if ahead {
        tracing::warn!(
            computer = agent.computer_id,
            "an agent is ahead of this database, which must be a restored one"
        );
    }
    !ahead
}

fn token_context(agent: &Agent) -> String {
    format!("exchange token of computer {}", agent.computer_id)
}

/// An answer without counters or token, as a client without an id gets it.
fn bare(api: &AgentApi, messages: Vec<Message>) -> ServerPayload {
    ServerPayload {
        server_uuid: api.server_uuid.clone(),
        server_api: SERVER_API.to_owned(),
        messages,
        ..ServerPayload::default()
    }
}

/// Sends a client back to registering. Both messages in one answer let it do so at once.
fn turned_away(api: &AgentApi, clone_of: Option<&str>) -> ServerPayload {
    bare(api, vec![unknown_id(clone_of), accepted_types([kind::REGISTER])])
}

/// A client without an id: it may register and nothing else.
async fn newcomer(
    api: &AgentApi,
    conn: &mut Conn,
    payload: ClientPayload,
    now: Timestamp,
) -> Result<(ServerPayload, Effects), AgentApiError> {
    let types = payload.client_accepted_types.map(joined);
    let mut messages = Vec::new();
    let mut effects = Effects::default();
    let mut digest = None;
    let wish = payload.messages.iter().find(|message| message.kind() == kind::REGISTER);
    match wish.map(Register::from_message) {
        Some(Ok(wish)) => {
            let registered = registration::register(api, conn, &wish, now).await?;
            if let (Some(id), Some(types)) = (registered.computer_id, types) {
                agent::set_client_types(conn, id, &types).await?;
                // Only what is kept may be confirmed: who is told the digest does not tell again.
                digest = Some(digest_of(&types));
            }
            messages.push(registered.reply);
            effects = registered.effects;
        }
        Some(Err(error)) => return Err(AgentApiError::Unreadable(error)),
        None => {
            if payload.accepted_types.as_deref() != Some(type_digest([kind::REGISTER]).as_slice()) {
                messages.push(accepted_types([kind::REGISTER]));
            }
        }
    }
    let mut answer = bare(api, messages);
    answer.client_accepted_types_hash = digest;
    Ok((answer, effects))
}

/// A client that we gave its id.
async fn known(
    api: &AgentApi,
    conn: &mut Conn,
    mut agent: Agent,
    headers: &HeaderMap,
    mut payload: ClientPayload,
    now: Timestamp,
) -> Result<(ServerPayload, Effects), AgentApiError> {
    if !agent.sequence_known {
        agent.expected_sequence = payload.sequence;
        agent.next_sequence = payload.next_expected_sequence;
        agent.sequence_known = true;
    }
    if let Some(types) = payload.client_accepted_types.take() {
        agent.client_types = Some(joined(types));
    }
    let mut replies = Vec::new();
    let mut effects = take(api, conn, &mut agent, &payload, &mut replies, now).await?;
    let mut handed = confirm(conn, &mut agent, payload.next_expected_sequence).await?;
    for reply in replies {
        hand(conn, &mut agent, &mut handed, None, reply).await?;
    }

    let wanted = accepted_by_us(&agent);
    let told = payload.accepted_types.as_deref() == Some(type_digest(wanted.iter()).as_slice());
    if !told && !under_way(&handed, &wanted) {
        let message = accepted_types(wanted.iter().copied());
        hand(conn, &mut agent, &mut handed, None, message).await?;
    }
    agent.sent_types = Some(joined(wanted));
    if agent.state == ENROLLED {
        effects.merge(hand_orders(conn, &mut agent, headers, &mut handed, now).await?);
    }

    let token = api.keys.encrypt(api.random.as_ref(), &token_context(&agent), &now.as_microsecond().to_string())?;
    agent.token_hash = Some(secret_hash(token.as_bytes()));
    agent::save(conn, &agent, now).await?;

    let mut answer = bare(api, readable(&agent, handed));
    if let Some(uuid) = &agent.server_uuid {
        answer.server_uuid.clone_from(uuid);
    }
    answer.next_expected_sequence = Some(agent.expected_sequence);
    answer.next_exchange_token = Some(token.into_bytes());
    answer.client_accepted_types_hash = agent.client_types.as_deref().map(digest_of);
    Ok((answer, effects))
}

/// Takes the messages that are new, and counts them. Those numbered beyond what is expected are
/// left: the answer tells the agent where to go on.
async fn take(
    api: &AgentApi,
    conn: &mut Conn,
    agent: &mut Agent,
    payload: &ClientPayload,
    replies: &mut Vec<Message>,
    now: Timestamp,
) -> Result<Effects, StoreError> {
    let mut effects = Effects::default();
    let (sequence, messages) = (payload.sequence, &payload.messages);
    let Ok(known) = usize::try_from(agent.expected_sequence - sequence) else {
        tracing::warn!(
            computer = agent.computer_id,
            sequence,
            expected = agent.expected_sequence,
            "messages are missing"
        );
        return Ok(effects);
    };
    for message in messages.iter().skip(known) {
        // A computer that waits to be accepted has nothing to say yet.
        if agent.state == ENROLLED {
            effects.merge(reports::take(api.random.as_ref(), conn, agent, message, replies, now).await?);
        }
    }
    let end = sequence.saturating_add(i64::try_from(messages.len()).unwrap_or(i64::MAX));
    agent.expected_sequence = agent.expected_sequence.max(end);
    Ok(effects)
}

/// Forgets the messages that the agent has taken and gives those it has not. When it names a
/// number that is not ours, after a backup was restored say, what is left is numbered from there.
async fn confirm(conn: &mut Conn, agent: &mut Agent, wanted: i64) -> Result<Vec<Handed>, StoreError> {
    let mut handed = agent::handed(conn, agent.computer_id).await?;
    let first = handed.first().map_or(agent.next_sequence, |message| message.sequence);
    if (first..=agent.next_sequence).contains(&wanted) {
        if wanted > first {
            agent::forget_handed(conn, agent.computer_id, Some(wanted)).await?;
            handed.retain(|message| message.sequence >= wanted);
        }
        return Ok(handed);
    }
    tracing::warn!(computer = agent.computer_id, wanted, ours = agent.next_sequence, "message numbers are set anew");
    agent::forget_handed(conn, agent.computer_id, None).await?;
    agent.next_sequence = wanted;
    for message in &mut handed {
        message.sequence = agent.next_sequence;
        agent.next_sequence += 1;
        agent::hand(conn, agent.computer_id, message).await?;
    }
    Ok(handed)
}

async fn hand(
    conn: &mut Conn,
    agent: &mut Agent,
    handed: &mut Vec<Handed>,
    activity_id: Option<i64>,
    message: Message,
) -> Result<(), StoreError> {
    let message = Handed { sequence: agent.next_sequence, activity_id, body: message.encode() };
    agent::hand(conn, agent.computer_id, &message).await?;
    agent.next_sequence += 1;
    handed.push(message);
    Ok(())
}

/// Adds the orders that wait for this computer, as far as there is room in this answer.
async fn hand_orders(
    conn: &mut Conn,
    agent: &mut Agent,
    headers: &HeaderMap,
    handed: &mut Vec<Handed>,
    now: Timestamp,
) -> Result<Effects, StoreError> {
    let mut effects = Effects::default();
    let mut context = None;
    // One by one, because each script may be large.
    while handed.len() < MAX_MESSAGES && handed.iter().map(|message| message.body.len()).sum::<usize>() < MAX_ANSWER {
        if !agent::has_orders(conn, agent).await? {
            break;
        }
        let context = match &mut context {
            Some(context) => context,
            none => none.insert(script_context(conn, agent, headers).await?),
        };
        let (orders, more) = engine::deliver(conn, agent, context, 1, now).await?;
        effects.merge(more);
        for order in orders {
            hand(conn, agent, handed, Some(order.activity_id), order.message).await?;
        }
    }
    Ok(effects)
}

/// What every script may know of where it runs.
async fn script_context(
    conn: &mut Conn,
    agent: &Agent,
    headers: &HeaderMap,
) -> Result<BTreeMap<String, String>, StoreError> {
    let account = account::by_id(conn, agent.account_id).await?.map(|account| account.name).unwrap_or_default();
    let tags = agent::tags(conn, agent.computer_id).await?;
    let mut context = BTreeMap::from([
        ("LANDSCAPE_ACCOUNT".to_owned(), account),
        ("LANDSCAPE_COMPUTER_ID".to_owned(), agent.computer_id.to_string()),
        ("LANDSCAPE_COMPUTER_TAGS".to_owned(), tags.join(",")),
    ]);
    context.extend(own_address(headers).map(|url| ("LANDSCAPE_URL".to_owned(), url)));
    Ok(context)
}

/// The address under which the agent reached this server, as the agent itself says it; it only
/// comes back to scripts on the agent's own machine.
fn own_address(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    let scheme = text("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    text("host").map(|host| format!("{scheme}://{host}"))
}

/// The types this agent may send now.
fn accepted_by_us(agent: &Agent) -> BTreeSet<&'static str> {
    if agent.state != ENROLLED {
        return BTreeSet::from([kind::REGISTER]);
    }
    let mut types = BTreeSet::from(ACCEPTED_TYPES);
    // Our own addition, for agents that know it.
    if agent.client_types.as_ref().is_some_and(|types| types.split(';').any(|name| name == kind::OPERATION_OUTPUT)) {
        types.insert(kind::OPERATION_OUTPUT);
    }
    types
}

/// Whether the agent was not yet told what it may send now: somebody accepted its computer.
pub(super) fn types_due(agent: &Agent) -> bool {
    agent.state == ENROLLED && agent.sent_types.as_deref() != Some(joined(accepted_by_us(agent)).as_str())
}

/// Whether the list of types is on its way to the agent already.
fn under_way(handed: &[Handed], wanted: &BTreeSet<&str>) -> bool {
    let messages = handed.iter().filter_map(|message| Message::decode(&message.body).ok());
    let mut lists = messages.filter(|message| message.kind() == kind::ACCEPTED_TYPES);
    // Only the last list counts: it is the one that stays in force.
    lists
        .next_back()
        .and_then(|message| message.texts("types"))
        .is_some_and(|types| types.iter().map(String::as_str).collect::<BTreeSet<_>>() == *wanted)
}

fn joined<T: AsRef<str>>(types: impl IntoIterator<Item = T>) -> String {
    let mut names: Vec<String> = types
        .into_iter()
        .map(|name| name.as_ref().to_owned())
        .filter(|name| (1..=100).contains(&name.len()) && !name.contains([';', '\0']))
        .take(MAX_TYPES)
        .collect();
    names.sort_unstable();
    names.join(";")
}

fn digest_of(joined: &str) -> Vec<u8> {
    type_digest(joined.split(';').filter(|name| !name.is_empty())).to_vec()
}

/// The messages of an answer, as they were stored.
fn readable(agent: &Agent, handed: Vec<Handed>) -> Vec<Message> {
    let mut messages = Vec::new();
    for stored in handed {
        match Message::decode(&stored.body) {
            Ok(message) => messages.push(message),
            // Leaving one out would shift the numbers of those after it.
            Err(error) => {
                tracing::error!(computer = agent.computer_id, sequence = stored.sequence, %error, "stored message is damaged");
                break;
            }
        }
    }
    messages
}
