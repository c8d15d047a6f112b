//! Running one script: as its user, in its own process group, watched until it ends.

mod collect;
mod workspace;

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use futures::future::BoxFuture;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{Pid, User, geteuid},
};
use tokio::{
    io::AsyncReadExt,
    net::unix::pipe,
    process::{Child, Command},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use self::{collect::Collector, workspace::Workspace};
use super::{AgentConfig, Surroundings};
use crate::protocol::script::{ExecuteScript, FailureCode, OperationResult};

/// The search path of every script.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin";

/// Variables of the agent that its scripts see too.
const INHERITED: [&str; 5] = ["LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH"];

/// Output is handed on in pieces, about four in a second.
const PIECE_EVERY: Duration = Duration::from_millis(250);

/// How long output is still read after the script's own process has ended, when something it left
/// in the background keeps its output open.
const GRACE: Duration = Duration::from_secs(1);

/// Runs scripts on this computer.
#[derive(Debug)]
pub struct ScriptHost {
    launcher: PathBuf,
    users: Option<Vec<String>>,
    output_limit: usize,
    /// How the names of this agent's temporary directories begin.
    prefix: String,
    surroundings: Surroundings,
}

/// How a script came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By itself.
    Exit,
    /// It was killed at its time limit.
    TimeLimit,
    /// It was killed because the agent stops.
    Stopped,
}

impl ScriptHost {
    /// A host with the limits that the configuration states.
    pub fn new(config: &AgentConfig, surroundings: Surroundings) -> Self {
        let names: Vec<String> =
            config.script_users.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Self {
            // The kernel's own link to the running binary works after an upgrade replaced the file.
            launcher: config.launcher.clone().unwrap_or_else(|| PathBuf::from("/proc/self/exe")),
            users: (!names.iter().any(|name| name == "ALL")).then_some(names),
            output_limit: config.script_output_limit.saturating_mul(1024),
            prefix: workspace::prefix(&config.data_directory()),
            surroundings,
        }
    }

    /// Removes the files of runs that an earlier life of this agent was killed in.
    pub(super) fn remove_leftovers(&self) {
        if let Err(error) = workspace::remove_leftovers(&self.prefix) {
            tracing::warn!(%error, "files of earlier scripts were not removed");
        }
    }

    /// Runs a script to its end. Pieces of its output go into `output` on the way; that nobody
    /// reads them does not matter.
    pub async fn run(
        &self,
        order: &ExecuteScript,
        attachments: BTreeMap<String, Vec<u8>>,
        output: mpsc::Sender<String>,
        shutdown: &CancellationToken,
    ) -> OperationResult {
        match self.try_run(order, attachments, output, shutdown).await {
            Ok(result) => result,
            Err(text) => OperationResult::failed(order.operation_id, text),
        }
    }

    async fn try_run(
        &self,
        order: &ExecuteScript,
        attachments: BTreeMap<String, Vec<u8>>,
        output: mpsc::Sender<String>,
        shutdown: &CancellationToken,
    ) -> Result<OperationResult, String> {
        let user = self.user(&order.username)?;
        check_interpreter(&order.interpreter)?;
        let environment = environment(&user, order);
        let script = format!("#!{}\n{}", order.interpreter, order.code).into_bytes();
        let workspace = Workspace::create(
            &self.prefix,
            self.surroundings.random.as_ref(),
            user.clone(),
            script,
            attachments,
            environment,
        )
        .await?;
        let (child, pipe) =
            self.spawn(&user.name, &workspace).map_err(|error| format!("The script could not be started: {error}"))?;
        let limit = order.time_limit.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        let (status, end, text) = self
            .watch(child, pipe, limit.map(Duration::from_secs), output, shutdown)
            .await
            .map_err(|error| format!("The script could not be watched: {error}"))?;
        workspace.remove().await;
        Ok(result(order.operation_id, status, end, text))
    }

    /// The system user a script shall run as, if that is allowed and possible.
    fn user(&self, name: &str) -> Result<User, String> {
        if self.users.as_ref().is_some_and(|users| !users.iter().any(|user| user == name)) {
            return Err(format!("Scripts cannot be run as user {name}."));
        }
        let user =
            User::from_name(name).ok().flatten().ok_or_else(|| format!("UnknownUserError: Unknown user '{name}'"))?;
        let own = geteuid();
        if !own.is_root() && own != user.uid {
            return Err(format!(
                "Scripts cannot be run as user {name}: the agent does not run as root, so it can only use its own user."
            ));
        }
        Ok(user)
    }

