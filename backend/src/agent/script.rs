//! Running one script: as its user, watched by a process of its own until it ends.

mod collect;
pub mod spool;
mod workspace;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::unistd::{User, geteuid};
use tokio::{
    process::Command,
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;

use self::{
    collect::Collector,
    spool::{Ending, Progress, Spool, Status},
    workspace::Workspace,
};
use super::{AgentConfig, Surroundings};
use crate::protocol::script::{ExecuteScript, FailureCode, OperationResult};

/// The search path of every script.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin";

/// Variables of the agent that its scripts see too.
const INHERITED: [&str; 5] = ["LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH"];

/// Output is handed on in pieces, about four in a second.
const PIECE_EVERY: Duration = Duration::from_millis(250);

/// Runs scripts on this computer.
#[derive(Debug)]
pub struct ScriptHost {
    launcher: PathBuf,
    users: Option<Vec<String>>,
    output_limit: usize,
    /// Where the folders of the runs are.
    runs: PathBuf,
    /// How the names of this agent's temporary directories begin.
    prefix: String,
    surroundings: Surroundings,
}

/// Where the output of a run goes while it lasts.
#[derive(Debug)]
pub struct Output {
    /// That nobody reads the pieces does not matter.
    pub pieces: mpsc::Sender<String>,
    /// Bytes that were handed out by an earlier life of the agent.
    pub handed_out: usize,
}

/// What came of an order.
#[derive(Debug, PartialEq, Eq)]
pub enum Run {
    Ended(OperationResult),
    /// The agent ends; the script goes on, and the agent's next life takes it up.
    LeftRunning,
}

impl ScriptHost {
    /// A host with the limits that the configuration states.
    pub fn new(config: &AgentConfig, surroundings: Surroundings) -> Self {
        let names: Vec<String> =
            config.script_users.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let data = config.data_directory();
        // The processes that scripts are started with have another working directory.
        let data = std::path::absolute(&data).unwrap_or(data);
        Self {
            // The kernel's own link to the running binary works after an upgrade replaced the file.
            launcher: config.launcher.clone().unwrap_or_else(|| PathBuf::from("/proc/self/exe")),
            users: (!names.iter().any(|name| name == "ALL")).then_some(names),
            output_limit: config.script_output_limit.saturating_mul(1024),
            prefix: workspace::prefix(&data),
            runs: data.join("runs"),
            surroundings,
        }
    }

    fn spool(&self, operation_id: i64) -> Spool {
        Spool::at(&self.runs.join(operation_id.to_string()))
    }

    /// Removes the files of runs that nobody asks for any more.
    pub(super) fn remove_leftovers(&self, wanted: &BTreeSet<i64>) {
        let mut keep = BTreeSet::new();
        for entry in fs::read_dir(&self.runs).into_iter().flatten().flatten() {
            let spool = Spool::at(&entry.path());
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            // A script that still runs keeps its files, whether somebody wants its result or not.
            if id.is_some_and(|id| wanted.contains(&id)) || spool.progress() == Progress::Watched {
                keep.extend(spool.workspace());
            } else {
                spool.kill_leftovers();
                spool.remove();
            }
        }
        if let Err(error) = workspace::remove_leftovers(&self.prefix, &keep) {
            tracing::warn!(%error, "files of earlier scripts were not removed");
        }
    }

    /// Whether a run was begun in an earlier life of the agent.
    pub(super) fn was_begun(&self, operation_id: i64) -> bool {
        self.spool(operation_id).progress() != Progress::NotBegun
    }

    /// Removes the files of a run whose result is stored.
    pub async fn forget(&self, operation_id: i64) {
        let spool = self.spool(operation_id);
        let removed = tokio::task::spawn_blocking(move || {
            drop(spool.workspace().map(Workspace::at));
            spool.remove();
        });
        if let Err(error) = removed.await {
            tracing::warn!(%error, "a script's files were not removed");
        }
    }

    /// Runs a script to its end.
    pub async fn run(
        &self,
        order: &ExecuteScript,
        attachments: BTreeMap<String, Vec<u8>>,
        output: Output,
        shutdown: &CancellationToken,
    ) -> Run {
        match self.start(order, attachments).await {
            Ok(()) => self.watch(order.operation_id, output, shutdown).await,
            Err(text) => Run::Ended(OperationResult::failed(order.operation_id, text)),
        }
    }

    async fn start(&self, order: &ExecuteScript, attachments: BTreeMap<String, Vec<u8>>) -> Result<(), String> {
        let user = self.user(&order.username)?;
        check_interpreter(&order.interpreter)?;
        let environment = environment(&user, order);
        let script = format!("#!{}\n{}", order.interpreter, order.code).into_bytes();
        let name = user.name.clone();
        let workspace =
            Workspace::create(&self.prefix, self.surroundings.random.as_ref(), user, script, attachments, environment)
                .await?;
        let limit = order.time_limit.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        self.supervise(order.operation_id, &name, &workspace, limit)
            .map_err(|error| format!("The script could not be started: {error}"))?;
        workspace.leave();
        Ok(())
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

    fn supervise(&self, id: i64, user: &str, workspace: &Workspace, limit: Option<u64>) -> io::Result<()> {
        let spool = Spool::create(self.spool(id).directory())?;
        spool.write_workspace(workspace.directory())?;
        let lock = spool.lock_file()?;
        lock.lock()?;
        let mut command = Command::new(&self.launcher);
        command.arg("supervise").arg("--spool").arg(spool.directory()).arg("--user").arg(user);
        command.arg("--environment").arg(workspace.environment());
        command.arg("--output-limit").arg(self.output_limit.to_string());
        if let Some(seconds) = limit {
            command.arg("--time-limit").arg(seconds.to_string());
        }
        let child = command
            .arg(workspace.script())
            .env_clear()
            .current_dir("/")
            .process_group(0)
            // The lock belongs to the open file, so it lasts as long as the supervisor holds this.
            .stdin(Stdio::from(lock))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // The runtime collects it when it has ended.
        drop(child);
        Ok(())
    }

    /// Follows a run to its end, whoever started it.
    pub(super) async fn watch(&self, operation_id: i64, output: Output, shutdown: &CancellationToken) -> Run {
        let spool = self.spool(operation_id);
        let mut collector = Collector::new(self.output_limit, output.handed_out);
        let mut source = None;
        let mut ended = supervisor_end(&spool);
        loop {
            let over = tokio::select! {
                () = shutdown.cancelled() => return Run::LeftRunning,
                _ = &mut ended => true,
                () = self.surroundings.clock.sleep(PIECE_EVERY) => false,
            };
            if let Err(error) = read_on(&spool, &mut source, &mut collector) {
                tracing::warn!(operation = operation_id, %error, "a script's output could not be read");
            }
            if over {
                break;
            }
            if let Some(piece) = collector.piece() {
                // Nobody listens any more when this fails; the result has it all.
                let _ = output.pieces.send(piece).await;
            }
        }
        let status = spool.status().or_else(|| never_begun(&spool));
        if status.is_none() {
            spool.kill_leftovers();
        }
        Run::Ended(result(operation_id, status, collector.finish()))
    }
}

/// A supervisor that ended before it marked the beginning has started nothing.
fn never_begun(spool: &Spool) -> Option<Status> {
    const REASON: &str = "the process that was to watch it ended at once; is the disk of the agent's data full?";
    (spool.progress() == Progress::NotBegun)
        .then(|| Status { ending: Ending::NotStarted(REASON.to_owned()), note: None })
}

/// Tells when the supervisor of a run is gone: that is when its lock can be had.
fn supervisor_end(spool: &Spool) -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    let lock = spool.lock_file();
    // A thread of its own: the runtime would wait for one of its own at the agent's end.
    std::thread::spawn(move || {
        if let Err(error) = lock.and_then(|lock| lock.lock()) {
            tracing::warn!(%error, "a script cannot be watched");
        }
        // The agent does not wait any more when this fails.
        let _ = sender.send(());
    });
    receiver
}

/// Takes what the script wrote since the last time.
fn read_on(spool: &Spool, source: &mut Option<File>, collector: &mut Collector) -> io::Result<()> {
    if source.is_none() {
        match File::open(spool.output()) {
            Ok(file) => *source = Some(file),
            // The supervisor has not come that far.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    let Some(file) = source else { return Ok(()) };
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            length => collector.push(buffer.get(..length).unwrap_or_default()),
        }
    }
}

fn result(operation_id: i64, status: Option<Status>, mut result_text: String) -> OperationResult {
    const INTERRUPTED: &str = "The script was interrupted: the process that watched it is gone, as after a restart \
                               of the computer. It is unknown whether the script completed, so it was not run again.";
    let mut failed = |text: &str| {
        if !result_text.is_empty() && !result_text.ends_with('\n') {
            result_text.push('\n');
        }
        result_text.push_str(text);
        OperationResult::failed(operation_id, std::mem::take(&mut result_text))
    };
    let Some(Status { ending, note }) = status else { return failed(INTERRUPTED) };
    if let Ending::NotStarted(reason) = &ending {
        // What there is of output is the starting process's own.
        return OperationResult::failed(operation_id, format!("The script could not be started: {reason}"));
    }
    if let Some(note) = note {
        result_text = failed(&note).result_text;
    }
    // As a shell says it: the status, or 128 and the number of the signal that ended the process.
    let exit_code = match ending {
        Ending::Exit(code) => Some(code),
        Ending::Signal(signal) => Some(128 + signal),
        Ending::TimeLimit | Ending::NotStarted(_) => None,
    };
    let code = match ending {
        Ending::Exit(0) => None,
        Ending::TimeLimit => Some(FailureCode::TimeLimit),
        _ => Some(FailureCode::ExitStatus),
    };
    OperationResult {
        operation_id,
        succeeded: ending == Ending::Exit(0),
        result_code: code.map(FailureCode::number),
        exit_code: exit_code.map(i64::from),
        result_text,
    }
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
