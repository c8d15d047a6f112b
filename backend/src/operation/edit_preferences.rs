//! Reads and changes the settings of an account.

use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::patch::Patch;
use binnacle_shared::problem::Violation;
use binnacle_shared::rules;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Actor, Services};
use crate::keys::{KeyError, registration_key_context};
use crate::store::StoreError;
use crate::store::account::{self, Account};

/// Length of a registration key.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 3..=50;

/// Longest time in days that events are kept, if not for ever: a hundred years.
const DAYS_MAX: i64 = 36_500;

/// The settings of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(default)]
pub struct PreferencesPatch {
    pub title: Patch<String>,
    pub registration_password: Patch<String>,
    pub auto_register_new_computers: Patch<bool>,
    /// Days that events are kept; negative: for ever.
    pub audit_retention_period: Patch<i64>,
}

impl PreferencesPatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.patch("title");
        let title = r.check_patch("title", title, rules::title);
        let key = r.patch("registration_password");
        let registration_password = r.check_patch("registration_password", key, registration_key);
        let auto_register_new_computers = r.patch("auto_register_new_computers");
        let days = r.patch("audit_retention_period");
        let audit_retention_period = r.check_patch("audit_retention_period", days, retention);
        r.finish().or(Self { title, registration_password, auto_register_new_computers, audit_retention_period })
    }
}

impl PreferencesPatch {
    /// What it changes. The values are nobody's business: one of them is a secret.
    fn names(&self) -> Vec<&'static str> {
        let fields = [
            ("title", self.title.is_set()),
            ("registration_password", self.registration_password != Patch::Absent),
            ("auto_register_new_computers", self.auto_register_new_computers.is_set()),
            ("audit_retention_period", self.audit_retention_period.is_set()),
        ];
        fields.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    }
}

/// Any negative number means for ever.
fn retention(days: i64) -> Result<i64, Violation> {
    if days < 0 {
        return Ok(-1);
    }
    if (1..=DAYS_MAX).contains(&days) {
        return Ok(days);
    }
    Err(Violation::new("range", format!("Must be 1 to {DAYS_MAX} days, or negative to keep events for ever.")))
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
        audit_retention_period: account.audit_retention_period,
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
    let now = services.clock.now();
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
    if let Some(days) = patch.audit_retention_period.as_set() {
        account.audit_retention_period = *days;
    }
    account::update(&mut conn, &account).await?;
    let changed = patch.names().join(", ");
    if !changed.is_empty() {
        let message = format!("Changed the preferences: {changed}.");
        actor.record(&mut conn, now, (Entity::Account, account.id, &account.name), message).await?;
    }
    conn.commit().await?;
    preferences(services, account)
}
