//! One exchange: what waits goes to the server, what the server has to say comes back.

use super::{
    Agent, AgentError, handle, packages, queue, report, store,
    transport::{Credentials, TransportError},
};
use std::sync::Arc;

use crate::protocol::{
    CLIENT_API, FIRST_API, Message, SERVER_API, ServerPayload,
    digest::type_digest,
    kind,
    payload::ClientPayload,
    registration::{Register, split_tags},
};

/// The message types this agent can take.
const CLIENT_TYPES: [&str; 9] = [
    kind::ACCEPTED_TYPES,
    kind::EXECUTE_SCRIPT,
    // Never sent to a client. Listing it tells a Binnacle server that output may be streamed.
    kind::OPERATION_OUTPUT,
    kind::PACKAGE_IDS,
    kind::REGISTRATION,
    kind::RESYNCHRONIZE,
    kind::SET_ID,
    kind::SET_INTERVALS,
    kind::UNKNOWN_ID,
];

/// Why an exchange did not go through.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExchangeError {
    /// The agent itself cannot go on.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The server could not be reached or understood; worth another try.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl From<sqlx::Error> for ExchangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Agent(error.into())
    }
}

/// What an exchange left behind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    /// Something waits that should not wait for the interval.
    pub(super) again: bool,
    /// The server turned the registration down.
    pub(super) refused: bool,
    /// The server took nothing of what was sent.
    pub(super) stalled: bool,
    /// The computer is known to the server and stays so.
    pub(super) settled: bool,
}

/// Performs one exchange.
pub(super) async fn exchange(agent: &Arc<Agent>) -> Result<Outcome, ExchangeError> {
    let (payload, credentials) = prepare(agent).await?;
    let sent = i64::try_from(payload.messages.len()).unwrap_or(i64::MAX);
    agent.store.clear_token().await?;
    let answer = agent.transport.exchange(payload, credentials).await?;
    Ok(take(agent, sent, answer).await?)
}

async fn prepare(agent: &Agent) -> Result<(ClientPayload, Credentials), AgentError> {
    let mut transaction = agent.store.begin().await?;
    let mut state = store::state(&mut transaction).await?;
    let types = store::accepted_types(&mut transaction).await?;
    let may_register = types.iter().any(|name| name == kind::REGISTER);
    if state.secure_id.is_none() && may_register && !queue::waits(&mut transaction, kind::REGISTER).await? {
        let wish = registration(agent, state.clone_secure_id.clone());
        queue::queue(&mut transaction, wish, agent.surroundings.now()).await?;
    }
    let batch = queue::batch(&mut transaction, &state).await?;
    transaction.commit().await?;
    let told = state.told_types.as_deref() == Some(type_digest(CLIENT_TYPES).as_slice());
    let payload = ClientPayload {
        server_api: Some(batch.api),
        client_api: Some(CLIENT_API.to_owned()),
        sequence: state.sequence,
        next_expected_sequence: state.next_expected,
        accepted_types: Some(type_digest(&types).to_vec()),
        messages: batch.messages,
        total_messages: batch.total,
        client_accepted_types: (!told).then(|| CLIENT_TYPES.map(str::to_owned).to_vec()),
    };
    let credentials = Credentials { secure_id: state.secure_id.take(), exchange_token: state.exchange_token.take() };
    Ok((payload, credentials))
}

fn registration(agent: &Agent, clone_secure_id: Option<String>) -> Message {
    Register {
        account_name: agent.config.account.clone(),
        computer_title: agent.config.computer_title(),
        registration_key: agent.config.registration_key.clone(),
        hostname: report::host_name(),
        tags: split_tags(&agent.config.tags),
        access_group: agent.config.access_group.clone(),
        container_info: report::container_info(),
        vm_info: report::vm_info(),
        machine_id: report::machine_id(),
        clone_secure_id,
    }
    .to_message()
}

/// Takes an answer: first what it says about our messages, then its own, one by one, so that each
/// is counted together with what it does.
async fn take(agent: &Arc<Agent>, sent: i64, answer: ServerPayload) -> Result<Outcome, AgentError> {
    let mut transaction = agent.store.begin().await?;
    let before = store::state(&mut transaction).await?;
    let confirmation = queue::confirm(&mut transaction, sent, answer.next_expected_sequence).await?;
    sqlx::query("UPDATE state SET exchange_token = ?1, server_uuid = ?2, server_api = ?3, told_types = ?4")
        .bind(answer.next_exchange_token)
        .bind(&answer.server_uuid)
        .bind(common_level(&answer.server_api))
        .bind(answer.client_accepted_types_hash)
        .execute(&mut *transaction)
        .await?;
    if before.server_uuid.as_ref().is_some_and(|known| *known != answer.server_uuid) {
        tracing::warn!(server_uuid = answer.server_uuid, "this is not the server spoken to before");
        packages::forget_numbers(&mut transaction).await?;
    }
    let realigned = confirmation == queue::Confirmation::Realigned;
    if realigned {
        tracing::warn!("lost step with the server; reporting everything anew");
        let now = agent.surroundings.now();
        // Pieces of output behind a hole say nothing; the result carries it whole.
        queue::withdraw(&mut transaction, kind::OPERATION_OUTPUT).await?;
        report::forget(&mut transaction, None).await?;
        queue::queue(&mut transaction, Message::new(kind::RESYNCHRONIZE), now).await?;
        // A server that was put back to an earlier state has lost results that it had confirmed.
        for result in store::kept_results(&mut transaction).await? {
            queue::queue(&mut transaction, Message::decode(&result)?, now).await?;
        }
    }
    transaction.commit().await?;

    let mut effects = handle::Effects::default();
    for message in answer.messages {
        handle::handle(agent, message, &mut effects).await?;
    }
    if realigned || effects.report {
        report::queue_changes(agent).await?;
    } else if effects.packages {
        agent.inventory.notify_one();
    }

    let mut transaction = agent.store.begin().await?;
    let registered = store::state(&mut transaction).await?.secure_id.is_some();
    let waiting = queue::pending(&mut transaction).await?;
    transaction.rollback().await?;
    Ok(Outcome {
        again: waiting > 0 || effects.identity,
        refused: effects.refused,
        stalled: (sent > 0 && confirmation == queue::Confirmation::Unchanged) || realigned || effects.unknown,
        settled: registered && !effects.identity,
    })
}

/// The highest level that both ends speak.
fn common_level(theirs: &str) -> &'static str {
    let parse = |level: &str| {
        let (major, minor) = level.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    };
    if parse(theirs) >= parse(SERVER_API) { SERVER_API } else { FIRST_API }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_the_lower_of_the_two() {
        assert_eq!(common_level("3.3"), "3.3");
        assert_eq!(common_level("3.10"), "3.3");
        assert_eq!(common_level("3.1"), "3.2");
        assert_eq!(common_level("nonsense"), "3.2");
    }
}
