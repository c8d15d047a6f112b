//! Results and cancellations: the moves of the activity state machine.

use std::collections::BTreeSet;

use binnacle_shared::model::landscape::activity::ActivityStatus;
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait};

use super::{ActivityEvent, Effects};
use crate::store::activity::{self, ActivityResult, State};
use crate::store::tables::Activity;
use crate::store::{Conn, Result, Scope, StoreError, activity_output};

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

/// Why activities were not cancelled. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// One line per activity: `activity 5 => it has succeeded`.
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cancels all activities in scope that match, a group with its open children. If one cannot be
/// cancelled, none is.
pub async fn cancel(
    conn: &mut Conn,
    scope: &Scope,
    matching: Condition,
    now: Timestamp,
) -> std::result::Result<(Vec<i64>, Effects), CancelError> {
    let found = activity::states(conn, scope, matching).await?;
    let unfit: Vec<String> = found
        .iter()
        .filter(|s| !s.status.is_cancelable())
        .map(|s| format!("activity {} => it is {} already", s.id, s.status.name()))
        .collect();
    if !unfit.is_empty() {
        return Err(CancelError::Unfit(unfit.join("\n")));
    }
    let is_group = |s: &&State| s.computer_id.is_none() && s.parent_id.is_none();
    let mut children: Vec<State> = found.iter().filter(|s| !is_group(s)).cloned().collect();
    for group in found.iter().filter(is_group) {
        let open = activity::states(conn, scope, activity::children_of(group.id)).await?;
        children.extend(open.into_iter().filter(|s| s.status.is_cancelable()));
    }
    children.sort_by_key(|s| s.id);
    children.dedup_by_key(|s| s.id);
    let ids: Vec<i64> = children.iter().map(|s| s.id).collect();
    activity::set_status(conn, &ids, ActivityStatus::Canceled, now).await?;
    let effects = finish(conn, &children, now).await?;
    Ok((found.iter().map(|s| s.id).collect(), effects))
}
