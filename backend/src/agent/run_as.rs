//! The last step before a script: a small process that becomes the script's user and then the
//! script.
//!
//! Changing user, groups and file mode mask concerns a whole process. The agent must not do it to
//! itself, and doing it between fork and exec takes unsafe code; so the agent starts its own binary
//! once more, in the form `binnacle run-as`, and that process does it to itself.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    ffi::CString,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};

use nix::{
    sys::{
        prctl,
        signal::Signal,
        stat::{Mode, umask},
    },
    unistd::{User, chdir, geteuid, initgroups, setgid, setuid},
};

/// Becomes a user, then a program. Started by the agent, not by people.
#[derive(Debug, clap::Args)]
pub struct RunAs {
    /// The user to become
    #[arg(long)]
    pub user: String,

    /// A file with the program's environment: `name=value`, each ended by a zero byte
    #[arg(long)]
    pub environment: PathBuf,

    /// A file that takes the reason when the program is not started
    #[arg(long)]
    pub failure: PathBuf,

    /// The program
    pub program: PathBuf,
}

/// Why the program was not started.
#[derive(Debug, thiserror::Error)]
pub enum RunAsError {
    #[error("the system does not know the user {0}")]
    UnknownUser(String),
    #[error("cannot become {user}: {source}")]
    Switch { user: String, source: nix::Error },
    #[error("its environment or its folder cannot be used: {0}")]
    Environment(io::Error),
    #[error("cannot start {program}: {source}{}", hint(.source))]
    Start { program: String, source: io::Error },
}

/// What the system's short word may mean.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            " (the interpreter may not be executed by this user, or nothing may be executed in that folder)"
        }
        io::ErrorKind::NotFound => " (the interpreter or what it needs is missing)",
        _ => "",
    }
}

/// Replaces this process by the program. Comes back only on failure.
pub fn run_as(arguments: &RunAs) -> Result<Infallible, RunAsError> {
    // Opened before the user changes, who could not; a program that is started does not have it.
    let mut report = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&arguments.failure)
        .map_err(RunAsError::Environment)?;
    let Err(error) = try_run_as(arguments);
    // Who started this reads the file; nobody else could be told of a failure to write it.
    let _ = report.write_all(error.to_string().as_bytes());
    Err(error)
}

fn try_run_as(arguments: &RunAs) -> Result<Infallible, RunAsError> {
    // The environment is read from a file and not inherited: while this process still is root, a
    // variable such as LD_PRELOAD, which whoever wrote the script may set, must not act on it.
    let environment = fs::read(&arguments.environment).map_err(RunAsError::Environment)?;
    let user = User::from_name(&arguments.user).ok().flatten();
    let user = user.ok_or_else(|| RunAsError::UnknownUser(arguments.user.clone()))?;
    let switch = |source| RunAsError::Switch { user: user.name.clone(), source };
    become_user(&user).map_err(switch)?;
    // Should its supervisor be killed, the script goes with it: nobody would end it any more.
    // Changing the user would have taken this back.
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(switch)?;
    umask(Mode::from_bits_truncate(0o022));
    if chdir(&user.dir).is_err() {
        chdir("/").map_err(switch)?;
    }
    let source = start(arguments, &parse(&environment));
    Err(RunAsError::Start { program: arguments.program.display().to_string(), source })
}

fn become_user(user: &User) -> nix::Result<()> {
    if geteuid() == user.uid {
        return Ok(());
    }
    let name = CString::new(user.name.as_bytes()).map_err(|_| nix::Error::EINVAL)?;
    initgroups(&name, user.gid)?;
    setgid(user.gid)?;
    setuid(user.uid)
}

#[allow(clippy::disallowed_methods, reason = "a process of its own, with nothing else to do")]
fn start(arguments: &RunAs, environment: &BTreeMap<String, String>) -> io::Error {
    let mut attempts = 0;
    loop {
        let error = Command::new(&arguments.program).env_clear().envs(environment).exec();
        // Another script that is being started may hold this one's file open for an instant,
        // through a descriptor it inherited and will close when it becomes its program.
        if error.kind() != io::ErrorKind::ExecutableFileBusy || attempts == 100 {
            return error;
        }
        attempts += 1;
        thread::sleep(Duration::from_millis(10));
    }
}

/// The file form of an environment. Variables that no process can hold are refused.
pub(super) fn format(environment: &BTreeMap<String, String>) -> Result<Vec<u8>, String> {
    let mut file = Vec::new();
    for (name, value) in environment {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(format!("The variable {name:?} cannot be set in an environment."));
        }
        file.extend_from_slice(format!("{name}={value}\0").as_bytes());
    }
    Ok(file)
}

fn parse(file: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(file);
    let entries = text.split('\0').filter_map(|entry| entry.split_once('='));
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_survives_its_file() {
        let environment = BTreeMap::from([("A".to_owned(), "1=2\n3".to_owned()), ("EMPTY".to_owned(), String::new())]);
        assert_eq!(parse(&format(&environment).unwrap()), environment);
        assert!(format(&BTreeMap::from([("A=B".to_owned(), String::new())])).is_err());
        assert!(format(&BTreeMap::from([("A".to_owned(), "\0".to_owned())])).is_err());
    }
}
