//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

/// Cargo as a command for the workspace, the one that started xtask.
pub fn cargo(root: &Path) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), root)
}

/// A command in `folder`, without the variables that `cargo run` sets for xtask itself: build
/// scripts watch some of them, and would run again each time cargo is started another way.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs to the end, its output on our terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", name(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs to the end in silence and returns its standard output; what it wrote is part of the
/// error when it fails.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", name(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}\n{text}{errors}", line(command), output.status);
    }
    Ok(text)
}

/// What a program said while it ran, and whether it was content.
#[derive(Debug)]
pub struct Heard {
    pub output: String,
    pub success: bool,
}

/// Runs to the end, showing its output as it comes, and returns that output too.
pub fn listen(command: &mut Command) -> Result<Heard> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name(command)))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let heard = Mutex::new(String::new());
    std::thread::scope(|scope| {
        if let Some(stderr) = stderr {
            scope.spawn(|| relay(stderr, &heard, |line| eprint!("{line}")));
        }
        if let Some(stdout) = stdout {
            relay(stdout, &heard, |line| print!("{line}"));
        }
    });
    let success = child.wait().context("cannot wait for a child process")?.success();
    let output = heard.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Heard { output, success })
}

fn relay(source: impl Read, heard: &Mutex<String>, show: impl Fn(&str)) {
    let mut reader = BufReader::new(source);
    let mut bytes = Vec::new();
    // An unreadable pipe is a closed one: the exit status tells the rest.
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
        let line = String::from_utf8_lossy(&bytes).into_owned();
        show(&line);
        heard.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
        bytes.clear();
    }
}

/// The program's full path, when it is in PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

pub fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()];
    words.extend(command.get_args().map(OsStr::to_string_lossy));
    words.join(" ")
}
