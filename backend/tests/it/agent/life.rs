//! The life of an agent, seen from its server.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use binnacle::protocol::{
    Message,
    registration::unknown_id,
    script::{ExecuteScript, OperationOutput, OperationResult},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};

use super::stub::{Exchange, Stub, accepted_types, set_id};

fn order(operation_id: i64, code: &str) -> Message {
    ExecuteScript {
        operation_id,
        interpreter: "/bin/sh".into(),
        code: code.into(),
        username: User::from_uid(geteuid()).unwrap().unwrap().name,
        time_limit: Some(60),
        attachments: BTreeMap::new(),
        env: BTreeMap::new(),
    }
    .to_message()
}

fn results(exchange: &Exchange) -> Vec<OperationResult> {
    let messages = exchange.payload.messages.iter().filter(|message| message.kind() == "operation-result");
    messages.map(|message| OperationResult::from_message(message).unwrap()).collect()
}

/// Appends a line to a file on each run, so that a second run shows.
fn counting(file: &Path) -> String {
    format!("echo run >> {}\n", file.display())
}

#[tokio::test]
async fn registers_reports_and_runs_scripts() {
    let directory = tempfile::tempdir().unwrap();
    let mut stub = Stub::start().await;
    let arguments = ["--registration-key", "sesame", "--tags", "web, edge", "--title", "Test box"];
    let _agent = stub.agent(directory.path(), &arguments);

    let hello = stub.next().await;
    assert_eq!((hello.payload.sequence, hello.payload.next_expected_sequence), (0, 0));
    assert_eq!(hello.header("x-message-api"), Some("3.2"));
    assert_eq!(hello.header("x-computer-id"), None);
    assert!(hello.payload.client_accepted_types.as_ref().unwrap().contains(&"operation-output".to_owned()));
    hello.answer_wanting(None, vec![accepted_types(&["register"])]);

    let wish = stub.next().await;
    assert_eq!(wish.header("x-message-api"), Some("3.3"));
    let register = &wish.payload.messages[0];
    assert_eq!(register.text("computer_title"), Some("Test box"));
    assert_eq!(register.text("registration_password"), Some("sesame"));
    assert_eq!(register.text("tags"), Some("edge, web"));
    wish.answer_wanting(None, vec![set_id("secure-1")]);

    let pending = stub.next().await;
    assert_eq!(pending.header("x-computer-id"), Some("secure-1"));
    assert_eq!((pending.payload.sequence, pending.payload.next_expected_sequence), (1, 2));
    assert_eq!(pending.kinds(), Vec::<&str>::new());
    pending.answer(vec![]);

    // The computer waits now; the ping is how it learns that it was accepted.
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let accepted = stub.next().await;
    assert_eq!(accepted.header("x-exchange-token"), Some("token"));
    accepted.answer(vec![accepted_types(&super::stub::ACCEPTED)]);
    let report = stub.next().await;
    assert_eq!(report.kinds(), ["computer-info"]);
    report.answer(vec![order(501, "echo out; echo err >&2; exit 7"), Message::new("juggle").with("operation-id", 502)]);

    let refused = stub.next().await;
    let mut seen = results(&refused);
    refused.answer(vec![]);
    while seen.len() < 2 {
        let exchange = stub.next_with("operation-result").await;
        seen.extend(results(&exchange));
        exchange.answer(vec![]);
    }
    seen.sort_by_key(|result| result.operation_id);
    assert_eq!(
        seen[0],
        OperationResult {
            operation_id: 501,
            succeeded: false,
            result_code: Some(103),
            exit_code: Some(7),
            result_text: "out\nerr\n".into()
        }
    );
    assert_eq!((seen[1].operation_id, seen[1].succeeded), (502, false));
}

