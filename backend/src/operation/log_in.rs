//! Checks a name and a password.

use super::Services;
use crate::auth::password::PasswordError;
use crate::store::StoreError;
use crate::store::person::{self, Person};

/// Why the check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// The person with this user name or e-mail address and this password. Whether the name is
/// unknown, the password wrong or the person locked out takes the same time and says the same.
pub async fn run(services: &Services, identity: &str, password: String) -> Result<Option<Person>, Error> {
    let found = {
        let mut conn = services.db.read().await?;
        person::by_identity(&mut conn, identity).await?
    };
    let hash = found.as_ref().and_then(|person| person.password_hash.clone());
    let fits = services.passwords.verify(password, hash).await?;
    Ok(found.filter(|person| fits && !person.disabled))
}
