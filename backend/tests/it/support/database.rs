//! A database of its own for each test, on SQLite or on PostgreSQL.

use std::sync::atomic::{AtomicU32, Ordering};

use binnacle::store::Db;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// Where the tests find PostgreSQL; `cargo xtask test` starts one and sets it.
const POSTGRES: &str = "BINNACLE_TEST_POSTGRES_URL";

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    Sqlite,
    Postgres,
}

/// A fresh database that goes when this value does (on PostgreSQL: with the whole server).
#[derive(Debug)]
pub struct TestDatabase {
    pub url: String,
    _directory: Option<TempDir>,
}

/// Numbers the databases that this process makes.
static COUNTER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// `None`, and a line that says so, when there is no PostgreSQL to test on.
    pub async fn create(flavor: Flavor) -> Option<Self> {
        match flavor {
            Flavor::Sqlite => {
                let directory = TempDir::new().unwrap();
                let url = format!("sqlite:{}", directory.path().join("test.db").display());
                Some(Self { url, _directory: Some(directory) })
            }
            Flavor::Postgres => {
                let Ok(server) = std::env::var(POSTGRES) else {
                    println!("skipped: {POSTGRES} is not set");
                    return None;
                };
                let number = COUNTER.fetch_add(1, Ordering::Relaxed);
                let name = format!("binnacle_test_{}_{number}", std::process::id());
                let mut admin = PgConnection::connect(&server).await.unwrap();
                let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
                sqlx::query(create).execute(&mut admin).await.unwrap();
                admin.close().await.unwrap();
                let (base, _) = server.rsplit_once('/').unwrap();
                Some(Self { url: format!("{base}/{name}"), _directory: None })
            }
        }
    }

    pub async fn open(&self) -> Db {
        Db::open(&self.url).await.unwrap()
    }

    /// All rows of all tables but those named, so that a test can tell that nothing changed.
    pub async fn contents(&self, but: &[&str]) -> Vec<String> {
        if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            let columns: Vec<(String, String)> = sqlx::query_as(
                "SELECT m.name, group_concat('quote(\"' || c.name || '\")', ' || '','' || ') \
                 FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' GROUP BY m.name",
            )
            .fetch_all(&mut connection)
            .await
            .unwrap();
            let tables = columns.iter().filter(|(table, _)| !but.contains(&table.as_str()));
            let selects = tables.map(|(table, row)| format!("SELECT '{table}: ' || {row} FROM \"{table}\""));
            let all = AssertSqlSafe(format!("{} ORDER BY 1", selects.collect::<Vec<_>>().join(" UNION ALL ")));
            sqlx::query_scalar(all).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            let tables: Vec<(String,)> =
                sqlx::query_as("SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public'")
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            let tables = tables.iter().filter(|(table,)| !but.contains(&table.as_str()));
            let selects = tables.map(|(table,)| format!("SELECT '{table}: ' || t::TEXT FROM \"{table}\" AS t"));
            let all = AssertSqlSafe(format!("{} ORDER BY 1", selects.collect::<Vec<_>>().join(" UNION ALL ")));
            sqlx::query_scalar(all).fetch_all(&mut connection).await.unwrap()
        }
    }
}

/// Writes each test twice: once for SQLite, once for PostgreSQL. The function gets the flavour.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($flavor:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($flavor: $crate::support::database::Flavor) $body

            $(#[$meta])*
            #[tokio::test]
            async fn sqlite() {
                run($crate::support::database::Flavor::Sqlite).await;
            }

            $(#[$meta])*
            #[tokio::test]
            async fn postgres() {
                run($crate::support::database::Flavor::Postgres).await;
            }
        }
    )+};
}
