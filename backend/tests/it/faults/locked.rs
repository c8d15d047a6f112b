//! Somebody else holds the database of SQLite: a backup, an administrator with a shell.

use serde_json::json;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::server::{Server, assert_unavailable, serve};
use crate::support::process::eventually;

#[tokio::test]
async fn a_locked_database_is_read_and_takes_changes_when_it_is_free_again() {
    let directory = TempDir::new().unwrap();
    let server = Server::start(serve(&[], directory.path(), None)).await.unwrap();
    let soon = json!({"trigger_type": "one_time", "timestamp": "2020-01-01"});
    let file = format!("sqlite:{}", directory.path().join("binnacle.db").display());
    let mut other = SqliteConnection::connect(&file).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    assert_unavailable(&server.make_profile("p", &soon).await, "busy");
    server.logged("the database is busy").await;
    assert_eq!(server.count("script-profiles", "p").await, 0, "reading goes on");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    let (status, made) = server.make_profile("p", &soon).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(server.count("script-profiles", "p").await, 1);
    // The scheduler goes on as well.
    let runs = format!("script-profiles/{}/runs", made["id"]);
    eventually("the run", || async { (server.get(&runs).await.1["count"] == 1).then_some(()) }).await;
}

#[tokio::test]
async fn what_falls_due_while_it_is_locked_runs_once_afterwards() {
    let directory = TempDir::new().unwrap();
    let server = Server::start(serve(&[], directory.path(), None)).await.unwrap();
    let at = binnacle::clock::Clock::now(&binnacle::clock::SystemClock) + jiff::SignedDuration::from_secs(1);
    let soon = json!({"trigger_type": "one_time", "timestamp": at.to_string()});
    let (_, made) = server.make_profile("p", &soon).await;
    let file = format!("sqlite:{}", directory.path().join("binnacle.db").display());
    let mut other = SqliteConnection::connect(&file).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    server.logged("the scheduler could not look for what is due").await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    let runs = format!("script-profiles/{}/runs", made["id"]);
    eventually("the run", || async { (server.get(&runs).await.1["count"] == 1).then_some(()) }).await;
}
