//! Scripts as real processes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use binnacle::{
    agent::{
        AgentConfig, Surroundings,
        script::{Output, Run, ScriptHost},
    },
    clock::{SystemClock, SystemRandom},
    protocol::script::{ExecuteScript, OperationResult},
};
use clap::Parser;
use nix::{
    errno::Errno,
    sys::signal::kill,
    unistd::{Pid, User, geteuid},
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    agent: AgentConfig,
}

/// A configuration as the command line would make it.
pub fn config(arguments: &[&str]) -> AgentConfig {
    let all = ["binnacle", "--server", "http://127.0.0.1:1"].iter().chain(arguments);
    let mut config = Arguments::parse_from(all).agent;
    config.launcher = Some(PathBuf::from(env!("CARGO_BIN_EXE_binnacle")));
    config
}

pub fn surroundings() -> Surroundings {
    Surroundings { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
}

pub fn own_user() -> String {
    User::from_uid(geteuid()).unwrap().unwrap().name
}

pub fn order(code: &str) -> ExecuteScript {
    ExecuteScript {
        operation_id: 1,
        interpreter: "/bin/sh".to_owned(),
        code: code.to_owned(),
        username: own_user(),
        time_limit: Some(60),
        attachments: BTreeMap::new(),
        env: BTreeMap::new(),
    }
}

pub async fn run(order: &ExecuteScript) -> OperationResult {
    run_with(&["--script-users", "ALL"], order, BTreeMap::new()).await
}

pub async fn run_with(
    arguments: &[&str],
    order: &ExecuteScript,
    attachments: BTreeMap<String, Vec<u8>>,
) -> OperationResult {
    let host = Host::new(arguments);
    // Nobody listens to the pieces.
    let (sender, _) = mpsc::channel(1);
    let output = Output { pieces: sender, handed_out: 0 };
    let run = host.scripts.run(order, attachments, output, &CancellationToken::new()).await;
    host.scripts.forget(order.operation_id).await;
    let Run::Ended(result) = run else { panic!("nobody stopped the agent") };
    result
}

/// A host of scripts with a folder of its own.
struct Host {
    scripts: ScriptHost,
    _directory: TempDir,
}

impl Host {
    fn new(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().display().to_string();
        let arguments: Vec<&str> = ["--data", data.as_str()].iter().chain(arguments).copied().collect();
        Self { scripts: ScriptHost::new(&config(&arguments), surroundings()), _directory: directory }
    }
}

#[tokio::test]
async fn output_of_both_streams_comes_in_order() {
    let result = run(&order("echo one\necho two >&2\necho three\n")).await;
    assert_eq!(
        result,
        OperationResult {
            operation_id: 1,
            succeeded: true,
            result_code: None,
            exit_code: Some(0),
            result_text: "one\ntwo\nthree\n".into()
        }
    );
}

#[tokio::test]
async fn another_exit_status_is_a_failure() {
    let result = run(&order("echo before; exit 3")).await;
    assert_eq!((result.succeeded, result.result_code, result.result_text.as_str()), (false, Some(103), "before\n"));
    assert_eq!(result.exit_code, Some(3));
    assert_eq!(run(&order("kill -9 $$")).await.exit_code, Some(137));
}

#[tokio::test]
async fn the_time_limit_ends_the_whole_group() {
    // The grandchild holds the output open; only its death lets the run end before the grace does.
    let limited =
        ExecuteScript { time_limit: Some(1), ..order("sh -c 'echo $$; exec sleep 1000' &\necho waiting\nwait\n") };
    let result = run(&limited).await;
    assert_eq!((result.succeeded, result.result_code), (false, Some(102)));
    let grandchild = result.result_text.lines().find_map(|line| line.parse().ok()).unwrap();
    assert!(result.result_text.contains("waiting"));
    assert!(gone(grandchild), "the grandchild lives on");
}

/// Whether a process is dead: not there, or waiting for a parent to notice.
pub fn gone(id: i32) -> bool {
    let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    kill(Pid::from_raw(id), None) == Err(Errno::ESRCH) || state.contains(") Z ") || state.is_empty()
}

#[tokio::test]
async fn a_background_process_does_not_hold_up_the_result() {
    let result = run(&order("sleep 30 & echo $!")).await;
    assert!(result.succeeded);
    let id: i32 = result.result_text.trim().parse().unwrap();
    kill(Pid::from_raw(id), nix::sys::signal::Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn users_and_interpreters_are_checked() {
    let unknown = ExecuteScript { username: "nobody-of-that-name".into(), ..order("true") };
    let result = run(&unknown).await;
    assert_eq!((result.succeeded, result.result_code), (false, None));
    assert_eq!(result.result_text, "UnknownUserError: Unknown user 'nobody-of-that-name'");

    let result = run_with(&["--script-users", "www-data, nobody"], &order("true"), BTreeMap::new()).await;
    assert_eq!(result.result_text, format!("Scripts cannot be run as user {}.", own_user()));

    let missing = ExecuteScript { interpreter: "/usr/bin/no-such-thing -x".into(), ..order("true") };
    assert_eq!(run(&missing).await.result_text, "Unknown interpreter: '/usr/bin/no-such-thing'");
}

#[tokio::test]
async fn interpreters_take_their_argument() {
    let strict = ExecuteScript { interpreter: "/bin/sh -e".into(), ..order("false\necho not reached\n") };
    let result = run(&strict).await;
    assert_eq!((result.result_code, result.result_text.as_str()), (Some(103), ""));
}

#[tokio::test]
async fn output_that_is_no_text_or_too_long_is_bounded() {
    let result = run(&order("printf 'a\\377b'")).await;
    assert_eq!(result.result_text, "a\u{fffd}b");

    let endless =
        order("i=0; while [ $i -lt 20000 ]; do echo '0123456789012345678901234567890123456789'; i=$((i+1)); done");
    let result = run(&endless).await;
    assert!(result.succeeded);
    assert_eq!(result.result_text.len(), 512 * 1024);
    assert!(result.result_text.ends_with("\n**OUTPUT TRUNCATED**"));
}

#[tokio::test]
async fn the_environment_is_the_documented_one() {
    let mut order = order(
        "umask; pwd; env; cat \"$LANDSCAPE_ATTACHMENTS/note\"; stat -c '%a' \"$0\" \"$LANDSCAPE_ATTACHMENTS\" \"$LANDSCAPE_ATTACHMENTS/note\"",
    );
    order.env.insert("GREETING".into(), "a\nb".into());
    let result = run_with(&[], &order, BTreeMap::from([("note".into(), b"attached\n".to_vec())])).await;
    let home = User::from_name(&order.username).unwrap().unwrap().dir;
    let text = result.result_text;
    assert!(text.starts_with(&format!("0022\n{}\n", home.display())), "{text}");
    assert!(text.contains("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin\n"));
    assert!(text.contains(&format!("USER={}\n", order.username)));
    assert!(text.contains("GREETING=a\nb\n"));
    assert!(text.contains("attached\n"));
    assert!(text.ends_with("700\n700\n600\n"), "{text}");
    assert!(!text.contains("CARGO"), "the agent's environment must stay its own");
    let folder = text.lines().find_map(|line| line.strip_prefix("LANDSCAPE_ATTACHMENTS=")).unwrap();
    assert!(!Path::new(folder).exists(), "files are removed afterwards");
}

#[tokio::test]
async fn attachments_stay_in_their_directory() {
    let result = run_with(&[], &order("true"), BTreeMap::from([("../evil".into(), Vec::new())])).await;
    assert_eq!(
        (result.succeeded, result.result_text.as_str()),
        (false, "An attachment cannot have the name \"../evil\".")
    );
}

#[tokio::test]
async fn root_can_use_any_user() {
    if !geteuid().is_root() {
        println!("skipped: only root can become another user");
        return;
    }
    let theirs = ExecuteScript {
        username: "nobody".into(),
        ..order("id -un; id -Gn; touch /root/x 2>/dev/null || echo refused")
    };
    let result = run(&theirs).await;
    assert_eq!(result.result_text, "nobody\nnogroup\nrefused\n");
}

#[tokio::test]
async fn variables_of_the_script_do_not_reach_the_starting_process() {
    // A broken library would stop the starting process with a message before the script's own.
    let mut order = order("echo fine");
    order.env.insert("LD_PRELOAD".into(), "/nonexistent.so".into());
    let result = run(&order).await;
    assert_eq!(result.result_text.matches("/nonexistent.so").count(), 1, "{}", result.result_text);
}

#[tokio::test]
async fn output_arrives_while_the_script_runs() {
    let directory = tempfile::tempdir().unwrap();
    let gate = directory.path().join("gate");
    let order = order(&format!("echo begun; while ! [ -e {} ]; do sleep 0.05; done; echo done", gate.display()));
    let (sender, mut receiver) = mpsc::channel(4);
    let host = Host::new(&[]);
    let shutdown = CancellationToken::new();
    let output = Output { pieces: sender, handed_out: 0 };
    let watch = async {
        let piece = receiver.recv().await;
        fs::write(&gate, "").unwrap();
        piece
    };
    let (run, piece) = tokio::join!(host.scripts.run(&order, BTreeMap::new(), output, &shutdown), watch);
    assert_eq!(piece.as_deref(), Some("begun\n"));
    assert!(matches!(run, Run::Ended(result) if result.result_text == "begun\ndone\n"));
}

#[tokio::test]
async fn many_scripts_run_at_once() {
    let orders: Vec<ExecuteScript> = (0..20).map(|n| order(&format!("echo {n}"))).collect();
    let results = futures::future::join_all(orders.iter().map(run)).await;
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result.result_text, format!("{n}\n"));
    }
}
