//! The agent's durable state: one SQLite file in a directory of its own.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use jiff::Timestamp;
use sqlx::{
    AssertSqlSafe, Row, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::{AgentError, schema::STEPS};
use crate::protocol::kind;

/// How long and how many results are kept after they were confirmed.
const KEEP_RESULTS_SECONDS: i64 = 7 * 24 * 3600;
const KEEP_RESULTS: i64 = 100;

/// Name of the file in the agent's directory.
const FILE: &str = "agent.db";

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
    /// Bytes of its output that were sent on.
    pub(super) streamed: usize,
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
        let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
        let done = usize::try_from(found).ok().filter(|done| *done <= STEPS.len());
        let done = done.ok_or(AgentError::NewerStore { found, known })?;
        for step in STEPS.iter().skip(done) {
            sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        }
        // A pragma takes no parameters.
        sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {known}"))).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
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
            "SELECT id, body, streamed, state = 'started' AS started FROM operation WHERE state <> 'finished' ORDER BY id",
        )
        .try_map(|row: SqliteRow| {
            Ok(StoredOperation {
                id: row.try_get("id")?,
                body: row.try_get("body")?,
                started: row.try_get("started")?,
                streamed: usize::try_from(row.try_get::<i64, _>("streamed")?).unwrap_or_default(),
            })
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

    /// Takes back that an order was begun: its script was never started.
    pub(super) async fn restart_operation(&self, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE operation SET state = 'taken' WHERE id = ?1 AND state = 'started'")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
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

/// What taking an order led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is to be carried out.
    New,
    /// It is being carried out, or its result is on the way.
    Known,
    /// It was carried out, with this result; the server has lost it.
    Answered(Vec<u8>),
    /// Another order of the same number is being carried out.
    Occupied,
}

/// Records an order. One that was carried out is not taken a second time; a different one of the
/// same number is: a server that was restored gives its numbers anew.
pub(super) async fn take_operation(
    connection: &mut SqliteConnection,
    id: i64,
    body: &[u8],
    identity: &[u8],
) -> Result<Taken, sqlx::Error> {
    let found = sqlx::query(
        "SELECT identity = ?2 OR identity = x'' AS same, state = 'finished' AS finished, result,
                EXISTS (SELECT 1 FROM outbound, state WHERE outbound.operation_id = ?1 AND kind = ?3
                        AND (outbound.sequence >= state.sequence OR outbound.sequence IS NULL)) AS waits
         FROM operation WHERE id = ?1",
    )
    .bind(id)
    .bind(identity)
    .bind(kind::OPERATION_RESULT)
    .try_map(|row: SqliteRow| {
        let flags: (bool, bool, bool) = (row.try_get("same")?, row.try_get("finished")?, row.try_get("waits")?);
        Ok((flags, row.try_get::<Option<Vec<u8>>, _>("result")?))
    })
    .fetch_optional(&mut *connection)
    .await?;
    match found {
        Some(((true, true, false), Some(result))) => return Ok(Taken::Answered(result)),
        Some(((true, ..), _)) => return Ok(Taken::Known),
        Some(((false, false, _), _)) => return Ok(Taken::Occupied),
        Some(((false, true, _), _)) => {
            sqlx::query("DELETE FROM operation WHERE id = ?1").bind(id).execute(&mut *connection).await?;
        }
        None => {}
    }
    sqlx::query("INSERT INTO operation (id, body, state, identity) VALUES (?1, ?2, 'taken', ?3)")
        .bind(id)
        .bind(body)
        .bind(identity)
        .execute(connection)
        .await?;
    Ok(Taken::New)
}

/// Marks an order as done and keeps its result. Says false when it is no longer known: then
/// nobody wants its result.
pub(super) async fn finish_operation(
    connection: &mut SqliteConnection,
    id: i64,
    result: &[u8],
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE operation SET state = 'finished', body = x'', result = ?2, finished_at = ?3
         WHERE id = ?1 AND state <> 'finished'",
    )
    .bind(id)
    .bind(result)
    .bind(now.as_second())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM operation WHERE state = 'finished' AND id NOT IN (
             SELECT id FROM operation WHERE state = 'finished' AND coalesce(finished_at, 0) >= ?1
             ORDER BY finished_at DESC, id DESC LIMIT ?2)",
    )
    .bind(now.as_second() - KEEP_RESULTS_SECONDS)
    .bind(KEEP_RESULTS)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The results that are kept and do not wait to be sent, oldest first.
pub(super) async fn kept_results(connection: &mut SqliteConnection) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT result FROM operation WHERE result IS NOT NULL AND id NOT IN (
             SELECT operation_id FROM outbound, state WHERE kind = ?1 AND operation_id IS NOT NULL
             AND (outbound.sequence >= state.sequence OR outbound.sequence IS NULL))
         ORDER BY finished_at, id",
    )
    .bind(kind::OPERATION_RESULT)
    .fetch_all(connection)
    .await
}

