//! The agent's durable state: one SQLite file in a directory of its own.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use sqlx::{
    Row, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::AgentError;

/// The version of the schema below, kept in the file's own version field.
const SCHEMA_VERSION: i64 = 1;

/// Name of the file in the agent's directory.
const FILE: &str = "agent.db";

const SCHEMA: &str = "
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    secure_id TEXT,
    insecure_id TEXT,
    exchange_token BLOB,
    clone_secure_id TEXT,
    server_uuid TEXT,
    server_api TEXT NOT NULL,
    -- the number of the first message the server has not confirmed
    sequence INTEGER NOT NULL,
    -- the number of the server's message wanted next
    next_expected INTEGER NOT NULL,
    -- the digest the server holds of the types this client can take
    told_types BLOB,
    exchange_interval INTEGER,
    ping_interval INTEGER
);
INSERT INTO state (only, server_api, sequence, next_expected) VALUES (1, '3.2', 0, 0);
CREATE TABLE accepted_type (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE outbound (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- absent while the message is held, because the server does not accept its type
    sequence INTEGER,
    kind TEXT NOT NULL,
    api TEXT NOT NULL,
    body BLOB NOT NULL,
    operation_id INTEGER
);
CREATE INDEX outbound_sequence ON outbound (sequence);
CREATE TABLE operation (
    id INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('taken', 'started', 'finished'))
);
CREATE TABLE reported (kind TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
";

/// A handle to the state. It holds one connection, so writers wait for each other in order.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pool: SqlitePool,
}

/// The single row of what the agent is and where its counters stand.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) secure_id: Option<String>,
    pub(super) insecure_id: Option<String>,
    pub(super) exchange_token: Option<Vec<u8>>,
    pub(super) clone_secure_id: Option<String>,
    pub(super) server_uuid: Option<String>,
    pub(super) server_api: String,
    pub(super) sequence: i64,
    pub(super) next_expected: i64,
    pub(super) told_types: Option<Vec<u8>>,
    pub(super) exchange_interval: Option<u64>,
    pub(super) ping_interval: Option<u64>,
}

/// An order that was taken and is not yet answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredOperation {
    pub(super) id: i64,
    pub(super) body: Vec<u8>,
    pub(super) started: bool,
}

/// Opens the state in a directory, which is made if needed. The second value keeps a second agent
/// out of the directory as long as it lives.
pub(super) async fn open(directory: &Path) -> Result<(Store, File), AgentError> {
    let lock = lock(directory).map_err(|source| match source {
        TryLockError::WouldBlock => AgentError::AlreadyRunning(directory.display().to_string()),
        TryLockError::Error(source) => AgentError::DataDirectory { path: directory.display().to_string(), source },
    })?;
    let options = SqliteConnectOptions::new()
        .filename(directory.join(FILE))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let store = Store { pool };
    store.make_schema().await?;
    Ok((store, lock))
}

fn lock(directory: &Path) -> Result<File, TryLockError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(TryLockError::Error)?;
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join("agent.lock"))
        .map_err(TryLockError::Error)?;
    file.try_lock()?;
    // The file holds the secure id. A directory that was there before may be open to others, and
    // SQLite would make the file so too; its own helper files follow the mode of this one.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join(FILE))
        .map_err(TryLockError::Error)?;
    Ok(file)
}

impl Store {
    async fn make_schema(&self) -> Result<(), AgentError> {
        let mut transaction = self.begin().await?;
        let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
        match found {
            0 => {
                sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
                // A pragma takes no parameters; the number stands here and in SCHEMA_VERSION.
                sqlx::raw_sql("PRAGMA user_version = 1").execute(&mut *transaction).await?;
                transaction.commit().await?;
                Ok(())
            }
            SCHEMA_VERSION => Ok(()),
            found => Err(AgentError::NewerStore { found, known: SCHEMA_VERSION }),
        }
    }

    /// Begins a transaction. While one is open every other use of the store waits.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin().await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) async fn state(&self) -> Result<State, sqlx::Error> {
        state(&mut *self.pool.acquire().await?).await
    }

    pub(super) async fn accepts(&self, kind: &str) -> Result<bool, sqlx::Error> {
        accepts(&mut *self.pool.acquire().await?, kind).await
    }

    /// The token goes before a request is sent, so that a request that dies on the way leaves none.
    pub(super) async fn clear_token(&self) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE state SET exchange_token = NULL").execute(&self.pool).await?;
        Ok(())
    }

    /// The orders that still need doing, or whose doing was cut short.
    pub(super) async fn unfinished_operations(&self) -> Result<Vec<StoredOperation>, sqlx::Error> {
        sqlx::query(
            "SELECT id, body, state = 'started' AS started FROM operation WHERE state <> 'finished' ORDER BY id",
        )
        .try_map(|row: SqliteRow| {
            Ok(StoredOperation { id: row.try_get("id")?, body: row.try_get("body")?, started: row.try_get("started")? })
        })
        .fetch_all(&self.pool)
        .await
    }

    /// Marks an order as begun, which is what forbids to ever begin it again. Says false when it
    /// is gone or was begun before.
    pub(super) async fn start_operation(&self, id: i64) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("UPDATE operation SET state = 'started' WHERE id = ?1 AND state = 'taken'")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

