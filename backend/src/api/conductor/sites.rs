//! Sites.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Patch;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::site::{Location, Site};
use binnacle_shared::model::conductor::visibility::Visibility;
use schemars::JsonSchema;

use super::answer::{self, Wire};
use super::body::{Body, MaybeBody, Name, Restored, new_name, new_visibility, visibility};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::owned::find;
use crate::operation::conductor::sites::{self, NewSite, SiteChange};

impl Wire for Site {
    const KEYS: &'static [&'static str] = &[
        "name",
        "location",
        "latitude",
        "longitude",
        "created_at",
        "created_by",
        "tenant_name",
        "visibility",
        "resource_availability",
        "private_resource",
    ];
}

/// What a site is made from.
#[derive(Debug, JsonSchema)]
pub struct NewSiteBody {
    /// Latitude and longitude, such as `52.52, 13.405`.
    pub location: Option<String>,
    pub visibility: Option<Visibility>,
    /// For whoever restores: needs `set_timestamp`.
    pub created_at: Option<String>,
    /// For whoever restores: needs `set_owner`.
    pub created_by: Option<String>,
}

/// What can be changed of a site; at least one of them.
#[derive(Debug, JsonSchema)]
pub struct SiteChangeBody {
    /// An empty text takes the location away.
    pub location: Option<String>,
    pub visibility: Option<Visibility>,
    pub new_name: Option<String>,
}

/// `GET sites`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    answer::index::<Site>(&api, &caller, &query, Permission::SiteList).await
}

/// `GET sites/{name}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(name): Name) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    let found = find::<Site>(&mut conn, &caller.author(), &name).await?;
    answer::one(&query, &found.item)
}

fn location(r: &mut Reader<'_>) -> Patch<(String, Location)> {
    let given = r.patch::<String>("location");
    let given = match given {
        // An empty text takes the location away.
        Patch::Set(text) if text.trim().is_empty() => Patch::Null,
        other => other,
    };
    r.check_patch("location", given, |text| Location::parse(&text).map(|point| (text, point)))
}

/// `PUT sites/{name}`
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
    MaybeBody(body): MaybeBody,
) -> Result<Response, Error> {
    answer::check::<Site>(&query)?;
    new_name(&name)?;
    let mut r = Reader::root(&body)?;
    let location = location(&mut r);
    let visibility = new_visibility(&query, &mut r)?;
    let restored = Restored::read(&mut r);
    r.finish().or(())?;
    let created_by_id = restored.maker(&api, &caller).await?;
    let location = match location {
        Patch::Set(location) => Some(location),
        Patch::Absent | Patch::Null => None,
    };
    let new = NewSite { visibility, location, created_at: restored.created_at, created_by_id };
    let made = sites::create(&api, &caller.author(), &name, new).await?;
    answer::one(&query, &made)
}

/// `POST sites/{name}`
pub async fn update(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<Site>(&query)?;
    let mut r = Reader::root(&body)?;
    // What was cleared is set to an empty text; clients send null for what they leave as it is.
    let emptied = body.get("location").is_some_and(|given| given.as_str().is_some_and(|text| text.trim().is_empty()));
    let location = match location(&mut r) {
        Patch::Set(location) => Some(Some(location)),
        Patch::Null if emptied => Some(None),
        Patch::Absent | Patch::Null => None,
    };
    let visibility = visibility(&mut r);
    let new_name = r.optional::<String>("new_name");
    let new_name = r.check("new_name", new_name, fields::name);
    r.finish().or(())?;
    if location.is_none() && visibility.is_none() && new_name.is_none() {
        let message = "Give at least one of location, visibility and new_name".to_owned();
        return Err(Refusal::BadParameters(message).into());
    }
    let change = SiteChange { new_name, visibility, location };
    let changed = sites::update(&api, &caller.author(), &name, change).await?;
    answer::one(&query, &changed)
}

/// `DELETE sites/{name}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(name): Name) -> Result<StatusCode, Error> {
    sites::remove(&api, &caller.author(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
