//! A server whose database was put back to an older copy, with its agents as they are.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Child;

use crate::support::process::{ServerProcess, Session, eventually, start_agent};

struct World {
    directory: TempDir,
    listen: String,
    session: Session,
    script: i64,
    user: String,
}

impl World {
    async fn start() -> (Self, ServerProcess, Child) {
        let directory = TempDir::new().unwrap();
        let server = ServerProcess::start("127.0.0.1:0", &directory.path().join("server"), None, &[]).await;
        let session = server.sign_in().await;
        let key = session.get("v2/preferences").await["registration_password"].as_str().unwrap().to_owned();
        let code = format!("#!/bin/sh\necho run >> {0}/trace\necho said\n", directory.path().display());
        let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
        let parameters = [("title", "trace"), ("code", code.as_str()), ("script_type", "V2")];
        let script = session.legacy("CreateScript", &parameters).await["id"].as_i64().unwrap();
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
        let listen = server.listen().to_owned();
        let agent = start_agent(&listen, &directory.path().join("agent"), &key, "restored");
        let world = Self { directory, listen, session, script, user };
        eventually("the computer", || async { (world.session.get("v2/computers").await["count"] == 1).then_some(()) })
            .await;
        (world, server, agent)
    }

    async fn start_server(&self) -> ServerProcess {
        ServerProcess::start(&self.listen, &self.directory.path().join("server"), None, &[]).await
    }

    /// Makes a profile that runs at once; gives its group of activities.
    async fn run(&self, title: &str) -> i64 {
        let body = serde_json::json!({
            "title": title, "script_id": self.script, "username": self.user, "time_limit": 60,
            "tags": ["restored"], "trigger": {"trigger_type": "one_time", "timestamp": "2025-01-01T00:00:00Z"},
        });
        let profile = self.session.post("v2/script-profiles", &body).await["id"].as_i64().unwrap();
        eventually("the run", || async {
            let path = format!("v2/script-profiles/{profile}/activities");
            self.session.get(&path).await["results"][0]["id"].as_i64()
        })
        .await
    }

    async fn result(&self, group: i64) -> Value {
        let end = self.session.until_final(group).await;
        assert_eq!(end["activity_status"], "succeeded", "{end}");
        self.session.get(&format!("v2/activities?query=parent-id:{group}")).await["results"][0].clone()
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.directory.path().join("trace")).unwrap_or_default().lines().count()
    }

    fn database(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join("server").join(name)
    }

    /// Copies the database of a server that is not running.
    fn back_up(&self) {
        copy(&self.database("binnacle.db"), &self.directory.path().join("backup"));
    }

    fn put_back(&self) {
        for name in ["binnacle.db-wal", "binnacle.db-shm"] {
            let _ = std::fs::remove_file(self.database(name));
        }
        copy(&self.directory.path().join("backup"), &self.database("binnacle.db"));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

#[tokio::test]
async fn agents_and_server_find_each_other_again_and_nothing_runs_twice() {
    let (world, server, mut agent) = World::start().await;
    let first = world.run("first").await;
    world.result(first).await;
    // An activity that the copy knows as waiting, and that is carried out after the copy.
    agent.kill().await.unwrap();
    let waiting = world.run("waiting").await;
    assert!(server.stop().await.success());
    world.back_up();
    let server = world.start_server().await;
    let mut agent = start_agent(&world.listen, &world.directory.path().join("agent"), "", "restored");
    world.result(waiting).await;
    // Activities that the copy does not know.
    for title in ["lost one", "lost two", "lost three"] {
        let lost = world.run(title).await;
        world.result(lost).await;
    }
    assert_eq!(world.runs(), 5);
    assert!(server.stop().await.success());

    world.put_back();
    let server = world.start_server().await;
    // The result of what was carried out comes again; the script does not run again.
    let child = world.result(waiting).await;
    assert_eq!(child["result_text"], "said\n");
    assert_eq!(world.runs(), 5);
    // A new activity has a number that was given before; it is another one, and runs.
    let anew = world.run("anew").await;
    assert_eq!(world.result(anew).await["result_text"], "said\n");
    assert_eq!(world.runs(), 6);
    // Still the same computer, which has not registered as a copy of itself.
    let computers = world.session.get("v2/computers").await;
    assert_eq!(computers["count"], 1, "{computers}");
    assert_eq!(world.session.get("v2/computers?query=title:nothing").await["count"], 0);
    assert!(server.stop().await.success());
    agent.kill().await.unwrap();
}
