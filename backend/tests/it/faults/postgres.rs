//! PostgreSQL that is read-only for a while, or ends our connections.

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::server::{Server, assert_unavailable, serve};
use crate::support::database::{Flavor, TestDatabase};

async fn administer(database: &TestDatabase, sql: &str) {
    let mut conn = PgConnection::connect(&database.url).await.unwrap();
    let (_, name) = database.url.rsplit_once('/').unwrap();
    sqlx::query("SET default_transaction_read_only = off").execute(&mut conn).await.unwrap();
    sqlx::query(AssertSqlSafe(sql.replace("THIS", name))).execute(&mut conn).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(end).fetch_all(&mut conn).await.unwrap();
}

#[tokio::test]
async fn a_database_that_becomes_read_only_takes_changes_when_it_is_not() {
    let Some(database) = TestDatabase::create(Flavor::Postgres).await else { return };
    let directory = TempDir::new().unwrap();
    let server = Server::start(serve(&[], directory.path(), Some(&database.url))).await.unwrap();
    let once = json!({"trigger_type": "one_time", "timestamp": "2030-01-01"});
    for round in 0..2 {
        administer(&database, "ALTER DATABASE THIS SET default_transaction_read_only = on").await;
        assert_unavailable(&server.make_profile("p", &once).await, "the database is read-only");
        server.logged("the database is read-only").await;
        assert_eq!(server.count("script-profiles", "p").await, 0, "reading goes on");
        administer(&database, "ALTER DATABASE THIS SET default_transaction_read_only = off").await;
        let (status, made) = server.make_profile(&format!("q{round}"), &once).await;
        assert_eq!(status, 201, "{made}");
    }
}
