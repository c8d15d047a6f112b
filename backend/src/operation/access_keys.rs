//! Makes and revokes the keys by which programs sign requests.

use binnacle_shared::model::landscape::event::Entity;
use jiff::Timestamp;

use super::Services;
use crate::auth::password::pick;
use crate::clock::Random;
use crate::keys::{KeyError, access_key_context};
use crate::store::access_key::{self, AccessKey};
use crate::store::event::{self, NewEvent};
use crate::store::person::Person;
use crate::store::{Conn, StoreError};

/// Keys that one person may have.
pub const MOST: usize = 20;
/// The title of the pair that the API documents know.
const DEFAULT_TITLE: &str = "API credentials";

/// Why there is no such key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such access key of yours.")]
    Unknown,
    #[error("You have {MOST} access keys, and no more are allowed; revoke one first.")]
    TooMany,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key with its secret.
#[derive(Clone)]
pub struct Issued {
    pub key: AccessKey,
    pub secret: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Makes a key beside those that are there.
pub async fn create(services: &Services, person: &Person, title: &str) -> Result<Issued, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    if access_key::of_person(&mut conn, person.id).await?.len() >= MOST {
        return Err(Error::TooMany);
    }
    let issued = make(services, &mut conn, person, title, false, now).await?;
    record(&mut conn, person, &issued.key, "Made the access key.", now).await?;
    conn.commit().await?;
    Ok(issued)
}

/// Ends a key at once.
pub async fn revoke(services: &Services, person: &Person, id: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let keys = access_key::of_person(&mut conn, person.id).await?;
    let key = keys.into_iter().find(|key| key.id == id).ok_or(Error::Unknown)?;
    access_key::remove(&mut conn, person.id, id).await?;
    record(&mut conn, person, &key, "Revoked the access key.", now).await?;
    conn.commit().await?;
    Ok(())
}

/// The pair that `credentials` shows, with its secret; none was made yet: none.
pub async fn default_pair(services: &Services, person: &Person) -> Result<Option<Issued>, Error> {
    let mut conn = services.db.read().await?;
    let keys = access_key::of_person(&mut conn, person.id).await?;
    let Some(key) = keys.into_iter().find(|key| key.is_default) else { return Ok(None) };
    let secret = services.keys.decrypt(&access_key_context(&key.access_key), &key.secret_key)?;
    Ok(Some(Issued { key, secret }))
}

/// Makes that pair anew; the one before it ends at once.
pub async fn replace_default_pair(services: &Services, person: &Person) -> Result<Issued, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    for key in access_key::of_person(&mut conn, person.id).await?.into_iter().filter(|key| key.is_default) {
        access_key::remove(&mut conn, person.id, key.id).await?;
        record(&mut conn, person, &key, "Revoked the access key.", now).await?;
    }
    let issued = make(services, &mut conn, person, DEFAULT_TITLE, true, now).await?;
    record(&mut conn, person, &issued.key, "Made the access key.", now).await?;
    conn.commit().await?;
    Ok(issued)
}

async fn make(
    services: &Services,
    conn: &mut Conn,
    person: &Person,
    title: &str,
    is_default: bool,
    now: Timestamp,
) -> Result<Issued, Error> {
    let random: &dyn Random = services.random.as_ref();
    let access_key = pick(random, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20);
    let secret = pick(random, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40);
    let secret_key = services.keys.encrypt(random, &access_key_context(&access_key), &secret)?;
    let mut key = AccessKey {
        id: 0,
        person_id: person.id,
        access_key,
        secret_key,
        title: title.to_owned(),
        is_default,
        created_at: now,
        last_used_at: None,
        last_address: None,
    };
    key.id = access_key::create(conn, &key).await?;
    Ok(Issued { key, secret })
}

async fn record(
    conn: &mut Conn,
    person: &Person,
    key: &AccessKey,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = NewEvent {
        account_id: person.account_id,
        person_id: Some(person.id),
        entity: Entity::AccessKey,
        entity_id: Some(key.id),
        entity_name: &key.title,
        message: message.to_owned(),
    };
    event::record(conn, &event, now).await
}
