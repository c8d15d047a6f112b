//! Checks what somebody logs in with, opens the session, and writes both outcomes down.

use std::net::IpAddr;

use binnacle_shared::model::landscape::event::Entity;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Services;
use super::conductor::directory::{self, Answer};
use super::conductor::lockout::{self, Failures};
use super::first_start::ACCOUNT;
use crate::auth::device::Device;
use crate::auth::limiter::{Attempt, LoginLimiter};
use crate::auth::password::PasswordError;
use crate::auth::session::{HOURS, SessionToken};
use crate::auth::token::{self, SignError, Subject};
use crate::keys::{KeyError, access_key_context};
use crate::store::conductor::sign_in::{self, SignIns};
use crate::store::event::{self, NewEvent};
use crate::store::person::{self, Person};
use crate::store::session::{self, NewSession};
use crate::store::{Conn, StoreError, access_key, account, myself};

/// The last sign-in of a program that sends its password with every request is noted at most so
/// often: noting is a change, and reading should not need one.
const NOTED_EACH: SignedDuration = SignedDuration::from_mins(1);

/// Why somebody is not logged in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the name or the password is wrong")]
    Wrong,
    #[error("too many wrong passwords; wait {0:#}")]
    Wait(SignedDuration),
    #[error("the time of the session's end cannot be computed")]
    Time(#[from] jiff::Error),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Directory(#[from] directory::Error),
}

/// From where somebody logs in.
#[derive(Clone, Copy, Debug, Default)]
pub struct From<'a> {
    pub address: Option<IpAddr>,
    pub user_agent: Option<&'a str>,
    /// What the browser shows of earlier sign-ins.
    pub device: Option<&'a Device>,
}

/// The person with this user name or e-mail address and this password. Whether the name is
/// unknown, the password wrong or the person locked out takes the same time and says the same.
pub async fn by_password(
    services: &Services,
    limiter: &LoginLimiter,
    identity: &str,
    password: String,
    from: From<'_>,
) -> Result<Person, Error> {
    let now = services.clock.now();
    let (found, directory) = {
        let mut conn = services.db.read().await?;
        // A text with NUL is nobody's name, and not every database takes it.
        let found = if identity.contains('\0') { None } else { person::by_identity(&mut conn, identity).await? };
        let directory = directory::deciding(&mut conn, found.as_ref()).await?;
        (found, directory)
    };
    let device = found.as_ref().and_then(|person| from.device?.known(&services.keys, person.id));
    let attempt = Attempt { address: from.address, name: identity, device };
    limiter.begin(attempt, now).map_err(Error::Wait)?;
    let proof = match directory {
        Some(directory) => {
            let whom = (identity, found.as_ref());
            let answer = directory::ask(services, directory, whom, &password, from.address).await;
            answer.map(Proof::from).map_err(Error::from)
        }
        None => by_hash(services, password, found.as_ref()).await,
    };
    let Proof { fits, person } = match proof {
        Ok(proof) => proof,
        Err(error) => {
            limiter.forgive(attempt);
            return Err(error);
        }
    };
    if let Some(person) = person.filter(|person| !person.disabled) {
        let stand = stand(services, &person, now).await?;
        if let Some(sign_ins) = stand {
            if sign_ins.failed > 0 {
                forgive(services, person.id).await?;
            }
            limiter.forgive(attempt);
            return Ok(person);
        }
    }
    // A right password is none to count, even where it does not help.
    let counted = found.as_ref().filter(|_| !fits).map(|person| person.id);
    note_failure(services, found.as_ref(), counted, from.address, now).await;
    Err(Error::Wrong)
}

/// What came of a password.
struct Proof {
    fits: bool,
    /// Whose it is; none: nobody's who could come in.
    person: Option<Person>,
}

impl std::convert::From<Answer> for Proof {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Wrong => Self { fits: false, person: None },
            Answer::LockedOut => Self { fits: true, person: None },
            Answer::Known(person) => Self { fits: true, person: Some(*person) },
        }
    }
}

async fn by_hash(services: &Services, password: String, found: Option<&Person>) -> Result<Proof, Error> {
    let hash = found.and_then(|person| person.password_hash.clone());
    let fits = services.passwords.verify(password, hash).await?;
    Ok(Proof { fits, person: found.filter(|_| fits).cloned() })
}

/// What is remembered of somebody's sign-ins; none: they are locked out.
async fn stand(services: &Services, person: &Person, now: Timestamp) -> Result<Option<SignIns>, StoreError> {
    let mut conn = services.db.read().await?;
    let sign_ins = sign_in::read(&mut conn, person.id).await?;
    Ok((!is_locked(&mut conn, person, sign_ins, now).await?).then_some(sign_ins))
}

async fn is_locked(conn: &mut Conn, person: &Person, sign_ins: SignIns, now: Timestamp) -> Result<bool, StoreError> {
    let failures = Failures { count: sign_ins.failed, last: sign_ins.last_failed_at };
    lockout::is_locked(conn, (person.account_id, person.id), failures, now).await
}

/// Forgets the wrong passwords in a row: there was a right one.
pub async fn forgive(services: &Services, person_id: i64) -> Result<(), StoreError> {
    let mut conn = services.db.write().await?;
    sign_in::forgive(&mut conn, person_id).await?;
    conn.commit().await
}

