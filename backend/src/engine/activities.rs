//! Results and cancellations: the moves of the activity state machine.

use std::collections::BTreeSet;

use binnacle_shared::model::landscape::activity::ActivityStatus;
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait};

use super::{ActivityEvent, Effects};
use crate::store::activity::{self, ActivityResult, State};
use crate::store::tables::Activity;
use crate::store::{Conn, Result, Scope, StoreError, activity_output};

/// How many numbers one statement names.
const CHUNK: usize = 500;

fn of_computer(activity_id: i64, computer_id: i64) -> Condition {
    activity::with_ids(&[activity_id]).add(Expr::col((Activity::Table, Activity::ComputerId)).eq(computer_id))
}

/// Takes what a computer says of an activity of its own. A second answer, or one about an
/// activity of another computer, changes nothing.
pub async fn record_result(
    conn: &mut Conn,
    account_id: i64,
    computer_id: i64,
    activity_id: i64,
    result: &ActivityResult,
    now: Timestamp,
) -> Result<Effects> {
    let scope = Scope::account(account_id);
    let states = activity::states(conn, &scope, of_computer(activity_id, computer_id)).await?;
    let Some(state) = states.first().filter(|s| s.status.takes_result(s.delivered)) else {
        return Ok(Effects::default());
    };
    complete_output(conn, activity_id, &result.text, now).await?;
    activity::set_result(conn, activity_id, result, now).await?;
    finish(conn, std::slice::from_ref(state), now).await
}

/// The result carries the whole output; what was not streamed before is added to the pieces.
async fn complete_output(conn: &mut Conn, id: i64, text: &str, now: Timestamp) -> Result<()> {
    let streamed: usize = activity_output::read(conn, id, 0).await?.iter().map(|piece| piece.text.len()).sum();
    if let Some(rest) = text.get(streamed..) {
        let offset = i64::try_from(streamed).unwrap_or(i64::MAX);
        activity_output::append(conn, id, offset, rest, now).await?;
    }
    Ok(())
}

/// Takes a piece of output of a script that still runs.
pub async fn record_output(
    conn: &mut Conn,
    account_id: i64,
    computer_id: i64,
    activity_id: i64,
    offset: i64,
    text: &str,
    now: Timestamp,
) -> Result<Effects> {
    let scope = Scope::account(account_id);
    let states = activity::states(conn, &scope, of_computer(activity_id, computer_id)).await?;
    let running = states.first().is_some_and(|s| s.status.takes_result(s.delivered));
    if !running || !activity_output::append(conn, activity_id, offset, text, now).await? {
        return Ok(Effects::default());
    }
    Ok(Effects { changed: vec![ActivityEvent::Output { id: activity_id }], ..Effects::default() })
}

/// Writes the groups anew after their children changed, and says what changed.
pub(super) async fn finish(conn: &mut Conn, children: &[State], now: Timestamp) -> Result<Effects> {
    let parents: BTreeSet<i64> = children.iter().filter_map(|c| c.parent_id).collect();
    let mut effects = Effects::default();
    for child in children {
        effects.changed.push(ActivityEvent::Changed { id: child.id, parent_id: child.parent_id });
    }
    for parent in parents {
        activity::refresh_group(conn, parent, now).await?;
        effects.changed.push(ActivityEvent::Changed { id: parent, parent_id: None });
    }
    Ok(effects)
}

/// Why activities were not changed. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// One line per activity: `activity 5 => it has succeeded`.
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a person decides on activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Cancel,
    Approve,
}

impl Decision {
    const fn fits(self, status: ActivityStatus) -> bool {
        match self {
            Self::Cancel => status.is_cancelable(),
            Self::Approve => status.is_approvable(),
        }
    }

    fn reason(self, status: ActivityStatus) -> String {
        match self {
            Self::Cancel => format!("it is {} already", status.name()),
            Self::Approve => format!("it is {} and waits for nobody", status.name()),
        }
    }
}

