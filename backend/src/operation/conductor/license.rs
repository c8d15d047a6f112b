//! Takes a licence, and takes it away. What a licence allows restricts nothing here; it is shown.

use binnacle_shared::model::conductor::license::License;
use serde_json::json;

use super::error::Code;
use super::{Author, Error, Subject, noted};
use crate::license::{License as Read, LicenseError};
use crate::operation::Services;
use crate::store::account;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::license;

fn refused(error: &LicenseError) -> Error {
    match error {
        LicenseError::InvalidYaml(_) => Error::coded(Code::InvalidYaml, error.to_string()),
        LicenseError::Fields(_) => Error::coded(Code::UnverifiedLicense, error.to_string()),
        LicenseError::Expired(_) => Error::coded(Code::ExpiredLicense, error.to_string()),
    }
}

fn subject(id: i64, license: &License) -> Subject {
    Subject::of_account("licenses", id, json!({"id": license.customer_id}))
}

/// The licence that was uploaded last.
pub async fn current(services: &Services, author: &Author<'_>) -> Result<Option<License>, Error> {
    let mut conn = services.db.read().await?;
    let found = license::current(&mut conn, author.person.account_id, services.clock.now()).await?;
    Ok(found.map(|found| found.license))
}

/// Takes a file in the place of the one before.
pub async fn upload(services: &Services, author: &Author<'_>, file: &[u8]) -> Result<License, Error> {
    let read = Read::read(file).map_err(|error| refused(&error))?;
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, account_id).await?;
    let before = license::current(&mut conn, account_id, now).await?;
    license::replace(&mut conn, account_id, &read, &String::from_utf8_lossy(file), now).await?;
    let after = license::current(&mut conn, account_id, now).await?;
    let after = after.ok_or_else(|| Error::not_found("License", ""))?;
    let operation = if before.is_some() { Operation::Update } else { Operation::Create };
    let change = (before.as_ref().and_then(|stored| noted(&stored.license)), noted(&after.license));
    author.record(&mut conn, now, operation, subject(after.id, &after.license), change).await?;
    conn.commit().await?;
    Ok(after.license)
}

/// Takes the licence away; nothing is done where there is none.
pub async fn remove(services: &Services, author: &Author<'_>) -> Result<(), Error> {
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, account_id).await?;
    let Some(before) = license::current(&mut conn, account_id, now).await? else { return Ok(()) };
    license::remove(&mut conn, account_id).await?;
    let subject = subject(before.id, &before.license);
    author.record(&mut conn, now, Operation::Delete, subject, (noted(&before.license), None)).await?;
    conn.commit().await?;
    Ok(())
}

/// Whether there is a licence whose time is not over.
pub async fn check(services: &Services, author: &Author<'_>) -> Result<License, Error> {
    let missing = || Error::coded(Code::MissingLicense, "No license was uploaded");
    let license = current(services, author).await?.ok_or_else(missing)?;
    if license.expired {
        return Err(Error::coded(Code::ExpiredLicense, "The license has expired"));
    }
    Ok(license)
}
