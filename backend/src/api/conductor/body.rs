//! Request bodies of the Conductor API: JSON objects, and said to be JSON.

use axum::extract::FromRequestParts;
use axum::extract::{FromRequest, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::visibility::Visibility;
use binnacle_shared::problem::Violation;
use binnacle_shared::time::parse as parse_time;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::api::body::{bytes, parse};
use crate::api::error::ApiError;
use crate::operation::conductor::Error as Refusal;
use crate::store::person;

/// The body of a request that needs one.
#[derive(Debug)]
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        if !is_json {
            return Err(Error::ContentType);
        }
        object(parse(&bytes)?).map(Self)
    }
}

/// The body of a request that may do without one; none is an empty object.
#[derive(Debug)]
pub struct MaybeBody(pub Value);

impl<S: Send + Sync> FromRequest<S> for MaybeBody {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(json!({})));
        }
        if !is_json {
            return Err(Error::ContentType);
        }
        object(parse(&bytes)?).map(Self)
    }
}

pub fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

pub fn object(value: Value) -> Result<Value, Error> {
    if value.is_object() {
        return Ok(value);
    }
    Err(Refusal::BadParameters("The request's body must be a JSON object".into()).into())
}

/// The last word of a path: the name of what is asked for.
#[derive(Clone, Debug)]
pub struct Name(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let [name] = words(parts, state).await?;
        Ok(Self(name))
    }
}

/// All words of a path.
#[derive(Clone, Debug)]
pub struct Names<const N: usize>(pub [String; N]);

impl<const N: usize, S: Send + Sync> FromRequestParts<S> for Names<N> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        words(parts, state).await.map(Self)
    }
}

async fn words<const N: usize, S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<[String; N], Error> {
    let nowhere = || Error::Common(ApiError::NoSuchPath);
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| nowhere())?;
    let words: Vec<String> = params.iter().map(|(_, text)| text.to_owned()).collect();
    words.try_into().map_err(|_| nowhere())
}

/// A name in a path by which something is to be made.
pub fn new_name(name: &str) -> Result<(), Error> {
    fields::name(name.to_owned())
        .map(drop)
        .map_err(|violation| Refusal::Invalid(Problems(vec![violation.at("/id")])).into())
}

/// The name of something that is there already, in a body.
pub fn known_name(r: &mut Reader<'_>, field: &str) -> Option<String> {
    let name = r.required::<String>(field);
    r.check(
        field,
        name,
        |name| {
            if name.is_empty() { Err(Violation::new("required", "Must not be empty.")) } else { Ok(name) }
        },
    )
}

/// A value that is true or false, or the word for it in whatever case.
pub fn flag(r: &mut Reader<'_>, name: &str) -> Option<bool> {
    let given = r.optional::<Value>(name)?;
    match &given {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => {
            r.fault(name, Violation::new("type", "Must be true or false."));
            None
        }
    }
}

/// The visibility of something new, by its present name or by the older one.
pub fn visibility(r: &mut Reader<'_>) -> Option<Visibility> {
    let named = r.optional::<String>("visibility");
    let named = r.check("visibility", named, |text| {
        Visibility::from_name(&text).ok_or_else(|| Violation::new("choice", "Must be private, tenant or global."))
    });
    let private = flag(r, "private_resource");
    match (named, private) {
        (Some(_), Some(_)) => {
            r.fault(
                "private_resource",
                Violation::new("conflict", "Give visibility, and not private_resource as well."),
            );
            None
        }
        (None, Some(true)) => Some(Visibility::Private),
        (None, Some(false)) => Some(Visibility::Tenant),
        (named, None) => named,
    }
}

/// The visibility of something that is made: as the body says, or as an older parameter of the
/// query does.
pub fn new_visibility(query: &Query, r: &mut Reader<'_>) -> Result<Visibility, Error> {
    let said = visibility(r);
    if query.get("private_resource").is_none() {
        return Ok(said.unwrap_or_default());
    }
    let private = query.flag("private_resource")?;
    if said.is_some() {
        r.fault("private_resource", Violation::new("conflict", "Give visibility, and not private_resource as well."));
    }
    Ok(if private { Visibility::Private } else { Visibility::Tenant })
}

/// When and by whom something was made where it comes from: for whoever restores it here.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    pub created_at: Option<Timestamp>,
    created_by: Option<String>,
}

impl Restored {
    pub fn read(r: &mut Reader<'_>) -> Self {
        let created_at = r.optional::<String>("created_at");
        let created_at = r.check("created_at", created_at, |text| parse_time(&text));
        Self { created_at, created_by: r.optional("created_by") }
    }

    /// The number of the maker; refused if the caller may not say such things.
    pub async fn maker(&self, api: &Api, caller: &Caller) -> Result<Option<i64>, Error> {
        if self.created_at.is_some() {
            caller.require(Permission::SetTimestamp)?;
        }
        match &self.created_by {
            Some(username) => owner(api, caller, "/created_by", username).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The number of a user who is to be the owner of something; refused if the caller may not say so.
pub async fn owner(api: &Api, caller: &Caller, pointer: &str, username: &str) -> Result<i64, Error> {
    caller.require(Permission::SetOwner)?;
    let mut conn = api.db.read().await?;
    let id = person::id_of_username(&mut conn, caller.person.account_id, username).await?;
    let unknown = || Refusal::field(pointer, "unknown", format!("There is no user `{username}`."));
    Ok(id.ok_or_else(unknown)?)
}