/// Cancels all activities in scope that match, a group with its open children. If one cannot be
/// cancelled, none is.
pub async fn cancel(
    conn: &mut Conn,
    scope: &Scope,
    matching: Condition,
    now: Timestamp,
) -> std::result::Result<(Vec<i64>, Effects), CancelError> {
    decide(conn, scope, matching, Decision::Cancel, now).await
}

/// Approves all activities in scope that match, a group with those of its children that wait for
/// that. If one cannot be approved, none is.
pub async fn approve(
    conn: &mut Conn,
    scope: &Scope,
    matching: Condition,
    now: Timestamp,
) -> std::result::Result<(Vec<i64>, Effects), CancelError> {
    decide(conn, scope, matching, Decision::Approve, now).await
}

async fn decide(
    conn: &mut Conn,
    scope: &Scope,
    matching: Condition,
    decision: Decision,
    now: Timestamp,
) -> std::result::Result<(Vec<i64>, Effects), CancelError> {
    let found = activity::states(conn, scope, matching).await?;
    let mut children: Vec<State> = Vec::new();
    let mut unfit: Vec<String> = Vec::new();
    for state in &found {
        let is_group = state.computer_id.is_none() && state.parent_id.is_none();
        let parts = if is_group {
            activity::states(conn, scope, activity::children_of(state.id)).await?
        } else {
            vec![state.clone()]
        };
        let before = children.len();
        children.extend(parts.into_iter().filter(|part| decision.fits(part.status)));
        if children.len() == before {
            unfit.push(format!("activity {} => {}", state.id, decision.reason(state.status)));
        }
    }
    if !unfit.is_empty() {
        return Err(CancelError::Unfit(unfit.join("\n")));
    }
    children.sort_by_key(|s| s.id);
    children.dedup_by_key(|s| s.id);
    let ids: Vec<i64> = children.iter().map(|s| s.id).collect();
    for chunk in ids.chunks(CHUNK) {
        match decision {
            Decision::Cancel => activity::set_status(conn, chunk, ActivityStatus::Canceled, now).await?,
            Decision::Approve => activity::approve(conn, chunk, now).await?,
        }
    }
    let mut effects = finish(conn, &children, now).await?;
    effects.computers = children.iter().filter_map(|child| child.computer_id).collect();
    Ok((found.iter().map(|s| s.id).collect(), effects))
}

/// Cancels what is open on computers that leave the account.
pub async fn abandon(conn: &mut Conn, account_id: i64, computers: &[i64], now: Timestamp) -> Result<Effects> {
    let mut effects = Effects::default();
    for chunk in computers.chunks(CHUNK) {
        let open = activity::states(conn, &Scope::account(account_id), open_on(chunk)).await?;
        let ids: Vec<i64> = open.iter().map(|state| state.id).collect();
        for ids in ids.chunks(CHUNK) {
            activity::set_status(conn, ids, ActivityStatus::Canceled, now).await?;
        }
        effects.merge(finish(conn, &open, now).await?);
    }
    Ok(effects)
}

/// What a computer's agent had when the machine was installed anew has no result any more.
pub async fn lose(conn: &mut Conn, account_id: i64, computer_id: i64, now: Timestamp) -> Result<Effects> {
    const LOST: &str = "The computer was installed anew before it answered.";
    let mut lost = activity::states(conn, &Scope::account(account_id), open_on(&[computer_id])).await?;
    lost.retain(|state| state.status == ActivityStatus::Delivered);
    for state in &lost {
        let result = ActivityResult {
            status: ActivityStatus::Failed,
            code: None,
            exit_code: None,
            text: LOST.to_owned(),
            truncated: false,
        };
        activity::set_result(conn, state.id, &result, now).await?;
    }
    finish(conn, &lost, now).await
}

fn open_on(computers: &[i64]) -> Condition {
    let open = ActivityStatus::ALL.iter().filter(|status| !status.is_final()).map(|status| status.name());
    Condition::all()
        .add(Expr::col((Activity::Table, Activity::ComputerId)).is_in(computers.iter().copied()))
        .add(Expr::col((Activity::Table, Activity::Status)).is_in(open))
}
