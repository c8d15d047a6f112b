//! Makes, shows, changes and removes secrets.

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secret::{Secret, SecretDetail};
use binnacle_shared::model::conductor::secrets_provider::{MASK, SecretsProvider};
use binnacle_shared::model::conductor::visibility::{Belonging, Visibility};
use sea_query::Expr;
use serde_json::{Value, json};

use super::owned::{Owned, check_new, find, find_own, subject, widen};
use super::secret_values::{check_schema, is_elsewhere, judged, options_of, sealed_options, sealed_value, value_of};
use super::secrets_providers::LOCAL;
use super::{Author, Error};
use crate::operation::Services;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::belonging::{self, Found};
use crate::store::conductor::secret::{Kept, Whole};
use crate::store::tables::Secret as Table;
use crate::store::{Conn, list, micros};

impl Owned for Secret {
    type Table = Table;
    const SINGULAR: &'static str = "Secret";
    const TABLE_NAME: &'static str = "secrets";

    fn belonging(&self) -> &Belonging {
        &self.belonging
    }

    fn noted(&self) -> Option<Value> {
        let mut noted = super::noted(self)?;
        noted["value"] = json!(MASK);
        Some(noted)
    }
}

/// A secret that is to be made.
pub struct NewSecret {
    pub value: Option<Value>,
    pub visibility: Visibility,
    pub is_hidden: bool,
    pub schema: Option<Value>,
    pub provider_name: Option<String>,
    pub provider_options: Option<Value>,
    /// Where there is one of that key, its value is changed.
    pub update_if_exists: bool,
}

/// What is to be changed of a secret.
#[derive(Default)]
pub struct SecretChange {
    pub value: Option<Value>,
    pub visibility: Option<Visibility>,
    pub is_hidden: Option<bool>,
    pub created_by_id: Option<i64>,
    /// Can only be the one that it has.
    pub schema: Option<Value>,
    pub provider_name: Option<String>,
    pub provider_options: Option<Value>,
}

unprinted!(NewSecret, SecretChange);

/// Whether a secret that may be hidden is open to the author.
fn is_open(author: &Author<'_>, found: &Found<Secret>) -> bool {
    !found.item.is_hidden_value || author.scope.opens(found.tenant_id, found.created_by_id)
}

/// A secret that the author may change: of their tenant, and not hidden from them.
async fn find_open(conn: &mut Conn, author: &Author<'_>, key: &str) -> Result<Found<Secret>, Error> {
    let found = find_own::<Secret>(conn, author, key).await?;
    if is_open(author, &found) {
        return Ok(found);
    }
    Err(Error::Forbidden(format!(
        "User `{}` is not permitted to modify the hidden value secret `{key}`",
        author.person.username
    )))
}

async fn kept(conn: &mut Conn, author: &Author<'_>, found: &Found<Secret>) -> Result<Kept, Error> {
    let whole = list::read::<Whole>(conn, author.scope, found.id).await?;
    let gone = || Error::not_found(Secret::SINGULAR, &found.item.key);
    Ok(whole.ok_or_else(gone)?.kept)
}

async fn provider_named(
    conn: &mut Conn,
    author: &Author<'_>,
    name: Option<&str>,
) -> Result<Option<Found<SecretsProvider>>, Error> {
    let Some(name) = name else { return Ok(None) };
    find::<SecretsProvider>(conn, author, name).await.map(Some)
}

fn needs_provider() -> Error {
    Error::field("/provider_options", "conflict", "Are for secrets that have a provider.")
}

/// What is shown of a value.
enum Shown {
    Nothing,
    Sealed,
    Value(Value),
}

fn detail(
    services: &Services,
    author: &Author<'_>,
    found: Found<Secret>,
    kept: Kept,
    shown: Shown,
) -> Result<SecretDetail, Error> {
    let open = is_open(author, &found);
    let at = (found.tenant_id, found.item.key.as_str());
    let provider_options = if open { options_of(services, at, &kept)? } else { None };
    let value = match shown {
        Shown::Nothing => None,
        Shown::Sealed => Some(kept.value.map_or(Value::Null, Value::String)),
        Shown::Value(value) => Some(value),
    };
    Ok(SecretDetail { secret: found.item, schema: kept.schema, provider_options, value })
}

