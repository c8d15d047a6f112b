//! Switches the maintenance mode.

use binnacle_shared::model::conductor::maintenance::{Maintenance, Status};
use binnacle_shared::time::Millis;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::Code;
use super::{Author, Error, Subject};
use crate::operation::Services;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::caller::MAINTENANCE;
use crate::store::{Conn, StoreError, account};

/// What runs, and has to end before the mode is on. No workflow runs on this server, so there is
/// nothing to wait for.
#[expect(clippy::unused_async, reason = "what runs is for the database to say")]
async fn remaining(_: &mut Conn) -> Result<Vec<Value>, StoreError> {
    Ok(Vec::new())
}

/// Where the mode stands. What was waited for may have ended meanwhile.
pub async fn current(services: &Services) -> Result<Maintenance, Error> {
    let mut conn = services.db.read().await?;
    let mode = stored(&mut conn).await?;
    if mode.status != Status::Activating {
        return Ok(mode);
    }
    drop(conn);
    let mut conn = services.db.write().await?;
    let before = stored(&mut conn).await?;
    let remaining = remaining(&mut conn).await?;
    let mode = settled(before.clone(), remaining, services.clock.now());
    if mode != before {
        store(&mut conn, &mode).await?;
        conn.commit().await?;
    }
    Ok(mode)
}

async fn stored(conn: &mut Conn) -> Result<Maintenance, StoreError> {
    let text = account::setting(conn, MAINTENANCE).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

async fn store(conn: &mut Conn, mode: &Maintenance) -> Result<(), StoreError> {
    account::set_setting(conn, MAINTENANCE, &json!(mode).to_string()).await
}

/// A mode that was asked for, with what still runs: on at once if nothing does.
fn settled(mode: Maintenance, remaining: Vec<Value>, now: Timestamp) -> Maintenance {
    match mode.status {
        Status::Activating if remaining.is_empty() => Maintenance {
            status: Status::Activated,
            activated_at: Millis(now).to_string(),
            remaining_executions: None,
            ..mode
        },
        Status::Activating => Maintenance { remaining_executions: Some(remaining), ..mode },
        Status::Activated | Status::Deactivated => mode,
    }
}

/// Switches the mode on, or off. Refused if it is so already.
pub async fn switch(services: &Services, author: &Author<'_>, on: bool) -> Result<Maintenance, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, author.person.account_id).await?;
    let before = stored(&mut conn).await?;
    if on != (before.status == Status::Deactivated) {
        let message = if on { "Maintenance mode is on already" } else { "Maintenance mode is off already" };
        return Err(Error::coded(Code::NotModified, message));
    }
    let after = if on {
        let asked = Maintenance {
            status: Status::Activating,
            activation_requested_at: Millis(now).to_string(),
            requested_by: author.person.username.clone(),
            ..Maintenance::default()
        };
        let remaining = remaining(&mut conn).await?;
        settled(asked, remaining, now)
    } else {
        Maintenance::default()
    };
    store(&mut conn, &after).await?;
    let subject = Subject::of_account("maintenance", 0, json!({}));
    let noted = |mode: &Maintenance| Some(json!({"status": mode.status}));
    author.record(&mut conn, now, Operation::Update, subject, (noted(&before), noted(&after))).await?;
    conn.commit().await?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use binnacle_shared::model::conductor::maintenance::{Maintenance, Status};
    use jiff::Timestamp;
    use serde_json::json;

    use super::settled;

    #[test]
    fn the_mode_is_on_once_nothing_runs_any_more() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let asked = Maintenance { status: Status::Activating, ..Maintenance::default() };
        let waits = settled(asked, vec![json!({"id": "x"})], now);
        assert_eq!((waits.status, waits.activated_at.as_str()), (Status::Activating, ""));
        assert_eq!(waits.remaining_executions.as_ref().map(Vec::len), Some(1));
        let on = settled(waits, Vec::new(), now);
        assert_eq!((on.status, on.activated_at.as_str()), (Status::Activated, "2026-11-21T08:00:00.000Z"));
        assert_eq!(on.remaining_executions, None);
        assert_eq!(settled(on.clone(), vec![json!({})], now), on);
    }
}
