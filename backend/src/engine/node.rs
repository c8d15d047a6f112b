//! This node among those that serve the same database. It says now and then that it is there,
//! and knows when its scheduler looked last.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::Engine;
use crate::facts::{Facts, System};
use crate::store::Result;
use crate::store::conductor::node::{self, NewNode};
use crate::store::micros;

/// The scheduler looks once a minute, and at most so often a node says that it is there.
const ANNOUNCED_EACH: SignedDuration = SignedDuration::from_secs(50);
/// Who was not heard of for longer than this is gone. Two times may be missed.
pub const ALIVE_FOR: SignedDuration = SignedDuration::from_mins(3);
/// No time at all.
const NEVER: i64 = i64::MIN;

#[derive(Debug)]
pub(super) struct Node {
    data: OnceLock<PathBuf>,
    started: Timestamp,
    looked: AtomicI64,
    announced: AtomicI64,
}

impl Node {
    pub(super) fn new(started: Timestamp) -> Self {
        Self { data: OnceLock::new(), started, looked: AtomicI64::new(NEVER), announced: AtomicI64::new(NEVER) }
    }

    pub(super) fn set_data(&self, data: PathBuf) {
        // The first folder stays: a node does not move.
        let _ = self.data.set(data);
    }

    pub(super) fn has_looked(&self, now: Timestamp) {
        self.looked.store(micros(now), Ordering::Relaxed);
    }

    pub(super) fn looked_at(&self) -> Option<Timestamp> {
        let micros = self.looked.load(Ordering::Relaxed);
        Timestamp::from_microsecond(micros).ok().filter(|_| micros != NEVER)
    }

    fn announced_at(&self) -> Option<Timestamp> {
        let micros = self.announced.load(Ordering::Relaxed);
        Timestamp::from_microsecond(micros).ok().filter(|_| micros != NEVER)
    }
}

/// Whether somebody who did something then is still there. A clock that was set back makes
/// nobody older.
pub(super) fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) <= ALIVE_FOR
}

pub(super) async fn facts(engine: &Engine) -> Facts {
    let inner = std::sync::Arc::clone(&engine.0);
    let now = inner.clock.now();
    // A folder that is nowhere is on no disk.
    let collect = move || {
        let data = inner.node.data.get().map_or(Path::new(""), PathBuf::as_path);
        Facts::collect(data, inner.node.started, now)
    };
    match tokio::task::spawn_blocking(collect.clone()).await {
        Ok(facts) => facts,
        // The runtime is ending.
        Err(_) => collect(),
    }
}

pub(super) async fn announce(engine: &Engine) -> Result<()> {
    let now = engine.0.clock.now();
    let known = &engine.0.node;
    let just_said = |at: Timestamp| (SignedDuration::ZERO..ANNOUNCED_EACH).contains(&now.duration_since(at));
    if known.announced_at().is_some_and(just_said) {
        return Ok(());
    }
    let facts = facts(engine).await;
    // Without a name it cannot be told from others.
    let Some(hostname) = facts.hostname else { return Ok(()) };
    let address = facts.address.map(|address| address.to_string()).unwrap_or_default();
    let system = facts.system.unwrap_or_default();
    let new = NewNode {
        hostname: &hostname,
        private_ip: &address,
        public_ip: &address,
        version: facts.version,
        distribution: &distribution(&system),
        distro_release: &distro_release(&system),
        started_at: known.started,
    };
    let mut conn = engine.0.db.write().await?;
    node::announce(&mut conn, &new, now).await?;
    conn.commit().await?;
    known.announced.store(micros(now), Ordering::Relaxed);
    Ok(())
}

fn distribution(system: &System) -> String {
    system.id.clone().or_else(|| system.name.clone()).unwrap_or_default()
}

fn distro_release(system: &System) -> String {
    system.code_name.clone().or_else(|| system.version.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Node, is_recent};

    #[test]
    fn who_was_heard_of_lately_is_there() {
        let then: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        assert!(is_recent(then, then + SignedDuration::from_mins(3)));
        assert!(!is_recent(then, then + SignedDuration::from_secs(181)));
        assert!(is_recent(then, then - SignedDuration::from_hours(1)));
    }

    #[test]
    fn who_never_looked_has_no_time() {
        let then: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let node = Node::new(then);
        assert_eq!((node.looked_at(), node.announced_at()), (None, None));
        node.has_looked(then);
        assert_eq!(node.looked_at(), Some(then));
    }
}
