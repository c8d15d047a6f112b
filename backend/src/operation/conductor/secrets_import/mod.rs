//! Takes secrets in that another manager, or this one, has handed out.

pub mod entry;
mod write;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secrets_provider::SecretsProvider;
use binnacle_shared::model::conductor::visibility::Visibility;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use self::entry::{Entry, Faults};
use super::owned::find;
use super::secret_values::{VALUE_MAX, sealed_options};
use super::secrets_providers::LOCAL;
use super::{Author, Error};
use crate::keys::secret_value_context;
use crate::operation::Services;
use crate::secrets::share::ShareKey;
use crate::store::person;

/// What is to be taken in.
pub struct Import {
    pub entries: Vec<Entry>,
    /// What was found wrong already.
    pub faults: BTreeMap<usize, Faults>,
    pub passphrase: Option<String>,
    pub override_collisions: bool,
}

impl fmt::Debug for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import").field("entries", &self.entries).finish_non_exhaustive()
    }
}

/// What became of it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Imported {
    /// Keys that were there already, by tenant.
    pub colliding_secrets: BTreeMap<String, Vec<String>>,
    /// What was wrong with entries, by their place in the list; all others are there now.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, Value>>")]
    pub secrets_errors: BTreeMap<usize, Faults>,
}

/// An entry that can be written.
struct Ready<'a> {
    entry: Entry,
    author: Author<'a>,
    tenant_id: i64,
    created_by_id: i64,
    provider_id: Option<i64>,
    /// Both encrypted.
    value: Option<String>,
    options: Option<String>,
}

/// Takes the secrets in. `targets` are the tenants that are named, each with what the author is
/// there; none: the author may not import there, or there is no such tenant.
pub async fn import(
    services: &Services,
    targets: &BTreeMap<String, Option<Author<'_>>>,
    import: Import,
) -> Result<Imported, Error> {
    let Import { entries, mut faults, passphrase, override_collisions } = import;
    let mut ready = Vec::with_capacity(entries.len());
    let mut known = Known::default();
    let mut conn = services.db.read().await?;
    for entry in entries {
        let index = entry.index;
        let Some(author) = targets.get(&entry.tenant).copied().flatten() else {
            let message = format!("The tenant `{}` does not exist, or takes no secrets from you", entry.tenant);
            faults.insert(index, Faults::from([("tenant_name", json!(message))]));
            continue;
        };
        match known.place(&mut conn, author, entry).await? {
            Ok(placed) => ready.push(placed),
            Err(wrong) => {
                faults.insert(index, wrong);
            }
        }
    }
    drop(conn);
    let ready = sealed(services, ready, passphrase, &mut faults).await?;
    write::write(services, ready, override_collisions, faults).await
}

/// Names that were looked up.
#[derive(Default)]
struct Known {
    people: HashMap<String, Option<i64>>,
    providers: HashMap<(i64, String), Option<(i64, bool)>>,
}

