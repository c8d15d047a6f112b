//! Who is told when something changed: browsers that watch an activity, agents that wait for
//! work, the scheduler when a plan changed. Only hints travel here; the truth is in the rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_query::{Expr, ExprTrait, Query};
use tokio::sync::{Notify, broadcast, futures::OwnedNotified};

use crate::store::tables::Activity;
use crate::store::{Db, Result};

/// Enough for a burst; a watcher that falls behind reads everything anew.
const CAPACITY: usize = 1024;

/// A change of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityEvent {
    /// Status, times or result.
    Changed { id: i64, parent_id: Option<i64> },
    /// There is more output.
    Output { id: i64 },
}

/// What a transaction did that others wait for. Given to [`super::Engine::publish`] after the
/// commit, never before it.
#[must_use = "without publishing, nobody who waits is told"]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Groups whose children were just made.
    pub new_groups: Vec<i64>,
    pub changed: Vec<ActivityEvent>,
    /// Computers that have something to fetch.
    pub computers: Vec<i64>,
    /// The scheduler has to look again.
    pub plan_changed: bool,
}

impl Effects {
    pub fn plan_changed() -> Self {
        Self { plan_changed: true, ..Self::default() }
    }

    pub fn merge(&mut self, other: Self) {
        self.new_groups.extend(other.new_groups);
        self.changed.extend(other.changed);
        self.computers.extend(other.computers);
        self.plan_changed |= other.plan_changed;
    }
}

#[derive(Debug)]
pub(super) struct Events {
    activities: broadcast::Sender<ActivityEvent>,
    waiting: Arc<Mutex<HashMap<i64, Arc<Notify>>>>,
    pub(super) plan: Notify,
}

impl Default for Events {
    fn default() -> Self {
        Self { activities: broadcast::Sender::new(CAPACITY), waiting: Arc::default(), plan: Notify::new() }
    }
}

impl Events {
    pub(super) fn subscribe(&self) -> broadcast::Receiver<ActivityEvent> {
        self.activities.subscribe()
    }

    pub(super) async fn publish(&self, db: &Db, effects: Effects) -> Result<()> {
        for event in effects.changed {
            // Nobody watching is no error.
            let _ = self.activities.send(event);
        }
        for computer in effects.computers {
            self.wake(computer);
        }
        if effects.plan_changed {
            self.plan.notify_one();
        }
        if effects.new_groups.is_empty() {
            return Ok(());
        }
        let select = Query::select()
            .column(Activity::ComputerId)
            .from(Activity::Table)
            .and_where(Expr::col(Activity::ParentId).is_in(effects.new_groups.iter().copied()))
            .and_where(Expr::col(Activity::ComputerId).is_not_null())
            .take();
        for row in db.read().await?.fetch_all(&select).await? {
            self.wake(row.get("computer_id")?);
        }
        for id in effects.new_groups {
            let _ = self.activities.send(ActivityEvent::Changed { id, parent_id: None });
        }
        Ok(())
    }

    fn wake(&self, computer_id: i64) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notify) = waiting.get(&computer_id) {
            notify.notify_waiters();
        }
    }

    /// A newer wait of the same computer takes the place of the older one, which then ends:
    /// nobody can pile up connections under one computer's number.
    pub(super) fn wait(&self, computer_id: i64) -> Waiting {
        let notify = Arc::new(Notify::new());
        let woken = Arc::clone(&notify).notified_owned();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = waiting.insert(computer_id, Arc::clone(&notify)) {
            older.notify_waiters();
        }
        Waiting { computer_id, notify, woken: Box::pin(woken), queue: Arc::clone(&self.waiting) }
    }
}

/// An agent's place in the queue of those that wait. Leaves it when dropped.
#[derive(Debug)]
pub struct Waiting {
    computer_id: i64,
    notify: Arc<Notify>,
    woken: std::pin::Pin<Box<OwnedNotified>>,
    queue: Arc<Mutex<HashMap<i64, Arc<Notify>>>>,
}

impl Waiting {
    /// Ends when something happened for the computer since the registration, or since this ended
    /// last. False: a newer wait took this one's place, so there is nothing more to wait for.
    pub async fn woken(&mut self) -> bool {
        self.woken.as_mut().await;
        self.woken = Box::pin(Arc::clone(&self.notify).notified_owned());
        let waiting = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.get(&self.computer_id).is_some_and(|n| Arc::ptr_eq(n, &self.notify))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.get(&self.computer_id).is_some_and(|n| Arc::ptr_eq(n, &self.notify)) {
            waiting.remove(&self.computer_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Effects, Events};

    #[tokio::test]
    async fn what_happens_between_registering_and_waiting_is_not_missed() {
        let events = Events::default();
        let mut waiting = events.wait(7);
        events.wake(7);
        assert!(waiting.woken().await);
        events.wake(7);
        assert!(waiting.woken().await, "a wait can be waited for again");
        drop(waiting);
        assert!(events.waiting.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_newer_wait_ends_the_older_one() {
        let events = Events::default();
        let mut older = events.wait(7);
        let mut newer = events.wait(7);
        assert!(!older.woken().await);
        drop(older);
        events.wake(7);
        assert!(newer.woken().await);
    }

    #[test]
    fn effects_add_up() {
        let mut effects = Effects { computers: vec![1], ..Effects::default() };
        effects.merge(Effects { computers: vec![2], plan_changed: true, ..Effects::default() });
        assert_eq!(effects.computers, [1, 2]);
        assert!(effects.plan_changed);
    }
}
