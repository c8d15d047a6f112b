//! The agent beside the server: a process of its own, kept alive.
//!
//! It outlives a server that is killed, so that a script that runs then comes to its end and its
//! result arrives at the next server. Two agents never work in one directory: the second one says
//! so and ends, and is tried again until the first is gone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::agent::ALREADY_RUNNING;
use crate::keys::registration_key_context;
use crate::operation::Services;
use crate::operation::first_start::ACCOUNT;
use crate::store::account;

/// Pauses between tries; each failure in a row takes the next one.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
];
/// While another agent still works in the directory.
const TURN: Duration = Duration::from_secs(2);
/// An agent that ran so long was well.
const WELL: Duration = Duration::from_mins(1);
/// How long the agent may take to end.
const GRACE: Duration = Duration::from_secs(10);

/// What the agent is started with.
#[derive(Debug)]
pub struct LocalAgent {
    program: PathBuf,
    server: String,
    data: PathBuf,
    registration_key: Option<String>,
}

impl LocalAgent {
    /// Reads what the agent needs to join.
    pub async fn new(services: &Services, listen: SocketAddr, data: &Path) -> anyhow::Result<Self> {
        let mut conn = services.db.read().await?;
        let account = account::by_name(&mut conn, ACCOUNT).await?;
        let sealed = account.and_then(|account| account.registration_key);
        let context = registration_key_context(ACCOUNT);
        let key = sealed.map(|sealed| services.keys.decrypt(&context, &sealed)).transpose()?;
        Ok(Self {
            program: std::env::current_exe().context("cannot find the running program")?,
            server: format!("http://{}", reachable(listen)),
            data: data.join("agent"),
            registration_key: key,
        })
    }

    /// Keeps the agent alive until the server stops.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures = 0;
        while !stop.is_cancelled() {
            let started = tokio::time::sleep(WELL);
            tokio::pin!(started);
            let pause = match self.spawn() {
                Err(error) => {
                    tracing::error!(%error, "the local agent cannot be started");
                    pause_after(&mut failures)
                }
                Ok(mut child) => {
                    // Waiting for a child closes its input, unless the pipe was taken out of it; the
                    // agent would believe that this server is gone.
                    let _pipe = child.stdin.take();
                    let status = loop {
                        tokio::select! {
                            status = child.wait() => break status,
                            () = &mut started, if failures > 0 && !started.is_elapsed() => failures = 0,
                            () = stop.cancelled() => return end(child).await,
                        }
                    };
                    self.after(status, &mut failures)
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .arg("agent")
            .args(["--server", &self.server, "--account", ACCOUNT, "--data"])
            .arg(&self.data)
            // The pipe breaks when this server is gone, however it ended.
            .arg("--exit-with-stdin")
            .stdin(Stdio::piped())
            // Only the server's own lines go to its standard output.
            .stdout(Stdio::null());
        // The server's settings and secrets are none of the agent's, nor of the scripts it runs.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BINNACLE_") {
                command.env_remove(name);
            }
        }
        if let Some(key) = &self.registration_key {
            // Not as an argument: everybody on the machine can read those.
            command.env("BINNACLE_AGENT_REGISTRATION_KEY", key);
        }
        // An interrupt from the terminal is for the server, which then ends the agent.
        command.process_group(0);
        command.spawn()
    }

    fn after(&self, status: std::io::Result<ExitStatus>, failures: &mut usize) -> Duration {
        match status {
            Ok(status) if status.code() == Some(i32::from(ALREADY_RUNNING)) => {
                tracing::info!("an agent works in {} already", self.data.display());
                TURN
            }
            Ok(status) => {
                tracing::warn!(%status, "the local agent ended; it is started again");
                pause_after(failures)
            }
            Err(error) => {
                tracing::error!(%error, "the local agent is lost");
                pause_after(failures)
            }
        }
    }
}

/// The next pause after a failure.
fn pause_after(failures: &mut usize) -> Duration {
    let pause = PAUSES.get(*failures).or(PAUSES.last()).copied().unwrap_or(WELL);
    *failures = failures.saturating_add(1);
    pause
}

/// Asks the agent to end, and makes it after a while.
async fn end(mut child: Child) {
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()) {
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        tracing::warn!("the local agent does not end; it is killed");
        let _ = child.kill().await;
    }
}

/// An address of this machine behind which the server listens.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn every_address_means_this_machine() {
        for (listen, expected) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), expected);
        }
    }
}