    fn spawn(&self, user: &str, workspace: &Workspace) -> io::Result<(Child, pipe::Receiver)> {
        // One pipe for both streams keeps the order in which a script wrote to them.
        let (reader, writer) = io::pipe()?;
        let child = Command::new(&self.launcher)
            .arg("run-as")
            .arg("--user")
            .arg(user)
            .arg("--environment")
            .arg(workspace.environment())
            .arg(workspace.script())
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .kill_on_drop(true)
            .spawn()?;
        Ok((child, pipe::Receiver::from_owned_fd(reader.into())?))
    }

    /// Collects output until the script has ended, by itself or by force.
    async fn watch(
        &self,
        mut child: Child,
        mut pipe: pipe::Receiver,
        limit: Option<Duration>,
        output: mpsc::Sender<String>,
        shutdown: &CancellationToken,
    ) -> io::Result<(ExitStatus, End, String)> {
        let clock = &self.surroundings.clock;
        let mut collector = Collector::new(self.output_limit);
        let mut buffer = vec![0; 64 * 1024];
        let mut limit = limit.map(|limit| clock.sleep(limit));
        let mut next_piece: Option<BoxFuture<'static, ()>> = None;
        let mut grace: Option<BoxFuture<'static, ()>> = None;
        let mut status = None;
        let mut end = End::Exit;
        let mut open = true;
        let status = loop {
            if let (Some(status), false) = (status, open) {
                break status;
            }
            tokio::select! {
                read = pipe.read(&mut buffer), if open => match read {
                    Ok(0) | Err(_) => open = false,
                    Ok(length) => {
                        collector.push(buffer.get(..length).unwrap_or_default());
                        if next_piece.is_none() {
                            next_piece = Some(clock.sleep(PIECE_EVERY));
                        }
                    }
                },
                ended = child.wait(), if status.is_none() => {
                    status = Some(ended?);
                    grace = Some(clock.sleep(GRACE));
                }
                () = elapsed(&mut limit), if status.is_none() && end == End::Exit => {
                    end = End::TimeLimit;
                    kill_group(&child);
                }
                () = shutdown.cancelled(), if status.is_none() && end == End::Exit => {
                    end = End::Stopped;
                    kill_group(&child);
                }
                () = elapsed(&mut next_piece), if next_piece.is_some() => {
                    next_piece = None;
                    if let Some(piece) = collector.piece() {
                        // Nobody listens any more when this fails; the result has it all.
                        let _ = output.send(piece).await;
                    }
                }
                () = elapsed(&mut grace), if grace.is_some() => open = false,
            }
            if grace.is_some() && !open {
                grace = None;
            }
        };
        Ok((status, end, collector.finish()))
    }
}

/// Ends when the timer does; never, when there is none.
async fn elapsed(timer: &mut Option<BoxFuture<'static, ()>>) {
    match timer {
        Some(timer) => timer.await,
        None => futures::future::pending().await,
    }
}

/// Kills the script and everything it started that did not leave its group.
fn kill_group(child: &Child) {
    let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) else { return };
    if let Err(error) = killpg(Pid::from_raw(id), Signal::SIGKILL) {
        tracing::warn!(%error, "a script's process group could not be killed");
    }
}

fn result(operation_id: i64, status: ExitStatus, end: End, result_text: String) -> OperationResult {
    let (result_code, exit_code, result_text) = match end {
        End::TimeLimit => (Some(FailureCode::TimeLimit), None, result_text),
        End::Stopped => {
            (None, None, format!("{result_text}\nThe agent was stopped while this script ran, and ended it."))
        }
        End::Exit if status.success() => (None, exit_code(status), result_text),
        End::Exit => (Some(FailureCode::ExitStatus), exit_code(status), result_text),
    };
    OperationResult {
        operation_id,
        succeeded: end == End::Exit && status.success(),
        result_code: result_code.map(FailureCode::number),
        exit_code,
        result_text,
    }
}

/// As a shell says it: the status, or 128 and the number of the signal that ended the process.
fn exit_code(status: ExitStatus) -> Option<i64> {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).map(i64::from)
}

fn check_interpreter(interpreter: &str) -> Result<(), String> {
    let program = interpreter.split_whitespace().next().unwrap_or_default();
    if fs::metadata(program).is_ok_and(|found| found.is_file()) {
        return Ok(());
    }
    Err(format!("Unknown interpreter: '{program}'"))
}

fn environment(user: &User, order: &ExecuteScript) -> BTreeMap<String, String> {
    let home = if user.dir.as_os_str().is_empty() { Path::new("/") } else { &user.dir };
    let mut environment = BTreeMap::from([
        ("PATH".to_owned(), PATH.to_owned()),
        ("USER".to_owned(), user.name.clone()),
        ("HOME".to_owned(), home.to_string_lossy().into_owned()),
    ]);
    for name in INHERITED {
        if let Ok(value) = std::env::var(name) {
            environment.insert(name.to_owned(), value);
        }
    }
    environment.extend(order.env.clone());
    environment
}
