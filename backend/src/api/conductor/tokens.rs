//! Tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::body::Reader;
use binnacle_shared::list::Page;
use binnacle_shared::model::conductor::expiration;
use binnacle_shared::model::conductor::token::Token;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use sea_query::Condition;

use super::answer::{self, Wire};
use super::body::{MaybeBody, Name};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::tokens;
use crate::store::conductor::api_token::StoredToken;
use crate::store::list;

impl Wire for Token {
    const KEYS: &'static [&'static str] =
        &["id", "username", "value", "role", "expiration_date", "last_used", "description"];
}

/// Longest description.
const DESCRIPTION_MAX: usize = 1000;

/// What a token is made from.
#[derive(Debug, JsonSchema)]
pub struct NewTokenBody {
    pub description: Option<String>,
    /// A time in UTC (`2027-01-31 18:00`, `18:00`) or how long from now (`+10min`, `+2 weeks`,
    /// `+1day+6h`); unless given the token does not expire.
    pub expiration_date: Option<String>,
}

/// `GET tokens`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let listing = query.listing(Kind::Token)?;
    let scope = tokens::scope(&caller.author());
    let mut conn = api.db.read().await?;
    let Page { items, total } = list::page::<StoredToken>(&mut conn, &scope, &listing.params, Condition::all()).await?;
    let items = items.into_iter().map(|item| item.token).collect();
    answer::page(&query, &listing, Page { items, total })
}

/// `GET tokens/{id}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(id): Name) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    answer::one(&query, &tokens::find(&mut conn, &caller.author(), &id).await?)
}

/// `POST tokens`
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    MaybeBody(body): MaybeBody,
) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let description = r.optional::<String>("description").filter(|text| !text.is_empty());
    let description = r.check("description", description, |text| {
        let fits = text.chars().count() <= DESCRIPTION_MAX && !text.contains('\0');
        let form =
            || Violation::new("length", format!("Must have at most {DESCRIPTION_MAX} characters, none of them NUL."));
        if fits { Ok(text) } else { Err(form()) }
    });
    let expires_at = r.optional::<String>("expiration_date");
    let expires_at = r.check("expiration_date", expires_at, |text| expiration::parse(&text, api.clock.now()));
    r.finish().or(())?;
    answer::check::<Token>(&query)?;
    let made = tokens::create(&api, &caller.author(), description, expires_at).await?;
    answer::one(&query, &made)
}

/// `DELETE tokens/{id}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(id): Name) -> Result<StatusCode, Error> {
    tokens::remove(&api, &caller.author(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
