//! What can go wrong in the store. It knows no HTTP.

use sqlx::error::ErrorKind;

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

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            sqlx::Error::Database(ref inner) => match inner.kind() {
                ErrorKind::UniqueViolation => Self::Duplicate,
                ErrorKind::ForeignKeyViolation => Self::Dangling,
                // SQLITE_BUSY (with its extended codes), lock and serialisation failures of PostgreSQL.
                _ => match inner.code().as_deref() {
                    Some("5" | "261" | "517" | "6" | "55P03" | "40001" | "40P01") => Self::Busy(error),
                    _ => Self::Database(error),
                },
            },
            other => Self::Database(other),
        }
    }
}
