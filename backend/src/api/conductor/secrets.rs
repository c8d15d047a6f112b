//! Secrets.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secret::{Secret, SecretDetail};
use binnacle_shared::model::conductor::visibility::Visibility;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::answer::{self, Wire};
use super::body::{Body, Name, flag, new_name, new_visibility, owner, visibility};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::secrets::{self, NewSecret, SecretChange};

impl Wire for Secret {
    const KEYS: &'static [&'static str] = &[
        "key",
        "created_at",
        "created_by",
        "updated_at",
        "tenant_name",
        "visibility",
        "resource_availability",
        "private_resource",
        "is_hidden_value",
        "provider_name",
    ];
}

impl Wire for SecretDetail {
    const KEYS: &'static [&'static str] = &[
        "key",
        "value",
        "schema",
        "created_at",
        "created_by",
        "updated_at",
        "tenant_name",
        "visibility",
        "resource_availability",
        "private_resource",
        "is_hidden_value",
        "provider_name",
        "provider_options",
    ];
}

/// What a secret is made from.
#[derive(Debug, JsonSchema)]
pub struct NewSecretBody {
    /// A text; with a schema whatever fits it.
    pub value: Option<Value>,
    /// Changes the value of the secret of that key, if there is one.
    pub update_if_exists: Option<bool>,
    /// Shown to nobody but who made it and the administrators.
    pub is_hidden_value: Option<bool>,
    pub visibility: Option<Visibility>,
    /// A JSON schema that values have to fit.
    pub schema: Option<Map<String, Value>>,
    /// Where the value is kept.
    pub provider_name: Option<String>,
    /// Where its provider has it: `path`, `field`, `key`, `tenant`.
    pub provider_options: Option<Map<String, Value>>,
}

/// What can be changed of a secret; what is empty stays as it is.
#[derive(Debug, JsonSchema)]
pub struct SecretChangeBody {
    pub value: Option<Value>,
    pub is_hidden_value: Option<bool>,
    pub visibility: Option<Visibility>,
    /// Whose it is from now on: needs `set_owner`.
    pub creator: Option<String>,
    pub provider_name: Option<String>,
    pub provider_options: Option<Map<String, Value>>,
}

/// Who sees it from now on.
#[derive(Debug, JsonSchema)]
pub struct VisibilityBody {
    /// `tenant` or `global`.
    pub visibility: Visibility,
}

/// `GET secrets`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    answer::index::<Secret>(&api, &caller, &query, Permission::SecretList).await
}

/// `GET secrets/{key}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(key): Name) -> Result<Response, Error> {
    let included = query.include(SecretDetail::KEYS)?.is_none_or(|wanted| wanted.contains(&"value"));
    let with_value = included && !query.flag("_skip_value")?;
    answer::one(&query, &secrets::read(&api, &caller.author(), &key, with_value).await?)
}

/// An object; an empty one says nothing.
fn object(r: &mut Reader<'_>, name: &str) -> Option<Value> {
    r.optional::<Map<String, Value>>(name).filter(|object| !object.is_empty()).map(Value::Object)
}

/// A text; an empty one says nothing.
fn text(r: &mut Reader<'_>, name: &str) -> Option<String> {
    r.optional::<String>(name).filter(|text| !text.is_empty())
}

/// A value; an empty text is none.
fn value(r: &mut Reader<'_>) -> Option<Value> {
    r.optional::<Value>("value").filter(|value| *value != "")
}

/// `PUT secrets/{key}`
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(key): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<SecretDetail>(&query)?;
    new_name(&key)?;
    let mut r = Reader::root(&body)?;
    let new = NewSecret {
        value: value(&mut r),
        visibility: new_visibility(&query, &mut r)?,
        is_hidden: flag(&mut r, "is_hidden_value").unwrap_or_default(),
        schema: object(&mut r, "schema"),
        provider_name: text(&mut r, "provider_name"),
        provider_options: object(&mut r, "provider_options"),
        update_if_exists: flag(&mut r, "update_if_exists").unwrap_or_default(),
    };
    if new.value.is_none() && new.provider_name.is_none() {
        r.fault("value", Violation::new("required", "Must be given, and not be empty."));
    }
    r.finish().or(())?;
    answer::one(&query, &secrets::put(&api, &caller.author(), &key, new).await?)
}

/// `PATCH secrets/{key}`
pub async fn update(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(key): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<SecretDetail>(&query)?;
    if body.as_object().is_none_or(Map::is_empty) {
        let message = "Give at least one of value, visibility, is_hidden_value, creator, provider_name and \
                       provider_options";
        return Err(Refusal::IllegalAction(message.into()).into());
    }
    let mut r = Reader::root(&body)?;
    // Clients send empty texts for what they leave as it is.
    let widened = if body.get("visibility").is_some_and(|given| *given == "") { None } else { visibility(&mut r) };
    let mut change = SecretChange {
        value: value(&mut r),
        visibility: widened,
        is_hidden: flag(&mut r, "is_hidden_value"),
        created_by_id: None,
        schema: object(&mut r, "schema"),
        provider_name: text(&mut r, "provider_name"),
        provider_options: object(&mut r, "provider_options"),
    };
    let creator = text(&mut r, "creator");
    r.finish().or(())?;
    if let Some(username) = creator {
        change.created_by_id = Some(owner(&api, &caller, "/creator", &username).await?);
    }
    answer::one(&query, &secrets::update(&api, &caller.author(), &key, change).await?)
}

/// `PATCH secrets/{key}/set-visibility`
pub async fn set_visibility(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(key): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<SecretDetail>(&query)?;
    let mut r = Reader::root(&body)?;
    let wanted = r.required::<String>("visibility");
    let wanted = r.check("visibility", wanted, |text| {
        let wider = Visibility::from_name(&text).filter(|visibility| *visibility != Visibility::Private);
        wider.ok_or_else(|| Violation::new("choice", "Must be tenant or global."))
    });
    r.finish().or(())?;
    let change = SecretChange { visibility: wanted, ..SecretChange::default() };
    answer::one(&query, &secrets::update(&api, &caller.author(), &key, change).await?)
}

/// `DELETE secrets/{key}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(key): Name) -> Result<StatusCode, Error> {
    secrets::remove(&api, &caller.author(), &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
