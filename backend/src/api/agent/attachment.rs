//! Downloads of what scripts find beside them.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use super::{AgentApi, AgentApiError, secret_hash};
use crate::{
    protocol::header,
    store::{agent, association::ENROLLED},
};

/// Gives an attachment to an agent that was ordered to run its script, and to nobody else: the
/// numbers can be guessed.
pub(super) async fn handle(
    State(api): State<AgentApi>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AgentApiError> {
    let refused = |status: StatusCode, text: &'static str| Ok((status, text).into_response());
    let Some(secure_id) = headers.get(header::COMPUTER_ID) else {
        return refused(StatusCode::UNAUTHORIZED, "no computer id\n");
    };
    let mut conn = api.db.read().await?;
    let found = agent::with_secure_id(&mut conn, &secret_hash(secure_id.as_bytes())).await?;
    let Some(agent) = found.filter(|agent| agent.state == ENROLLED) else {
        return refused(StatusCode::FORBIDDEN, "unknown computer id\n");
    };
    let content = match id.parse() {
        Ok(id) => agent::attachment(&mut conn, &agent, id).await?,
        Err(_) => None,
    };
    match content {
        Some(content) => Ok(([(CONTENT_TYPE, "application/octet-stream")], Bytes::from(content)).into_response()),
        None => refused(StatusCode::NOT_FOUND, "no such attachment\n"),
    }
}
