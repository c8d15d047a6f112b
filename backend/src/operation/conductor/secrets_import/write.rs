//! Writes what can be written of an import, in one transaction.

use std::collections::{BTreeMap, HashMap};

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secret::Secret;
use binnacle_shared::model::conductor::secrets_provider::MASK;
use binnacle_shared::model::conductor::visibility::Visibility;
use jiff::Timestamp;
use sea_query::Expr;
use serde_json::{Value, json};

use super::super::Error;
use super::super::owned::subject;
use super::entry::{Entry, Faults};
use super::{Imported, Ready};
use crate::operation::Services;
use crate::store::conductor::audit::{self, NewEntry, Operation};
use crate::store::conductor::belonging::{self, Home};
use crate::store::conductor::secret::{Standing, standing};
use crate::store::tables::Secret as Table;
use crate::store::{Conn, StoreError, account, micros};

/// What is to be done with an entry.
enum Step {
    Insert,
    Replace(Standing),
    /// There is one already, and it stays.
    Keep,
    /// There is one already, and this one cannot take its place.
    Refuse(&'static str, String),
}

fn step(ready: &Ready<'_>, present: &[Standing], overriding: bool) -> Step {
    let Ready { entry, author, tenant_id, .. } = ready;
    let here = present.iter().find(|one| one.tenant_id == *tenant_id);
    let elsewhere = present.iter().any(|one| {
        let global = one.visibility == Visibility::Global || entry.visibility == Visibility::Global;
        one.tenant_id != *tenant_id && global
    });
    let refuse = |field, message: &str| Step::Refuse(field, message.to_owned());
    let Some(here) = here else {
        return match (elsewhere, overriding) {
            (false, _) => Step::Insert,
            (true, false) => Step::Keep,
            (true, true) => refuse("key", "Another tenant has a secret of that key, and one of the two is global"),
        };
    };
    if !overriding {
        return Step::Keep;
    }
    let open = author.scope.opens(here.tenant_id, here.created_by_id);
    if !author.allows(Permission::SecretUpdate) {
        return Step::Refuse("key", author.forbidden(Permission::SecretUpdate).to_string());
    }
    if !open && (here.is_hidden || here.visibility == Visibility::Private) {
        return refuse("key", "The secret that is there is hidden from you, so you cannot change it");
    }
    if !open && entry.is_hidden {
        return refuse("is_hidden_value", "Only who made a secret and the tenant's administrators can hide its value");
    }
    if here.has_schema {
        return refuse("value", "The secret that is there has a schema; change it by itself");
    }
    if entry.visibility < here.visibility {
        return refuse("visibility", "The secret that is there is seen further, and visibility can only be widened");
    }
    if elsewhere && entry.visibility > here.visibility {
        return refuse("visibility", "Another tenant has a secret of that key");
    }
    Step::Replace(*here)
}

fn noted(entry: &Entry) -> Value {
    json!({
        "key": entry.key,
        "tenant_name": entry.tenant,
        "visibility": entry.visibility,
        "is_hidden_value": entry.is_hidden,
        "provider_name": entry.provider,
        "value": MASK,
    })
}

fn columns(ready: &Ready<'_>, now: Timestamp) -> Vec<(Table, Expr)> {
    vec![
        (Table::UpdatedAt, micros(now).into()),
        (Table::Value, ready.value.clone().into()),
        (Table::IsHidden, ready.entry.is_hidden.into()),
        (Table::ProviderId, ready.provider_id.into()),
        (Table::ProviderOptions, ready.options.clone().into()),
    ]
}

pub async fn write(
    services: &Services,
    ready: Vec<Ready<'_>>,
    overriding: bool,
    faults: BTreeMap<usize, Faults>,
) -> Result<Imported, Error> {
    let mut imported = Imported { secrets_errors: faults, ..Imported::default() };
    let Some(account_id) = ready.first().map(|ready| ready.author.person.account_id) else { return Ok(imported) };
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, account_id).await?;
    let keys: Vec<String> = ready.iter().map(|ready| ready.entry.key.clone()).collect();
    let mut present: HashMap<String, Vec<Standing>> = HashMap::new();
    for (key, standing) in standing(&mut conn, account_id, &keys).await? {
        let all = present.entry(key).or_default();
        // A key that stands several times in the list is looked for several times.
        if !all.contains(&standing) {
            all.push(standing);
        }
    }
    let mut planned = Vec::with_capacity(ready.len());
    for (place, ready) in (0..).zip(&ready) {
        let Ready { entry, .. } = ready;
        let known = present.entry(entry.key.clone()).or_default();
        let step = step(ready, known, overriding);
        if !matches!(step, Step::Insert) {
            imported.colliding_secrets.entry(entry.tenant.clone()).or_default().push(entry.key.clone());
        }
        let before = match step {
            Step::Keep => continue,
            Step::Refuse(field, message) => {
                imported.secrets_errors.insert(entry.index, Faults::from([(field, json!(message))]));
                continue;
            }
            Step::Replace(standing) => Some(standing),
            Step::Insert => None,
        };
        let has = Standing {
            // Until the rows are made, each has a number that no row has.
            id: before.map_or(-1 - place, |before| before.id),
            tenant_id: ready.tenant_id,
            visibility: entry.visibility,
            created_by_id: before.map_or(ready.created_by_id, |before| before.created_by_id),
            is_hidden: entry.is_hidden,
            has_schema: false,
        };
        known.retain(|one| one.id != has.id);
        known.push(has);
        planned.push((ready, before));
    }
    let entries = carry_out(&mut conn, planned, now).await?;
    audit::record_all(&mut conn, entries, now).await?;
    conn.commit().await?;
    Ok(imported)
}

/// Makes all that is new, many rows at a time, and then changes what was there: also what the list
/// itself has brought. Gives what the audit log says of it.
async fn carry_out<'a>(
    conn: &mut Conn,
    planned: Vec<(&Ready<'a>, Option<Standing>)>,
    now: Timestamp,
) -> Result<Vec<NewEntry<'a>>, Error> {
    let fresh = planned.iter().filter(|(_, before)| before.is_none()).map(|(ready, _)| {
        let home = Home {
            tenant_id: ready.tenant_id,
            created_by_id: ready.created_by_id,
            created_at: ready.entry.created_at.unwrap_or(now),
            visibility: ready.entry.visibility,
        };
        let mut values = columns(ready, now);
        values.push((Table::Name, ready.entry.key.as_str().into()));
        (home, values)
    });
    let made = belonging::insert_all(conn, fresh.collect()).await?;
    let mut entries = Vec::with_capacity(planned.len());
    for (ready, before) in planned {
        let Ready { entry, author, tenant_id, .. } = ready;
        let id = made.get(&(*tenant_id, entry.key.clone())).copied().or(before.map(|before| before.id));
        let id = id.ok_or(StoreError::Dangling)?;
        let (operation, noted_before) = match before {
            None => (Operation::Create, None),
            Some(before) => {
                let mut values = columns(ready, now);
                values.push((Table::Visibility, entry.visibility.name().into()));
                belonging::update(conn, id, values).await?;
                let (visibility, is_hidden) = (before.visibility, before.is_hidden);
                let noted = json!({"visibility": visibility, "is_hidden_value": is_hidden, "value": MASK});
                (Operation::Update, Some(noted))
            }
        };
        let subject = subject::<Secret>(id, &entry.key, &entry.tenant);
        entries.push(author.entry(operation, subject, (noted_before, Some(noted(entry)))));
    }
    Ok(entries)
}
