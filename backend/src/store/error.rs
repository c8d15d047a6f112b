//! What can go wrong in the store. It knows no HTTP.

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgDatabaseError;

/// A failure of the database, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row.
    #[error("the row exists already")]
    Duplicate,
    /// The row points to something that is not there.
    #[error("the row refers to something that does not exist")]
    Dangling,
    /// Somebody else holds the database too long.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// It takes no change, or does not answer, until somebody outside puts that right. Nothing
    /// has to be started anew then.
    #[error("{obstacle}: {source}")]
    Unavailable { obstacle: Obstacle, source: sqlx::Error },
    /// A stored value cannot be read back. This is a fault of ours.
    #[error("stored {what} cannot be read: {value}")]
    Unreadable { what: &'static str, value: String },
    #[error(
        "the database was written by a newer version of Binnacle (its schema has version {0}); start that version, or restore a backup made before the upgrade"
    )]
    Newer(i64),
    #[error("the database schema cannot be brought up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    #[error("the database cannot be used: {0}")]
    Database(#[source] sqlx::Error),
}

/// What stands between the server and its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    #[error("the disk of the database is full")]
    Full,
    #[error("the database is read-only")]
    ReadOnly,
    #[error("the database's files cannot be read or written")]
    Disk,
    #[error("the database cannot be reached")]
    Unreachable,
}

impl StoreError {
    /// Whether other rows would fare no better.
    pub const fn concerns_all(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let obstacle = match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy(error),
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Some(Obstacle::Unreachable),
            sqlx::Error::Database(inner) => match inner.kind() {
                ErrorKind::UniqueViolation => return Self::Duplicate,
                ErrorKind::ForeignKeyViolation => return Self::Dangling,
                _ if is_busy(inner.as_ref()) => return Self::Busy(error),
                _ => obstacle(inner.as_ref()),
            },
            _ => None,
        };
        match obstacle {
            Some(obstacle) => Self::Unavailable { obstacle, source: error },
            None => Self::Database(error),
        }
    }
}

/// The low byte of SQLite's extended codes says what kind of fault it is.
fn sqlite_code(error: &dyn DatabaseError) -> Option<u32> {
    let of_postgres = error.try_downcast_ref::<PgDatabaseError>().is_some();
    if of_postgres { None } else { error.code()?.parse::<u32>().ok().map(|code| code & 0xff) }
}

fn is_busy(error: &dyn DatabaseError) -> bool {
    match sqlite_code(error) {
        // SQLITE_BUSY, SQLITE_LOCKED
        Some(code) => matches!(code, 5 | 6),
        // Locks that are not to be had, serialisation, deadlocks, too many connections.
        None => matches!(error.code().as_deref(), Some("55P03" | "40001" | "40P01" | "53300")),
    }
}

fn obstacle(error: &dyn DatabaseError) -> Option<Obstacle> {
    match sqlite_code(error) {
        // SQLITE_FULL, READONLY, IOERR, CANTOPEN
        Some(13) => Some(Obstacle::Full),
        Some(8) => Some(Obstacle::ReadOnly),
        Some(10 | 14) => Some(Obstacle::Disk),
        Some(_) => None,
        None => match error.code().as_deref()? {
            "53100" => Some(Obstacle::Full),
            "25006" => Some(Obstacle::ReadOnly),
            "58030" => Some(Obstacle::Disk),
            "57P01" | "57P02" | "57P03" => Some(Obstacle::Unreachable),
            code if code.starts_with("08") => Some(Obstacle::Unreachable),
            _ => None,
        },
    }
}
