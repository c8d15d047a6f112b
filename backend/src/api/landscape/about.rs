//! What a client asks before anybody is logged in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use binnacle_shared::list::Envelope;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::Api;
use crate::api::error::ApiError;
use crate::operation::first_start;
use crate::store::account;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Which program this is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct About {
    self_hosted: bool,
    package_version: &'static str,
    revision: &'static str,
    display_disa_stig_banner: bool,
}

/// `GET about`
pub async fn about() -> Json<About> {
    Json(About { self_hosted: true, package_version: VERSION, revision: "", display_disa_stig_banner: false })
}

/// A part of the product that a client shows or hides.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Feature {
    key: &'static str,
    name: &'static str,
    description: &'static str,
    database_key: i64,
    enabled: bool,
    details: Details,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Details {
    configuration: bool,
}

/// Key, name and what it is, of every part that clients ask for, and whether it is there.
const FEATURES: &[(&str, &str, &str, bool)] = &[
    ("computer-soft-deletion", "Archived computers", "Removed computers can be brought back.", false),
    ("employee-management", "Employees", "People whose computers are managed.", false),
    ("instance-reports", "Reports", "Reports about computers.", false),
    ("local-repository-last-import", "Repository imports", "When a local repository was filled last.", false),
    ("oidc-configuration", "OpenID Connect", "Signing in with another provider.", false),
    ("script-profiles", "Script profiles", "Scripts that run by schedule or event.", true),
    ("spa-dashboard", "Other dashboard", "A dashboard at another address.", false),
    ("support-provider-login", "Support login", "Signing in by a support provider.", false),
    ("ubuntu-pro-licensing", "Licences", "Licences attached to computers.", false),
    ("usg-profiles", "Security profiles", "Hardening and auditing of computers.", false),
    ("wsl-child-instance-profiles", "Child instances", "Profiles for computers inside computers.", false),
];

/// `GET features`: all that clients ask for, off where it is not there.
pub async fn features() -> Json<Envelope<Feature>> {
    let features: Vec<Feature> = (1..)
        .zip(FEATURES)
        .map(|(database_key, &(key, name, description, enabled))| {
            let details = Details { configuration: enabled };
            Feature { key, name, description, database_key, enabled, details }
        })
        .collect();
    let count = features.len() as u64;
    Json(Envelope { results: features, count, next: None, previous: None })
}

/// What is there of providers that somebody else signs people in with: nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NoProviders {
    results: [Provider; 0],
}

/// Another provider.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Provider {}

/// `GET auth/supported-providers`, `GET auth/oidc-issuers`, `GET auth/oidc-providers`
pub async fn providers() -> Json<NoProviders> {
    Json(NoProviders { results: [] })
}

/// Whether the server has its account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StandaloneAccount {
    exists: bool,
}

/// `GET standalone-account`
pub async fn standalone_account(State(api): State<Api>) -> Result<Json<StandaloneAccount>, ApiError> {
    let mut conn = api.db.read().await?;
    let account = account::by_name(&mut conn, first_start::ACCOUNT).await?;
    Ok(Json(StandaloneAccount { exists: account.is_some() }))
}

/// `POST standalone-account`: the account and its administrator are made when the server starts
/// for the first time, so there always is one already.
pub async fn create_standalone_account() -> ApiError {
    ApiError::Refused {
        status: StatusCode::BAD_REQUEST,
        error: "BadRequest",
        message: "This server has its account already; it was made when the server first started.".to_owned(),
    }
}

/// Where another dashboard is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DashboardUrl {
    url: &'static str,
}

/// `GET classic_dashboard_url`: there is no other dashboard.
pub async fn classic_dashboard_url() -> Json<DashboardUrl> {
    Json(DashboardUrl { url: "" })
}