pub(super) async fn state(connection: &mut SqliteConnection) -> Result<State, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM state").fetch_one(connection).await?;
    let seconds = |column| -> Result<Option<u64>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.and_then(|seconds| u64::try_from(seconds).ok()))
    };
    Ok(State {
        secure_id: row.try_get("secure_id")?,
        insecure_id: row.try_get("insecure_id")?,
        exchange_token: row.try_get("exchange_token")?,
        clone_secure_id: row.try_get("clone_secure_id")?,
        server_uuid: row.try_get("server_uuid")?,
        server_api: row.try_get("server_api")?,
        sequence: row.try_get("sequence")?,
        next_expected: row.try_get("next_expected")?,
        told_types: row.try_get("told_types")?,
        exchange_interval: seconds("exchange_interval")?,
        ping_interval: seconds("ping_interval")?,
    })
}

pub(super) async fn accepts(connection: &mut SqliteConnection, kind: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accepted_type WHERE name = ?1)")
        .bind(kind)
        .fetch_one(connection)
        .await
}

pub(super) async fn accepted_types(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM accepted_type ORDER BY name").fetch_all(connection).await
}

/// Records an order. Says false when an order of that id is still open, which is then not taken
/// a second time.
pub(super) async fn take_operation(
    connection: &mut SqliteConnection,
    id: i64,
    body: &[u8],
) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("INSERT INTO operation (id, body, state) VALUES (?1, ?2, 'taken') ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(body)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks an order as done. Says false when it is no longer known: then nobody wants its result.
pub(super) async fn finish_operation(connection: &mut SqliteConnection, id: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE operation SET state = 'finished' WHERE id = ?1 AND state <> 'finished'")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the ids given by the server. Whatever was ordered under an older id is forgotten, with
/// its results: the activities they belong to are not this computer's any more.
pub(super) async fn set_ids(
    connection: &mut SqliteConnection,
    secure_id: &str,
    insecure_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE state SET secure_id = ?1, insecure_id = ?2, clone_secure_id = NULL, exchange_token = NULL")
        .bind(secure_id)
        .bind(insecure_id)
        .execute(&mut *connection)
        .await?;
    forget_operations(connection).await
}

/// Forgets the ids. The one of the original is kept when this machine turned out to be a copy.
pub(super) async fn forget_ids(connection: &mut SqliteConnection, cloned: bool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE state SET clone_secure_id = CASE WHEN ?1 THEN secure_id END, secure_id = NULL, insecure_id = NULL,
         exchange_token = NULL",
    )
    .bind(cloned)
    .execute(&mut *connection)
    .await?;
    forget_operations(connection).await
}

async fn forget_operations(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM operation").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM outbound WHERE operation_id IS NOT NULL").execute(&mut *connection).await?;
    // Waiting messages close up behind those that go, or the server would see a hole.
    super::queue::close_gaps(&mut *connection).await?;
    sqlx::query("DELETE FROM reported").execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[tokio::test]
    async fn the_directory_is_private_and_belongs_to_one_agent() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        let (store, lock) = open(&path).await.unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.clone()), 0o700);
        for file in fs::read_dir(&path).unwrap() {
            assert_eq!(mode(file.unwrap().path()), 0o600);
        }
        assert!(matches!(open(&path).await, Err(AgentError::AlreadyRunning(_))));
        store.close().await;
        drop(lock);
        let (store, _lock) = open(&path).await.unwrap();
        assert_eq!(store.state().await.unwrap().server_api, "3.2");
    }

    #[tokio::test]
    async fn an_order_is_taken_and_begun_once() {
        let directory = tempfile::tempdir().unwrap();
        let (store, _lock) = open(directory.path()).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        assert!(take_operation(&mut transaction, 5, b"x").await.unwrap());
        assert!(!take_operation(&mut transaction, 5, b"y").await.unwrap());
        transaction.commit().await.unwrap();
        assert!(store.start_operation(5).await.unwrap());
        assert!(!store.start_operation(5).await.unwrap());
        let open = store.unfinished_operations().await.unwrap();
        assert_eq!(open, [StoredOperation { id: 5, body: b"x".to_vec(), started: true }]);
        let mut transaction = store.begin().await.unwrap();
        assert!(finish_operation(&mut transaction, 5).await.unwrap());
        assert!(!finish_operation(&mut transaction, 6).await.unwrap());
        transaction.commit().await.unwrap();
        assert!(store.unfinished_operations().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_newer_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (store, lock) = open(directory.path()).await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 9").execute(&store.pool).await.unwrap();
        store.close().await;
        drop(lock);
        assert!(matches!(open(directory.path()).await, Err(AgentError::NewerStore { found: 9, .. })));
    }
}
