//! The audit log as it is written: a JSON object and a blank line for each entry.
//!
//! Nobody asks the database while nothing happens: whoever commits an entry says so. Then all is
//! read that was not sent yet, by number.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use binnacle_shared::list::{FieldFilter, ListParams, Sort};
use binnacle_shared::model::conductor::audit::AuditEntry;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch::Receiver;

use super::{Asked, Error};
use crate::api::Api;
use crate::api::conductor::caller::Caller;
use crate::api::conductor::query::Query;
use crate::operation::conductor::audit_log::scope;
use crate::store::conductor::audit_log::{self, AuditScope, after, between};
use crate::store::{StoreError, list};

/// A stream ends after this; whoever goes on has to prove anew who they are.
const LONGEST: Duration = Duration::from_mins(15);
/// Another node that shares the database may have written an entry that nobody told us.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// An empty line shows that the stream lives, to proxies and to us: who is gone is noticed.
const ALIVE_EACH: Duration = Duration::from_secs(15);
/// So many entries are read at a time.
const BATCH: u32 = 500;
/// On PostgreSQL an entry can become visible after one with a higher number. No request takes
/// longer than this from the one to the other.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(40);
/// So many of the newest entries may have been overtaken when a stream begins.
const OVERTAKEN: u64 = 200;

/// `GET audit/stream`
pub async fn stream(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let (asked, _) = Asked::read(query)?;
    // Listening begins before the log is read: nothing that happens in between is missed.
    let written = api.db.audited();
    let mut position = Position::default();
    if asked.since.is_none() {
        let mut conn = api.db.read().await?;
        position = Position::behind(audit_log::newest(&mut conn, OVERTAKEN).await?);
    }
    let longest = asked.timeout.map_or(LONGEST, |seconds| Duration::from_secs(seconds).min(LONGEST));
    let watch = Watch {
        scope: scope(&caller.author()),
        filters: asked.listing.params.filters,
        since: asked.since,
        position,
        behind: asked.since.is_some(),
        pending: VecDeque::new(),
        written,
        ends: api.clock.sleep(longest),
        api,
    };
    let lines = futures::stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((Ok::<_, Infallible>(line), watch))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// Which entries were sent.
#[derive(Debug, Default)]
struct Position {
    /// Everything up to here.
    floor: i64,
    /// Beyond it, these.
    sent: BTreeSet<i64>,
    /// The highest numbers that were known, and since when.
    marks: VecDeque<(Timestamp, i64)>,
}

impl Position {
    /// Behind the newest entries. Of those between them that are not there yet, some may come.
    fn behind(newest: Vec<i64>) -> Self {
        let sent: BTreeSet<i64> = newest.into_iter().collect();
        let floor = sent.first().map_or(0, |first| first - 1);
        Self { floor, sent, marks: VecDeque::new() }
    }

    /// True: it was not sent before.
    fn take(&mut self, id: i64) -> bool {
        id > self.floor && self.sent.insert(id)
    }

    /// Nothing can come any more below what was known long enough.
    fn settle(&mut self, now: Timestamp, after: SignedDuration) {
        if let Some(highest) = self.sent.last().copied()
            && self.marks.back().is_none_or(|(_, mark)| *mark < highest)
        {
            self.marks.push_back((now, highest));
        }
        while let Some((since, mark)) = self.marks.front().copied()
            && now.duration_since(since) >= after
        {
            self.floor = self.floor.max(mark);
            self.marks.pop_front();
        }
        self.sent = self.sent.split_off(&(self.floor + 1));
    }
}

struct Watch {
    api: Api,
    scope: AuditScope,
    filters: Vec<FieldFilter>,
    since: Option<Timestamp>,
    position: Position,
    /// There may be more to read already.
    behind: bool,
    pending: VecDeque<Bytes>,
    written: Receiver<u64>,
    ends: BoxFuture<'static, ()>,
}

impl Watch {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.pending.pop_front() {
                return Some(line);
            }
            if !self.behind {
                match self.wait().await? {
                    Woken::ToRead => self.behind = true,
                    Woken::ToShowLife => return Some(Bytes::from_static(b"\n")),
                }
            }
            if let Err(error) = self.read().await {
                tracing::warn!(%error, "a stream of the audit log ends early");
                return None;
            }
        }
    }

    async fn wait(&mut self) -> Option<Woken> {
        let look_again = if self.api.db.is_postgres() { LOOK_AGAIN } else { LONGEST };
        let stopping = self.api.stopping().clone();
        tokio::select! {
            // An end comes before everything else.
            biased;
            () = stopping.cancelled() => None,
            () = &mut self.ends => None,
            written = self.written.changed() => written.is_ok().then_some(Woken::ToRead),
            () = self.api.clock.sleep(look_again) => Some(Woken::ToRead),
            () = self.api.clock.sleep(ALIVE_EACH) => Some(Woken::ToShowLife),
        }
    }

    /// Reads what is there beyond the floor, batch by batch, until there are some lines to send
    /// or nothing is left.
    async fn read(&mut self) -> Result<(), StoreError> {
        let mut cursor = self.position.floor;
        let params = ListParams {
            limit: BATCH,
            filters: self.filters.clone(),
            sort: vec![Sort { field: "id", descending: false }],
            ..ListParams::default()
        };
        loop {
            let mut conn = self.api.db.read().await?;
            let also = after(cursor).add(between(self.since, None));
            let entries = list::page::<AuditEntry>(&mut conn, &self.scope, &params, also).await?.items;
            drop(conn);
            let count = entries.len();
            for entry in entries {
                cursor = entry.id;
                if self.position.take(entry.id)
                    && let Ok(text) = serde_json::to_string(&entry)
                {
                    self.pending.push_back(Bytes::from(text + "\n\n"));
                }
            }
            let more = count >= usize::try_from(BATCH).unwrap_or(usize::MAX);
            if !more || !self.pending.is_empty() {
                self.behind = more;
                break;
            }
        }
        let settled_after = if self.api.db.is_postgres() { SETTLED_AFTER } else { SignedDuration::ZERO };
        self.position.settle(self.api.clock.now(), settled_after);
        Ok(())
    }
}

/// Why a wait ended.
enum Woken {
    ToRead,
    ToShowLife,
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::Position;

    #[test]
    fn an_entry_that_was_overtaken_is_sent_once() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let after = SignedDuration::from_secs(40);
        let mut position = Position::behind(vec![9, 8, 6]);
        assert!(!position.take(8) && !position.take(5), "what was there before is not sent");
        assert!(position.take(11));
        position.settle(start, after);
        assert!(position.take(10) && position.take(7), "they come late");
        assert!(!position.take(10) && !position.take(11));
        position.settle(start + after, after);
        assert_eq!((position.floor, position.sent.len()), (11, 0));
        assert!(!position.take(10) && position.take(12));
    }

    #[test]
    fn where_none_is_overtaken_nothing_is_remembered() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let mut position = Position::behind(Vec::new());
        assert!(position.take(3));
        position.settle(start, SignedDuration::ZERO);
        assert_eq!((position.floor, position.sent.len(), position.marks.len()), (3, 0, 0));
    }
}
