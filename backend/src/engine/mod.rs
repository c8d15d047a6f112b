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
mod scheduler;

use std::sync::Arc;

pub use activities::{CancelError, abandon, approve, cancel, lose, record_output, record_result};
pub use delivery::{Ordered, deliver};
pub use events::{ActivityEvent, Effects, Waiting};
pub use fire::{enrol, first_run, run_now};

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::Db;

/// The engine of one server process. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    events: events::Events,
}

impl Engine {
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { db, clock, events: events::Events::default() }))
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
    pub async fn forget_old_events(&self) -> crate::store::Result<Option<jiff::Timestamp>> {
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
