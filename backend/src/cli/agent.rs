//! `binnacle agent`, and `supervise` and `run-as`, which it starts its scripts with.

use std::{convert::Infallible, process::ExitCode, sync::Arc};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    agent::{self, AgentConfig, AgentError, Surroundings, run_as, supervise},
    clock::{SystemClock, SystemRandom},
};

/// The exit status that says: another agent works in that directory. Who starts agents in the
/// background can tell it from a failure.
pub const ALREADY_RUNNING: u8 = 3;

/// Runs an agent until it is told to stop by a signal.
pub async fn agent(config: AgentConfig) -> anyhow::Result<ExitCode> {
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    });
    let surroundings = Surroundings { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    match agent::run(config, surroundings, shutdown).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error @ AgentError::AlreadyRunning(_)) => {
            tracing::warn!(%error, "nothing to do");
            Ok(ExitCode::from(ALREADY_RUNNING))
        }
        Err(error) => Err(error.into()),
    }
}

/// Becomes a script; comes back only when that fails.
pub fn run_as(arguments: &run_as::RunAs) -> anyhow::Result<Infallible> {
    Ok(run_as::run_as(arguments)?)
}

/// Watches a script to its end.
pub fn supervise(arguments: &supervise::Supervise) -> anyhow::Result<ExitCode> {
    supervise::supervise(arguments)?;
    Ok(ExitCode::SUCCESS)
}