/// Notes that somebody is here who has no session: first time and last time, unless that was done
/// a moment ago.
pub async fn note_presence(services: &Services, person_id: i64) -> Result<(), StoreError> {
    let now = services.clock.now();
    let mut conn = services.db.read().await?;
    let known = sign_in::read(&mut conn, person_id).await?;
    drop(conn);
    let fresh = known.last_at.is_some_and(|last| now.duration_since(last) < NOTED_EACH);
    if fresh && known.first_at.is_some() {
        return Ok(());
    }
    let mut conn = services.db.write().await?;
    sign_in::succeed(&mut conn, person_id, now).await?;
    conn.commit().await
}

/// The person who has this access key.
pub async fn by_access_key(
    services: &Services,
    limiter: &LoginLimiter,
    given: &str,
    secret: &str,
    from: From<'_>,
) -> Result<Person, Error> {
    let now = services.clock.now();
    let attempt = Attempt { address: from.address, name: given, device: None };
    limiter.begin(attempt, now).map_err(Error::Wait)?;
    let mut conn = services.db.write().await?;
    let key = access_key::by_key(&mut conn, given).await?;
    let stored = match &key {
        Some(key) => services.keys.decrypt(&access_key_context(&key.access_key), &key.secret_key)?,
        None => String::new(),
    };
    let fits: bool = Sha256::digest(&stored).ct_eq(&Sha256::digest(secret)).into();
    let person = match &key {
        Some(key) => person::by_id(&mut conn, key.person_id).await?,
        None => None,
    };
    match (&key, person) {
        (Some(key), Some(person)) if fits && may_enter(&mut conn, &person, now).await? => {
            let address = from.address.map(|address| address.to_string());
            access_key::touch(&mut conn, key.id, address.as_deref(), now).await?;
            conn.commit().await?;
            limiter.forgive(attempt);
            Ok(person)
        }
        (_, person) => {
            drop(conn);
            // Who is locked out by wrong passwords did not type them as keys.
            note_failure(services, person.as_ref(), None, from.address, now).await;
            Err(Error::Wrong)
        }
    }
}

async fn may_enter(conn: &mut Conn, person: &Person, now: Timestamp) -> Result<bool, StoreError> {
    if person.disabled {
        return Ok(false);
    }
    let sign_ins = sign_in::read(conn, person.id).await?;
    Ok(!is_locked(conn, person, sign_ins, now).await?)
}

/// The same work whether the name is known or not. A name that nobody has is not written down:
/// it may be a password in the wrong field.
async fn note_failure(
    services: &Services,
    person: Option<&Person>,
    counted: Option<i64>,
    address: Option<IpAddr>,
    now: Timestamp,
) {
    let noting = async {
        let mut conn = services.db.write().await?;
        sign_in::count_failure(&mut conn, counted.unwrap_or_default(), now).await?;
        let account_id = match person {
            Some(person) => Some(person.account_id),
            None => account::by_name(&mut conn, ACCOUNT).await?.map(|account| account.id),
        };
        let Some(account_id) = account_id else { return Ok(()) };
        let event = NewEvent {
            account_id,
            person_id: None,
            entity: Entity::Session,
            entity_id: None,
            entity_name: person.map_or("", |person| person.username.as_str()),
            message: format!("Failed to sign in{}.", place(address)),
        };
        event::record(&mut conn, &event, now).await?;
        conn.commit().await
    };
    if let Err(error) = noting.await {
        tracing::warn!(%error, "a failed sign-in could not be written down");
    }
}

fn place(address: Option<IpAddr>) -> String {
    address.map_or_else(String::new, |address| format!(" from {address}"))
}

/// What somebody gets who is let in.
#[derive(Clone, Debug)]
pub struct Entry {
    /// For programs.
    pub token: String,
    /// For the browser.
    pub cookie: SessionToken,
    /// To be remembered by, if the browser is not known yet.
    pub device: Option<Device>,
}

/// Opens a session for somebody who has proved who they are.
pub async fn enter(services: &Services, person: &Person, minutes: i64, from: From<'_>) -> Result<Entry, Error> {
    let now = services.clock.now();
    let cookie = SessionToken::generate(services.random.as_ref());
    let expires_at = now.checked_add(SignedDuration::from_hours(HOURS))?;
    let token_expires_at = now.checked_add(token::life(minutes))?;
    let address = from.address.map(|address| address.to_string());
    let mut conn = services.db.write().await?;
    let new = NewSession {
        token_hash: &cookie.hash(),
        person_id: person.id,
        expires_at,
        token_expires_at,
        address: address.clone(),
        user_agent: from.user_agent,
    };
    let session_id = session::create(&mut conn, &new, now).await?;
    myself::logged_in(&mut conn, person.id, address.as_deref(), now).await?;
    let event = NewEvent {
        account_id: person.account_id,
        person_id: Some(person.id),
        entity: Entity::Session,
        entity_id: Some(session_id),
        entity_name: &person.username,
        message: format!("Signed in{}.", place(from.address)),
    };
    event::record(&mut conn, &event, now).await?;
    conn.commit().await?;
    let token = issue(services, person, session_id, token_expires_at)?;
    let known = from.device.is_some_and(|device| device.known(&services.keys, person.id).is_some());
    let device = (!known).then(|| Device::generate(&services.keys, services.random.as_ref(), person.id));
    Ok(Entry { token, cookie, device })
}

/// A token of a session, good until then.
pub fn issue(
    services: &Services,
    person: &Person,
    session_id: i64,
    expires_at: Timestamp,
) -> Result<String, SignError> {
    let subject = Subject {
        email: &person.email,
        account: &person.account_name,
        person_id: person.id,
        epoch: person.token_epoch,
        session_id,
    };
    token::issue(&services.keys, services.clock.now(), subject, expires_at)
}
