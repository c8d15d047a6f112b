//! Who knows the users' passwords.

use axum::Json;
use axum::extract::State;

use super::error::Error;
use crate::api::Api;
use crate::store::conductor::ldap;

/// `GET idp`
pub async fn read(State(api): State<Api>) -> Result<Json<&'static str>, Error> {
    let mut conn = api.db.read().await?;
    Ok(Json(if ldap::is_configured(&mut conn).await? { "ldap" } else { "local" }))
}
