//! Orders being carried out: each in a task of its own, its result stored before it is sent.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::mpsc;

use super::{Agent, AgentError, queue, store, transport::TransportError};
use crate::protocol::{
    Message, kind,
    script::{Attachment, ExecuteScript, FailureCode, OperationOutput, OperationResult},
};

/// Takes up what an earlier life of the agent left. An order that had been begun is answered as
/// failed and not repeated: nobody knows how far it came.
pub(super) async fn resume(agent: &Arc<Agent>) -> Result<(), AgentError> {
    for operation in agent.store.unfinished_operations().await? {
        if operation.started {
            let text = "The agent was interrupted while this script ran. It is unknown whether the script \
                        completed, so it was not run again.";
            finish(agent, OperationResult::failed(operation.id, text)).await?;
        } else {
            spawn(agent, operation.id, Message::decode(&operation.body)?);
        }
    }
    Ok(())
}

/// Begins to carry out an order that is in the store.
pub(super) fn spawn(agent: &Arc<Agent>, id: i64, message: Message) {
    let agent = Arc::clone(agent);
    let tasks = agent.tasks.clone();
    tasks.spawn(async move {
        if let Err(error) = carry_out(&agent, id, &message).await {
            tracing::error!(operation = id, %error, "an order's result could not be stored");
        }
    });
}

async fn carry_out(agent: &Agent, id: i64, message: &Message) -> Result<(), AgentError> {
    let order = ExecuteScript::from_message(message)?;
    // An order that is not begun when the agent stops is begun by its next life.
    let ending = agent.shutdown.is_cancelled() || agent.retiring.is_cancelled();
    if ending || !agent.store.start_operation(id).await? {
        return Ok(());
    }
    tracing::info!(operation = id, user = order.username, "script starts");
    let attachments = tokio::select! {
        () = agent.shutdown.cancelled() => Err(OperationResult::failed(id, "The agent was stopped before the script ran.")),
        attachments = fetch(agent, &order) => attachments,
    };
    let result = match attachments {
        Ok(attachments) => {
            let (sender, receiver) = mpsc::channel(4);
            let run = agent.scripts.run(&order, attachments, sender, &agent.shutdown);
            let (result, forwarded) = tokio::join!(run, forward(agent, id, receiver));
            forwarded?;
            result
        }
        Err(result) => result,
    };
    tracing::info!(operation = id, succeeded = result.succeeded, code = result.result_code, "script ended");
    finish(agent, result).await
}

/// Downloads what the script wants beside it.
async fn fetch(agent: &Agent, order: &ExecuteScript) -> Result<BTreeMap<String, Vec<u8>>, OperationResult> {
    let mut files = BTreeMap::new();
    for (name, source) in &order.attachments {
        let content = match source {
            Attachment::Inline(text) => text.clone().into_bytes(),
            Attachment::Id(id) => download(agent, *id).await.map_err(|text| OperationResult {
                result_code: Some(FailureCode::Attachment.number()),
                ..OperationResult::failed(order.operation_id, text)
            })?,
        };
        files.insert(name.clone(), content);
    }
    Ok(files)
}

async fn download(agent: &Agent, id: i64) -> Result<Vec<u8>, String> {
    let state = agent.store.state().await.map_err(|error| error.to_string())?;
    let secure_id = state.secure_id.unwrap_or_default();
    agent.transport.attachment(id, &secure_id).await.map_err(|error| match error {
        TransportError::Status(status) => format!("Server returned HTTP code {}", status.as_u16()),
        other => format!("The attachment {id} could not be downloaded: {other}"),
    })
}

/// Sends output on while the script runs, if the server cares for it.
async fn forward(agent: &Agent, id: i64, mut pieces: mpsc::Receiver<String>) -> Result<(), AgentError> {
    let live = agent.store.accepts(kind::OPERATION_OUTPUT).await?;
    let mut offset = 0_i64;
    while let Some(data) = pieces.recv().await {
        if !live {
            continue;
        }
        let length = i64::try_from(data.len()).unwrap_or(0);
        let piece = OperationOutput { operation_id: id, offset, data };
        let mut transaction = agent.store.begin().await?;
        queue::queue(&mut transaction, piece.to_message(), agent.surroundings.now()).await?;
        transaction.commit().await?;
        offset += length;
        agent.urgent.notify_one();
    }
    Ok(())
}

/// Stores a result and closes its order, in one step.
async fn finish(agent: &Agent, mut result: OperationResult) -> Result<(), AgentError> {
    // A server that does not stream output knows nothing of our additions.
    if !agent.store.accepts(kind::OPERATION_OUTPUT).await? {
        result.exit_code = None;
    }
    let mut transaction = agent.store.begin().await?;
    if store::finish_operation(&mut transaction, result.operation_id).await? {
        queue::queue(&mut transaction, result.to_message(), agent.surroundings.now()).await?;
    } else {
        tracing::info!(operation = result.operation_id, "result dropped: the computer has a new identity since");
    }
    transaction.commit().await?;
    agent.urgent.notify_one();
    Ok(())
}
