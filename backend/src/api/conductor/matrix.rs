//! What the roles may do, remembered as long as nobody has changed it.

use std::sync::{Arc, PoisonError, RwLock};

use crate::store::conductor::permission::{self, Matrix};
use crate::store::{Conn, Result};

/// The matrix, and the number that it had in the store when it was read.
#[derive(Debug, Default)]
pub struct Permissions(RwLock<Option<(String, Arc<Matrix>)>>);

impl Permissions {
    /// The matrix with that number.
    pub async fn get(&self, conn: &mut Conn, epoch: &str) -> Result<Arc<Matrix>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, matrix)) = known.filter(|(known, _)| known == epoch) {
            return Ok(matrix);
        }
        let matrix = Arc::new(permission::matrix(conn).await?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((epoch.to_owned(), Arc::clone(&matrix)));
        Ok(matrix)
    }
}
