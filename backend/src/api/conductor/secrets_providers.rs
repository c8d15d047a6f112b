//! Secrets providers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secrets_provider::SecretsProvider;
use binnacle_shared::model::conductor::visibility::Visibility;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::answer::{self, Wire};
use super::body::{Body, Name, Restored, flag, new_visibility, visibility};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::secrets_providers::{self, NewProvider, ProviderChange};

impl Wire for SecretsProvider {
    const KEYS: &'static [&'static str] = &[
        "id",
        "name",
        "type",
        "connection_parameters",
        "created_at",
        "created_by",
        "updated_at",
        "tenant_name",
        "visibility",
        "resource_availability",
        "private_resource",
    ];
}

/// What a secrets provider is made from, or tried with.
#[derive(Debug, JsonSchema)]
pub struct NewProviderBody {
    /// Not needed for a try, unless the type is left out.
    pub name: Option<String>,
    /// `local`, `vault` or `cloudify`. Without it the provider of that name is tried as it is.
    #[schemars(rename = "type")]
    pub provider_type: Option<String>,
    /// Of a Vault: `url`, `token`, `path`; of another manager: `host`, `username`, `password`, `tenant`.
    pub connection_parameters: Option<Map<String, Value>>,
    pub visibility: Option<Visibility>,
    /// Only tries whether the provider answers, and makes none.
    pub test: Option<bool>,
    /// For whoever restores: needs `set_timestamp`.
    pub created_at: Option<String>,
    /// For whoever restores: needs `set_owner`.
    pub created_by: Option<String>,
}

/// What can be changed of a secrets provider.
#[derive(Debug, JsonSchema)]
pub struct ProviderChangeBody {
    #[schemars(rename = "type")]
    pub provider_type: Option<String>,
    /// All of them anew.
    pub connection_parameters: Option<Map<String, Value>>,
    pub visibility: Option<Visibility>,
}

/// `GET secrets-providers`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    answer::index::<SecretsProvider>(&api, &caller, &query, Permission::SecretsProviderList).await
}

/// `GET secrets-providers/{name}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(name): Name) -> Result<Response, Error> {
    answer::one(&query, &secrets_providers::read(&api, &caller.author(), &name).await?)
}

fn parameters(r: &mut Reader<'_>) -> Option<Value> {
    r.optional::<Map<String, Value>>("connection_parameters").map(Value::Object)
}

/// `PUT secrets-providers`
pub async fn create(State(api): State<Api>, caller: Caller, query: Query, Body(body): Body) -> Result<Response, Error> {
    answer::check::<SecretsProvider>(&query)?;
    let mut r = Reader::root(&body)?;
    let test = flag(&mut r, "test").unwrap_or_default();
    // Clients send empty texts for what they leave out of a try.
    let given = |r: &mut Reader<'_>, key: &str| {
        if test { r.optional::<String>(key).filter(|text| !text.is_empty()) } else { r.required::<String>(key) }
    };
    let name = given(&mut r, "name");
    let name = r.check("name", name, fields::name);
    let provider_type = given(&mut r, "type");
    if test && name.is_none() && provider_type.is_none() {
        r.fault("type", Violation::new("required", "Must be given, or the name of a provider."));
    }
    let parameters = parameters(&mut r);
    let visibility = new_visibility(&query, &mut r)?;
    let restored = Restored::read(&mut r);
    r.finish().or(())?;
    if test {
        match (provider_type, name) {
            (None, Some(name)) => secrets_providers::test_kept(&api, &caller.author(), &name).await?,
            (given, _) => secrets_providers::test(&api, &given.unwrap_or_default(), parameters.as_ref()).await?,
        }
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let provider_type = provider_type.unwrap_or_default();
    let created_by_id = restored.maker(&api, &caller).await?;
    let new = NewProvider { provider_type, parameters, visibility, created_at: restored.created_at, created_by_id };
    let made = secrets_providers::create(&api, &caller.author(), &name.unwrap_or_default(), new).await?;
    answer::one(&query, &made)
}

/// `PATCH secrets-providers/{name}`
pub async fn update(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<SecretsProvider>(&query)?;
    let mut r = Reader::root(&body)?;
    // Clients send the name along.
    if r.optional::<String>("name").is_some_and(|given| given != name) {
        r.fault("name", Violation::new("fixed", "Cannot be changed."));
    }
    let provider_type = r.optional::<String>("type");
    let parameters = parameters(&mut r);
    let visibility = visibility(&mut r);
    r.finish().or(())?;
    if provider_type.is_none() && parameters.is_none() && visibility.is_none() {
        let message = "Give at least one of type, connection_parameters and visibility".to_owned();
        return Err(Refusal::BadParameters(message).into());
    }
    let change = ProviderChange { provider_type, parameters, visibility };
    answer::one(&query, &secrets_providers::update(&api, &caller.author(), &name, change).await?)
}

/// `DELETE secrets-providers/{name}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(name): Name) -> Result<StatusCode, Error> {
    secrets_providers::remove(&api, &caller.author(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
