//! Who looked at a value that is otherwise hidden. It is written down before the value is shown,
//! and many who look at the same time share one transaction.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Author, Error, Subject};
use crate::operation::Services;
use crate::store::conductor::audit::{self, NewEntry, Operation};
use crate::store::{Db, StoreError};

/// Looks that are not written down yet.
#[derive(Clone, Debug, Default)]
pub struct ReadLog(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<Vec<Look>>,
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Look {
    account_id: i64,
    table: &'static str,
    id: i64,
    identifier: Value,
    person_id: i64,
    username: String,
    tenant_id: Option<i64>,
    tenant_name: Option<String>,
    address: Option<String>,
    at: Timestamp,
    written: oneshot::Sender<()>,
}

impl Look {
    fn entry(&self) -> NewEntry<'_> {
        NewEntry {
            account_id: self.account_id,
            ref_table: self.table,
            ref_id: self.id,
            ref_identifier: self.identifier.clone(),
            operation: Operation::Read,
            creator_id: Some(self.person_id),
            creator_name: Some(&self.username),
            execution_id: None,
            tenant_id: self.tenant_id,
            tenant_name: self.tenant_name.as_deref().map(Cow::Borrowed),
            address: self.address.clone(),
            before: None,
            after: None,
        }
    }
}

impl ReadLog {
    /// Writes down that the author looks at something; only then may it be shown.
    pub async fn note(&self, services: &Services, author: &Author<'_>, subject: Subject) -> Result<(), Error> {
        let (written, wait) = oneshot::channel();
        let table = subject.table;
        let entry = author.entry(Operation::Read, subject, (None, None));
        let look = Look {
            account_id: entry.account_id,
            table,
            id: entry.ref_id,
            identifier: entry.ref_identifier,
            person_id: author.person.id,
            username: author.person.username.clone(),
            tenant_id: entry.tenant_id,
            tenant_name: entry.tenant_name.map(Cow::into_owned),
            address: entry.address,
            at: services.clock.now(),
            written,
        };
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(look);
        // A task of its own: whoever hangs up must not take the others' lines along.
        tokio::spawn(write(Arc::clone(&self.0), services.db.clone()));
        // Dropped: it could not be written, and the server's log says why.
        wait.await.map_err(|_| StoreError::Busy(sqlx::Error::WorkerCrashed))?;
        Ok(())
    }
}

/// Writes all that wait. Who comes while another writes finds that done, or waits for the next.
async fn write(log: Arc<Inner>, db: Db) {
    let _turn = log.writing.lock().await;
    let looks = std::mem::take(&mut *log.waiting.lock().unwrap_or_else(PoisonError::into_inner));
    if looks.is_empty() {
        return;
    }
    match write_all(&db, &looks).await {
        Ok(()) => {
            for look in looks {
                // Who has hung up meanwhile sees nothing.
                let _ = look.written.send(());
            }
        }
        Err(error) => tracing::warn!(%error, "looks at secrets could not be written down, and were refused"),
    }
}

async fn write_all(db: &Db, looks: &[Look]) -> Result<(), StoreError> {
    let mut conn = db.write().await?;
    for look in looks {
        audit::record(&mut conn, look.entry(), look.at).await?;
    }
    conn.commit().await
}
