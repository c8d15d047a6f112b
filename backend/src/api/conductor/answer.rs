//! Answers of the Conductor API: things with the fields that were asked for, and pages of them.

use std::cmp::Ordering;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use binnacle_shared::list::Page;
use binnacle_shared::model::conductor::permission::Permission;
use schemars::JsonSchema;
use sea_query::Condition;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::Error;
use super::query::{Listing, Query};
use crate::api::Api;
use crate::store::conductor::scope::TenantScope;
use crate::store::list::{self, Listed};

/// A thing on the wire, and the fields that may be asked for by name.
pub trait Wire: Serialize {
    const KEYS: &'static [&'static str];
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Items_of_{T}")]
pub struct Items<T> {
    pub items: Vec<T>,
    pub metadata: Metadata,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Metadata {
    pub pagination: Pagination,
    /// How many rows a filter's rules have taken away; none where there were no rules.
    pub filtered: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Pagination {
    /// All rows that match.
    pub total: u64,
    /// At most so many are in a page.
    pub size: u64,
    pub offset: u64,
}

impl Pagination {
    pub fn of(listing: &Listing, total: u64) -> Self {
        // Everything was asked for, however much that is.
        let size = if listing.params.limit == u32::MAX { total } else { u64::from(listing.params.limit) };
        Self { total, size, offset: listing.params.offset }
    }
}

/// The list of what tenants have of a kind, as far as the caller may see it.
pub async fn index<T>(api: &Api, caller: &Caller, query: &Query, may: Permission) -> Result<Response, Error>
where
    T: Wire + Listed<Scope = TenantScope>,
{
    let listing = query.listing(T::KIND)?;
    let scope = caller.scope_of(api, &listing, may).await?;
    let mut conn = api.db.read().await?;
    let found = list::page::<T>(&mut conn, &scope, &listing.params, Condition::all()).await?;
    page(query, &listing, found)
}

/// A page with everything that its rows have, or with the fields that were asked for.
pub fn page<T: Wire>(query: &Query, listing: &Listing, page: Page<T>) -> Result<Response, Error> {
    filtered_page(query, listing, page, None)
}

/// The same, where rules have taken rows away.
pub fn filtered_page<T: Wire>(
    query: &Query,
    listing: &Listing,
    page: Page<T>,
    filtered: Option<u64>,
) -> Result<Response, Error> {
    let Page { items, total } = page;
    let metadata = Metadata { pagination: Pagination::of(listing, total), filtered };
    Ok(match query.include(T::KEYS)? {
        None => Json(Items { items, metadata }).into_response(),
        Some(wanted) => {
            let items: Vec<Value> = items.iter().map(|item| cut(item, &wanted)).collect();
            Json(Items { items, metadata }).into_response()
        }
    })
}

/// The part that was asked for of things that are in no table.
pub fn part<T: Wire>(query: &Query, also: &[&str], all: Vec<T>) -> Result<Response, Error> {
    part_with(query, also, all, &json!({}))
}

/// The same, with more beside the list.
pub fn part_with<T: Wire>(query: &Query, also: &[&str], all: Vec<T>, more: &Value) -> Result<Response, Error> {
    let listing = query.paging(also)?;
    let order = query.order(T::KEYS)?;
    let mut all: Vec<Value> = all.into_iter().map(|item| cut(&item, T::KEYS)).collect();
    for (name, descending) in order.iter().rev() {
        // Sorting is stable, so the most important field comes last.
        all.sort_by(|one, other| {
            let order = compare(&one[*name], &other[*name]);
            if *descending { order.reverse() } else { order }
        });
    }
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let skipped = usize::try_from(listing.params.offset).unwrap_or(usize::MAX);
    let size = usize::try_from(listing.params.limit).unwrap_or(usize::MAX);
    let mut items: Vec<Value> = all.into_iter().skip(skipped).take(size).collect();
    if let Some(wanted) = query.include(T::KEYS)? {
        items = items.into_iter().map(|item| cut(&item, &wanted)).collect();
    }
    let metadata = Metadata { pagination: Pagination::of(&listing, total), filtered: None };
    let mut list = json!(Items { items, metadata });
    if let (Value::Object(list), Value::Object(more)) = (&mut list, more) {
        list.extend(more.clone());
    }
    Ok(Json(list).into_response())
}

/// What has no value counts as the largest, as in the lists of tables.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().unwrap_or_default().total_cmp(&other.as_f64().unwrap_or_default())
        }
        // Values of several types, and lists: as they are written.
        _ => one.to_string().cmp(&other.to_string()),
    }
}

/// What is asked of an answer is judged before anything is changed.
pub fn check<T: Wire>(query: &Query) -> Result<(), Error> {
    query.include(T::KEYS)?;
    query.flag("_get_data")?;
    Ok(())
}

/// One thing.
pub fn one<T: Wire>(query: &Query, thing: &T) -> Result<Response, Error> {
    with_status(query, StatusCode::OK, thing)
}

/// One thing that was made.
pub fn made<T: Wire>(query: &Query, thing: &T) -> Result<Response, Error> {
    with_status(query, StatusCode::CREATED, thing)
}

/// Several things without the form of a page.
pub fn array<T: Wire>(query: &Query, things: &[T]) -> Result<Response, Error> {
    Ok(match query.include(T::KEYS)? {
        None => Json(things).into_response(),
        Some(wanted) => Json(things.iter().map(|thing| cut(thing, &wanted)).collect::<Vec<_>>()).into_response(),
    })
}

fn with_status<T: Wire>(query: &Query, status: StatusCode, thing: &T) -> Result<Response, Error> {
    Ok(match query.include(T::KEYS)? {
        None => (status, Json(thing)).into_response(),
        Some(wanted) => (status, Json(cut(thing, &wanted))).into_response(),
    })
}

fn cut<T: Serialize>(thing: &T, wanted: &[&'static str]) -> Value {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(thing) else { return Value::Null };
    let kept = wanted.iter().filter_map(|name| Some(((*name).to_owned(), fields.remove(*name)?)));
    Value::Object(kept.collect::<Map<_, _>>())
}
