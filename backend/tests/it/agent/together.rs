//! The real agent and the real server, with nothing between them but HTTP.

use std::{path::Path, process::Stdio, time::Duration};

use binnacle::engine::ActivityEvent;
use binnacle_shared::model::landscape::activity::{Activity, ActivityStatus};
use nix::unistd::geteuid;
use serde_json::json;
use tokio::{
    process::{Child, Command},
    sync::broadcast::Receiver,
    time::timeout,
};

use binnacle::store::{
    computer_report, computer_user,
    package::{self, PackageFilter},
};

use super::server::{KEY, Server};
use crate::support::{database::Flavor, process::eventually};

/// Long enough for a busy machine; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_mins(1);

fn agent(server: &Server, data: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_binnacle"))
        .args([
            "agent",
            "--server",
            &format!("http://{}", server.address),
            "--registration-key",
            KEY,
            "--title",
            "Real",
        ])
        .arg("--data")
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Waits until an activity that fits has changed to one of these states.
async fn reached(
    server: &Server,
    events: &mut Receiver<ActivityEvent>,
    fits: impl Fn(&Activity) -> bool,
    states: &[ActivityStatus],
) -> Activity {
    let wait = async {
        loop {
            let ActivityEvent::Changed { id, parent_id: Some(_) } = events.recv().await.unwrap() else { continue };
            let activity = server.activity(id).await;
            if fits(&activity) && states.contains(&activity.activity_status) {
                return activity;
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("the activity did not get there")
}

#[tokio::test]
async fn from_enrolment_to_output_and_through_restarts() {
    use ActivityStatus::{Delivered, Failed, Succeeded};
    if !geteuid().is_root() {
        println!("skipped: the script runs as root");
        return;
    }
    let server = Server::start(Flavor::Sqlite).await.unwrap();
    let trigger = json!({"trigger_type": "event", "event_type": "post_enrollment"});
    server.fixture.profile("At enrolment", &[], trigger).await;
    let mut events = server.fixture.engine.subscribe();
    let data = tempfile::tempdir().unwrap();
    let mut first = agent(&server, data.path());

    let done = reached(&server, &mut events, |_| true, &[Succeeded, Failed]).await;
    assert_eq!((done.activity_status, done.result_text.as_deref()), (Succeeded, Some("hello\n")));
    assert_eq!(server.output(done.id).await, "hello\n");
    let computer = server.computers().await.remove(0);
    assert_eq!(computer.title, "Real");

    // The agent waits at the server now, or will in a moment; either way work reaches it at once.
    let child = server.order(&[computer.id]).await.remove(0);
    let delivered = reached(&server, &mut events, |activity| activity.id == child.id, &[Delivered, Succeeded]);
    timeout(Duration::from_secs(5), delivered).await.expect("the order took too long to reach the agent");
    first.kill().await.unwrap();

    // What waits while the agent is away is done when it is back, under the same identity.
    let late = server.order(&[computer.id]).await.remove(0);
    let _second = agent(&server, data.path());
    let done = reached(&server, &mut events, |activity| activity.id == late.id, &[Succeeded, Failed]).await;
    assert_eq!(done.activity_status, Succeeded);
    assert_eq!(server.computers().await.len(), 1);
    // The first order ended in the first life, or was answered by the second: never left open.
    let is_over = || async { server.activity(child.id).await.activity_status.is_final().then_some(()) };
    eventually("the end of the first order", is_over).await;
}

#[tokio::test]
async fn the_packages_users_and_processes_of_this_machine_arrive() {
    let Ok(status) = std::fs::read_to_string("/var/lib/dpkg/status") else {
        println!("skipped: no dpkg here");
        return;
    };
    let installed = status.split("\n\n").filter(|text| text.contains("\nStatus: install ok installed\n")).count();
    let server = Server::start(Flavor::Sqlite).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let _agent = agent(&server, data.path());
    let scope = &server.fixture.scope;
    let filter = PackageFilter { installed: Some(true), ..PackageFilter::default() };
    eventually("the packages", || async {
        let computer = server.computers().await.first()?.id;
        let mut conn = server.fixture.db.read().await.unwrap();
        let found = package::of_computer(&mut conn, scope, computer, &filter, 0, 1).await.unwrap().total;
        (found == u64::try_from(installed).unwrap()).then_some(())
    })
    .await;
    let computer = server.computers().await[0].id;
    let mut conn = server.fixture.db.read().await.unwrap();
    let users = computer_user::users(&mut conn, scope, computer).await.unwrap();
    assert!(users.iter().any(|user| user.username == "root" && user.uid == 0));
    let processes = computer_report::processes(&mut conn, scope, computer).await.unwrap();
    assert!(processes.iter().any(|process| process.pid == i64::from(std::process::id())));
    let hardware = computer_report::last(&mut conn, scope, computer, "hardware-info").await.unwrap();
    assert!(hardware[0].body["children"].is_array());
}
