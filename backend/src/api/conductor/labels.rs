//! The labels that deployments and blueprints have.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use binnacle_shared::label::RESERVED;
use binnacle_shared::list::Page;
use binnacle_shared::model::conductor::permission::Permission;

use super::answer::{Items, Metadata, Pagination};
use super::body::Name;
use super::caller::Caller;
use super::error::Error;
use super::query::{Listing, Query};
use crate::api::Api;
use crate::store::conductor::label::{self, Labels};

fn answer(listing: &Listing, page: Page<String>) -> Response {
    let pagination = Pagination::of(listing, page.total);
    Json(Items { items: page.items, metadata: Metadata { pagination, filtered: None } }).into_response()
}

/// `GET labels/{resource}`: the keys, or those that are the server's.
pub async fn keys<L: Labels>(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let listing = query.paging(&["_reserved"])?;
    if query.flag("_reserved")? {
        let all = RESERVED.iter().map(|key| (*key).to_owned()).collect();
        return Ok(answer(&listing, Page::of(all, &listing.params)));
    }
    let scope = caller.scope_of(&api, &listing, Permission::LabelsList).await?;
    let mut conn = api.db.read().await?;
    let page = label::distinct::<L>(&mut conn, &scope, None, &listing.params).await?;
    Ok(answer(&listing, page))
}

/// `GET labels/{resource}/{key}`: the values.
pub async fn values<L: Labels>(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(key): Name,
) -> Result<Response, Error> {
    let listing = query.paging(&[])?;
    let scope = caller.scope_of(&api, &listing, Permission::LabelsList).await?;
    let mut conn = api.db.read().await?;
    let page = label::distinct::<L>(&mut conn, &scope, Some(&key), &listing.params).await?;
    Ok(answer(&listing, page))
}
