//! Reads and changes the settings of an account.

use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::patch::Patch;
use binnacle_shared::problem::Violation;
use binnacle_shared::rules;
use serde::Serialize;
use serde_json::Value;

use super::{Actor, Services};
use crate::keys::{KeyError, registration_key_context};
use crate::store::StoreError;
use crate::store::account::{self, Account};

/// Length of a registration key.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 3..=50;

/// The settings of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preferences {
    pub title: String,
    /// The registration key, which agents give to join at once.
    pub registration_password: Option<String>,
    pub auto_register_new_computers: bool,
    /// Days; negative: for ever.
    pub audit_retention_period: i64,
    pub ubuntu_one: bool,
}

/// What shall change.
#[derive(Clone, Debug, Default)]
pub struct PreferencesPatch {
    pub title: Patch<String>,
    pub registration_password: Patch<String>,
    pub auto_register_new_computers: Patch<bool>,
}

impl PreferencesPatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.patch("title");
        let title = r.check_patch("title", title, rules::title);
        let key = r.patch("registration_password");
        let registration_password = r.check_patch("registration_password", key, registration_key);
        let auto_register_new_computers = r.patch("auto_register_new_computers");
        r.finish().or(Self { title, registration_password, auto_register_new_computers })
    }
}

fn registration_key(key: String) -> Result<String, Violation> {
    if !KEY_LENGTH.contains(&key.chars().count()) || key.chars().any(char::is_control) {
        return Err(Violation::new(
            "length",
            format!("A registration key is one line of {} to {} characters.", KEY_LENGTH.start(), KEY_LENGTH.end()),
        ));
    }
    Ok(key)
}

/// Why the settings cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Invalid(Problems),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn preferences(services: &Services, account: Account) -> Result<Preferences, Error> {
    let context = registration_key_context(&account.name);
    let key = account.registration_key.map(|sealed| services.keys.decrypt(&context, &sealed));
    Ok(Preferences {
        title: account.title,
        registration_password: key.transpose()?,
        auto_register_new_computers: account.auto_register,
        audit_retention_period: -1,
        ubuntu_one: false,
    })
}

pub async fn read(services: &Services, actor: Actor<'_>) -> Result<Preferences, Error> {
    let mut conn = services.db.read().await?;
    let account = account::by_id(&mut conn, actor.scope.account_id()).await?;
    preferences(services, account.ok_or(StoreError::Dangling)?)
}

/// Stores the change. A key is needed as long as computers join by it.
pub async fn run(services: &Services, actor: Actor<'_>, patch: &PreferencesPatch) -> Result<Preferences, Error> {
    let mut conn = services.db.write().await?;
    let account = account::by_id(&mut conn, actor.scope.account_id()).await?;
    let mut account = account.ok_or(StoreError::Dangling)?;
    if let Some(title) = patch.title.as_set() {
        account.title.clone_from(title);
    }
    if let Some(auto) = patch.auto_register_new_computers.as_set() {
        account.auto_register = *auto;
    }
    match &patch.registration_password {
        Patch::Absent => {}
        Patch::Null => account.registration_key = None,
        Patch::Set(key) => {
            let context = registration_key_context(&account.name);
            let sealed = services.keys.encrypt(services.random.as_ref(), &context, key)?;
            account.registration_key = Some(sealed);
        }
    }
    if account.auto_register && account.registration_key.is_none() {
        return Err(Error::Invalid(Problems::one(
            "/registration_password",
            "required",
            "Computers join by the registration key: set one, or turn automatic registration off.",
        )));
    }
    account::update(&mut conn, &account).await?;
    conn.commit().await?;
    preferences(services, account)
}
