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

use tempfile::TempDir;
use tokio::process::Child;

use super::scripts::gone;
use super::stub::{Exchange, Stub, accepted_types, set_id};
use crate::support::process::eventually;

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

/// A stub, its agent, and a script of that agent that has said its number and where its file is.
struct Running {
    directory: TempDir,
    stub: Stub,
    agent: Child,
    script: i32,
    file: PathBuf,
}

impl Running {
    /// Runs `rest` after a line that says the script's process and file.
    async fn start(rest: &str, time_limit: Option<i64>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut stub = Stub::start().await;
        let agent = stub.agent(&directory.path().join("data"), &[]);
        stub.register().await;
        stub.pings.recv().await.unwrap().send(true).unwrap();
        let code = format!("{}echo $$ $0\n{rest}", counting(&directory.path().join("ran")));
        let mut message = order(3, &code);
        message.set("time-limit", time_limit);
        stub.next().await.answer(vec![message]);
        let exchange = stub.next_with("operation-output").await;
        let said = exchange.payload.messages[0].text("data").unwrap().trim().to_owned();
        exchange.answer(vec![]);
        let (script, file) = said.split_once(' ').unwrap();
        Self { script: script.parse().unwrap(), file: file.into(), directory, stub, agent }
    }

    async fn kill_agent(&mut self) {
        self.agent.kill().await.unwrap();
    }

    fn restart_agent(&mut self) {
        self.agent = self.stub.agent(&self.directory.path().join("data"), &[]);
    }

    /// The process that watches over the script.
    fn supervisor(&self) -> Pid {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.script)).unwrap();
        Pid::from_raw(stat.rsplit(") ").next().unwrap().split(' ').nth(1).unwrap().parse().unwrap())
    }

    async fn result(&mut self) -> OperationResult {
        let exchange = self.stub.next_with("operation-result").await;
        let result = results(&exchange).remove(0);
        exchange.answer(vec![]);
        result
    }

    /// Nothing is left, and the script ran once.
    async fn all_is_gone(&mut self) {
        let (file, script) = (self.file.clone(), self.script);
        let runs = self.directory.path().join("data/runs");
        eventually("the files to go", || async {
            let empty = std::fs::read_dir(&runs).is_ok_and(|mut runs| runs.next().is_none());
            (!file.exists() && empty && gone(script)).then_some(())
        })
        .await;
        assert_eq!(std::fs::read_to_string(self.directory.path().join("ran")).unwrap(), "run\n");
    }
}

#[tokio::test]
async fn a_script_outlives_an_agent_that_is_killed() {
    let mut running = Running::start("exec sleep 1000", Some(60)).await;
    running.kill_agent().await;
    running.restart_agent();
    running.stub.next().await.answer(vec![]);
    assert!(!gone(running.script));
    kill(Pid::from_raw(running.script), Signal::SIGTERM).unwrap();
    let result = running.result().await;
    assert_eq!((result.operation_id, result.result_code, result.exit_code), (3, Some(103), Some(128 + 15)));
    assert!(result.result_text.starts_with(&format!("{} ", running.script)), "{}", result.result_text);
    running.all_is_gone().await;
}

#[tokio::test]
async fn what_a_script_says_while_the_agent_is_away_follows_what_was_sent() {
    let directory = tempfile::tempdir().unwrap();
    let (gate, said) = (directory.path().join("gate"), directory.path().join("said"));
    let rest = format!(
        "while ! [ -e {gate} ]; do sleep 0.02; done; echo more; touch {said}; while [ -e {gate} ]; do sleep 0.02; done; echo end",
        gate = gate.display(),
        said = said.display()
    );
    let mut running = Running::start(&rest, Some(60)).await;
    let first = format!("{} {}\n", running.script, running.file.display());
    running.kill_agent().await;
    std::fs::write(&gate, "").unwrap();
    eventually("the script", || async { said.exists().then_some(()) }).await;
    running.restart_agent();
    // The first piece may come once more, if its confirmation got lost with the agent.
    let piece = loop {
        let exchange = running.stub.next_with("operation-output").await;
        let mut pieces = exchange.payload.messages.iter().filter(|message| message.kind() == "operation-output");
        let last = pieces.next_back().map(|message| OperationOutput::from_message(message).unwrap()).unwrap();
        exchange.answer(vec![]);
        if last.offset > 0 {
            break last;
        }
    };
    assert_eq!((piece.offset, piece.data.as_str()), (i64::try_from(first.len()).unwrap(), "more\n"));
    std::fs::remove_file(&gate).unwrap();
    let result = running.result().await;
    assert_eq!((result.succeeded, result.result_text), (true, format!("{first}more\nend\n")));
    running.all_is_gone().await;
}

#[tokio::test]
async fn a_script_that_ended_while_the_agent_was_away_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let gate = directory.path().join("gate");
    let rest = format!("while ! [ -e {} ]; do sleep 0.02; done; echo done", gate.display());
    let mut running = Running::start(&rest, Some(60)).await;
    // Told to end, the agent does so at once.
    kill(Pid::from_raw(i32::try_from(running.agent.id().unwrap()).unwrap()), Signal::SIGTERM).unwrap();
    assert!(running.agent.wait().await.unwrap().success());
    std::fs::write(&gate, "").unwrap();
    let script = running.script;
    eventually("the script's end", || async { gone(script).then_some(()) }).await;
    running.restart_agent();
    let result = running.result().await;
    assert!(result.succeeded && result.result_text.ends_with("done\n"), "{result:?}");
    running.all_is_gone().await;
}

#[tokio::test]
async fn the_time_limit_holds_without_the_agent() {
    let mut running = Running::start("trap '' TERM HUP INT\nsetsid sleep 1000 &\nsleep 1000", Some(2)).await;
    running.kill_agent().await;
    let script = running.script;
    eventually("the script's end", || async { gone(script).then_some(()) }).await;
    running.restart_agent();
    let result = running.result().await;
    assert_eq!((result.succeeded, result.result_code), (false, Some(102)));
    running.all_is_gone().await;
}

#[tokio::test]
async fn a_script_whose_supervisor_is_killed_goes_with_it() {
    let mut running = Running::start("sleep 1000 & echo $! >&2; wait", None).await;
    kill(running.supervisor(), Signal::SIGKILL).unwrap();
    let result = running.result().await;
    assert!(!result.succeeded && result.result_text.contains("was interrupted"), "{}", result.result_text);
    // What it had started in the background is in its group.
    let child: i32 = result.result_text.lines().nth(1).unwrap().parse().unwrap();
    eventually("the child's end", || async { gone(child).then_some(()) }).await;
    running.all_is_gone().await;
}

#[tokio::test]
async fn what_is_left_of_a_script_after_the_agent_and_its_supervisor_were_killed_is_ended() {
    let mut running = Running::start("sleep 1000 & echo $! >&2; wait", None).await;
    let supervisor = running.supervisor();
    running.kill_agent().await;
    kill(supervisor, Signal::SIGKILL).unwrap();
    running.restart_agent();
    let result = running.result().await;
    assert!(result.result_text.contains("was interrupted"), "{}", result.result_text);
    let child: i32 = result.result_text.lines().nth(1).unwrap().parse().unwrap();
    eventually("the child's end", || async { gone(child).then_some(()) }).await;
    running.all_is_gone().await;
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
