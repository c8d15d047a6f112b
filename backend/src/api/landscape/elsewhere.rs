//! What the public console asks for and this server does not have: an empty list where it lists
//! something, else a refusal that says so. It shows an empty page or a note then, and goes on.

use axum::Json;
use binnacle_shared::list::{Envelope, Page};
use serde_json::Value;

use crate::api::error::ApiError;
use crate::api::query::Query;

/// A list in which nothing can be.
pub async fn empty(query: Query) -> Result<Json<Envelope<Value>>, ApiError> {
    let params = query.page()?;
    Ok(Json(query.envelope(&params, Page { items: Vec::new(), total: 0 })))
}

/// The same without an envelope.
pub async fn nothing() -> Json<Vec<Value>> {
    Json(Vec::new())
}

/// Something that cannot be done here.
pub async fn refused() -> ApiError {
    ApiError::Refused {
        status: axum::http::StatusCode::NOT_FOUND,
        error: "NotAvailable",
        message: "This server does not have this feature.".to_owned(),
    }
}
