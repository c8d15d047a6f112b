//! One pool, connection and row for both databases.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::TryStreamExt;
use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection as _, Decode, PgConnection, PgPool, Postgres, Row as _, Sqlite,
    SqliteConnection, SqlitePool, Transaction, Type,
};
use tokio::sync::watch;

use super::error::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How many rows of an index are looked at for its statistics.
const STATISTICS_ROWS: u32 = 1000;
/// What each reading connection of SQLite keeps of the file, in KiB. With its default of 2 MiB a
/// walk through ten thousand computers reads most of its pages more than once.
const READER_CACHE: u32 = 16 * 1024;
/// Rows that SQLite's thread may be ahead of the reader; each time it has to wait costs two
/// switches of threads.
const ROWS_AHEAD: usize = 1024;

/// The database. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Db {
    pool: Pool,
    statements: Arc<AtomicU64>,
    audited: watch::Sender<u64>,
}

#[derive(Clone, Debug)]
enum Pool {
    /// SQLite has one writer. A pool of one connection for it queues the writers fairly, where
    /// the database itself would let them try again and again.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database, which is made if it is not there, and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self> {
        let pool = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?.application_name("binnacle");
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            Pool::Postgres(pool)
        } else {
            let path = url.strip_prefix("sqlite:").unwrap_or(url);
            Self::open_sqlite(Path::new(path.strip_prefix("//").unwrap_or(path))).await?
        };
        let db = Self { pool, statements: Arc::default(), audited: watch::Sender::default() };
        db.migrate().await?;
        db.optimize().await;
        Ok(db)
    }

    /// How many statements have been run: what doing nothing costs, for one.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Changes with each commit that has written into the audit log.
    pub fn audited(&self) -> watch::Receiver<u64> {
        self.audited.subscribe()
    }

    async fn open_sqlite(path: &Path) -> Result<Pool> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit that was answered survives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .row_buffer_size(ROWS_AHEAD)
            .foreign_keys(true);
        // Without statistics SQLite takes every index for equally good, also one that nearly
        // every row has the same value in. A connection lives for half an hour at the most.
        let writing = options.clone().optimize_on_close(true, STATISTICS_ROWS);
        let writer = sqlite_pool(1).connect_with(writing).await?;
        let reading = options.read_only(true).pragma("cache_size", format!("-{READER_CACHE}"));
        let readers = sqlite_pool(8).connect_lazy_with(reading);
        Ok(Pool::Sqlite { readers, writer })
    }

    async fn migrate(&self) -> Result<()> {
        let (result, newest) = match &self.pool {
            Pool::Sqlite { writer, .. } => (SQLITE_MIGRATIONS.run(writer).await, &SQLITE_MIGRATIONS),
            Pool::Postgres(pool) => (POSTGRES_MIGRATIONS.run(pool).await, &POSTGRES_MIGRATIONS),
        };
        let newest = newest.iter().map(|m| m.version).max().unwrap_or_default();
        result.map_err(|error| match error {
            MigrateError::VersionMissing(version) if version > newest => StoreError::Newer(version),
            other => StoreError::Migration(other),
        })
    }

    /// Brings the statistics up to date of what has grown much since they were made.
    async fn optimize(&self) {
        if let Pool::Sqlite { writer, .. } = &self.pool
            && let Err(error) = sqlx::query("PRAGMA optimize = 0x10002").execute(writer).await
        {
            tracing::warn!(%error, "the database's statistics are as old as they were");
        }
    }

    /// For reading. On SQLite this cannot write.
    pub async fn read(&self) -> Result<Conn> {
        Ok(self.conn(match &self.pool {
            Pool::Sqlite { readers, .. } => Inner::SqliteTx(readers.begin().await?),
            Pool::Postgres(pool) => Inner::PostgresTx(pool.begin().await?),
        }))
    }

    fn conn(&self, inner: Inner) -> Conn {
        let audited = self.audited.clone();
        Conn { inner, statements: Arc::clone(&self.statements), audited, writes_audit: false }
    }

    /// For a change. Nothing is kept until [`Conn::commit`].
    pub async fn write(&self) -> Result<Conn> {
        Ok(self.conn(match &self.pool {
            // IMMEDIATE takes the write lock first: no change fails half-way because of another.
            Pool::Sqlite { writer, .. } => Inner::SqliteTx(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Postgres(pool) => Inner::PostgresTx(pool.begin().await?),
        }))
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.pool, Pool::Postgres(_))
    }

    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

