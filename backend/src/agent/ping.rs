//! The ping: how the agent learns of waiting messages without exchanging all the time.

use std::{sync::Arc, time::Duration};

use super::{Agent, AgentError, backoff::Backoff};

/// A ping that was answered no sooner than this was held by the server. It is far below the time
/// that the server is asked for, because a proxy may end the wait early.
const HELD: Duration = Duration::from_secs(5);

/// Pings until the agent stops.
pub(super) async fn run(agent: Arc<Agent>) {
    let mut backoff = Backoff::default();
    while let Err(error) = pings(&agent).await {
        let pause = backoff.next(&agent.surroundings);
        tracing::error!(%error, pause_ms = pause.as_millis(), "pings are interrupted");
        if !agent.pause(pause).await {
            return;
        }
    }
}

async fn pings(agent: &Agent) -> Result<(), AgentError> {
    let mut backoff = Backoff::default();
    let mut exchanged = agent.exchanged.subscribe();
    loop {
        exchanged.mark_unchanged();
        let Some(id) = agent.store.state().await?.insecure_id else {
            if !next_exchange(agent, &mut exchanged).await {
                return Ok(());
            }
            continue;
        };
        let begin = agent.surroundings.now();
        let answer = tokio::select! {
            () = agent.shutdown.cancelled() => return Ok(()),
            answer = agent.transport.ping(&id) => answer,
        };
        let goes_on = match answer {
            Ok(true) => {
                backoff.reset();
                exchanged.mark_unchanged();
                agent.urgent.notify_one();
                // Asking again before the messages were fetched would give the same answer.
                next_exchange(agent, &mut exchanged).await
            }
            Ok(false) => {
                backoff.reset();
                let took = agent.surroundings.now().duration_since(begin).unsigned_abs();
                if took < HELD {
                    agent.pause(agent.surroundings.jitter(agent.ping_interval().await?)).await
                } else {
                    !agent.shutdown.is_cancelled()
                }
            }
            Err(error) => {
                let pause = backoff.next(&agent.surroundings);
                tracing::debug!(%error, pause_ms = pause.as_millis(), "ping failed");
                agent.pause(pause).await
            }
        };
        if !goes_on {
            return Ok(());
        }
    }
}

/// Waits for an exchange to go through; says false when the agent is to stop instead.
async fn next_exchange(agent: &Agent, exchanged: &mut tokio::sync::watch::Receiver<u64>) -> bool {
    tokio::select! {
        () = agent.shutdown.cancelled() => false,
        changed = exchanged.changed() => changed.is_ok(),
    }
}
