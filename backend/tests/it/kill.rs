//! `kill -9` of the server at the worst moments, with real processes: every run happens once, and
//! its result arrives.

mod at_random;

use std::path::{Path, PathBuf};

use binnacle::clock::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::on_both_databases;
use crate::support::database::{Flavor, TestDatabase};
use crate::support::process::{ServerProcess, Session, eventually, start_agent};

/// A server with its data, a place where scripts leave traces, and a script that leaves them.
struct World {
    directory: TempDir,
    database: Option<TestDatabase>,
    /// Absent while it is down.
    server: Option<ServerProcess>,
    listen: String,
    session: Session,
    key: String,
    user: String,
    script: i64,
}

impl World {
    async fn new(flavor: Flavor) -> Option<Self> {
        let database = match flavor {
            Flavor::Sqlite => None,
            Flavor::Postgres => Some(TestDatabase::create(flavor).await?),
        };
        let directory = TempDir::new().unwrap();
        let url = database.as_ref().map(|d| d.url.clone());
        let server = ServerProcess::start("127.0.0.1:0", &directory.path().join("server"), url.as_deref(), &[]).await;
        let session = server.sign_in().await;
        let preferences = session.get("v2/preferences").await;
        let key = preferences["registration_password"].as_str().unwrap().to_owned();
        // Each run adds a line; it ends when the gate is there.
        let code = format!(
            "#!/bin/sh\necho begun >> {0}/trace\nwhile [ ! -e {0}/gate ]; do sleep 0.05; done\necho done\n",
            directory.path().display()
        );
        let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
        let parameters = [("title", "trace"), ("code", code.as_str()), ("script_type", "V2")];
        let script = session.legacy("CreateScript", &parameters).await["id"].as_i64().unwrap();
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
        let listen = server.listen().to_owned();
        Some(Self { directory, database, server: Some(server), listen, session, key, user, script })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn agent(&self) -> tokio::process::Child {
        start_agent(&self.listen, &self.path("agent"), &self.key, "kill")
    }

    async fn enrolled(&self) {
        eventually("the computer", || async { (self.session.get("v2/computers").await["count"] == 1).then_some(()) })
            .await;
    }

    async fn profile(&self, at: Timestamp) -> i64 {
        let body = json!({
            "title": "kill", "script_id": self.script, "username": self.user, "time_limit": 60,
            "tags": ["kill"], "trigger": {"trigger_type": "one_time", "timestamp": at.to_string()},
        });
        self.session.post("v2/script-profiles", &body).await["id"].as_i64().unwrap()
    }

    async fn kill(&mut self) {
        self.server.take().unwrap().kill().await;
    }

    /// Starts a server on the same data and address.
    async fn start(&mut self) {
        let url = self.database.as_ref().map(|d| d.url.as_str());
        self.server = Some(ServerProcess::start(&self.listen, &self.path("server"), url, &[]).await);
    }

    async fn restart(&mut self) {
        self.kill().await;
        self.start().await;
    }

    async fn groups(&self, profile: i64) -> Vec<Value> {
        let page = self.session.get(&format!("v2/script-profiles/{profile}/activities")).await;
        page["results"].as_array().unwrap().clone()
    }

    /// The one group of the profile; more than one is the fault these tests are after.
    async fn only_group(&self, profile: i64) -> i64 {
        let groups = eventually("the run", || async {
            let groups = self.groups(profile).await;
            (!groups.is_empty()).then_some(groups)
        })
        .await;
        assert_eq!(groups.len(), 1);
        groups[0]["id"].as_i64().unwrap()
    }

    async fn begun(&self) {
        let trace = self.path("trace");
        eventually("the script", || async { trace.exists().then_some(()) }).await;
    }

    /// Opens the gate, and checks that the group's only run happened once and succeeded.
    async fn ends_well(&self, group: i64) {
        std::fs::write(self.path("gate"), "").unwrap();
        let end = self.session.until_final(group).await;
        assert_eq!(end["activity_status"], "succeeded", "{end}");
        let children = self.session.get(&format!("v2/activities?query=parent-id:{group}")).await;
        assert_eq!(children["count"], 1);
        assert_eq!(children["results"][0]["result_text"], "done\n");
        assert_eq!(runs(&self.path("trace")), 1);
    }
}

fn runs(trace: &Path) -> usize {
    std::fs::read_to_string(trace).unwrap().lines().count()
}

on_both_databases! {
    async fn killed_while_a_profile_is_due(flavor) {
        let Some(mut world) = World::new(flavor).await else { return };
        let mut agent = world.agent();
        world.enrolled().await;
        let due = SystemClock.now() + SignedDuration::from_millis(700);
        let profile = world.profile(due).await;
        world.kill().await;
        // Down at the moment itself: what is tested is that it is made up for.
        let rest = due.duration_since(SystemClock.now()) + SignedDuration::from_millis(100);
        tokio::time::sleep(rest.unsigned_abs()).await;
        world.start().await;
        let group = world.only_group(profile).await;
        world.begun().await;
        // Again, with the occurrence taken.
        world.restart().await;
        world.ends_well(group).await;
        assert_eq!(world.groups(profile).await.len(), 1);
        agent.kill().await.unwrap();
    }

    async fn killed_while_an_activity_waits(flavor) {
        let Some(mut world) = World::new(flavor).await else { return };
        let mut agent = world.agent();
        world.enrolled().await;
        agent.kill().await.unwrap();
        let profile = world.profile(Timestamp::UNIX_EPOCH).await;
        let group = world.only_group(profile).await;
        world.restart().await;
        assert!(!world.path("trace").exists());
        let mut agent = world.agent();
        world.begun().await;
        world.ends_well(group).await;
        agent.kill().await.unwrap();
    }

    async fn killed_while_a_script_runs(flavor) {
        let Some(mut world) = World::new(flavor).await else { return };
        let mut agent = world.agent();
        world.enrolled().await;
        let profile = world.profile(Timestamp::UNIX_EPOCH).await;
        let group = world.only_group(profile).await;
        world.begun().await;
        world.restart().await;
        world.restart().await;
        world.ends_well(group).await;
        agent.kill().await.unwrap();
    }

    async fn killed_and_the_script_ends_while_the_server_is_down(flavor) {
        let Some(mut world) = World::new(flavor).await else { return };
        let mut agent = world.agent();
        world.enrolled().await;
        let profile = world.profile(Timestamp::UNIX_EPOCH).await;
        let group = world.only_group(profile).await;
        world.begun().await;
        world.kill().await;
        std::fs::write(world.path("gate"), "").unwrap();
        world.start().await;
        world.ends_well(group).await;
        agent.kill().await.unwrap();
    }
}