/// SQLite itself ends a transaction that fails for want of a disk. The connection then waits for
/// an end that has come already, and would refuse every later transaction: it is replaced.
fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        // There is no network that could have gone away; asking costs a switch of threads.
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
}

/// A connection in a transaction.
#[derive(Debug)]
pub struct Conn {
    inner: Inner,
    statements: Arc<AtomicU64>,
    audited: watch::Sender<u64>,
    writes_audit: bool,
}

#[derive(Debug)]
enum Inner {
    SqliteTx(Transaction<'static, Sqlite>),
    PostgresTx(Transaction<'static, Postgres>),
}

enum Link<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Conn {
    /// What the next statement runs on.
    fn link(&mut self) -> Link<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.inner {
            Inner::SqliteTx(tx) => Link::Sqlite(&mut *tx),
            Inner::PostgresTx(tx) => Link::Postgres(&mut *tx),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::PostgresTx(_))
    }

    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::SqliteTx(tx) => tx.commit().await?,
            Inner::PostgresTx(tx) => tx.commit().await?,
        }
        if self.writes_audit {
            self.audited.send_modify(|commits| *commits = commits.wrapping_add(1));
        }
        Ok(())
    }

    /// Lets those who watch the audit log know when this is committed. No operation has to think
    /// of it: whoever writes an entry has done so.
    pub(super) fn note_audit(&mut self) {
        self.writes_audit = true;
    }

    pub async fn fetch_all(&mut self, statement: &impl SqlxBinder) -> Result<Vec<Row>> {
        Ok(match self.link() {
            Link::Sqlite(c) => {
                let (sql, values) = statement.build_sqlx(SqliteQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values).fetch(c).map_ok(Row::Sqlite).try_collect().await?
            }
            Link::Postgres(c) => {
                let (sql, values) = statement.build_sqlx(PostgresQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values).fetch(c).map_ok(Row::Postgres).try_collect().await?
            }
        })
    }

    pub async fn fetch_optional(&mut self, statement: &impl SqlxBinder) -> Result<Option<Row>> {
        Ok(self.fetch_all(statement).await?.into_iter().next())
    }

    /// The one row that an aggregate or a `RETURNING` gives.
    pub async fn fetch_one(&mut self, statement: &impl SqlxBinder) -> Result<Row> {
        let row = self.fetch_optional(statement).await?;
        row.ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }

    /// Runs a statement and tells how many rows it touched.
    pub async fn execute(&mut self, statement: &impl SqlxBinder) -> Result<u64> {
        Ok(match self.link() {
            Link::Sqlite(c) => {
                let (sql, values) = statement.build_sqlx(SqliteQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values).execute(c).await?.rows_affected()
            }
            Link::Postgres(c) => {
                let (sql, values) = statement.build_sqlx(PostgresQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values).execute(c).await?.rows_affected()
            }
        })
    }
}

/// A row of either database.
#[derive(Debug)]
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A type that both databases give.
pub trait Column: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

impl Row {
    pub fn get<T: Column>(&self, column: &str) -> Result<T>
    where
        for<'a> &'a str: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// A point in time, stored in microseconds.
    pub fn time(&self, column: &str) -> Result<jiff::Timestamp> {
        from_micros(self.get(column)?)
    }

    pub fn optional_time(&self, column: &str) -> Result<Option<jiff::Timestamp>> {
        self.get::<Option<i64>>(column)?.map(from_micros).transpose()
    }

    /// A value that is one of a few words.
    pub fn word<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        let text: String = self.get(column)?;
        parse(&text).ok_or(StoreError::Unreadable { what: column, value: text })
    }
}

fn from_micros(micros: i64) -> Result<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(micros)
        .map_err(|_| StoreError::Unreadable { what: "time", value: micros.to_string() })
}

/// How times are stored.
pub fn micros(time: jiff::Timestamp) -> i64 {
    time.as_microsecond()
}
