//! The release server on a folder of its own, for what drives it from outside.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::shell;

/// The first administrator's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running server; it is stopped and its folder removed when this value goes.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: PathBuf,
    pub url: String,
}

impl Server {
    /// Starts it on a free port and waits until it says that it serves.
    pub fn start(workspace: &Workspace, name: &str, configure: impl FnOnce(&mut Command)) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("binnacle-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut command = shell::command(binary(workspace), &folder);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
            .arg(&folder)
            .env("BINNACLE_ADMIN_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        configure(&mut command);
        let mut child = command.spawn().context("cannot start the server")?;
        let mut lines = BufReader::new(child.stdout.take().context("the server has no output")?).lines();
        for line in lines.by_ref() {
            let line = line.context("cannot read what the server says")?;
            if let Some(url) = line.strip_prefix("Binnacle is at ") {
                let url = url.trim().to_owned();
                // Read on: a full pipe would stop it.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { child, folder, url });
            }
        }
        // It has ended; reaping it cannot fail in a way that matters.
        let _ = child.wait();
        bail!("the server ended before it listened");
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = shell::read(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))
            .and_then(|_| self.child.wait().context("cannot wait for it"));
        if let Err(error) = stopped {
            eprintln!("cannot stop the server (process {}): {error:#}", self.child.id());
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

/// The release binary, unless a variable names another one.
pub fn binary(workspace: &Workspace) -> PathBuf {
    std::env::var_os("BINNACLE_BINARY").map_or_else(|| workspace.binary(), |named| workspace.root().join(named))
}
