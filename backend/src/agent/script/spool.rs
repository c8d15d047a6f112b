//! The folder in which a script's supervisor writes down what happens, and the agent reads it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};

use crate::agent::{process, supervise::read_bounded};

/// The longest text of a failure that is kept.
const MAX_TEXT: u64 = 4096;

/// Room for the end: twice such a text, which is more than its notation makes of it.
const RESERVED: usize = 8192;

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// By itself, with this status.
    Exit(i32),
    /// A signal ended it.
    Signal(i32),
    /// It was killed at its time limit.
    TimeLimit,
    /// It never ran, for this reason.
    NotStarted(String),
}

/// What the supervisor says when all is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub ending: Ending,
    /// What a reader of the output should know.
    pub note: Option<String>,
}

/// How far a run came, as its folder shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its supervisor lives.
    Watched,
    /// The script was never started.
    NotBegun,
    /// The supervisor is gone.
    Over,
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct Spool {
    directory: PathBuf,
}

impl Spool {
    /// The folder as it is.
    pub fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// A new folder. What an earlier try left there goes.
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        let spool = Self::at(directory);
        spool.remove();
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        Ok(spool)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The file that the supervisor keeps locked, by holding it open, as long as it lives.
    pub(super) fn lock_file(&self) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(self.file("lock"))
    }

    /// The bytes that the script wrote.
    pub fn output(&self) -> PathBuf {
        self.file("output")
    }

    /// Where the starting process says why it failed.
    pub fn failure_file(&self) -> PathBuf {
        self.file("failure")
    }

    /// Why the script could not be started, if so.
    pub fn failure(&self) -> Option<String> {
        read_bounded(&self.failure_file(), MAX_TEXT).ok().filter(|text| !text.is_empty())
    }

    /// From here on the script may have run.
    pub fn mark_begun(&self) -> io::Result<()> {
        self.write("begun", b"")
    }

    /// Remembers the script's process group, which a killed supervisor leaves behind.
    pub fn write_group(&self, group: Pid) -> io::Result<()> {
        let started = process::read(group.as_raw()).map(|found| found.started).unwrap_or_default();
        self.write("group", format!("{} {started} {}", group.as_raw(), process::boot_id()).as_bytes())
    }

    /// Takes the room that the end needs, so that a script can fill the disk and still be told of.
    pub fn reserve_status(&self) -> io::Result<()> {
        let mut file = self.new_file("status")?;
        file.write_all(&[b' '; RESERVED])?;
        file.sync_all()
    }

    /// Writes down the end, in the room that was taken for it.
    pub fn write_status(&self, status: &Status) -> io::Result<()> {
        let content = serde_json::to_vec(status)?;
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(self.beside("status"))?;
        file.write_all(&content)?;
        file.set_len(u64::try_from(content.len()).unwrap_or(u64::MAX))?;
        file.sync_all()?;
        fs::rename(self.beside("status"), self.file("status"))
    }

    pub(super) fn status(&self) -> Option<Status> {
        serde_json::from_slice(&fs::read(self.file("status")).ok()?).ok()
    }

    /// Remembers where the script's own files are.
    pub(super) fn write_workspace(&self, workspace: &Path) -> io::Result<()> {
        self.write("workspace", workspace.as_os_str().as_encoded_bytes())
    }

    /// Where the script's own files are.
    pub(super) fn workspace(&self) -> Option<PathBuf> {
        fs::read_to_string(self.file("workspace")).ok().map(PathBuf::from)
    }

    /// Whole or not at all, also when the power fails.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut file = self.new_file(name)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(self.beside(name), self.file(name))
    }

    fn new_file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(self.beside(name))
    }

    /// Where a file is until it is whole.
    fn beside(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.new"))
    }

    pub(super) fn progress(&self) -> Progress {
        if self.lock_file().is_ok_and(|lock| lock.try_lock().is_err()) {
            Progress::Watched
        } else if self.file("begun").exists() {
            Progress::Over
        } else {
            Progress::NotBegun
        }
    }

    /// Kills what is left of a script whose supervisor was killed.
    pub(super) fn kill_leftovers(&self) {
        let Ok(text) = fs::read_to_string(self.file("group")) else { return };
        let mut parts = text.split_whitespace();
        let (Some(group), Some(started)) = (
            parts.next().and_then(|part| part.parse::<i32>().ok()),
            parts.next().and_then(|part| part.parse::<u64>().ok()),
        ) else {
            return;
        };
        if parts.next().unwrap_or_default() != process::boot_id() {
            return;
        }
        // A number is not given anew while a group has it; a leader that started at another time
        // is a stranger's.
        if process::read(group).is_some_and(|leader| leader.started != started) {
            return;
        }
        for found in process::all().iter().filter(|found| found.group == group && found.started >= started) {
            tracing::warn!(pid = found.pid, "a script outlived its supervisor and is killed");
            let _ = kill(Pid::from_raw(found.pid), Signal::SIGKILL);
        }
    }

    /// Removes the folder.
    pub(super) fn remove(&self) {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, directory = %self.directory.display(), "the folder of a run was not removed");
            }
            _ => {}
        }
    }
}
