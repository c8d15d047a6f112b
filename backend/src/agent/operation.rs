//! Orders being carried out: each in a task of its own, its result stored before it is sent.

use std::{collections::BTreeMap, sync::Arc};

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{
    Agent, AgentError,
    backoff::Backoff,
    queue,
    script::{Output, Run},
    store,
    transport::TransportError,
};
use crate::protocol::{
    Message, kind,
    script::{Attachment, ExecuteScript, FailureCode, OperationOutput, OperationResult},
};

/// Takes up what an earlier life of the agent left: scripts that still run are followed, those
/// that ended meanwhile are answered, and what was not begun is begun. Nothing runs twice.
pub(super) async fn resume(agent: &Arc<Agent>) -> Result<(), AgentError> {
    let operations = agent.store.unfinished_operations().await?;
    agent.scripts.remove_leftovers(&operations.iter().map(|operation| operation.id).collect());
    for operation in operations {
        let order = Message::decode(&operation.body)?;
        if operation.started && agent.scripts.was_begun(operation.id) {
            follow(agent, order, operation.streamed);
            continue;
        }
        if operation.started {
            agent.store.restart_operation(operation.id).await?;
        }
        spawn(agent, operation.id, order);
    }
    Ok(())
}

/// Begins to carry out an order that is in the store.
pub(super) fn spawn(agent: &Arc<Agent>, id: i64, message: Message) {
    let agent = Arc::clone(agent);
    let tasks = agent.tasks.clone();
    tasks.spawn(async move {
        if let Err(error) = carry_out(&agent, id, &message).await {
            tracing::error!(operation = id, %error, "an order was not carried out to its end");
            recover(&agent, id, &message).await;
        }
    });
}

/// Follows a script that an earlier life of the agent began.
fn follow(agent: &Arc<Agent>, message: Message, streamed: usize) {
    let agent = Arc::clone(agent);
    let tasks = agent.tasks.clone();
    tasks.spawn(async move {
        let Some(id) = message.operation_id() else { return };
        tracing::info!(operation = id, "script of an earlier life of the agent");
        if let Err(error) = go_on(&agent, &message, streamed).await {
            tracing::error!(operation = id, %error, "a script's result could not be stored");
            recover(&agent, id, &message).await;
        }
    });
}

async fn go_on(agent: &Agent, message: &Message, streamed: usize) -> Result<(), AgentError> {
    run(agent, &ExecuteScript::from_message(message)?, None, streamed).await
}

/// Tries until the agent's store takes a result, or the agent ends: its disk may be full for a
/// while. What the script said and how it ended is in its own folder until then.
async fn recover(agent: &Agent, id: i64, message: &Message) {
    let mut backoff = Backoff::default();
    while agent.pause(backoff.next(&agent.surroundings)).await {
        let again = async {
            let open = agent.store.unfinished_operations().await?.into_iter().find(|operation| operation.id == id);
            match open {
                None => Ok(()),
                Some(open) if open.started && agent.scripts.was_begun(id) => go_on(agent, message, open.streamed).await,
                Some(open) => {
                    if open.started {
                        agent.store.restart_operation(id).await?;
                    }
                    carry_out(agent, id, message).await
                }
            }
        };
        match again.await {
            Ok(()) => return,
            Err(error) => tracing::error!(operation = id, %error, "a script's result could still not be stored"),
        }
    }
}

/// What makes an order the same as another one of its number. Its variables are not part of it,
/// because the computer's tags are among them; the moment in which the activity was made is.
pub(super) fn identity(order: &ExecuteScript) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in [&order.interpreter, &order.code, &order.username, created(order).unwrap_or(&String::new())] {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().to_vec()
}

fn created(order: &ExecuteScript) -> Option<&String> {
    order.env.get("LANDSCAPE_ACTIVITY_CREATION_TIME")
}

/// A result as it is sent. To servers that take them it carries our additions: the exit code, and
/// the moment that tells the activity from an older one of its number.
pub(super) fn result_message(order: &ExecuteScript, result: &OperationResult, extras: bool) -> Message {
    if !extras {
        return OperationResult { exit_code: None, ..result.clone() }.to_message();
    }
    let message = result.to_message();
    match created(order) {
        Some(created) => message.with("operation-created", created.as_str()),
        None => message,
    }
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
        () = agent.shutdown.cancelled() => return Ok(()),
        attachments = fetch(agent, &order) => attachments,
    };
    match attachments {
        Ok(attachments) => run(agent, &order, Some(attachments), 0).await,
        Err(result) => finish(agent, &order, result).await,
    }
}

/// Runs a script, or follows one that runs: then there are no attachments to lay beside it.
async fn run(
    agent: &Agent,
    order: &ExecuteScript,
    attachments: Option<BTreeMap<String, Vec<u8>>>,
    streamed: usize,
) -> Result<(), AgentError> {
    let (sender, receiver) = mpsc::channel(4);
    let output = Output { pieces: sender, handed_out: streamed };
    let run = async {
        match attachments {
            Some(attachments) => agent.scripts.run(order, attachments, output, &agent.shutdown).await,
            None => agent.scripts.watch(order.operation_id, output, &agent.shutdown).await,
        }
    };
    let (run, forwarded) = tokio::join!(run, forward(agent, order.operation_id, streamed, receiver));
    forwarded?;
    match run {
        Run::Ended(result) => finish(agent, order, result).await,
        Run::LeftRunning => {
            tracing::info!(operation = order.operation_id, "the agent ends; the script goes on");
            Ok(())
        }
    }
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
async fn forward(
    agent: &Agent,
    id: i64,
    streamed: usize,
    mut pieces: mpsc::Receiver<String>,
) -> Result<(), AgentError> {
    let live = agent.store.accepts(kind::OPERATION_OUTPUT).await?;
    let mut offset = i64::try_from(streamed).unwrap_or(i64::MAX);
    while let Some(data) = pieces.recv().await {
        if !live {
            continue;
        }
        let length = i64::try_from(data.len()).unwrap_or(0);
        let piece = OperationOutput { operation_id: id, offset, data };
        offset += length;
        let mut transaction = agent.store.begin().await?;
        queue::queue(&mut transaction, piece.to_message(), agent.surroundings.now()).await?;
        store::set_streamed(&mut transaction, id, offset).await?;
        transaction.commit().await?;
        agent.urgent.notify_one();
    }
    Ok(())
}

/// Stores a result and closes its order, in one step; then its files can go.
async fn finish(agent: &Agent, order: &ExecuteScript, result: OperationResult) -> Result<(), AgentError> {
    tracing::info!(
        operation = result.operation_id,
        succeeded = result.succeeded,
        code = result.result_code,
        "script ended"
    );
    let now = agent.surroundings.now();
    let mut transaction = agent.store.begin().await?;
    let extras = store::accepts(&mut transaction, kind::OPERATION_OUTPUT).await?;
    let message = result_message(order, &result, extras);
    let body = message.clone().encode();
    if store::finish_operation(&mut transaction, result.operation_id, &body, now).await? {
        queue::queue(&mut transaction, message, now).await?;
    } else {
        tracing::info!(operation = result.operation_id, "result dropped: the computer has a new identity since");
    }
    transaction.commit().await?;
    agent.scripts.forget(result.operation_id).await;
    agent.urgent.notify_one();
    Ok(())
}