/// Notes how much of an order's output was sent on.
pub(super) async fn set_streamed(connection: &mut SqliteConnection, id: i64, bytes: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE operation SET streamed = ?2 WHERE id = ?1").bind(id).bind(bytes).execute(connection).await?;
    Ok(())
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
    sqlx::query("DELETE FROM reported").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM known").execute(&mut *connection).await?;
    super::packages::forget_members(connection).await
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
        assert_eq!(take_operation(&mut transaction, 5, b"x", b"one").await.unwrap(), Taken::New);
        assert_eq!(take_operation(&mut transaction, 5, b"y", b"one").await.unwrap(), Taken::Known);
        assert_eq!(take_operation(&mut transaction, 5, b"y", b"two").await.unwrap(), Taken::Occupied);
        transaction.commit().await.unwrap();
        assert!(store.start_operation(5).await.unwrap());
        assert!(!store.start_operation(5).await.unwrap());
        let open = store.unfinished_operations().await.unwrap();
        assert_eq!(open, [StoredOperation { id: 5, body: b"x".to_vec(), started: true, streamed: 0 }]);
        let mut transaction = store.begin().await.unwrap();
        assert!(finish_operation(&mut transaction, 5, b"result", Timestamp::UNIX_EPOCH).await.unwrap());
        assert!(!finish_operation(&mut transaction, 6, b"", Timestamp::UNIX_EPOCH).await.unwrap());
        // The result is not in the queue, so the server asks because it has lost it.
        let again = take_operation(&mut transaction, 5, b"x", b"one").await.unwrap();
        assert_eq!(again, Taken::Answered(b"result".to_vec()));
        assert_eq!(kept_results(&mut transaction).await.unwrap(), [b"result".to_vec()]);
        // Another order of that number is another order.
        assert_eq!(take_operation(&mut transaction, 5, b"z", b"two").await.unwrap(), Taken::New);
        transaction.commit().await.unwrap();
        assert_eq!(store.unfinished_operations().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn results_are_kept_for_a_week_and_in_bounded_number() {
        let directory = tempfile::tempdir().unwrap();
        let (store, _lock) = open(directory.path()).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        let end = Timestamp::UNIX_EPOCH;
        for id in 0..KEEP_RESULTS + 20 {
            take_operation(&mut transaction, id, b"", b"id").await.unwrap();
            finish_operation(&mut transaction, id, &id.to_le_bytes(), end).await.unwrap();
        }
        assert_eq!(kept_results(&mut transaction).await.unwrap().len(), usize::try_from(KEEP_RESULTS).unwrap());
        take_operation(&mut transaction, 1000, b"", b"id").await.unwrap();
        let later = end + jiff::SignedDuration::from_secs(KEEP_RESULTS_SECONDS + 1);
        finish_operation(&mut transaction, 1000, b"last", later).await.unwrap();
        assert_eq!(kept_results(&mut transaction).await.unwrap(), [b"last".to_vec()]);
    }

    #[tokio::test]
    async fn a_file_of_the_first_version_is_brought_up_to_date() {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new().filename(directory.path().join(FILE)).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        sqlx::raw_sql(STEPS[0]).execute(&pool).await.unwrap();
        sqlx::raw_sql("INSERT INTO operation VALUES (7, x'', 'started'); PRAGMA user_version = 1")
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let (store, _lock) = open(directory.path()).await.unwrap();
        assert_eq!(store.unfinished_operations().await.unwrap()[0].id, 7);
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
