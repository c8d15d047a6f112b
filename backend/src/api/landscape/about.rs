//! What a client asks before anybody is logged in.

use axum::Json;
use axum::extract::State;
use binnacle_shared::list::Envelope;
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::Api;
use crate::api::error::ApiError;
use crate::operation::first_start;
use crate::store::account;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `GET about`
pub async fn about() -> Json<Value> {
    Json(json!({
        "self_hosted": true,
        "package_version": VERSION,
        "revision": "",
        "display_disa_stig_banner": false,
    }))
}

/// A part of the product that a client shows or hides.
#[derive(Debug, Serialize)]
pub struct Feature {
    key: &'static str,
    name: &'static str,
    description: &'static str,
    database_key: i64,
    enabled: bool,
    details: Details,
}

#[derive(Debug, Serialize)]
struct Details {
    configuration: bool,
}

/// `GET features`: only what is there; a key that is missing counts as off.
pub async fn features() -> Json<Envelope<Feature>> {
    let features = vec![Feature {
        key: "script-profiles",
        name: "Script profiles",
        description: "Scripts that run by schedule or event.",
        database_key: 1,
        enabled: true,
        details: Details { configuration: true },
    }];
    let count = features.len() as u64;
    Json(Envelope { results: features, count, next: None, previous: None })
}

/// `GET standalone-account`
pub async fn standalone_account(State(api): State<Api>) -> Result<Json<Value>, ApiError> {
    let mut conn = api.db.read().await?;
    let account = account::by_name(&mut conn, first_start::ACCOUNT).await?;
    Ok(Json(json!({"exists": account.is_some()})))
}

/// `GET classic_dashboard_url`: there is no other dashboard.
pub async fn classic_dashboard_url() -> Json<Value> {
    Json(json!({"url": ""}))
}
