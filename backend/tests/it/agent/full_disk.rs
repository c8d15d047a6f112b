//! A disk that is full where the agent keeps what must not be lost.

use std::{fs, io::Write, path::Path, process::Stdio, time::Duration};

use binnacle::protocol::script::{ExecuteScript, OperationResult};
use nix::unistd::geteuid;
use tokio::process::Command;

use super::scripts::{order, own_user};
use super::stub::{Exchange, Stub};

/// Mounts a small disk on the folder `$0`, seen by nobody else, and becomes the rest.
fn on_small_disk<'a>(folder: &'a str, mount: &'a str) -> Vec<&'a str> {
    let mut wrapper = vec!["unshare", "--mount"];
    if !geteuid().is_root() {
        wrapper.push("--map-root-user");
    }
    wrapper.extend(["sh", "-c", mount, folder]);
    wrapper
}

/// Whether a mount namespace is to be had here.
async fn may_mount(wrapper: &[&str]) -> bool {
    let tried = Command::new(wrapper[0]).args(&wrapper[1..]).arg("true").stderr(Stdio::null()).status().await;
    tried.is_ok_and(|status| status.success())
}

fn result_of(exchange: &Exchange, id: i64) -> Option<OperationResult> {
    let results = exchange.payload.messages.iter().filter(|message| message.kind() == "operation-result");
    results.map(|message| OperationResult::from_message(message).unwrap()).find(|result| result.operation_id == id)
}

/// The supervisor on a disk that is smaller than what the script says.
#[tokio::test]
async fn output_that_the_disk_does_not_take_is_noted_and_the_script_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().to_str().unwrap();
    let small = "mount -t tmpfs -o size=256k,mode=755 tmpfs \"$0\" && mkdir \"$0/run\" && exec \"$@\"";
    let wrapper = on_small_disk(folder, small);
    if !may_mount(&wrapper).await {
        println!("skipped: nothing can be mounted here");
        return;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let script = elsewhere.path().join("script");
    fs::write(&script, "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\necho done > \"$DONE\"\nexit 7\n").unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let done = elsewhere.path().join("done");
    let environment = elsewhere.path().join("environment");
    fs::write(&environment, format!("PATH=/usr/bin:/bin\0DONE={}\0", done.display())).unwrap();
    // What is on the small disk goes with its last process, so that one shows it.
    let shown = "\"$@\"; cat \"$0/run/status\"; stat -c ' %s' \"$0/run/output\"";
    let seen = Command::new(wrapper[0])
        .args(&wrapper[1..])
        .args(["sh", "-c", shown, folder, env!("CARGO_BIN_EXE_binnacle"), "supervise", "--spool"])
        .arg(format!("{folder}/run"))
        .args(["--user", &own_user(), "--environment"])
        .arg(&environment)
        .args(["--output-limit", "10000000"])
        .arg(&script)
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&seen.stdout);
    let (status, size) =
        text.split_once("} ").unwrap_or_else(|| panic!("{text} {}", String::from_utf8_lossy(&seen.stderr)));
    assert!(status.contains("\"Exit\":7"), "{text}");
    assert!(status.contains("The rest of the output could not be kept: No space left on device"), "{text}");
    let size: u64 = size.trim().parse().unwrap();
    assert!((50_000..200_000).contains(&size), "half of what there was room for: {size}");
    assert_eq!(fs::read_to_string(&done).unwrap(), "done\n");
}

/// The agent itself: it waits for room, without a restart, and then tells everything.
#[tokio::test]
async fn an_agent_without_room_waits_for_it_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().to_str().unwrap();
    let wrapper = on_small_disk(folder, "mount -t tmpfs -o size=2m,mode=755 tmpfs \"$0\" && exec \"$@\"");
    if !may_mount(&wrapper).await {
        println!("skipped: nothing can be mounted here");
        return;
    }
    let outside = tempfile::tempdir().unwrap();
    let (gate, ran) = (outside.path().join("gate"), outside.path().join("ran"));
    let mut stub = Stub::start().await;
    let mut agent = stub.agent_under(&wrapper, &directory.path().join("data"), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let code = format!(
        "echo run >> {}; echo begun; while ! [ -e {} ]; do sleep 0.05; done; head -c 50000 /dev/zero | tr '\\0' x",
        ran.display(),
        gate.display()
    );
    let waits = ExecuteScript { operation_id: 5, ..order(&code) };
    stub.next().await.answer(vec![waits.to_message()]);
    stub.next_with("operation-output").await.answer(vec![]);

    // The folder as the agent sees it; `unshare` and the shell have become the agent.
    let inside = format!("/proc/{}/root{folder}", agent.id().unwrap());
    let filler = Path::new(&inside).join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
    drop(file);
    fs::write(&gate, "").unwrap();
    // The result may fit into what the agent's database has taken already, or have to wait.
    let mut result = None;
    let without_room = async {
        loop {
            let exchange = stub.next().await;
            result = result.take().or(result_of(&exchange, 5));
            exchange.answer(vec![]);
        }
    };
    let patience = tokio::time::timeout(Duration::from_secs(4), without_room).await;
    assert!(patience.is_err());
    assert!(agent.try_wait().unwrap().is_none(), "the agent has ended");
    fs::remove_file(&filler).unwrap();
    while result.is_none() {
        let exchange = stub.next().await;
        result = result_of(&exchange, 5);
        exchange.answer(vec![]);
    }
    let result = result.unwrap();
    assert!(result.succeeded && result.result_text.starts_with("begun\n"), "{result:?}");
    assert!(result.result_text.contains("The rest of the output could not be kept: No space left"), "{result:?}");
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let after = ExecuteScript { operation_id: 6, ..order("echo well again") };
    stub.next().await.answer(vec![after.to_message()]);
    let result = result_of(&stub.next_with("operation-result").await, 6).unwrap();
    assert_eq!((result.succeeded, result.result_text.as_str()), (true, "well again\n"));
    assert_eq!(fs::read_to_string(&ran).unwrap(), "run\n");
}
