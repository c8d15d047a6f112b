//! The server's end of the agent protocol: `/message-system` and `/ping`.
//!
//! An agent proves itself by its secure id, which stands in a header; nothing here has to do with
//! people's logins.

mod attachment;
mod exchange;
mod hardware;
mod inventory;
mod packages;
mod ping;
mod registration;
mod reports;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{Clock, Random},
    engine::Engine,
    keys::{KeyError, Keys},
    protocol::{kind, message::MessageError},
    store::{Db, StoreError},
};

/// A hundred results with all the output they may have, and some more.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What this server wants to hear from its computers. Agents send nothing else; left out are
/// snaps, custom graphs, audits, recovery keys, Juju, clouds' own metadata and storage services,
/// about which nobody can ask this server yet.
const ACCEPTED_TYPES: [&str; 29] = [
    kind::ACTIVE_PROCESS_INFO,
    kind::ADD_PACKAGES,
    kind::APT_PREFERENCES,
    kind::CHANGE_PACKAGES_RESULT,
    kind::CLOUD_INIT,
    kind::COMPUTER_INFO,
    kind::COMPUTER_TAGS,
    kind::CPU_USAGE,
    kind::DISTRIBUTION_INFO,
    kind::FREE_SPACE,
    kind::HARDWARE_INFO,
    kind::LIVEPATCH,
    kind::LOAD_AVERAGE,
    kind::MEMORY_INFO,
    kind::MOUNT_INFO,
    kind::NETWORK_ACTIVITY,
    kind::NETWORK_DEVICE,
    kind::OPERATION_RESULT,
    kind::PACKAGES,
    kind::PACKAGE_REPORTER_RESULT,
    kind::PROCESSOR_INFO,
    kind::REBOOT_REQUIRED_INFO,
    kind::RESYNCHRONIZE,
    kind::TEMPERATURE,
    kind::UBUNTU_PRO_INFO,
    kind::UBUNTU_PRO_REBOOT_REQUIRED,
    kind::UNKNOWN_PACKAGE_HASHES,
    kind::UPDATE_MANAGER_INFO,
    kind::USERS,
];

/// What the agent's endpoints work with.
#[derive(Clone, Debug)]
pub struct AgentApi {
    pub db: Db,
    pub engine: Engine,
    pub keys: Keys,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Names this server to its agents.
    pub server_uuid: String,
    /// Ends the pings that are being held.
    pub stop: CancellationToken,
}

/// The routes of the agent protocol.
pub fn router(api: AgentApi) -> Router {
    Router::new()
        .route("/message-system", post(exchange::handle).layer(DefaultBodyLimit::max(BODY_LIMIT)))
        .route("/attachment/{id}", get(attachment::handle))
        .route("/ping", post(ping::handle).layer(DefaultBodyLimit::max(4096)))
        .with_state(api)
}

/// Why an agent gets no answer. It then sends the same again later.
#[derive(Debug, thiserror::Error)]
enum AgentApiError {
    #[error("the body cannot be read: {0}")]
    Unreadable(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl IntoResponse for AgentApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Store(StoreError::Busy(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(StoreError::Unavailable { obstacle, .. }) => {
                tracing::error!(error = %self, "an agent was not answered");
                return (StatusCode::SERVICE_UNAVAILABLE, format!("{obstacle}\n")).into_response();
            }
            Self::Store(_) | Self::Key(_) => {
                tracing::error!(error = %self, "an agent was not answered");
                return (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response();
            }
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// An answer in the agents' notation.
fn answer(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response()
}

/// How secrets of agents are kept. They are long and random, so one hash without salt is enough.
fn secret_hash(secret: &[u8]) -> String {
    hex(&Sha256::digest(secret))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A new secret of so many random bytes.
fn secret<const N: usize>(random: &dyn Random) -> String {
    let mut bytes = [0_u8; N];
    random.fill(&mut bytes);
    hex(&bytes)
}

/// Text as the database can hold it: PostgreSQL knows no zero byte. The replacement has the same
/// length, so that positions in streamed output stay what they are.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{1a}")
}
