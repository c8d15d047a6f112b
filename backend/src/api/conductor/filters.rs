//! Filters of deployments and of blueprints.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::body::Reader;
use binnacle_shared::filter::{Invalid, Rule, parse};
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::visibility::Visibility;
use schemars::JsonSchema;
use serde_json::Value;

use super::answer::{self, Wire};
use super::body::{Body, Name, Restored, new_name, new_visibility, visibility};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::filters::{self, FilterChange, NewFilter};
use crate::operation::conductor::owned::{Owned, find};
use crate::store::conductor::filter::{BlueprintFilter, Chooses, DeploymentFilter};
use crate::store::tables::Filter as Table;

const KEYS: &[&str] = &[
    "id",
    "value",
    "labels_filter_rules",
    "attrs_filter_rules",
    "is_system_filter",
    "created_at",
    "updated_at",
    "created_by",
    "tenant_name",
    "visibility",
    "resource_availability",
    "private_resource",
];

impl Wire for DeploymentFilter {
    const KEYS: &'static [&'static str] = KEYS;
}

impl Wire for BlueprintFilter {
    const KEYS: &'static [&'static str] = KEYS;
}

/// What is the same for both kinds.
pub trait Kept: Owned<Table = Table> + Chooses + Wire + 'static {}

impl<T: Owned<Table = Table> + Chooses + Wire + 'static> Kept for T {}

/// What a filter is made from.
#[derive(Debug, JsonSchema)]
pub struct NewFilterBody {
    pub filter_rules: Vec<Rule>,
    pub visibility: Option<Visibility>,
    /// For whoever restores: needs `set_timestamp`.
    pub created_at: Option<String>,
    /// For whoever restores: needs `set_owner`.
    pub created_by: Option<String>,
}

/// What can be changed of a filter; at least one of them.
#[derive(Debug, JsonSchema)]
pub struct FilterChangeBody {
    /// Take the place of the rules of the same types.
    pub filter_rules: Option<Vec<Rule>>,
    pub visibility: Option<Visibility>,
}

/// `GET filters/{resource}`
pub async fn index<T: Kept>(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    answer::index::<T>(&api, &caller, &query, Permission::FilterList).await
}

/// `GET filters/{resource}/{id}`
pub async fn read<T: Kept>(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(id): Name,
) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    let found = find::<T>(&mut conn, &caller.author(), &id).await?;
    answer::one(&query, &found.item)
}

/// The rules of a body; refused with the first that cannot be used, and all that is wrong.
fn rules<T: Kept>(given: &Value) -> Result<Vec<Rule>, Error> {
    parse::rules(T::TARGET, given, "/filter_rules").map_err(|Invalid { problems, rule, reason }| match rule {
        Some(rule) => Error::FilterRule { rule, reason, problems },
        None => Refusal::Invalid(problems).into(),
    })
}

/// `PUT filters/{resource}/{id}`
pub async fn create<T: Kept>(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(id): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<T>(&query)?;
    new_name(&id)?;
    let mut r = Reader::root(&body)?;
    let given = r.required::<Value>("filter_rules");
    let visibility = new_visibility(&query, &mut r)?;
    let restored = Restored::read(&mut r);
    r.finish().or(())?;
    let rules = rules::<T>(&given.unwrap_or_default())?;
    let created_by_id = restored.maker(&api, &caller).await?;
    let new = NewFilter { rules, visibility, created_at: restored.created_at, created_by_id };
    let made = filters::create::<T>(&api, &caller.author(), &id, new).await?;
    answer::one(&query, &made)
}

/// `PATCH filters/{resource}/{id}`
pub async fn update<T: Kept>(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(id): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    answer::check::<T>(&query)?;
    let mut r = Reader::root(&body)?;
    let given = r.optional::<Value>("filter_rules");
    let visibility = visibility(&mut r);
    r.finish().or(())?;
    if given.is_none() && visibility.is_none() {
        return Err(Refusal::BadParameters("Give filter_rules, visibility or both".to_owned()).into());
    }
    let rules = given.as_ref().map(rules::<T>).transpose()?;
    let changed = filters::update::<T>(&api, &caller.author(), &id, FilterChange { rules, visibility }).await?;
    answer::one(&query, &changed)
}

/// `DELETE filters/{resource}/{id}`
pub async fn remove<T: Kept>(State(api): State<Api>, caller: Caller, Name(id): Name) -> Result<StatusCode, Error> {
    filters::remove::<T>(&api, &caller.author(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
