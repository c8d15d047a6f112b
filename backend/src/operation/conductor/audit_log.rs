//! Shortens the audit log, and brings entries in from elsewhere.

use std::borrow::Cow;
use std::collections::HashMap;

use binnacle_shared::list::FieldFilter;
use binnacle_shared::time::NaiveMillis;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Author, Error, Subject, Whose};
use crate::operation::Services;
use crate::store::conductor::audit::{self, NewEntry, Operation};
use crate::store::conductor::audit_log::{self, AuditScope, Part};
use crate::store::conductor::tenant;
use crate::store::{Conn, StoreError, person};

/// What an author sees of the log: everything if they administer everything, else what concerns the
/// tenant they work in, and without one what they did themselves. A tenant or a person that was made
/// again under the same name is another one.
pub fn scope(author: &Author<'_>) -> AuditScope {
    let part = match author.tenant {
        _ if author.administers_all => Part::Everything,
        Some(tenant) => Part::Tenant(tenant.id),
        None => Part::Own(author.person.id),
    };
    AuditScope { account_id: author.person.account_id, part }
}

/// Removes what was written before a moment; tells how many entries that were. That it was done
/// stands in the log.
pub async fn truncate(
    services: &Services,
    author: &Author<'_>,
    before: Timestamp,
    filters: &[FieldFilter],
) -> Result<u64, Error> {
    let mut conn = services.db.write().await?;
    let deleted = audit_log::remove(&mut conn, &scope(author), before, filters).await?;
    if deleted > 0 {
        let chosen: serde_json::Map<String, Value> =
            filters.iter().map(|filter| (filter.field.to_owned(), json!(filter.values))).collect();
        let removed = json!({"deleted": deleted, "before": NaiveMillis(before), "filters": chosen});
        // How much was removed everywhere is nobody's in particular.
        let whose = if author.administers_all { Whose::Account } else { Whose::Here };
        let subject = Subject { table: "audit_log", id: 0, identifier: json!({}), whose };
        author.record(&mut conn, services.clock.now(), Operation::Delete, subject, (Some(removed), None)).await?;
    }
    conn.commit().await?;
    Ok(deleted)
}

/// An entry from elsewhere.
#[derive(Clone, Debug)]
pub struct Foreign {
    pub ref_table: String,
    pub ref_id: i64,
    pub ref_identifier: Value,
    pub operation: Operation,
    pub creator_name: Option<String>,
    pub execution_id: Option<String>,
    pub created_at: Option<Timestamp>,
    pub tenant_name: Option<String>,
    pub address: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The numbers that names of entries from elsewhere stand for here, now.
#[derive(Default)]
struct Known {
    tenants: HashMap<String, Option<i64>>,
    people: HashMap<String, Option<i64>>,
}

impl Known {
    async fn tenant(&mut self, conn: &mut Conn, account_id: i64, name: &str) -> Result<Option<i64>, StoreError> {
        if let Some(known) = self.tenants.get(name) {
            return Ok(*known);
        }
        let id = tenant::by_name(conn, account_id, name).await?.map(|tenant| tenant.id);
        self.tenants.insert(name.to_owned(), id);
        Ok(id)
    }

    async fn person(&mut self, conn: &mut Conn, account_id: i64, name: &str) -> Result<Option<i64>, StoreError> {
        if let Some(known) = self.people.get(name) {
            return Ok(*known);
        }
        let id = person::id_of_username(conn, account_id, name).await?;
        self.people.insert(name.to_owned(), id);
        Ok(id)
    }
}

/// Brings entries in, all or none; tells how many there were. Who does not administer everything
/// brings them into the tenant they work in, and into nobody's own log but theirs.
pub async fn inject(services: &Services, author: &Author<'_>, entries: Vec<Foreign>) -> Result<usize, Error> {
    let now = services.clock.now();
    let account_id = author.person.account_id;
    let count = entries.len();
    let mut known = Known::default();
    let mut conn = services.db.write().await?;
    for entry in entries {
        let (tenant_id, tenant_name) = match (&entry.tenant_name, author.tenant) {
            (Some(name), _) if author.administers_all => {
                (known.tenant(&mut conn, account_id, name).await?, Some(Cow::Borrowed(name.as_str())))
            }
            (None, _) if author.administers_all => (None, None),
            (_, here) => (here.map(|here| here.id), here.map(|here| Cow::Borrowed(here.name.as_str()))),
        };
        let creator_id = match &entry.creator_name {
            Some(name) if author.administers_all => known.person(&mut conn, account_id, name).await?,
            Some(name) if *name == author.person.username => Some(author.person.id),
            _ => None,
        };
        let new = NewEntry {
            account_id,
            ref_table: &entry.ref_table,
            ref_id: entry.ref_id,
            ref_identifier: entry.ref_identifier,
            operation: entry.operation,
            creator_id,
            creator_name: entry.creator_name.as_deref(),
            execution_id: entry.execution_id.as_deref(),
            tenant_id,
            tenant_name,
            address: entry.address,
            before: entry.before,
            after: entry.after,
        };
        audit::record(&mut conn, new, entry.created_at.unwrap_or(now)).await?;
    }
    conn.commit().await?;
    Ok(count)
}