/// A secret; with its value, where that is wanted and the author may see it. Who sees a value is
/// noted in the audit log first.
pub async fn read(
    services: &Services,
    author: &Author<'_>,
    key: &str,
    with_value: bool,
) -> Result<SecretDetail, Error> {
    let mut conn = services.db.read().await?;
    let found = find::<Secret>(&mut conn, author, key).await?;
    let kept = kept(&mut conn, author, &found).await?;
    drop(conn);
    let shown = if !with_value {
        Shown::Nothing
    } else if is_open(author, &found) {
        let value = value_of(services, &found, &kept).await?;
        let subject = subject::<Secret>(found.id, key, &found.item.belonging.tenant_name);
        services.read_log.note(services, author, subject).await?;
        Shown::Value(value)
    } else {
        Shown::Value(json!(""))
    };
    detail(services, author, found, kept, shown)
}

/// Makes a secret, or changes its value where that is wanted.
pub async fn put(services: &Services, author: &Author<'_>, key: &str, new: NewSecret) -> Result<SecretDetail, Error> {
    if new.update_if_exists {
        let mut conn = services.db.read().await?;
        let known = belonging::by_name::<Table, Secret>(&mut conn, author.scope, key, Secret::only()).await?;
        drop(conn);
        if known.is_some() {
            author.require(Permission::SecretUpdate)?;
            let change = SecretChange {
                value: new.value,
                // Clients always send these two, with what is meant for new ones.
                visibility: None,
                is_hidden: Some(true).filter(|_| new.is_hidden),
                created_by_id: None,
                schema: new.schema,
                provider_name: new.provider_name,
                provider_options: new.provider_options,
            };
            return update(services, author, key, change).await;
        }
    }
    create(services, author, key, new).await
}

async fn create(services: &Services, author: &Author<'_>, key: &str, new: NewSecret) -> Result<SecretDetail, Error> {
    let mut conn = services.db.read().await?;
    let provider = provider_named(&mut conn, author, new.provider_name.as_deref()).await?;
    drop(conn);
    if provider.is_none() && new.provider_options.is_some() {
        return Err(needs_provider());
    }
    let elsewhere = provider.as_ref().is_some_and(|provider| is_elsewhere(&provider.item.provider_type));
    let text = match new.value {
        // Its provider has it.
        _ if elsewhere => {
            if let Some(schema) = new.schema.clone() {
                check_schema(schema).await?;
            }
            None
        }
        None => return Err(Error::field("/value", "required", "Must be given, and not be empty.")),
        Some(value) => Some(judged(new.schema.clone(), value).await?),
    };

    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    check_new::<Secret>(&mut conn, author, key, new.visibility).await?;
    let home = author.home(new.visibility, now)?;
    let at = (home.tenant_id, key);
    let value = text.map(|text| sealed_value(services, at, &text)).transpose()?;
    let values: Vec<(Table, Expr)> = vec![
        (Table::Name, key.into()),
        (Table::UpdatedAt, micros(now).into()),
        (Table::Value, value.into()),
        (Table::IsHidden, new.is_hidden.into()),
        (Table::ValueSchema, new.schema.map(|schema| schema.to_string()).into()),
        (Table::ProviderId, provider.map(|provider| provider.id).into()),
        (Table::ProviderOptions, sealed_options(services, at, new.provider_options.as_ref())?.into()),
    ];
    let id = belonging::insert(&mut conn, home, values).await?;
    let made = find::<Secret>(&mut conn, author, key).await?;
    let subject = subject::<Secret>(id, key, &made.item.belonging.tenant_name);
    author.record(&mut conn, now, Operation::Create, subject, (None, made.item.noted())).await?;
    let kept = kept(&mut conn, author, &made).await?;
    conn.commit().await?;
    detail(services, author, made, kept, Shown::Sealed)
}

