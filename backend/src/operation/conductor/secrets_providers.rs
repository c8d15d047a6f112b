//! Makes, changes, tests and removes secrets providers.

use binnacle_shared::Problems;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secrets_provider::{MASK, SecretsProvider};
use binnacle_shared::model::conductor::visibility::{Belonging, Visibility};
use binnacle_shared::problem::FieldError;
use jiff::Timestamp;
use sea_query::Expr;
use serde_json::{Map, Value, json};

use super::error::Code;
use super::owned::{Owned, check_new, find, find_own, subject, widen};
use super::{Author, Error};
use crate::keys::secrets_provider_context;
use crate::operation::Services;
use crate::secrets::provider::{self, Provider, ProviderError};
use crate::store::conductor::audit::Operation;
use crate::store::conductor::belonging::{self, Found};
use crate::store::conductor::secrets_provider::parameters;
use crate::store::tables::SecretsProvider as Table;
use crate::store::{Conn, StoreError, micros};

/// The type of those that keep values here.
pub const LOCAL: &str = "local";
/// Most bytes of connection parameters; certificates are the most of them.
const PARAMETERS_MAX: usize = 64 * 1024;

impl Owned for SecretsProvider {
    type Table = Table;
    const SINGULAR: &'static str = "SecretsProvider";
    const TABLE_NAME: &'static str = "secrets_providers";

    fn belonging(&self) -> &Belonging {
        &self.belonging
    }

    fn noted(&self) -> Option<Value> {
        let mut noted = super::noted(self)?;
        noted["connection_parameters"] = json!(MASK);
        Some(noted)
    }
}

/// A provider that is to be made.
pub struct NewProvider {
    pub provider_type: String,
    pub parameters: Option<Value>,
    pub visibility: Visibility,
    /// When and by whom it was made where it comes from.
    pub created_at: Option<Timestamp>,
    pub created_by_id: Option<i64>,
}

/// What is to be changed of a provider.
#[derive(Default)]
pub struct ProviderChange {
    pub provider_type: Option<String>,
    pub parameters: Option<Value>,
    pub visibility: Option<Visibility>,
}

unprinted!(NewProvider, ProviderChange);

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::coded(Code::FailedDependency, error.to_string())
    }
}

/// Reads type and parameters as a user gave them.
fn parse(provider_type: &str, parameters: Option<&Value>) -> Result<Provider, Error> {
    let at = "/connection_parameters";
    if parameters.is_some_and(|parameters| parameters.to_string().len() > PARAMETERS_MAX) {
        return Err(Error::field(at, "length", format!("Must have at most {PARAMETERS_MAX} bytes.")));
    }
    // Asterisks come from an answer that did not show the value. To put the present value in
    // their place would send it to whatever address stands beside them.
    let masked = parameters.and_then(Value::as_object).into_iter().flatten().filter(|(_, value)| *value == MASK);
    let masked: Vec<FieldError> = masked
        .map(|(name, _)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            FieldError::new(format!("{at}/{name}"), "masked", "Must be the value itself, and not what stands for it.")
        })
        .collect();
    if !masked.is_empty() {
        return Err(Problems(masked).into());
    }
    Ok(Provider::parse(provider_type, parameters)?)
}

/// Whether a provider with these settings answers.
pub async fn test(services: &Services, provider_type: &str, parameters: Option<&Value>) -> Result<(), Error> {
    let parsed = parse(provider_type, parameters)?;
    provider::test(&services.outbound, &parsed).await?;
    Ok(())
}

/// Whether the provider of that name answers, with the settings that are kept.
pub async fn test_kept(services: &Services, author: &Author<'_>, name: &str) -> Result<(), Error> {
    let mut conn = services.db.read().await?;
    let found = find::<SecretsProvider>(&mut conn, author, name).await?;
    let sealed = parameters(&mut conn, author.scope, found.id).await?;
    drop(conn);
    let parameters = opened(services, (found.tenant_id, name), sealed.as_deref())?;
    let parsed = Provider::parse(&found.item.provider_type, parameters.as_ref())?;
    provider::test(&services.outbound, &parsed).await?;
    Ok(())
}

fn sealed(
    services: &Services,
    tenant_id: i64,
    name: &str,
    parameters: Option<&Value>,
) -> Result<Option<String>, Error> {
    let filled = parameters.filter(|parameters| parameters.as_object().is_some_and(|members| !members.is_empty()));
    let Some(parameters) = filled else { return Ok(None) };
    let context = secrets_provider_context(tenant_id, name);
    Ok(Some(services.keys.encrypt(services.random.as_ref(), &context, &parameters.to_string())?))
}

/// The connection parameters that were sealed.
pub fn opened(
    services: &Services,
    (tenant_id, name): (i64, &str),
    sealed: Option<&str>,
) -> Result<Option<Value>, Error> {
    let Some(sealed) = sealed else { return Ok(None) };
    let text = services.keys.decrypt(&secrets_provider_context(tenant_id, name), sealed)?;
    let unreadable = |_| StoreError::Unreadable { what: "connection parameters", value: String::new() };
    Ok(Some(serde_json::from_str(&text).map_err(unreadable)?))
}

