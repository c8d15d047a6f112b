//! `binnacle serve`

use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::local_agent::LocalAgent;
use crate::api::{self, Api};
use crate::auth::password::Passwords;
use crate::clock::{Clock, Random, SystemClock, SystemRandom};
use crate::config::{self, Config, Flags};
use crate::connections::{self, Limits};
use crate::engine::Engine;
use crate::keys::Keys;
use crate::operation::Services;
use crate::operation::conductor::read_log::ReadLog;
use crate::operation::first_start::FirstStart;
use crate::outbound::Outbound;
use crate::store::Db;

/// How long requests that are under way may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Settings of the server.
#[derive(Clone, Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub flags: Flags,
}

/// Runs the server until a signal ends it.
pub async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(config.listen.as_str())
        .await
        .with_context(|| format!("cannot listen on {} (choose another address with --listen)", config.listen))?;
    let address = listener.local_addr()?;
    let head = Duration::from_secs(config.http.header_timeout.get());
    // The local agent starts scripts, which shall find the limit as it is.
    let limits = Limits::of_this_process(head, !config.local_agent)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let keys = Keys::open(&config.data, random.as_ref())?;
    let _lock = lock(&config.data)?;
    if config.database.is_none() {
        close_to_others(&config.embedded_database())?;
    }
    let db = Db::open(&config.database_url()).await?;
    let passwords = Passwords::new(Arc::clone(&clock));
    let first_start =
        FirstStart { db: &db, keys: &keys, passwords: &passwords, clock: clock.as_ref(), random: random.as_ref() };
    let given = config::admin_password();
    let is_given = given.is_some();
    if let Some(password) = first_start.run(given).await? {
        let shown = if is_given { "as BINNACLE_ADMIN_PASSWORD says" } else { &password };
        say(&format!("Administrator: admin  password: {shown}"))?;
    }

    let engine = Engine::new(db.clone(), Arc::clone(&clock)).with_data(config.data.clone());
    let stop = CancellationToken::new();
    let outbound = Outbound::new(&config.outbound)?;
    let services = Services {
        db: db.clone(),
        clock,
        random,
        keys,
        passwords,
        engine: engine.clone(),
        outbound,
        read_log: ReadLog::default(),
    };
    let agent = if config.local_agent { Some(LocalAgent::new(&services, address, &config.data).await?) } else { None };
    let app = api::router(Api::new(services, stop.clone(), config.http.clone()).await?);
    say(&format!("Binnacle is at http://{address}"))?;

    let scheduler = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.run(stop).await }
    });
    let agent = agent.map(|agent| tokio::spawn(agent.run(stop.clone())));
    tokio::spawn(stop_on_signal(stop.clone()));
    let server = connections::serve(listener, app, limits, stop.clone());
    let forced = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = server => {}
        () = forced => tracing::warn!("requests that took too long were cut off"),
    }
    stop.cancel();
    if let Some(agent) = agent {
        agent.await?;
    }
    scheduler.await?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Lets only one server work in a directory: two would fire the same embedded schedules, and
/// each would start a local agent.
fn lock(data: &Path) -> anyhow::Result<Flock<std::fs::File>> {
    let path = data.join("server.lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(lock),
        Err((_, Errno::EWOULDBLOCK)) => {
            bail!("another server uses the directory {}", data.display())
        }
        Err((_, error)) => bail!("{} cannot be locked: {error}", path.display()),
    }
}

/// Makes the database's file before the database does, which would let everybody read it.
fn close_to_others(path: &Path) -> anyhow::Result<()> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

/// For people and for programs that wait for the line.
fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be received; end the server with SIGKILL");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
}

/// Logs to stderr: in colours for people, as JSON lines for programs.
pub fn log_to_stderr(filter: &str) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("the log filter “{filter}” cannot be read"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.compact().init();
    } else {
        log.json().with_span_list(false).init();
    }
    Ok(())
}
