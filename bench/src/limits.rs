//! What one could reach at best: a handler that only sends bytes, and a database that only reads.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::any;
use binnacle::auth::password::Passwords;
use binnacle::clock::{SystemClock, SystemRandom};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, SqliteConnection, ValueRef};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::http::Connection;
use crate::measure::Worker;

/// A request that is sent again and again.
#[derive(Debug)]
pub struct Request {
    connection: Connection,
    bytes: Arc<[u8]>,
}

impl Request {
    pub async fn new(address: &str, bytes: Arc<[u8]>) -> Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, bytes })
    }
}

impl Worker for Request {
    async fn once(&mut self) -> Result<()> {
        self.connection.succeed(&self.bytes).await.map(drop)
    }
}

/// `binnacle-bench bare FILE`: a server that answers everything with the file's bytes.
pub async fn serve_bare(file: &Path) -> Result<()> {
    let bytes = Bytes::from(std::fs::read(file)?);
    let handler = move || {
        let bytes = bytes.clone();
        async move { ([(CONTENT_TYPE, "application/json")], bytes).into_response() }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback(any(handler))).await?;
    Ok(())
}

/// Such a server as a process of its own, as the measured one is.
#[derive(Debug)]
pub struct Bare {
    // Ends with this value.
    _child: Child,
    _file: PathBuf,
    pub address: String,
}

impl Bare {
    pub async fn start(folder: &Path, answer: &[u8]) -> Result<Self> {
        let file = folder.join("bare");
        std::fs::write(&file, answer)?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("bare")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let Some(address) = lines.next_line().await? else { bail!("the bare server did not start") };
        Ok(Self { _child: child, _file: file, address })
    }
}

/// A connection of the kind that the server uses.
async fn connect(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(false);
    Ok(options.connect().await?)
}

/// Reads the rows of some statements, every column of them.
#[derive(Debug)]
pub struct RawRead {
    connection: SqliteConnection,
    statements: &'static [&'static str],
}

impl RawRead {
    pub async fn new(folder: &Path, statements: &'static [&'static str]) -> Result<Self> {
        Ok(Self { connection: connect(&folder.join("binnacle.db")).await?, statements })
    }
}

impl Worker for RawRead {
    async fn once(&mut self) -> Result<()> {
        let mut bytes = 0;
        for statement in self.statements {
            for row in self.connection.fetch_all(sqlx::query(*statement)).await? {
                for column in 0..row.len() {
                    let value = row.try_get_raw(column)?;
                    bytes += usize::from(!value.is_null());
                }
            }
        }
        ensure!(bytes > 0, "{:?} reads nothing", self.statements);
        Ok(())
    }
}

/// Writes the rows of something new, in a transaction of its own each time.
#[derive(Debug)]
pub struct RawWrite {
    connection: SqliteConnection,
    inserts: Vec<String>,
}

impl RawWrite {
    /// Into tables of its own, with the columns and indexes of the server's and one row of each to
    /// copy. The first table is that of the thing itself, the others have its id.
    pub async fn new(folder: &Path, data: &Path, tables: &[&str]) -> Result<Self> {
        let mut connection = connect(&folder.join("raw.db")).await?;
        let mut run = async |sql: String| connection.fetch_all(sqlx::query(AssertSqlSafe(sql))).await;
        let texts =
            |rows: Vec<SqliteRow>| rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>();
        run(format!("ATTACH '{}' AS live", data.join("binnacle.db").display())).await?;
        let mut inserts = Vec::new();
        for table in tables {
            let parts = format!("SELECT sql FROM live.sqlite_schema WHERE tbl_name = '{table}' AND sql IS NOT NULL");
            for part in texts(run(parts).await?)? {
                run(part).await?;
            }
            run(format!("INSERT INTO {table} SELECT * FROM live.{table} LIMIT 1")).await?;
            let columns = texts(run(format!("SELECT name FROM pragma_table_info('{table}')")).await?)?;
            let values = columns.iter().map(|column| match column.as_str() {
                "id" => "NULL",
                "title" => "hex(randomblob(8))",
                "script_profile_id" => "last_insert_rowid()",
                other => other,
            });
            let values = values.collect::<Vec<_>>().join(", ");
            inserts.push(format!("INSERT INTO {table} SELECT {values} FROM {table} LIMIT 1"));
        }
        run("DETACH live".to_owned()).await?;
        Ok(Self { connection, inserts })
    }
}

impl Worker for RawWrite {
    async fn once(&mut self) -> Result<()> {
        self.connection.execute("BEGIN IMMEDIATE").await?;
        for insert in &self.inserts {
            self.connection.execute(sqlx::query(AssertSqlSafe(insert.as_str().to_owned()))).await?;
        }
        self.connection.execute("COMMIT").await?;
        Ok(())
    }
}

/// Nothing but the check of a password.
#[derive(Debug, Clone)]
pub struct PasswordCheck {
    passwords: Passwords,
    password: String,
    hash: String,
}

impl PasswordCheck {
    pub async fn new(password: &str) -> Result<Self> {
        let passwords = Passwords::new(Arc::new(SystemClock));
        let hash = passwords.hash(&SystemRandom, password.to_owned(), &(0..=usize::MAX)).await?;
        Ok(Self { passwords, password: password.to_owned(), hash })
    }
}

impl Worker for PasswordCheck {
    async fn once(&mut self) -> Result<()> {
        let fits = self.passwords.verify(self.password.clone(), Some(self.hash.clone())).await?;
        ensure!(fits, "the password does not fit");
        Ok(())
    }
}