/// The same names with asterisks for what they hold.
fn masked(parameters: &Value) -> Value {
    let members = parameters.as_object().into_iter().flatten();
    Value::Object(members.map(|(name, _)| (name.clone(), json!(MASK))).collect::<Map<_, _>>())
}

/// Puts in the connection parameters, as far as the author may see them.
async fn with_parameters(
    services: &Services,
    conn: &mut Conn,
    author: &Author<'_>,
    found: Found<SecretsProvider>,
) -> Result<SecretsProvider, Error> {
    let Found { id, tenant_id, item: mut provider, .. } = found;
    let sealed = parameters(conn, author.scope, id).await?;
    let parameters = opened(services, (tenant_id, &provider.name), sealed.as_deref())?;
    // What holds in one tenant says nothing about what another shows to all.
    let here = author.tenant.is_some_and(|tenant| tenant.id == tenant_id);
    let may_see = here && author.allows(Permission::SecretsProviderCredentials);
    provider.connection_parameters = parameters.map(|given| if may_see { given } else { masked(&given) });
    Ok(provider)
}

/// A provider by name.
pub async fn read(services: &Services, author: &Author<'_>, name: &str) -> Result<SecretsProvider, Error> {
    let mut conn = services.db.read().await?;
    let found = find::<SecretsProvider>(&mut conn, author, name).await?;
    with_parameters(services, &mut conn, author, found).await
}

pub async fn create(
    services: &Services,
    author: &Author<'_>,
    name: &str,
    new: NewProvider,
) -> Result<SecretsProvider, Error> {
    let parsed = parse(&new.provider_type, new.parameters.as_ref())?;
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    check_new::<SecretsProvider>(&mut conn, author, name, new.visibility).await?;
    let mut home = author.home(new.visibility, new.created_at.unwrap_or(now))?;
    home.created_by_id = new.created_by_id.unwrap_or(home.created_by_id);
    let values: Vec<(Table, Expr)> = vec![
        (Table::Name, name.into()),
        (Table::ProviderType, parsed.kind().into()),
        (Table::Parameters, sealed(services, home.tenant_id, name, new.parameters.as_ref())?.into()),
    ];
    let id = belonging::insert(&mut conn, home, values).await?;
    let made = find::<SecretsProvider>(&mut conn, author, name).await?;
    let subject = subject::<SecretsProvider>(id, name, &made.item.belonging.tenant_name);
    author.record(&mut conn, now, Operation::Create, subject, (None, made.item.noted())).await?;
    let made = with_parameters(services, &mut conn, author, made).await?;
    conn.commit().await?;
    Ok(made)
}

pub async fn update(
    services: &Services,
    author: &Author<'_>,
    name: &str,
    change: ProviderChange,
) -> Result<SecretsProvider, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let before = find_own::<SecretsProvider>(&mut conn, author, name).await?;
    if let Some(visibility) = change.visibility {
        widen(&mut conn, author, &before, name, visibility).await?;
    }
    let mut values: Vec<(Table, Expr)> = vec![(Table::UpdatedAt, micros(now).into())];
    let wanted_type = change.provider_type.unwrap_or_else(|| before.item.provider_type.clone());
    if let Some(given) = &change.parameters {
        let parsed = parse(&wanted_type, Some(given))?;
        values.push((Table::ProviderType, parsed.kind().into()));
        values.push((Table::Parameters, sealed(services, before.tenant_id, name, Some(given))?.into()));
    } else if wanted_type != before.item.provider_type {
        // Parameters of another type would send its credentials to a place they were not meant for.
        parse(&wanted_type, None)?;
        values.push((Table::ProviderType, wanted_type.into()));
        values.push((Table::Parameters, None::<String>.into()));
    }
    belonging::update(&mut conn, before.id, values).await?;
    let after = find::<SecretsProvider>(&mut conn, author, name).await?;
    let subject = subject::<SecretsProvider>(before.id, name, &after.item.belonging.tenant_name);
    let noted = (before.item.noted(), after.item.noted());
    author.record(&mut conn, now, Operation::Update, subject, noted).await?;
    let after = with_parameters(services, &mut conn, author, after).await?;
    conn.commit().await?;
    Ok(after)
}

pub async fn remove(services: &Services, author: &Author<'_>, name: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let found = find_own::<SecretsProvider>(&mut conn, author, name).await?;
    belonging::remove::<Table>(&mut conn, found.id).await.map_err(|error| match error {
        StoreError::Dangling => Error::Conflict(format!("Secrets are kept by the provider `{name}`; move them first")),
        other => other.into(),
    })?;
    let subject = subject::<SecretsProvider>(found.id, name, &found.item.belonging.tenant_name);
    let noted = (found.item.noted(), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject, noted).await?;
    conn.commit().await?;
    Ok(())
}