pub async fn update(
    services: &Services,
    author: &Author<'_>,
    key: &str,
    change: SecretChange,
) -> Result<SecretDetail, Error> {
    let mut conn = services.db.read().await?;
    let found = find_open(&mut conn, author, key).await?;
    let present = kept(&mut conn, author, &found).await?;
    let provider = provider_named(&mut conn, author, change.provider_name.as_deref()).await?;
    drop(conn);
    if change.schema.is_some() && change.schema != present.schema {
        let message = "The schema of a secret cannot be changed; remove the secret and make it anew";
        return Err(Error::IllegalAction(message.into()));
    }
    if change.provider_options.is_some() && provider.is_none() && present.provider.is_none() {
        return Err(needs_provider());
    }
    let kept_type = present.provider.as_ref().map(|provider| provider.provider_type.as_str());
    let next_type = provider.as_ref().map(|provider| provider.item.provider_type.as_str()).or(kept_type);
    // None: stays as it is.
    let text = match (change.value, next_type.is_some_and(is_elsewhere)) {
        (Some(_), true) if provider.is_none() => {
            return Err(Error::IllegalAction(format!(
                "The value of the secret `{key}` is kept by its provider; change it there, or name a provider of \
                 the type {LOCAL} to keep it here"
            )));
        }
        (_, true) => provider.is_some().then_some(None),
        (Some(value), false) => Some(Some(judged(present.schema.clone(), value).await?)),
        (None, false) if present.value.is_none() => {
            return Err(Error::field("/value", "required", "Must be given: it is not kept here yet."));
        }
        (None, false) => None,
    };

    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let before = find_open(&mut conn, author, key).await?;
    if before.id != found.id {
        return Err(Error::Conflict(format!("Somebody else has made the secret `{key}` anew; try again")));
    }
    if let Some(visibility) = change.visibility {
        widen(&mut conn, author, &before, key, visibility).await?;
    }
    let at = (before.tenant_id, key);
    let mut values: Vec<(Table, Expr)> = vec![(Table::UpdatedAt, micros(now).into())];
    if let Some(text) = text {
        let value = text.map(|text| sealed_value(services, at, &text)).transpose()?;
        values.push((Table::Value, value.into()));
    }
    if let Some(is_hidden) = change.is_hidden.filter(|wanted| *wanted != before.item.is_hidden_value) {
        if !author.scope.opens(before.tenant_id, before.created_by_id) {
            let message = "Only who made a secret and the tenant's administrators can hide its value";
            return Err(Error::Forbidden(message.into()));
        }
        values.push((Table::IsHidden, is_hidden.into()));
    }
    if let Some(created_by_id) = change.created_by_id {
        values.push((Table::CreatedById, created_by_id.into()));
    }
    let options = sealed_options(services, at, change.provider_options.as_ref())?;
    if let Some(provider) = &provider {
        values.push((Table::ProviderId, provider.id.into()));
        // What was meant for another is not told to this one.
        let same = present.provider.as_ref().is_some_and(|kept| kept.name == provider.item.name);
        if options.is_none() && !same {
            values.push((Table::ProviderOptions, None::<String>.into()));
        }
    }
    if options.is_some() {
        values.push((Table::ProviderOptions, options.into()));
    }
    belonging::update(&mut conn, before.id, values).await?;
    // Who gives a private secret away may not see it any more.
    let after = list::read::<Whole>(&mut conn, author.scope, before.id).await?;
    let (item, kept) = after.map_or((before.item.clone(), present), |after| (after.secret, after.kept));
    let created_by_id = change.created_by_id.unwrap_or(before.created_by_id);
    let after = Found { id: before.id, tenant_id: before.tenant_id, created_by_id, item };
    let subject = subject::<Secret>(before.id, key, &after.item.belonging.tenant_name);
    let noted = (before.item.noted(), after.item.noted());
    author.record(&mut conn, now, Operation::Update, subject, noted).await?;
    conn.commit().await?;
    detail(services, author, after, kept, Shown::Sealed)
}

pub async fn remove(services: &Services, author: &Author<'_>, key: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let found = find_open(&mut conn, author, key).await?;
    belonging::remove::<Table>(&mut conn, found.id).await?;
    let subject = subject::<Secret>(found.id, key, &found.item.belonging.tenant_name);
    let noted = (found.item.noted(), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject, noted).await?;
    conn.commit().await?;
    Ok(())
}