impl Known {
    /// Looks up where an entry goes, and whether the author may put it there.
    async fn place<'a>(
        &mut self,
        conn: &mut crate::store::Conn,
        author: Author<'a>,
        mut entry: Entry,
    ) -> Result<Result<Ready<'a>, Faults>, Error> {
        let tenant_id = author.tenant()?.id;
        let mut faults = Faults::new();
        let mut needs = |permission: Permission, field: &'static str, wanted: bool| {
            if wanted && !author.allows(permission) {
                faults.insert(field, json!(author.forbidden(permission).to_string()));
            }
        };
        needs(Permission::CreateGlobalResource, "visibility", entry.visibility == Visibility::Global);
        needs(Permission::SetTimestamp, "timestamp", entry.created_at.is_some());
        needs(Permission::SetOwner, "creator", entry.creator.is_some());
        let mut created_by_id = author.person.id;
        if let Some(creator) = entry.creator.as_ref().filter(|_| faults.is_empty()) {
            if !self.people.contains_key(creator) {
                let found = person::id_of_username(conn, author.person.account_id, creator).await?;
                self.people.insert(creator.clone(), found);
            }
            match self.people.get(creator).copied().flatten() {
                Some(id) => created_by_id = id,
                None => {
                    faults.insert("creator", json!(format!("There is no user `{creator}`")));
                }
            }
        }
        let mut provider_id = None;
        if let Some(name) = entry.provider.clone() {
            let at = (tenant_id, name);
            if !self.providers.contains_key(&at) {
                let found = match find::<SecretsProvider>(conn, &author, &at.1).await {
                    Ok(found) => Some((found.id, found.item.provider_type == LOCAL)),
                    Err(Error::NotFound { .. }) => None,
                    Err(other) => return Err(other),
                };
                self.providers.insert(at.clone(), found);
            }
            match self.providers.get(&at).copied().flatten() {
                None => {
                    faults.insert("provider", json!(format!("There is no secrets provider `{}`", at.1)));
                }
                Some((id, local)) => {
                    provider_id = Some(id);
                    entry.value = entry.value.filter(|_| local);
                    if local && entry.value.is_none() {
                        faults.insert("value", json!("Must be given: the provider keeps it here"));
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        Ok(Ok(Ready { entry, author, tenant_id, created_by_id, provider_id, value: None, options: None }))
    }
}

/// A value as it came: where it goes, its text, and whether that is encrypted.
type Sent = Option<(i64, String, String, bool)>;

/// Opens the values with the passphrase and seals them with this server's key.
async fn sealed<'a>(
    services: &Services,
    ready: Vec<Ready<'a>>,
    passphrase: Option<String>,
    faults: &mut BTreeMap<usize, Faults>,
) -> Result<Vec<Ready<'a>>, Error> {
    let mut ready = ready;
    let sent: Vec<Sent> = ready
        .iter_mut()
        .map(|ready| {
            let (text, encrypted) = ready.entry.value.take()?;
            Some((ready.tenant_id, ready.entry.key.clone(), text, encrypted))
        })
        .collect();
    let inner = services.clone();
    // Deriving the key takes its time.
    let work = move || -> Result<Vec<Result<Option<String>, Faults>>, Error> {
        let key = passphrase.as_deref().map(ShareKey::from_passphrase);
        sent.into_iter().map(|sent| resealed(&inner, sent, key.as_ref())).collect()
    };
    let values = tokio::task::spawn_blocking(work).await;
    let values = values.map_err(|_| Error::BadParameters("The secrets cannot be decrypted".into()))??;
    let mut good = Vec::with_capacity(ready.len());
    for (mut ready, value) in ready.into_iter().zip(values) {
        let index = ready.entry.index;
        let at = (ready.tenant_id, ready.entry.key.as_str());
        match (value, sealed_options(services, at, ready.entry.provider_options.as_ref())) {
            (Err(wrong), _) => {
                faults.insert(index, wrong);
            }
            (_, Err(Error::Invalid(problems))) => {
                faults.insert(index, Faults::from([("provider_options", json!(problems.to_string()))]));
            }
            (_, Err(other)) => return Err(other),
            (Ok(value), Ok(options)) => {
                (ready.value, ready.options) = (value, options);
                good.push(ready);
            }
        }
    }
    Ok(good)
}

fn resealed(services: &Services, sent: Sent, key: Option<&ShareKey>) -> Result<Result<Option<String>, Faults>, Error> {
    let Some((tenant_id, name, text, encrypted)) = sent else { return Ok(Ok(None)) };
    let fault = |field: &'static str, message: String| Ok(Err(Faults::from([(field, json!(message))])));
    let text = match (encrypted, key) {
        (false, _) => text,
        (true, None) => {
            let message = format!("The secret `{name}` is encrypted, and there is no passphrase to read it with");
            return fault("No passphrase", message);
        }
        (true, Some(key)) => match key.decrypt(&text) {
            Ok(text) if text.is_empty() => return fault("value", "Must not be empty".into()),
            Ok(text) => text,
            Err(error) => return fault("value", error.to_string()),
        },
    };
    if text.contains('\0') {
        return fault("value", "Must not hold NUL characters".into());
    }
    if text.len() > VALUE_MAX {
        return fault("value", format!("Must have at most {VALUE_MAX} bytes"));
    }
    let context = secret_value_context(tenant_id, &name);
    Ok(Ok(Some(services.keys.encrypt(services.random.as_ref(), &context, &text)?)))
}
