//! The agent beside the server, with real processes: it outlives a server that is killed for as
//! long as its script runs, and no longer.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::{ServerProcess, Session, eventually};

/// Processes that were started with a path below the directory.
fn processes(directory: &Path, word: &str) -> usize {
    let directory = directory.to_string_lossy();
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.unwrap().path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .filter(|line| line.contains(&*directory) && line.split('\0').nth(1) == Some(word))
        .count()
}

async fn run(session: &Session, script: &Value, title: &str) -> i64 {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
    let body = json!({
        "title": title, "script_id": script["id"], "username": user, "time_limit": 60,
        "all_computers": true,
        "trigger": {"trigger_type": "one_time", "timestamp": "2025-04-04T02:10:41Z"},
    });
    let profile = session.post("v2/script-profiles", &body).await["id"].clone();
    eventually("the run", || async {
        let path = format!("v2/script-profiles/{profile}/activities");
        session.get(&path).await["results"][0]["id"].as_i64()
    })
    .await
}

#[tokio::test]
async fn it_ends_with_its_server_but_not_before_its_script() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("server");
    let more = ["--local-agent"];
    let server = ServerProcess::start("127.0.0.1:0", &data, None, &more).await;
    let listen = server.listen().to_owned();
    let session = server.sign_in().await;
    eventually("the computer", || async { (session.get("v2/computers").await["count"] == 1).then_some(()) }).await;
    let code = format!(
        "#!/bin/sh\necho begun >> {0}/trace\nwhile [ ! -e {0}/gate ]; do sleep 0.05; done\necho done\n",
        directory.path().display()
    );
    let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
    let parameters = [("title", "trace"), ("code", code.as_str()), ("script_type", "V2")];
    let script = session.legacy("CreateScript", &parameters).await;
    let group = run(&session, &script, "first").await;
    let trace = directory.path().join("trace");
    eventually("the script", || async { trace.exists().then_some(()) }).await;

    server.kill().await;
    let server = ServerProcess::start(&listen, &data, None, &more).await;
    // The new server's agent may just be finding out that it has to wait.
    assert!(processes(directory.path(), "agent") >= 1);
    std::fs::write(directory.path().join("gate"), "").unwrap();
    let end = session.until_final(group).await;
    assert_eq!(end["activity_status"], "succeeded", "{end}");
    assert_eq!(std::fs::read_to_string(&trace).unwrap(), "begun\n");

    // The server's own agent takes over; the computer is the same.
    let group = run(&session, &script, "second").await;
    assert_eq!(session.until_final(group).await["activity_status"], "succeeded");
    assert_eq!(session.get("v2/computers").await["count"], 1);
    assert!(server.stop().await.success());
    assert_eq!(processes(directory.path(), "agent"), 0, "it ends with a server that is stopped");

    let server = ServerProcess::start(&listen, &data, None, &more).await;
    eventually("the agent", || async { (processes(directory.path(), "agent") == 1).then_some(()) }).await;
    server.kill().await;
    eventually("its end", || async { (processes(directory.path(), "agent") == 0).then_some(()) }).await;
}
