//! What the agent does with each message of the server.

use std::sync::Arc;

use sqlx::SqliteConnection;

use super::{Agent, AgentError, operation, packages, queue, report, store, store::Taken};
use crate::protocol::{
    Message, kind,
    message::MessageError,
    script::{ExecuteScript, OperationResult},
};

/// What must follow once all messages of an answer are taken.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Reports are due.
    pub(super) report: bool,
    /// Ids or accepted types changed, so the next exchange should follow at once.
    pub(super) identity: bool,
    /// The registration was turned down.
    pub(super) refused: bool,
    /// The server does not know this computer.
    pub(super) unknown: bool,
    /// The dialogue about packages goes on.
    pub(super) packages: bool,
}

/// Takes one message. Whatever it leaves in the store is written together with its being counted:
/// after a crash in between the server sends it again, and it has not happened yet.
pub(super) async fn handle(agent: &Arc<Agent>, message: Message, effects: &mut Effects) -> Result<(), AgentError> {
    let mut transaction = agent.store.begin().await?;
    let mut order = None;
    match take(agent, &mut transaction, &message, effects).await {
        Ok(taken) => order = taken,
        // A message that makes no sense now will make none next time: it is counted and left.
        Err(HandleError::Malformed(error)) => {
            tracing::warn!(kind = message.kind(), %error, "message ignored");
            if let Some(id) = message.operation_id() {
                let text = format!("The agent could not read this request: {error}.");
                answer(agent, &mut transaction, &OperationResult::failed(id, text)).await?;
            }
        }
        Err(HandleError::Store(error)) => return Err(error.into()),
    }
    sqlx::query("UPDATE state SET next_expected = next_expected + 1").execute(&mut *transaction).await?;
    transaction.commit().await?;
    if let Some(id) = order {
        operation::spawn(agent, id, message);
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum HandleError {
    #[error(transparent)]
    Malformed(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Takes the message into the store; gives the id of an order that is to be carried out.
async fn take(
    agent: &Agent,
    connection: &mut SqliteConnection,
    message: &Message,
    effects: &mut Effects,
) -> Result<Option<i64>, HandleError> {
    match message.kind() {
        kind::ACCEPTED_TYPES => {
            let types = message.texts("types").ok_or(MessageError::Field("types"))?;
            queue::set_accepted_types(connection, &types).await?;
            effects.report = true;
            effects.identity = true;
        }
        kind::SET_ID => {
            let insecure = match message.int("insecure-id") {
                Some(number) => number.to_string(),
                None => message.require_text("insecure-id")?.to_owned(),
            };
            store::set_ids(connection, message.require_text("id")?, &insecure).await?;
            tracing::info!("registered with the server");
            effects.report = true;
            effects.identity = true;
        }
        kind::REGISTRATION => {
            let info = message.require_text("info")?;
            tracing::error!(reason = info, account = agent.config.account, "the server refused the registration");
            effects.refused = true;
        }
        kind::UNKNOWN_ID => {
            let clone_of = message.text("clone-of");
            tracing::warn!(clone_of, "the server does not know this computer; registering again");
            store::forget_ids(connection, clone_of.is_some()).await?;
            effects.unknown = true;
            effects.identity = true;
        }
        kind::SET_INTERVALS => {
            let seconds = |field| message.int(field).filter(|seconds| *seconds > 0);
            sqlx::query(
                "UPDATE state SET exchange_interval = coalesce(?1, exchange_interval), ping_interval = coalesce(?2, ping_interval)",
            )
            .bind(seconds("exchange"))
            .bind(seconds("ping"))
            .execute(connection)
            .await?;
        }
        kind::RESYNCHRONIZE => {
            let id = message.require_int("operation-id")?;
            let scopes = message.texts("scopes");
            report::forget(connection, scopes.as_deref()).await?;
            let reply = Message::new(kind::RESYNCHRONIZE).with("operation-id", id);
            queue::queue(connection, reply, agent.surroundings.now()).await?;
            effects.report = true;
        }
        kind::EXECUTE_SCRIPT => {
            let order = ExecuteScript::from_message(message)?;
            let body = message.clone().encode();
            match store::take_operation(connection, order.operation_id, &body, &operation::identity(&order)).await? {
                Taken::New => return Ok(Some(order.operation_id)),
                Taken::Known => {
                    tracing::warn!(operation = order.operation_id, "order received twice, carried out once");
                }
                Taken::Answered(result) => {
                    tracing::warn!(operation = order.operation_id, "the server has lost a result; it gets it again");
                    queue::queue(connection, Message::decode(&result)?, agent.surroundings.now()).await?;
                }
                Taken::Occupied => {
                    let text = "This computer still runs another script under the same number, from before the \
                                server was put back to an earlier state. Run this one again.";
                    let result = OperationResult::failed(order.operation_id, text);
                    let told = operation::result_message(&order, &result, queue_extras(connection).await?);
                    queue::queue(connection, told, agent.surroundings.now()).await?;
                }
            }
        }
        kind::PACKAGE_IDS => {
            packages::take_ids(connection, message).await?;
            effects.packages = true;
        }
        other => {
            if let Some(id) = message.operation_id() {
                let text = format!("This agent does not handle requests of the type {other}.");
                answer(agent, connection, &OperationResult::failed(id, text)).await?;
            } else {
                tracing::debug!(kind = other, "message of an unknown type ignored");
            }
        }
    }
    Ok(None)
}

/// Whether the server takes what only ours sends.
async fn queue_extras(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    store::accepts(connection, kind::OPERATION_OUTPUT).await
}

async fn answer(agent: &Agent, connection: &mut SqliteConnection, result: &OperationResult) -> Result<(), sqlx::Error> {
    queue::queue(connection, result.to_message(), agent.surroundings.now()).await
}
