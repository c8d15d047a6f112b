//! What happens later: due profiles, activities on their way, results that come back.
//!
//! Everything that is to happen is a row; the engine only looks at rows and at the clock. Each
//! step is one transaction, so a killed server leaves either the state before it or the one after.

mod activities;
mod delivery;
mod events;
mod fire;
mod housekeeping;
mod missed;
mod node;
mod scheduler;

use std::path::PathBuf;
use std::sync::Arc;

pub use activities::{CancelError, abandon, approve, cancel, lose, record_output, record_result};
pub use delivery::{Ordered, deliver};
pub use events::{ActivityEvent, Effects, Waiting};
pub use fire::{enrol, first_run, run_now};
pub use node::ALIVE_FOR;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::facts::Facts;
use crate::store::Db;

/// The engine of one server process. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    events: events::Events,
    node: node::Node,
}

impl Engine {
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        let node = node::Node::new(clock.now());
        Self(Arc::new(Inner { db, clock, events: events::Events::default(), node }))
    }

    /// The same, with the folder whose disk this node needs.
    #[must_use]
    pub fn with_data(self, data: PathBuf) -> Self {
        self.0.node.set_data(data);
        self
    }

    /// What this node is and how it does.
    pub async fn facts(&self) -> Facts {
        node::facts(self).await
    }

    /// When the scheduler of this node looked last for what is due, successfully.
    pub fn looked_at(&self) -> Option<Timestamp> {
        self.0.node.looked_at()
    }

    /// Whether it goes on looking.
    pub fn is_looking(&self) -> bool {
        self.looked_at().is_some_and(|at| node::is_recent(at, self.0.clock.now()))
    }

    /// Says in the database that this node is there, unless it has just said so.
    pub async fn announce(&self) -> crate::store::Result<()> {
        node::announce(self).await
    }

    /// Tells everybody who waits what a committed transaction has changed.
    pub async fn publish(&self, effects: Effects) -> crate::store::Result<()> {
        self.0.events.publish(&self.0.db, effects).await
    }

    /// Changes of activities from now on.
    pub fn subscribe(&self) -> tokio::sync::broadcast::Receiver<ActivityEvent> {
        self.0.events.subscribe()
    }

    /// Registers an agent that waits for something to do. Ask the database after this, then wait:
    /// nothing that happens in between is missed.
    pub fn wait_for_work(&self, computer_id: i64) -> Waiting {
        self.0.events.wait(computer_id)
    }

    /// Removes events that were kept long enough; tells when the next removal is.
    pub async fn forget_old_events(&self) -> crate::store::Result<Option<Timestamp>> {
        housekeeping::forget_old_events(self).await
    }

    /// Fires what is due until the token is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        scheduler::run(self, stop).await;
    }

    /// Fires all that is due now; tells how many occurrences there were.
    pub async fn run_due(&self) -> crate::store::Result<usize> {
        Ok(scheduler::run_due(self, &CancellationToken::new()).await?.fired)
    }
}
