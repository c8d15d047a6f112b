//! Does again what activities did: new activities for the same computers.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::activity::{EXECUTE_SCRIPT, RESTART, SHUTDOWN};
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::script::ScriptStatus;

use super::{Actor, Services};
use crate::engine::Effects;
use crate::store::activity::{self, Delivery, NewGroup, Past, ScriptWork, Work};
use crate::store::{Conn, StoreError, computer, script};

/// Why nothing was done again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no activity with the number {0}.")]
    Unknown(i64),
    /// One line per activity: `activity 5 => it is delivered and not over yet`.
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a new group for each group that is named, and for each single activity that is named a
/// group with a child like it. Gives the numbers of the new activities, in the order of the old
/// ones. All or none.
pub async fn run(services: &Services, actor: Actor<'_>, ids: &[i64]) -> Result<Vec<i64>, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let past = activity::past(&mut conn, actor.scope, ids).await?;
    let mut unfit = Vec::new();
    let mut plans = Vec::with_capacity(ids.len());
    for id in ids {
        let named = past.iter().find(|past| past.id == *id).ok_or(Error::Unknown(*id))?;
        let children = if named.is_group {
            activity::past_children(&mut conn, actor.scope, *id).await?
        } else {
            vec![named.clone()]
        };
        match plan(&mut conn, actor, named, &children).await? {
            Ok(group) => {
                let computers: Vec<i64> = children.iter().filter_map(|child| child.computer_id).collect();
                plans.push((named, group, computers));
            }
            Err(reason) => unfit.push(format!("activity {id} => {reason}")),
        }
    }
    if !unfit.is_empty() {
        return Err(Error::Unfit(unfit.join("\n")));
    }
    let mut made = Vec::with_capacity(ids.len());
    let mut effects = Effects { plan_changed: true, ..Effects::default() };
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    for (named, group, computers) in plans {
        let which = computer::enrolled().add(computer::with_ids(&computers));
        let Some(id) = activity::create_group(&mut conn, &group, which, now).await? else {
            unfit.push(format!("activity {} => its computers are gone", named.id));
            continue;
        };
        effects.new_groups.push(id);
        names.insert(id, group.summary);
        made.push(if named.is_group { id } else { activity::first_child(&mut conn, id).await?.unwrap_or(id) });
    }
    if !unfit.is_empty() {
        return Err(Error::Unfit(unfit.join("\n")));
    }
    for (id, summary) in &names {
        actor.record(&mut conn, now, (Entity::ActivityGroup, *id, summary), "Asked for it once more.").await?;
    }
    conn.commit().await?;
    services.engine.publish(effects).await?;
    Ok(made)
}

/// The group that does the same again, or why there is none.
async fn plan(
    conn: &mut Conn,
    actor: Actor<'_>,
    named: &Past,
    children: &[Past],
) -> Result<Result<NewGroup, String>, Error> {
    let Some(first) = children.first() else { return Ok(Err("it was for no computer".to_owned())) };
    if let Some(open) = children.iter().find(|child| !child.status.is_reappliable()) {
        return Ok(Err(format!("it is {} and not over yet", open.status.name())));
    }
    let work = match first.activity_type.as_str() {
        RESTART => Work::Other(RESTART),
        SHUTDOWN => Work::Other(SHUTDOWN),
        EXECUTE_SCRIPT => {
            let (Some(script_id), Some(script_version)) = (first.script_id, first.script_version) else {
                return Ok(Err("its script is gone".to_owned()));
            };
            let whole = crate::store::Scope::account(actor.scope.account_id());
            let usable = script::usable(conn, &whole, script_id).await?;
            if usable.is_none_or(|script| script.status != ScriptStatus::Active) {
                return Ok(Err("its script is archived or redacted".to_owned()));
            }
            Work::Script(ScriptWork {
                script_profile_id: first.script_profile_id,
                script_id,
                script_version,
                username: first.username.clone().unwrap_or_default(),
                time_limit: first.time_limit.unwrap_or(binnacle_shared::rules::TIME_LIMIT_DEFAULT),
            })
        }
        other => return Ok(Err(format!("a {other} cannot be done again"))),
    };
    Ok(Ok(NewGroup {
        account_id: actor.scope.account_id(),
        access_group_id: named.access_group_id,
        summary: named.summary.clone(),
        creator_id: Some(actor.person_id),
        work,
        delivery: Delivery::default(),
    }))
}

/// What scripts and restarts did cannot be taken back; of all types that there are, none can.
pub async fn revert(services: &Services, actor: Actor<'_>, ids: &[i64]) -> Result<Vec<i64>, Error> {
    let mut conn = services.db.read().await?;
    let past = activity::past(&mut conn, actor.scope, ids).await?;
    if let Some(unknown) = ids.iter().find(|id| past.iter().all(|past| past.id != **id)) {
        return Err(Error::Unknown(*unknown));
    }
    let lines: Vec<String> =
        ids.iter().map(|id| format!("activity {id} => what it did cannot be taken back")).collect();
    if lines.is_empty() { Ok(Vec::new()) } else { Err(Error::Unfit(lines.join("\n"))) }
}
