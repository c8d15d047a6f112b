//! A server that is told to end: it takes nothing new, finishes what is under way, and goes.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::{Server, serve};
use crate::support::process::{eventually, start_agent};

/// Longer than a stop may take: five seconds for requests, and a little for the rest.
const BOUND: Duration = Duration::from_secs(9);

fn terminate(server: &Server) {
    kill(Pid::from_raw(i32::try_from(server.pid()).unwrap()), Signal::SIGTERM).unwrap();
}

async fn ends(server: &mut Server) {
    let status = tokio::time::timeout(BOUND, server.child.wait()).await.expect("it did not end in time").unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn requests_and_streams_under_way_are_ended_in_order() {
    let directory = TempDir::new().unwrap();
    let mut server = Server::start(serve(&[], &directory.path().join("server"), None)).await.unwrap();
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    // An agent whose ping is held, and an activity that nobody fetches.
    let (_, preferences) = server.get("preferences").await;
    let key = preferences["registration_password"].as_str().unwrap();
    let mut agent = start_agent(&address, &directory.path().join("agent"), key, "stop");
    eventually("the computer", || async { (server.get("computers").await.1["count"] == 1).then_some(()) }).await;
    agent.kill().await.unwrap();
    let soon = json!({"trigger_type": "one_time", "timestamp": "2020-01-01"});
    let (_, profile) = server.make_profile("p", &soon).await;
    let path = format!("script-profiles/{}/activities", profile["id"]);
    let group = eventually("the run", || async { server.get(&path).await.1["results"][0]["id"].as_i64() }).await;
    let mut agent = start_agent(&address, &directory.path().join("idle"), "wrong key", "stop");
    eventually("the second computer", || async {
        let pending = server.legacy("GetPendingComputers").await.1;
        (!pending.as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    let mut stream = server.stream(&format!("activities/{group}/stream")).await;
    assert!(!stream.chunk().await.unwrap().unwrap().is_empty());

    // A request of which half has come.
    let body = server.profile("late", &json!({"trigger_type": "one_time", "timestamp": "2030-01-01"})).to_string();
    let mut slow = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v2/script-profiles HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        server.token(),
        body.len()
    );
    let (first, second) = body.split_at(20);
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(first.as_bytes()).await.unwrap();
    slow.flush().await.unwrap();
    // It has been taken up when a later one on another connection has been answered.
    server.get("about").await;

    terminate(&server);
    eventually("a closed door", || async { TcpStream::connect(&address).await.is_err().then_some(()) }).await;
    // Not torn off: the end of a stream is said.
    while stream.chunk().await.expect("the stream was torn off").is_some() {}
    slow.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    ends(&mut server).await;
    agent.kill().await.unwrap();

    let server = Server::start(serve(&[], &directory.path().join("server"), None)).await.unwrap();
    assert_eq!(server.count("script-profiles", "late").await, 1);
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_it_up() {
    let directory = TempDir::new().unwrap();
    let mut server = Server::start(serve(&[], directory.path(), None)).await.unwrap();
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let mut stuck = TcpStream::connect(&address).await.unwrap();
    stuck.write_all(b"POST /api/v2/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
    server.get("about").await;
    terminate(&server);
    ends(&mut server).await;
}

#[tokio::test]
async fn runs_that_are_due_are_finished_one_by_one_and_the_others_left_for_later() {
    const MANY: i64 = 1500;
    let directory = TempDir::new().unwrap();
    let server = Server::start(serve(&[], directory.path(), None)).await.unwrap();
    let (_, made) = server.make_profile("p", &json!({"trigger_type": "one_time", "timestamp": "2030-01-01"})).await;
    let id = &made["id"];
    drop(server);
    let file = format!("sqlite:{}", directory.path().join("binnacle.db").display());
    let columns = "account_id, access_group_id, script_id, all_computers, time_limit, username, trigger_type, run_at, \
                   trigger_version, created_at, edited_at";
    let copies = format!(
        "INSERT INTO script_profile ({columns}, title, next_run_at) SELECT {columns}, 'copy ' || n, n FROM script_profile, \
         (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) SELECT n FROM numbers) \
         WHERE script_profile.id = {id}"
    );
    let mut conn = SqliteConnection::connect(&file).await.unwrap();
    sqlx::query(AssertSqlSafe(copies)).execute(&mut conn).await.unwrap();
    let runs = async |conn: &mut SqliteConnection| -> i64 {
        sqlx::query("SELECT COUNT(*) FROM profile_run").fetch_one(conn).await.unwrap().get(0)
    };
    let mut server = Server::start(serve(&[], directory.path(), None)).await.unwrap();
    terminate(&server);
    ends(&mut server).await;
    let before = runs(&mut conn).await;
    assert!(before < MANY, "it stopped before all had run");
    let planned: i64 = sqlx::query("SELECT COUNT(*) FROM script_profile WHERE next_run_at < 1000000")
        .fetch_one(&mut conn)
        .await
        .unwrap()
        .get(0);
    assert_eq!(before + planned, MANY, "each has either run or is still planned");
    let _server = Server::start(serve(&[], directory.path(), None)).await.unwrap();
    let seen = tokio::sync::Mutex::new(conn);
    eventually("all runs", || async { (runs(&mut *seen.lock().await).await == MANY).then_some(()) }).await;
}
