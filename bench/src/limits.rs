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
use binnacle::clock::SystemRandom;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
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
        .synchronous(SqliteSynchronous::Full);
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

/// Writes a row like those of a table, each in a transaction of its own.
#[derive(Debug)]
pub struct RawWrite {
    connection: SqliteConnection,
    insert: String,
}

impl RawWrite {
    /// Into a table of its own, made from the first row of the server's.
    pub async fn new(folder: &Path, data: &Path, table: &str) -> Result<Self> {
        let mut connection = connect(&folder.join("raw.db")).await?;
        let database = data.join("binnacle.db");
        let attach = format!("ATTACH '{}' AS live", database.display());
        connection.execute(sqlx::query(AssertSqlSafe(attach))).await?;
        let copy = format!("CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM live.{table} LIMIT 1");
        connection.execute(sqlx::query(AssertSqlSafe(copy))).await?;
        connection.execute("DETACH live").await?;
        let insert = format!("INSERT INTO {table} SELECT * FROM {table} LIMIT 1");
        Ok(Self { connection, insert })
    }
}

impl Worker for RawWrite {
    async fn once(&mut self) -> Result<()> {
        self.connection.execute("BEGIN IMMEDIATE").await?;
        self.connection.execute(sqlx::query(AssertSqlSafe(self.insert.clone()))).await?;
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
        let passwords = Passwords::default();
        let hash = passwords.hash(&SystemRandom, password.to_owned()).await?;
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
