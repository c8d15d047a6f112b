//! Computers that somebody names one by one.

use crate::store::{Conn, Scope, StoreError, computer};

/// Why nothing is done to any of them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no computer with the number {0}.")]
    Unknown(i64),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sees to it that all of them take part in the account and are in scope.
pub(super) async fn all_enrolled(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> Result<(), Error> {
    let known = computer::ids(conn, scope, computer::enrolled().add(computer::with_ids(ids))).await?;
    match ids.iter().find(|id| !known.contains(id)) {
        Some(unknown) => Err(Error::Unknown(*unknown)),
        None => Ok(()),
    }
}
