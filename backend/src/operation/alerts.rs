//! What people set for alerts: whom they watch, what is dismissed, who is told.

use binnacle_shared::model::landscape::alert::{AlertScope, AlertType};
use binnacle_shared::model::landscape::event::Entity;

use super::{Actor, Services};
use crate::store::alert::{self, Settings};
use crate::store::{Conn, StoreError, computer};

/// Why an alert was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("Name either tags or all computers, not both.")]
    Combination,
    #[error("The alert is about the account; it watches no computers that one could choose.")]
    NoComputers,
    #[error("No computer has the tag “{0}”.")]
    UnknownTag(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Computers that an alert shall watch, or not any more.
#[derive(Clone, Debug)]
pub struct Choice {
    pub tags: Vec<String>,
    pub all_computers: bool,
}

impl Choice {
    fn check(&self, alert: AlertType) -> Result<(), Error> {
        if alert.scope() == AlertScope::Account {
            return Err(Error::NoComputers);
        }
        if self.all_computers && !self.tags.is_empty() {
            return Err(Error::Combination);
        }
        Ok(())
    }
}

/// The alert watches these computers too. Tags take effect once it does not watch all.
pub async fn associate(services: &Services, actor: Actor<'_>, alert: AlertType, choice: &Choice) -> Result<(), Error> {
    choice.check(alert)?;
    change(services, actor, alert, "Changed whom it watches.", async |_, settings| {
        settings.all_computers |= choice.all_computers;
        settings.tags.extend(choice.tags.iter().cloned());
        settings.tags.sort_unstable();
        settings.tags.dedup();
        Ok(())
    })
    .await
}

/// The alert does not watch these computers any more.
pub async fn disassociate(
    services: &Services,
    actor: Actor<'_>,
    alert: AlertType,
    choice: &Choice,
) -> Result<(), Error> {
    choice.check(alert)?;
    change(services, actor, alert, "Changed whom it watches.", async |conn, settings| {
        let known = computer::tags(conn, actor.scope).await?;
        for tag in &choice.tags {
            if !known.contains(tag) && !settings.tags.contains(tag) {
                return Err(Error::UnknownTag(tag.clone()));
            }
        }
        settings.all_computers &= !choice.all_computers;
        settings.tags.retain(|tag| !choice.tags.contains(tag));
        Ok(())
    })
    .await
}

/// What the alert is about now is not shown any more; what begins after this is.
pub async fn dismiss(services: &Services, actor: Actor<'_>, alert: AlertType) -> Result<(), Error> {
    let now = services.clock.now();
    change(services, actor, alert, "Dismissed it.", async |_, settings| {
        settings.dismissed_at = Some(now);
        Ok(())
    })
    .await
}

async fn change(
    services: &Services,
    actor: Actor<'_>,
    alert: AlertType,
    message: &str,
    edit: impl AsyncFnOnce(&mut Conn, &mut Settings) -> Result<(), Error>,
) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let account_id = actor.scope.account_id();
    let mut settings = alert::settings(&mut conn, account_id).await?.remove(&alert).unwrap_or_default();
    edit(&mut conn, &mut settings).await?;
    alert::set(&mut conn, account_id, alert, &settings).await?;
    actor.record(&mut conn, now, (Entity::Alert, alert.id(), alert.label()), message).await?;
    conn.commit().await?;
    Ok(())
}

/// Subscribes the person, or ends that.
pub async fn subscribe(
    services: &Services,
    actor: Actor<'_>,
    alert: AlertType,
    subscribed: bool,
) -> Result<(), StoreError> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    if subscribed {
        alert::subscribe(&mut conn, actor.person_id, alert, now).await?;
    } else {
        alert::unsubscribe(&mut conn, actor.person_id, alert).await?;
    }
    conn.commit().await
}
