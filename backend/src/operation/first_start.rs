//! The first start on an empty database: an account, its root access group, its roles and the
//! first administrator, all or nothing.

use binnacle_shared::model::landscape::access_group::ROOT;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::session::PASSWORD_LENGTH;

use crate::auth::password::{self, PasswordError, Passwords};
use crate::clock::{Clock, Random};
use crate::keys::{KeyError, Keys, registration_key_context};
use crate::operation::conductor;
use crate::store::account::{self, Account};
use crate::store::person::{self, NewPerson};
use crate::store::{Db, StoreError, access_group, role};

/// The account of a self-hosted server.
pub const ACCOUNT: &str = "standalone";
/// The setting that names this installation.
pub const SERVER_UUID: &str = "server_uuid";
/// Computers that may wait for acceptance at the same time.
const MAX_PENDING: i64 = 1000;

/// Why the first start failed.
#[derive(Debug, thiserror::Error)]
pub enum FirstStartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the first administrator's password: {0}")]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Conductor(#[from] conductor::Error),
}

/// What a first start needs.
#[derive(Debug)]
pub struct FirstStart<'a> {
    pub db: &'a Db,
    pub keys: &'a Keys,
    pub passwords: &'a Passwords,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
}

impl FirstStart<'_> {
    /// Makes what is missing. Gives the administrator's password if this call made the
    /// administrator; a start that is not the first gives nothing.
    pub async fn run(&self, given_password: Option<String>) -> Result<Option<String>, FirstStartError> {
        if self.is_done().await? {
            self.make_conductor().await?;
            return Ok(None);
        }
        // Outside of the transaction: hashing takes long, and another start may wait for it.
        let password = given_password.unwrap_or_else(|| password::generate(self.random));
        let hash = self.passwords.hash(self.random, password.clone(), &PASSWORD_LENGTH).await?;
        let made = match self.make(&hash).await {
            Ok(()) => Some(password),
            // Another process was faster: unique names let only one of us through.
            Err(FirstStartError::Store(StoreError::Duplicate)) if self.is_done().await? => None,
            Err(error) => return Err(error),
        };
        self.make_conductor().await?;
        Ok(made)
    }

    async fn make_conductor(&self) -> Result<(), FirstStartError> {
        Ok(conductor::first_start::run(self.db, self.keys, self.random, self.clock.now()).await?)
    }

    async fn is_done(&self) -> Result<bool, StoreError> {
        let mut conn = self.db.read().await?;
        Ok(account::by_name(&mut conn, ACCOUNT).await?.is_some())
    }

    async fn make(&self, password_hash: &str) -> Result<(), FirstStartError> {
        let now = self.clock.now();
        let alphabet = b"abcdefghjkmnpqrstuvwxyz23456789";
        let registration_key = password::pick(self.random, alphabet, 24);
        let sealed = self.keys.encrypt(self.random, &registration_key_context(ACCOUNT), &registration_key)?;
        let mut conn = self.db.write().await?;
        let account = Account {
            id: 0,
            name: ACCOUNT.to_owned(),
            title: "Standalone".to_owned(),
            registration_key: Some(sealed),
            // The right key enrols a computer at once.
            auto_register: true,
            max_pending: MAX_PENDING,
            limits: ScriptProfileLimits::default(),
            audit_retention_period: -1,
        };
        let account_id = account::create(&mut conn, &account, now).await?;
        let root = access_group::create(&mut conn, account_id, ROOT, "Global access", None).await?;
        let global_admin = role::create_built_in(&mut conn, account_id, &root, now).await?;
        let admin = NewPerson {
            account_id,
            username: "admin",
            email: "admin@localhost",
            name: "Administrator",
            password_hash: Some(password_hash),
            role_ids: &[global_admin],
        };
        let admin = person::create(&mut conn, &admin, now).await?;
        person::set_bootstrap(&mut conn, admin).await?;
        account::setting_or_insert(&mut conn, SERVER_UUID, &uuid(self.random)).await?;
        conn.commit().await?;
        Ok(())
    }
}

/// A random UUID (version 4).
fn uuid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let value = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    let hex = format!("{value:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::uuid;
    use crate::clock::SystemRandom;

    #[test]
    fn a_uuid_says_its_version() {
        let uuid = uuid(&SystemRandom);
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}
