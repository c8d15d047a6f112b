//! An activity as it happens, by server-sent events.
//!
//! The stream begins with the present state, so a browser that comes back after a break is whole
//! again. Of the output only what follows the last piece it got is sent anew.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use binnacle_shared::model::landscape::activity::Activity;
use futures::Stream;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::activities::existing;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::Ids;
use crate::engine::ActivityEvent;
use crate::store::{Conn, Scope, StoreError, activity, activity_output, list};

/// A stream ends after this; the browser connects again, and has to prove anew who it is.
const LONGEST: Duration = Duration::from_mins(15);
/// Another node that shares the database may have made a change that nobody told us.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// `GET activities/{id}/stream` (ours)
pub async fn stream(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    // Listening begins before the state is read: nothing that happens in between is missed.
    let receiver = api.engine.subscribe();
    let mut conn = api.db.read().await?;
    let activity = existing(&mut conn, &context, id).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let mut watch = Watch {
        scope: context.scope().clone(),
        id,
        is_group: activity.is_group(),
        next_seq: last.map_or(0, |seq| seq.saturating_add(1)),
        sent: HashMap::new(),
        pending: VecDeque::new(),
        receiver,
        ends: api.clock.sleep(LONGEST),
        api: api.clone(),
    };
    watch.read_all(&mut conn).await?;
    drop(conn);
    let events = futures::stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Watch {
    api: Api,
    scope: Scope,
    id: i64,
    is_group: bool,
    next_seq: i64,
    /// What was said last of each activity, so that it is not said twice.
    sent: HashMap<i64, u64>,
    pending: VecDeque<Event>,
    receiver: Receiver<ActivityEvent>,
    ends: BoxFuture<'static, ()>,
}

/// What a burst of hints asks to be read.
#[derive(Default)]
struct Hints {
    changed: BTreeSet<i64>,
    output: bool,
    everything: bool,
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            let hints = self.wait().await?;
            if let Err(error) = self.read(hints).await {
                tracing::warn!(%error, activity = self.id, "a stream ends early");
                return None;
            }
        }
    }

    /// Waits until something happened to what is watched.
    async fn wait(&mut self) -> Option<Hints> {
        let mut hints = Hints::default();
        let look_again = if self.api.db.is_postgres() { LOOK_AGAIN } else { LONGEST };
        loop {
            let stopping = self.api.stopping().clone();
            tokio::select! {
                () = stopping.cancelled() => return None,
                () = &mut self.ends => return None,
                () = self.api.clock.sleep(look_again) => hints.everything = true,
                event = self.receiver.recv() => match event {
                    Ok(event) => self.note(event, &mut hints),
                    Err(RecvError::Lagged(_)) => hints.everything = true,
                    Err(RecvError::Closed) => return None,
                },
            }
            // A burst is answered once.
            loop {
                match self.receiver.try_recv() {
                    Ok(event) => self.note(event, &mut hints),
                    Err(TryRecvError::Lagged(_)) => hints.everything = true,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            if hints.everything || hints.output || !hints.changed.is_empty() {
                return Some(hints);
            }
        }
    }

    fn note(&self, event: ActivityEvent, hints: &mut Hints) {
        match event {
            ActivityEvent::Changed { id, parent_id } if id == self.id || parent_id == Some(self.id) => {
                hints.changed.insert(id);
            }
            ActivityEvent::Output { id } if id == self.id => hints.output = true,
            ActivityEvent::Changed { .. } | ActivityEvent::Output { .. } => {}
        }
    }

    async fn read(&mut self, hints: Hints) -> Result<(), StoreError> {
        let mut conn = self.api.db.read().await?;
        if hints.everything {
            return self.read_all(&mut conn).await;
        }
        // A result brings the rest of the output with it: that comes first.
        if hints.output || hints.changed.contains(&self.id) {
            self.read_output(&mut conn).await?;
        }
        let ids: Vec<i64> = hints.changed.into_iter().collect();
        if !ids.is_empty() {
            for activity in list::all(&mut conn, &self.scope, activity::with_ids(&ids)).await? {
                self.tell(&activity);
            }
        }
        Ok(())
    }

    async fn read_all(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        self.read_output(conn).await?;
        if let Some(activity) = list::read::<Activity>(conn, &self.scope, self.id).await? {
            self.tell(&activity);
        }
        if self.is_group {
            let mut children: Vec<Activity> = list::all(conn, &self.scope, activity::children_of(self.id)).await?;
            children.sort_by_key(|child| child.id);
            for child in &children {
                self.tell(child);
            }
        }
        Ok(())
    }

    async fn read_output(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        if self.is_group {
            return Ok(());
        }
        for chunk in activity_output::read(conn, self.id, self.next_seq).await? {
            self.next_seq = chunk.seq.saturating_add(1);
            self.push("output", &chunk);
        }
        Ok(())
    }

    fn tell(&mut self, activity: &Activity) {
        let Ok(text) = serde_json::to_string(activity) else { return };
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if self.sent.insert(activity.id, hash) != Some(hash) {
            self.push("activity", activity);
        }
    }

    /// Every event carries the number of the last piece of output that was sent.
    fn push(&mut self, name: &str, data: &impl Serialize) {
        let id = self.next_seq.saturating_sub(1).to_string();
        match Event::default().event(name).id(id).json_data(data) {
            Ok(event) => self.pending.push_back(event),
            Err(error) => tracing::error!(%error, "an event cannot be written"),
        }
    }
}
