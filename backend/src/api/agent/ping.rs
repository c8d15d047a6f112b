//! The ping: tells an agent whether something waits for it.
//!
//! With `wait` the answer is held until something does, so that an activity reaches its computer
//! at once; agents that do not know that parameter get their answer at once.

use std::time::Duration;

use axum::{
    extract::{RawForm, State},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};

use super::{AgentApi, AgentApiError, answer, exchange, storable};
use crate::{
    protocol::payload::ping_answer,
    store::{
        StoreError,
        agent::{self, Agent},
        computer,
    },
};

/// The longest time that an answer is held, in seconds.
const LONGEST_WAIT: u64 = 30;

/// Signs of life are written down at most this often: ten thousand agents ping all the time.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(45);

pub(super) async fn handle(State(api): State<AgentApi>, RawForm(form): RawForm) -> Result<Response, AgentApiError> {
    let mut insecure_id = None;
    let mut wait = 0;
    for (name, value) in form_urlencoded::parse(&form) {
        match name.as_ref() {
            "insecure_id" => insecure_id = Some(storable(&value)),
            "wait" => wait = value.parse::<u64>().unwrap_or(0).min(LONGEST_WAIT),
            _ => {}
        }
    }
    let waiting = match insecure_id {
        Some(id) => messages_wait(&api, &id, Duration::from_secs(wait)).await?,
        None => false,
    };
    Ok(answer(ping_answer(waiting)))
}

async fn messages_wait(api: &AgentApi, insecure_id: &str, wait: Duration) -> Result<bool, StoreError> {
    let Some(found) = look(api, insecure_id).await? else { return Ok(false) };
    if touch_due(&found, api.clock.now()) {
        let mut conn = api.db.write().await?;
        agent::touch(&mut conn, found.computer_id, api.clock.now()).await?;
        conn.commit().await?;
    }
    // First the place in the queue, then the look: what happens in between is not missed.
    let mut place = (!wait.is_zero()).then(|| api.engine.wait_for_work(found.computer_id));
    let mut end = api.clock.sleep(wait);
    loop {
        match look(api, insecure_id).await? {
            None => return Ok(false),
            Some(found) if has_work(api, &found).await? => return Ok(true),
            Some(_) => {}
        }
        let Some(place) = &mut place else { return Ok(false) };
        tokio::select! {
            () = &mut end => return Ok(false),
            () = api.stop.cancelled() => return Ok(false),
            current = place.woken() => if !current { return Ok(false) },
        }
    }
}

async fn look(api: &AgentApi, insecure_id: &str) -> Result<Option<Agent>, StoreError> {
    agent::by_insecure_id(&mut api.db.read().await?, insecure_id).await
}

fn touch_due(agent: &Agent, now: Timestamp) -> bool {
    agent.last_ping_at.is_none_or(|last| now.duration_since(last) >= TOUCH_EVERY)
}

async fn has_work(api: &AgentApi, agent: &Agent) -> Result<bool, StoreError> {
    // A computer that was taken away shall ask, and be told to register anew.
    if agent.state == computer::REMOVED || exchange::types_due(agent) {
        return Ok(true);
    }
    agent::has_work(&mut api.db.read().await?, agent).await
}
