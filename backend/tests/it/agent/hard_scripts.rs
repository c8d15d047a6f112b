//! Scripts that behave badly, and circumstances that are: each has a clear result.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use binnacle::protocol::script::{ExecuteScript, OperationResult};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, chown, geteuid},
};
use tokio::process::Command;

use super::scripts::{gone, order, run};
use super::stub::Stub;

/// The number that a script said in a line of its own.
fn said(result: &OperationResult) -> i32 {
    result.result_text.lines().find_map(|line| line.parse().ok()).unwrap()
}

#[tokio::test]
async fn signals_that_a_script_ignores_do_not_save_it() {
    let stubborn = "trap '' TERM INT HUP QUIT\necho $$\nwhile :; do sleep 1; done";
    let result = run(&ExecuteScript { time_limit: Some(1), ..order(stubborn) }).await;
    assert_eq!((result.succeeded, result.result_code, result.exit_code), (false, Some(102), None));
    assert!(gone(said(&result)));
}

#[tokio::test]
async fn a_daemon_is_ended_with_its_script_at_the_time_limit() {
    // A session of its own, its parent gone: not in the group any more, and nobody's child.
    let forks = "(setsid sh -c 'echo $$; exec sleep 1000' &)\nsleep 1000";
    let result = run(&ExecuteScript { time_limit: Some(1), ..order(forks) }).await;
    assert_eq!(result.result_code, Some(102));
    assert!(gone(said(&result)));
}

#[tokio::test]
async fn a_daemon_outlives_a_script_that_ends_by_itself_and_does_not_hold_it_up() {
    let forks = "(setsid sh -c 'echo $$; exec sleep 1000' &)\nsleep 0.2\necho done";
    let order = order(forks);
    let started = tokio::time::timeout(Duration::from_secs(20), run(&order));
    let result = started.await.expect("the daemon holds the output open");
    assert!(result.succeeded && result.result_text.ends_with("done\n"));
    let daemon = said(&result);
    assert!(!gone(daemon));
    kill(Pid::from_raw(daemon), Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn gigabytes_are_cut_and_the_script_still_ends_well() {
    let result = run(&order("head -c 2000000000 /dev/zero | tr '\\0' x; echo $? >&2")).await;
    assert!(result.succeeded);
    assert_eq!(result.result_text.len(), 512 * 1024);
    assert!(result.result_text.ends_with("x\n**OUTPUT TRUNCATED**"));
}

#[tokio::test]
async fn binary_output_becomes_text() {
    let result = run(&order("printf '\\000\\377\\200a\\033[31m\\303'")).await;
    assert!(result.succeeded);
    assert_eq!(result.result_text, "\0\u{fffd}\u{fffd}a\u{1b}[31m\u{fffd}");
    let noise = run(&order("head -c 3000000 /dev/urandom")).await;
    assert!(noise.succeeded && noise.result_text.len() <= 512 * 1024 && noise.result_text.ends_with("TRUNCATED**"));
}

#[tokio::test]
async fn an_interpreter_that_cannot_be_started_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let interpreter = directory.path().join("interpreter");
    fs::write(&interpreter, "no program").unwrap();
    fs::set_permissions(&interpreter, fs::Permissions::from_mode(0o600)).unwrap();
    let unfit = ExecuteScript { interpreter: interpreter.display().to_string(), ..order("true") };
    let result = run(&unfit).await;
    assert_eq!((result.succeeded, result.result_code, result.exit_code), (false, None, None));
    assert!(result.result_text.starts_with("The script could not be started: "), "{}", result.result_text);
    assert!(result.result_text.contains("Permission denied"), "{}", result.result_text);
    for missing in ["", "/no/such/shell -e", "relative"] {
        let result = run(&ExecuteScript { interpreter: missing.into(), ..order("true") }).await;
        assert!(result.result_text.contains("Unknown interpreter: '"), "{missing}: {}", result.result_text);
    }
}

#[tokio::test]
async fn a_home_that_does_not_exist_is_no_obstacle() {
    if !geteuid().is_root() {
        println!("skipped: only root can become another user");
        return;
    }
    let Some(user) = User::from_name("nobody").unwrap().filter(|user| !user.dir.exists()) else {
        println!("skipped: everybody has a home here");
        return;
    };
    let result = run(&ExecuteScript { username: user.name, ..order("pwd; echo $HOME") }).await;
    assert_eq!(result.result_text, format!("/\n{}\n", user.dir.display()));
}

#[tokio::test]
async fn variables_that_no_process_can_hold_are_refused() {
    let env = BTreeMap::from([("A=B".to_owned(), "x".to_owned())]);
    let result = run(&ExecuteScript { env, ..order("true") }).await;
    assert!(!result.succeeded && result.result_text.contains("\"A=B\""), "{}", result.result_text);
}

#[tokio::test]
async fn the_data_folder_may_be_named_from_where_the_agent_was_started() {
    let directory = tempfile::tempdir().unwrap();
    let mut stub = Stub::start().await;
    let _agent = Command::new(env!("CARGO_BIN_EXE_binnacle"))
        .args(["agent", "--server", &format!("http://{}", stub.address), "--data", "data"])
        .current_dir(directory.path())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    stub.next().await.answer(vec![order("echo ran").to_message()]);
    let exchange = stub.next_with("operation-result").await;
    let result = exchange.payload.messages.iter().find(|message| message.kind() == "operation-result").unwrap();
    assert_eq!(OperationResult::from_message(result).unwrap().result_text, "ran\n");
}

/// An agent that is not root, from registration to the results of scripts for itself and others.
#[tokio::test]
async fn an_agent_without_privileges_runs_its_own_users_scripts() {
    if !geteuid().is_root() {
        println!("skipped: the agent has no privileges in any of these tests");
        return;
    }
    let user = User::from_name("nobody").unwrap().unwrap();
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // The build's folder may be closed to others.
    let program = directory.path().join("binnacle");
    fs::copy(env!("CARGO_BIN_EXE_binnacle"), &program).unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    chown(&data, Some(user.uid), Some(user.gid)).unwrap();
    let mut stub = Stub::start().await;
    let _agent = Command::new(&program)
        .args(["agent", "--server", &format!("http://{}", stub.address), "--data"])
        .arg(&data)
        .uid(user.uid.as_raw())
        .gid(user.gid.as_raw())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let own = ExecuteScript { operation_id: 1, username: "nobody".into(), ..order("id -un; sleep 1000") };
    let own = ExecuteScript { time_limit: Some(2), ..own };
    let others = ExecuteScript { operation_id: 2, username: "root".into(), ..order("id -un") };
    stub.next().await.answer(vec![own.to_message(), others.to_message()]);
    let results = stub.results(2).await;
    assert_eq!((results[&1].result_code, results[&1].result_text.as_str()), (Some(102), "nobody\n"));
    assert_eq!((results[&2].succeeded, results[&2].result_code), (false, None));
    assert_eq!(
        results[&2].result_text,
        "Scripts cannot be run as user root: the agent does not run as root, so it can only use its own user."
    );
}
