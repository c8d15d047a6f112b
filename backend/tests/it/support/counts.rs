//! How many rows each table has, asked beside the application.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

/// A second connection to a test's database.
pub enum Counter {
    Sqlite(SqliteConnection, String),
    Postgres(PgConnection, String),
}

fn statement(tables: &[String]) -> String {
    let one = |table: &String| format!("SELECT '{table}' AS name, COUNT(*) AS number FROM \"{table}\"");
    tables.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ")
}

impl Counter {
    /// Counts all tables but these.
    pub async fn connect(url: &str, except: &[&str]) -> Self {
        let kept = |names: Vec<String>| -> Vec<String> {
            let ours = |name: &String| !name.starts_with("sqlite_") && !name.starts_with("_sqlx");
            names.into_iter().filter(|name| ours(name) && !except.contains(&name.as_str())).collect()
        };
        if url.starts_with("sqlite:") {
            let mut conn = SqliteConnection::connect(url).await.unwrap();
            let names = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'");
            let names = kept(names.fetch_all(&mut conn).await.unwrap());
            Self::Sqlite(conn, statement(&names))
        } else {
            let mut conn = PgConnection::connect(url).await.unwrap();
            let names = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");
            let names = kept(names.fetch_all(&mut conn).await.unwrap());
            Self::Postgres(conn, statement(&names))
        }
    }

    pub async fn count(&mut self) -> BTreeMap<String, i64> {
        match self {
            Self::Sqlite(conn, sql) => {
                let rows = sqlx::query(AssertSqlSafe(sql.clone())).fetch_all(conn).await.unwrap();
                rows.iter().map(|row| (row.get("name"), row.get("number"))).collect()
            }
            Self::Postgres(conn, sql) => {
                let rows = sqlx::query(AssertSqlSafe(sql.clone())).fetch_all(conn).await.unwrap();
                rows.iter().map(|row| (row.get("name"), row.get("number"))).collect()
            }
        }
    }
}
