//! The licence that was uploaded last.

use binnacle_shared::model::conductor::license::License;
use binnacle_shared::time::Millis;
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Query};

use crate::license::License as Read;
use crate::store::tables::License as Table;
use crate::store::{Conn, Result, StoreError, micros};

/// A licence, and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: i64,
    pub license: License,
}

pub async fn current(conn: &mut Conn, account_id: i64, now: Timestamp) -> Result<Option<Stored>> {
    let select = Query::select()
        .columns([
            Table::Id,
            Table::CustomerId,
            Table::ExpirationDate,
            Table::LicenseEdition,
            Table::Trial,
            Table::CloudifyVersion,
            Table::Capabilities,
        ])
        .from(Table::Table)
        .and_where(Expr::col(Table::AccountId).eq(account_id))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    let end = row.optional_time("expiration_date")?;
    let capabilities = row.get::<Option<String>>("capabilities")?;
    let unreadable = |text: &str| StoreError::Unreadable { what: "capabilities", value: text.to_owned() };
    let capabilities =
        capabilities.map(|text| serde_json::from_str(&text).map_err(|_| unreadable(&text))).transpose()?;
    let license = License {
        customer_id: row.get("customer_id")?,
        expiration_date: end.map(Millis),
        license_edition: row.get("license_edition")?,
        trial: row.get("trial")?,
        cloudify_version: row.get("cloudify_version")?,
        capabilities,
        expired: end.is_some_and(|end| now >= end),
    };
    Ok(Some(Stored { id: row.get("id")?, license }))
}

/// Takes the place of the one that was there; gives its number.
pub async fn replace(conn: &mut Conn, account_id: i64, license: &Read, document: &str, now: Timestamp) -> Result<i64> {
    remove(conn, account_id).await?;
    let capabilities = license.capabilities.as_ref().map(|list| serde_json::json!(list).to_string());
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::AccountId,
            Table::CustomerId,
            Table::ExpirationDate,
            Table::LicenseEdition,
            Table::Trial,
            Table::CloudifyVersion,
            Table::Capabilities,
            Table::Document,
            Table::UploadedAt,
        ])
        .values_panic([
            account_id.into(),
            license.customer_id.as_str().into(),
            license.expiration_date.map(micros).into(),
            license.license_edition.clone().into(),
            license.trial.into(),
            license.cloudify_version.clone().into(),
            capabilities.into(),
            document.into(),
            micros(now).into(),
        ])
        .returning_col(Table::Id)
        .take();
    conn.fetch_one(&insert).await?.get("id")
}

pub async fn remove(conn: &mut Conn, account_id: i64) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::AccountId).eq(account_id)).take();
    conn.execute(&delete).await?;
    Ok(())
}
