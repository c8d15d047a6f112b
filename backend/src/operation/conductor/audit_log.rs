//! Shortens the audit log, and brings entries in from elsewhere.

use binnacle_shared::list::FieldFilter;
use binnacle_shared::time::NaiveMillis;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Author, Error, Subject};
use crate::operation::Services;
use crate::store::conductor::audit::{self, NewEntry, Operation};
use crate::store::conductor::audit_log::{self, AuditScope, Part};

/// What an author sees of the log: everything if they administer everything, else what was done
/// in the tenant they work in, and without one what they did themselves.
pub fn scope(author: &Author<'_>) -> AuditScope {
    let part = match author.tenant {
        _ if author.administers_all => Part::Everything,
        Some(tenant) => Part::Tenant(tenant.name.clone()),
        None => Part::Own(author.person.username.clone()),
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
        let subject = Subject { table: "audit_log", id: 0, identifier: json!({}) };
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

/// Brings entries in, all or none; tells how many there were. Who does not administer everything
/// brings them into the tenant they work in.
pub async fn inject(services: &Services, author: &Author<'_>, entries: Vec<Foreign>) -> Result<usize, Error> {
    let now = services.clock.now();
    let here = author.tenant.map(|tenant| tenant.name.as_str());
    let count = entries.len();
    let mut conn = services.db.write().await?;
    for entry in entries {
        let new = NewEntry {
            account_id: author.person.account_id,
            ref_table: &entry.ref_table,
            ref_id: entry.ref_id,
            ref_identifier: entry.ref_identifier,
            operation: entry.operation,
            creator_name: entry.creator_name.as_deref(),
            execution_id: entry.execution_id.as_deref(),
            tenant_name: if author.administers_all { entry.tenant_name.as_deref() } else { here },
            address: entry.address,
            before: entry.before,
            after: entry.after,
        };
        audit::record(&mut conn, new, entry.created_at.unwrap_or(now)).await?;
    }
    conn.commit().await?;
    Ok(count)
}
