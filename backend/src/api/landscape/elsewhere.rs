//! What the public console asks for and this server does not have: an empty list where it lists
//! something, else a refusal that says so. It shows an empty page or a note then, and goes on.

use axum::Json;
use axum::extract::State;
use binnacle_shared::list::{Envelope, Page};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::computers::existing;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};

/// A list in which nothing can be.
pub async fn empty(query: Query) -> Result<Json<Envelope<Value>>, ApiError> {
    let params = query.page()?;
    Ok(Json(query.envelope(&params, Page { items: Vec::new(), total: 0 })))
}

/// The same without an envelope.
pub async fn nothing() -> Json<Vec<Value>> {
    Json(Vec::new())
}

/// Packages that computers have to have or not to have.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageProfiles {
    result: [Value; 0],
}

/// `GET packageprofiles`
pub async fn package_profiles() -> Json<PackageProfiles> {
    Json(PackageProfiles { result: [] })
}

/// Releases that computers could be upgraded to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReleaseTargets {
    results: [Value; 0],
}

/// `GET computers/release-upgrade-targets`
pub async fn release_targets() -> Json<ReleaseTargets> {
    Json(ReleaseTargets { results: [] })
}

/// Computers inside a computer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Children {
    children: [Value; 0],
}

/// `GET computers/{id}/children`: of a computer that the caller sees.
pub async fn children(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Children>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    Ok(Json(Children { children: [] }))
}

/// Something that cannot be done here.
pub async fn refused() -> ApiError {
    ApiError::Refused {
        status: axum::http::StatusCode::NOT_FOUND,
        error: "NotAvailable",
        message: "This server does not have this feature.".to_owned(),
    }
}