#[tokio::test]
async fn output_is_streamed_while_a_script_runs() {
    let directory = tempfile::tempdir().unwrap();
    let gate = directory.path().join("gate");
    let mut stub = Stub::start().await;
    let _agent = stub.agent(&directory.path().join("data"), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let code = format!("echo begun; while ! [ -e {} ]; do sleep 0.05; done; echo done", gate.display());
    stub.next().await.answer(vec![order(7, &code)]);
    let exchange = stub.next_with("operation-output").await;
    let piece = OperationOutput::from_message(&exchange.payload.messages[0]).unwrap();
    assert_eq!(piece, OperationOutput { operation_id: 7, offset: 0, data: "begun\n".into() });
    std::fs::write(&gate, "").unwrap();
    exchange.answer(vec![]);
    let exchange = stub.next_with("operation-result").await;
    assert_eq!(results(&exchange)[0].result_text, "begun\ndone\n");
}

#[tokio::test]
async fn what_the_server_did_not_confirm_is_sent_again() {
    let directory = tempfile::tempdir().unwrap();
    let ran = directory.path().join("ran");
    let mut stub = Stub::start().await;
    let mut agent = stub.agent(&directory.path().join("data"), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    stub.next().await.answer(vec![order(9, &counting(&ran))]);
    let first = stub.next_with("operation-result").await;
    let (sequence, result) = (first.payload.sequence, results(&first));
    first.fail();

    let second = stub.next().await;
    assert_eq!(second.header("x-exchange-token"), None, "the token goes with the request that failed");
    assert_eq!((second.payload.sequence, results(&second)), (sequence, result.clone()));
    // The answer gets lost with the agent, and the server hands out the order once more.
    agent.start_kill().unwrap();
    agent.wait().await.unwrap();
    drop(second);
    let _agent = stub.agent(&directory.path().join("data"), &[]);
    let third = stub.next().await;
    assert_eq!((third.payload.sequence, results(&third)), (sequence, result));
    third.answer_wanting(Some(sequence), vec![order(9, &counting(&ran))]);
    stub.next().await.answer(vec![]);
    assert_eq!(std::fs::read_to_string(&ran).unwrap(), "run\n");
}

#[tokio::test]
async fn a_script_that_was_cut_short_is_answered_and_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let ran = directory.path().join("ran");
    let mut stub = Stub::start().await;
    let mut agent = stub.agent(&directory.path().join("data"), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let code = format!("{}echo $$ $0; exec sleep 1000", counting(&ran));
    stub.next().await.answer(vec![order(3, &code)]);
    let exchange = stub.next_with("operation-output").await;
    let (script, file) = exchange.payload.messages[0].text("data").unwrap().trim().split_once(' ').unwrap();
    let (script, file): (i32, PathBuf) = (script.parse().unwrap(), file.into());
    exchange.answer(vec![]);
    agent.start_kill().unwrap();
    agent.wait().await.unwrap();

    let _agent = stub.agent(&directory.path().join("data"), &[]);
    let exchange = stub.next_with("operation-result").await;
    let result = &results(&exchange)[0];
    assert_eq!((result.operation_id, result.succeeded), (3, false));
    assert!(result.result_text.contains("interrupted"), "{}", result.result_text);
    assert!(!file.exists(), "files of the run that was cut short are removed");
    exchange.answer(vec![]);
    assert_eq!(std::fs::read_to_string(&ran).unwrap(), "run\n");
    kill(Pid::from_raw(script), Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn a_stopped_agent_says_so_when_it_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut stub = Stub::start().await;
    let mut agent = stub.agent(&directory.path().join("data"), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    stub.next().await.answer(vec![order(4, "echo begun; exec sleep 1000")]);
    stub.next_with("operation-output").await.answer(vec![]);
    kill(Pid::from_raw(i32::try_from(agent.id().unwrap()).unwrap()), Signal::SIGTERM).unwrap();
    assert!(agent.wait().await.unwrap().success());
    let _agent = stub.agent(&directory.path().join("data"), &[]);
    let exchange = stub.next_with("operation-result").await;
    assert!(results(&exchange)[0].result_text.contains("stopped while this script ran"));
}

#[tokio::test]
async fn a_copy_registers_anew_and_names_its_original() {
    let directory = tempfile::tempdir().unwrap();
    let mut stub = Stub::start().await;
    let _agent = stub.agent(directory.path(), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    stub.next().await.answer_wanting(None, vec![unknown_id(Some("The first")), accepted_types(&["register"])]);
    let wish = stub.next().await;
    assert_eq!(wish.header("x-computer-id"), None);
    assert_eq!(wish.header("x-exchange-token"), None);
    assert_eq!(wish.kinds(), ["register"]);
    assert_eq!(wish.payload.messages[0].text("clone_secure_id"), Some("secure-1"));
    wish.answer_wanting(None, vec![set_id("secure-2")]);
    let exchange = stub.next().await;
    assert_eq!(exchange.header("x-computer-id"), Some("secure-2"));
    exchange.answer(vec![accepted_types(&super::stub::ACCEPTED)]);
    stub.next_with("computer-info").await.answer(vec![]);
}

#[tokio::test]
async fn a_lost_server_gets_everything_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut stub = Stub::start().await;
    let _agent = stub.agent(directory.path(), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    stub.next().await.answer_wanting(Some(53), vec![]);
    let exchange = stub.next().await;
    assert_eq!((exchange.payload.sequence, exchange.kinds()), (53, vec!["resynchronize", "computer-info"]));
    exchange.answer(vec![Message::new("resynchronize").with("operation-id", 8)]);
    let exchange = stub.next().await;
    assert_eq!((exchange.payload.sequence, exchange.kinds()), (55, vec!["resynchronize", "computer-info"]));
    assert_eq!(exchange.payload.messages[0].operation_id(), Some(8));
}
