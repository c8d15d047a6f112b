//! Values of secrets: checked, sealed for their place, and fetched from wherever they are kept.

use binnacle_shared::model::conductor::secret::Secret;
use serde_json::Value;

use super::Error;
use super::error::Code;
use super::secrets_providers::{LOCAL, opened};
use crate::keys::{secret_options_context, secret_value_context};
use crate::operation::Services;
use crate::secrets::provider::{self, Provider};
use crate::secrets::schema::{self, SchemaError};
use crate::store::StoreError;
use crate::store::conductor::belonging::Found;
use crate::store::conductor::secret::Kept;

/// Longest value, in bytes.
pub const VALUE_MAX: usize = 1024 * 1024;
/// Most bytes of what a secret tells its provider.
const OPTIONS_MAX: usize = 16 * 1024;

/// The text under which a value is stored, once it fits its schema.
pub(super) async fn judged(schema: Option<Value>, value: Value) -> Result<String, Error> {
    let text = match schema {
        None => match value {
            Value::String(text) => text,
            _ => return Err(Error::field("/value", "type", "Must be a string, unless a schema says what it is.")),
        },
        Some(schema) => {
            run_schema(move || match value {
                Value::String(text) => schema::check_value(&schema, &text).map(|value| value.to_string()),
                other => schema::check_json(&schema, &other).map(|()| other.to_string()),
            })
            .await?
        }
    };
    if text.len() > VALUE_MAX {
        return Err(Error::field("/value", "length", format!("Must have at most {VALUE_MAX} bytes.")));
    }
    Ok(text)
}

/// Refuses what is no schema.
pub(super) async fn check_schema(schema: Value) -> Result<(), Error> {
    run_schema(move || schema::check_schema(&schema)).await
}

/// Schemas take their time, and a server's threads have others to serve.
async fn run_schema<T: Send + 'static>(
    check: impl FnOnce() -> Result<T, SchemaError> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(check).await {
        Ok(Ok(checked)) => Ok(checked),
        Ok(Err(error @ SchemaError::Schema(_))) => Err(Error::field("/schema", "schema", error.to_string())),
        Ok(Err(error @ SchemaError::Value(_))) => Err(Error::Conflict(error.to_string())),
        Err(_) => Err(Error::BadParameters("Schema and value cannot be compared".into())),
    }
}

pub(super) fn sealed_value(services: &Services, (tenant_id, key): (i64, &str), text: &str) -> Result<String, Error> {
    Ok(services.keys.encrypt(services.random.as_ref(), &secret_value_context(tenant_id, key), text)?)
}

/// What a secret tells its provider, to be stored.
pub(super) fn sealed_options(
    services: &Services,
    (tenant_id, key): (i64, &str),
    options: Option<&Value>,
) -> Result<Option<String>, Error> {
    let Some(options) = options else { return Ok(None) };
    let text = options.to_string();
    if text.len() > OPTIONS_MAX {
        return Err(Error::field("/provider_options", "length", format!("Must have at most {OPTIONS_MAX} bytes.")));
    }
    Ok(Some(services.keys.encrypt(services.random.as_ref(), &secret_options_context(tenant_id, key), &text)?))
}

/// What a secret tells its provider, as it was stored.
pub(super) fn options_of(
    services: &Services,
    (tenant_id, key): (i64, &str),
    kept: &Kept,
) -> Result<Option<Value>, Error> {
    let Some(sealed) = &kept.options else { return Ok(None) };
    let text = services.keys.decrypt(&secret_options_context(tenant_id, key), sealed)?;
    let unreadable = |_| StoreError::Unreadable { what: "provider options", value: String::new() };
    Ok(Some(serde_json::from_str(&text).map_err(unreadable)?))
}

/// Whether providers of a type keep values themselves.
pub(super) fn is_elsewhere(provider_type: &str) -> bool {
    provider_type != LOCAL
}

/// The value of a secret, from wherever it is.
pub(super) async fn value_of(services: &Services, found: &Found<Secret>, kept: &Kept) -> Result<Value, Error> {
    let key = found.item.key.as_str();
    let at = (found.tenant_id, key);
    if let Some(kept_provider) = kept.provider.as_ref().filter(|provider| is_elsewhere(&provider.provider_type)) {
        let parameters = kept_provider.parameters.as_deref();
        let parameters = opened(services, (kept_provider.tenant_id, &kept_provider.name), parameters)?;
        let failed = |what: String| Error::coded(Code::FailedDependency, what);
        let provider = Provider::parse(&kept_provider.provider_type, parameters.as_ref())
            .map_err(|problems| failed(format!("The provider `{}` cannot be used: {problems}", kept_provider.name)))?;
        let options = options_of(services, at, kept)?;
        if let Some(text) = provider::read(&services.outbound, &provider, key, options.as_ref()).await? {
            let Some(schema) = kept.schema.clone() else { return Ok(Value::String(text)) };
            return run_schema(move || schema::check_value(&schema, &text)).await.map_err(|error| match error {
                Error::Conflict(what) => failed(what),
                other => other,
            });
        }
    }
    let Some(sealed) = &kept.value else {
        return Err(Error::coded(Code::FailedDependency, format!("No value of the secret `{key}` is kept here")));
    };
    let text = services.keys.decrypt(&secret_value_context(found.tenant_id, key), sealed)?;
    if kept.schema.is_none() {
        return Ok(Value::String(text));
    }
    let unreadable = |_| StoreError::Unreadable { what: "secret", value: String::new() };
    Ok(serde_json::from_str(&text).map_err(unreadable)?)
}
