//! What people change of themselves: settings, password, sessions.

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::session::{MyselfPatch, PASSWORD_LENGTH, PasswordChange};
use binnacle_shared::patch::Patch;
use jiff::SignedDuration;

use super::Services;
use super::conductor::directory;
use super::first_start::ACCOUNT;
use crate::auth::limiter::{Attempt, LoginLimiter};
use crate::auth::password::PasswordError;
use crate::store::event::{self, NewEvent};
use crate::store::myself::{self, Myself};
use crate::store::person::{self, Person};
use crate::store::session::{self, Whose};
use crate::store::{Conn, StoreError, account};

/// Why somebody stays as they are.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The present password is wrong.")]
    WrongPassword,
    #[error("Your password is the directory's (LDAP); change it there.")]
    External,
    #[error("too many wrong passwords; wait {0:#}")]
    Wait(SignedDuration),
    #[error("Somebody else has this address.")]
    EmailTaken,
    #[error("You are no member of an account “{0}”.")]
    NotAMember(String),
    #[error("There is no account “{0}”.")]
    UnknownAccount(String),
    #[error("There is no such session of yours.")]
    UnknownSession,
    #[error("Only administrators of the server's first account may do this.")]
    OtherAccount,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Password(#[from] PasswordError),
}

pub async fn read(services: &Services, person: &Person) -> Result<Myself, Error> {
    let mut conn = services.db.read().await?;
    Ok(myself::read(&mut conn, person.id).await?.ok_or(StoreError::Dangling)?)
}

/// Changes the settings that are given.
pub async fn edit(services: &Services, person: &Person, patch: &MyselfPatch) -> Result<Myself, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let mut present = myself::read(&mut conn, person.id).await?.ok_or(StoreError::Dangling)?;
    let before = present.settings.clone();
    let settings = &mut present.settings;
    if let Some(name) = patch.name.as_set() {
        settings.name.clone_from(name);
    }
    if let Some(timezone) = patch.timezone.as_set() {
        settings.timezone.clone_from(timezone);
    }
    match &patch.preferred_account {
        Patch::Absent => {}
        Patch::Null => settings.preferred_account = None,
        Patch::Set(name) if *name == person.account_name => settings.preferred_account = Some(name.clone()),
        Patch::Set(name) => return Err(Error::NotAMember(name.clone())),
    }
    if let Some(email) = patch.email.as_set() {
        let owner = person::by_identity(&mut conn, email).await?;
        if owner.is_some_and(|owner| owner.id != person.id) {
            return Err(Error::EmailTaken);
        }
        settings.email.clone_from(email);
    }
    if before != *settings {
        match myself::update(&mut conn, person.id, settings).await {
            Err(StoreError::Duplicate) => return Err(Error::EmailTaken),
            other => other?,
        }
        record(&mut conn, person, (Entity::Person, person.id), "Changed the own settings.".into(), now).await?;
    }
    conn.commit().await?;
    Ok(present)
}

/// Changes the password and ends all other sessions: whoever opened one may have known the old.
pub async fn change_password(
    services: &Services,
    limiter: &LoginLimiter,
    person: &Person,
    session_id: Option<i64>,
    change: PasswordChange,
) -> Result<(), Error> {
    let now = services.clock.now();
    let external = {
        let mut conn = services.db.read().await?;
        directory::deciding(&mut conn, Some(person)).await?.is_some()
    };
    if external {
        return Err(Error::External);
    }
    // Of no concern to those who log in with this name: only this session gets slower.
    let bucket = format!("session {session_id:?}");
    let attempt = Attempt { address: None, name: "", device: Some(&bucket) };
    limiter.begin(attempt, now).map_err(Error::Wait)?;
    let fits = services.passwords.verify(change.password, person.password_hash.clone()).await?;
    if !fits {
        let mut conn = services.db.write().await?;
        let message = "Gave a wrong password while changing it.";
        record(&mut conn, person, (Entity::Person, person.id), message.into(), now).await?;
        conn.commit().await?;
        return Err(Error::WrongPassword);
    }
    limiter.forgive(attempt);
    let hash = services.passwords.hash(services.random.as_ref(), change.new_password, &PASSWORD_LENGTH).await?;
    let mut conn = services.db.write().await?;
    myself::set_password_hash(&mut conn, person.id, &hash).await?;
    session::remove_others(&mut conn, person.id, session_id).await?;
    record(&mut conn, person, (Entity::Person, person.id), "Changed the own password.".into(), now).await?;
    conn.commit().await?;
    Ok(())
}

/// Ends one of somebody's own sessions, with the token that belongs to it.
pub async fn end_session(services: &Services, person: &Person, id: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    if !session::remove(&mut conn, person.id, id).await? {
        return Err(Error::UnknownSession);
    }
    record(&mut conn, person, (Entity::Session, id), "Ended the session.".into(), now).await?;
    conn.commit().await?;
    Ok(())
}

/// Ends all of somebody's sessions but the one they use; tells how many that were.
pub async fn end_other_sessions(services: &Services, person: &Person, keep: Option<i64>) -> Result<u64, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let ended = session::remove_others(&mut conn, person.id, keep).await?;
    let message = format!("Ended {ended} other sessions.");
    record(&mut conn, person, (Entity::Person, person.id), message, now).await?;
    conn.commit().await?;
    Ok(ended)
}

/// Whose tokens and sessions shall end.
#[derive(Clone, Copy, Debug)]
pub enum Invalidate<'a> {
    Me,
    Account,
    System,
    AccountNamed(&'a str),
}

/// Ends all tokens and sessions of so many people, the caller's as well. What concerns other
/// accounts is left to those who administer the server's first account.
pub async fn invalidate(services: &Services, person: &Person, what: Invalidate<'_>) -> Result<(), Error> {
    let now = services.clock.now();
    let is_first = person.account_name == ACCOUNT;
    let mut conn = services.db.write().await?;
    let (whose, message) = match what {
        Invalidate::Me => (Whose::Person(person.id), "Ended all own sessions and tokens.".to_owned()),
        Invalidate::Account => {
            (Whose::Account(person.account_id), "Ended all sessions and tokens of the account.".to_owned())
        }
        Invalidate::System | Invalidate::AccountNamed(_) if !is_first => return Err(Error::OtherAccount),
        Invalidate::System => (Whose::Everybody, "Ended all sessions and tokens of the server.".to_owned()),
        Invalidate::AccountNamed(name) => {
            let found = account::by_name(&mut conn, name).await?;
            let account = found.ok_or_else(|| Error::UnknownAccount(name.to_owned()))?;
            (Whose::Account(account.id), format!("Ended all sessions and tokens of the account {name}."))
        }
    };
    session::end_all(&mut conn, whose).await?;
    record(&mut conn, person, (Entity::Session, person.id), message, now).await?;
    conn.commit().await?;
    Ok(())
}

/// Notes what somebody did to themselves.
async fn record(
    conn: &mut Conn,
    person: &Person,
    (entity, id): (Entity, i64),
    message: String,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let event = NewEvent {
        account_id: person.account_id,
        person_id: Some(person.id),
        entity,
        entity_id: Some(id),
        entity_name: &person.username,
        message,
    };
    event::record(conn, &event, now).await
}
