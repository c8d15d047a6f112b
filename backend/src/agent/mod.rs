//! The agent: the part of Binnacle that runs on each computer of the fleet.
//!
//! It calls the server, never the other way round. Whatever must not be lost (ids, counters, orders
//! taken, results not yet confirmed) is in one SQLite file before it is acted on.

mod backoff;
mod config;
mod exchange;
mod handle;
mod operation;
mod packages;
mod ping;
mod process;
mod queue;
mod report;
pub mod run_as;
mod schema;
pub mod script;
mod store;
pub mod supervise;
mod transport;

use std::{
    io::Read,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::{Mutex, Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{backoff::Backoff, exchange::Outcome, script::ScriptHost, store::Store, transport::Transport};
pub use self::{config::AgentConfig, packages::PackageScope};
use crate::clock::{Clock, Random};

/// Two exchanges are never closer than this, however urgent the second is.
const MIN_GAP: Duration = Duration::from_millis(200);

/// How long to wait after the server refused the registration.
const REFUSED_PAUSE: Duration = Duration::from_mins(1);

/// What stops an agent.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error("another agent uses the directory {0}")]
    AlreadyRunning(String),
    #[error("the server address {0} is not a URL of the form http://host:port")]
    BadServer(String),
    #[error("the data directory {path}: {source}")]
    DataDirectory { path: String, source: std::io::Error },
    #[error("the agent's database: {0}")]
    Store(#[from] sqlx::Error),
    #[error("the agent's database holds an unreadable message: {0}")]
    Message(#[from] crate::protocol::message::MessageError),
    #[error("the agent's database was written by a newer version ({found}, this one knows {known})")]
    NewerStore { found: i64, known: i64 },
    #[error("the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// The clock and the randomness that an agent works with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Surroundings {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A duration between three quarters and all of the given one, so that a fleet that was
    /// started together does not call together.
    fn jitter(&self, duration: Duration) -> Duration {
        let mut byte = [0_u8; 2];
        self.random.fill(&mut byte);
        let share = f64::from(u16::from_le_bytes(byte)) / f64::from(u16::MAX);
        duration.mul_f64(0.75 + share / 4.0)
    }
}

/// What the agent's tasks share.
#[derive(Debug)]
struct Agent {
    config: AgentConfig,
    store: Store,
    transport: Transport,
    scripts: ScriptHost,
    packages: packages::Reporter,
    /// Rung when reports are due that take their time.
    inventory: Notify,
    /// Whether the hardware is to be looked at then.
    hardware_due: AtomicBool,
    /// What processors and networks had done at the last look.
    counters: Mutex<report::Counters>,
    surroundings: Surroundings,
    /// Rung when something should reach the server at once.
    urgent: Notify,
    /// Counts the exchanges that went through.
    exchanged: watch::Sender<u64>,
    /// Running operations.
    tasks: TaskTracker,
    /// Set when no further order is to be begun; those that run come to their end.
    retiring: CancellationToken,
    shutdown: CancellationToken,
}

/// Runs an agent until `shutdown` is cancelled. Scripts that run then go on, each watched by a
/// process of its own, and are taken up by the agent's next life.
pub async fn run(
    config: AgentConfig,
    surroundings: Surroundings,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    let data = config.data_directory();
    let (store, _lock) = store::open(&data).await?;
    let transport = Transport::new(&config.server)?;
    let scripts = ScriptHost::new(&config, surroundings.clone());
    let agent = Arc::new(Agent {
        config,
        store,
        transport,
        scripts,
        packages: packages::Reporter::default(),
        inventory: Notify::new(),
        hardware_due: AtomicBool::new(false),
        counters: Mutex::default(),
        surroundings,
        urgent: Notify::new(),
        exchanged: watch::Sender::new(0),
        tasks: TaskTracker::new(),
        retiring: CancellationToken::new(),
        shutdown,
    });
    if agent.config.exit_with_stdin {
        tokio::spawn(retire_with_stdin(Arc::clone(&agent)));
    }
    tracing::info!(server = %agent.config.server, data = %data.display(), "agent started");
    operation::resume(&agent).await?;
    let ping = tokio::spawn(ping::run(Arc::clone(&agent)));
    let inventory = tokio::spawn(report::take_inventory(Arc::clone(&agent)));
    let result = exchange_loop(&agent).await;
    // A failure of the store ends the loop while nobody asked for an end; the rest must follow.
    agent.shutdown.cancel();
    agent.tasks.close();
    agent.tasks.wait().await;
    if let Err(error) = ping.await {
        tracing::error!(%error, "the ping task ended abnormally");
    }
    if let Err(error) = inventory.await {
        tracing::error!(%error, "the task of slow reports ended abnormally");
    }
    agent.store.close().await;
    result
}

/// Ends the agent when the server that started it is gone, but no script that runs: its result
/// waits in the store for the agent that the next server starts.
async fn retire_with_stdin(agent: Arc<Agent>) {
    let retiring = agent.retiring.clone();
    // A thread of its own: the runtime would wait for one of its own until the pipe closes.
    std::thread::spawn(move || {
        let mut buffer = [0; 256];
        while matches!(std::io::stdin().lock().read(&mut buffer), Ok(1..)) {}
        retiring.cancel();
    });
    agent.retiring.cancelled().await;
    tracing::info!("the server is gone; the agent ends when its scripts have");
    agent.tasks.close();
    agent.tasks.wait().await;
    agent.shutdown.cancel();
}

/// Exchanges when due, when urgent, and again after failures; ends at shutdown.
async fn exchange_loop(agent: &Arc<Agent>) -> Result<(), AgentError> {
    let mut backoff = Backoff::default();
    let mut pause = Duration::ZERO;
    // The first exchange is urgent whatever the interval says.
    agent.urgent.notify_one();
    loop {
        if !agent.pause(pause.max(MIN_GAP)).await {
            return Ok(());
        }
        let attempt = tokio::select! {
            () = agent.shutdown.cancelled() => return Ok(()),
            attempt = next_exchange(agent) => attempt,
        };
        pause = match attempt {
            Ok(outcome) => after(agent, outcome, &mut backoff),
            // A disk that is full, say: what was not written down was not taken or told either.
            Err(exchange::ExchangeError::Agent(AgentError::Store(error))) => {
                let pause = backoff.next(&agent.surroundings);
                tracing::error!(%error, pause_ms = pause.as_millis(), "the agent's database cannot be used");
                agent.urgent.notify_one();
                pause
            }
            Err(exchange::ExchangeError::Agent(error)) => return Err(error),
            Err(error) => {
                let pause = backoff.next(&agent.surroundings);
                tracing::warn!(%error, pause_ms = pause.as_millis(), "exchange failed");
                agent.urgent.notify_one();
                pause
            }
        };
    }
}

/// The next exchange: at once when something is urgent, else when the interval is over.
async fn next_exchange(agent: &Arc<Agent>) -> Result<Outcome, exchange::ExchangeError> {
    let interval = agent.surroundings.jitter(agent.exchange_interval().await?);
    tokio::select! {
        () = agent.urgent.notified() => {}
        () = agent.surroundings.clock.sleep(interval) => report::queue_changes(agent).await?,
    }
    exchange::exchange(agent).await
}

/// What an exchange that went through means for the next one.
fn after(agent: &Agent, outcome: Outcome, backoff: &mut Backoff) -> Duration {
    agent.exchanged.send_modify(|count| *count += 1);
    if outcome.again {
        agent.urgent.notify_one();
    }
    match outcome {
        Outcome { refused: true, .. } => {
            agent.urgent.notify_one();
            agent.surroundings.jitter(REFUSED_PAUSE)
        }
        Outcome { stalled: true, .. } => backoff.next(&agent.surroundings),
        // Only a settled registration is a success: a server that hands out ids and forgets them
        // must not be asked in a tight circle.
        Outcome { settled: true, .. } => {
            backoff.reset();
            Duration::ZERO
        }
        Outcome { .. } => Duration::ZERO,
    }
}

/// Does something that may take long on a thread of its own. The runtime would wait for one of
/// its own at the agent's end. `None` when it panicked.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // The agent has ended when this fails.
        let _ = sender.send(work());
    });
    receiver.await.ok()
}

impl Agent {
    /// Waits; says false when the agent is to stop instead.
    async fn pause(&self, duration: Duration) -> bool {
        tokio::select! {
            () = self.shutdown.cancelled() => false,
            () = self.surroundings.clock.sleep(duration) => true,
        }
    }

    async fn exchange_interval(&self) -> Result<Duration, AgentError> {
        let told = self.store.state().await?.exchange_interval;
        Ok(Duration::from_secs(told.unwrap_or(self.config.exchange_interval).max(10)))
    }

    async fn ping_interval(&self) -> Result<Duration, AgentError> {
        let told = self.store.state().await?.ping_interval;
        Ok(Duration::from_secs(told.unwrap_or(self.config.ping_interval).max(1)))
    }
}
