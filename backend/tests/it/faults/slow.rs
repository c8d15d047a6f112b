//! Clients that take their time.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::{Server, serve};
use crate::support::process::{eventually, start_agent};

/// Far longer than the one second that is allowed.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn half_a_head_is_not_waited_for_and_long_answers_go_on() {
    let directory = TempDir::new().unwrap();
    let mut command = serve(&[], &directory.path().join("server"), None);
    command.env("BINNACLE_HTTP_HEADER_TIMEOUT", "1");
    let server = Server::start(command).await.unwrap();
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    // An activity that nobody fetches, and somebody who watches it.
    let (_, preferences) = server.get("preferences").await;
    let key = preferences["registration_password"].as_str().unwrap();
    let mut agent = start_agent(&address, &directory.path().join("agent"), key, "slow");
    eventually("the computer", || async { (server.get("computers").await.1["count"] == 1).then_some(()) }).await;
    agent.kill().await.unwrap();
    let (_, profile) = server.make_profile("p", &json!({"trigger_type": "one_time", "timestamp": "2020-01-01"})).await;
    let path = format!("script-profiles/{}/activities", profile["id"]);
    let group = eventually("the run", || async { server.get(&path).await.1["results"][0]["id"].as_i64() }).await;
    let mut stream = server.stream(&format!("activities/{group}/stream")).await;
    assert!(!stream.chunk().await.unwrap().unwrap().is_empty());

    for half in ["", "G", "POST /api/v2/login HTTP/1.1\r\nHost: x\r\nContent-Le"] {
        let mut slow = TcpStream::connect(&address).await.unwrap();
        slow.write_all(half.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, slow.read_to_end(&mut answer)).await.expect("it was not closed");
        assert!(read.is_err() || !String::from_utf8_lossy(&answer).contains(" 200 "), "{half:?}: {answer:?}");
    }

    // The stream has lasted longer than a head may, and still tells what happens.
    let (status, _) = server.legacy(&format!("CancelActivities&query=id:{group}")).await;
    assert_eq!(status, 200);
    let mut seen = String::new();
    while !seen.contains("canceled") {
        let chunk = tokio::time::timeout(PATIENCE, stream.chunk()).await.unwrap().unwrap().expect("it ended too soon");
        seen.push_str(&String::from_utf8_lossy(&chunk));
    }
}
