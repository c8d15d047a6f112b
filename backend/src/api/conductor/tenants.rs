//! Tenants.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::body::Reader;
use binnacle_shared::list::Page;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::tenant::Tenant;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use sea_query::{Condition, Expr, ExprTrait};
use serde_json::{Value, json};

use super::answer::{self, Wire};
use super::body::{MaybeBody, Name, new_name};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::keys::broker_context;
use crate::operation::conductor::tenants;
use crate::store::conductor::Tenants;
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::tenant::{self, StoredTenant};
use crate::store::list;
use crate::store::tables::Tenant as Table;

impl Wire for Tenant {
    const KEYS: &'static [&'static str] =
        &["name", "users", "groups", "user_roles", "rabbitmq_username", "rabbitmq_password", "rabbitmq_vhost"];
}

/// What gives access to the message broker: shown to whoever asks for it by name and may see it.
const BROKER: &[&str] = &["rabbitmq_username", "rabbitmq_password", "rabbitmq_vhost"];
/// Longest password for the broker.
const PASSWORD_MAX: usize = 256;

/// What a tenant is made from.
#[derive(Debug, JsonSchema)]
pub struct NewTenantBody {
    /// What the tenant's programs sign in with at the message broker; one is made up unless given.
    pub rabbitmq_password: Option<String>,
}

/// The tenants that somebody knows of: those they are a member of, or all.
fn scope(caller: &Caller) -> AccountScope {
    let account_id = caller.person.account_id;
    if caller.administers_all() || caller.allows_everywhere(Permission::AllTenants) {
        AccountScope::whole(account_id)
    } else {
        AccountScope::of_person(account_id, caller.person.id)
    }
}

/// Puts in what `_include` names of the broker, where it may be seen.
fn add_broker(api: &Api, query: &Query, items: &mut [StoredTenant], seen: &Tenants) -> Result<(), Error> {
    let Some(wanted) = query.include(Tenant::KEYS)? else { return Ok(()) };
    for item in items {
        let name = &item.tenant.name;
        let open = match seen {
            Tenants::All => true,
            Tenants::These(ids) => ids.contains(&item.id),
        };
        let mut broker = BTreeMap::new();
        for field in BROKER.iter().filter(|field| wanted.contains(field)) {
            let value = match *field {
                _ if !open => Value::Null,
                "rabbitmq_username" => json!(format!("tenant_{name}")),
                "rabbitmq_vhost" => json!(format!("rabbitmq_vhost_{name}")),
                _ => json!(api.keys.decrypt(&broker_context(name), &item.rabbitmq_password)?),
            };
            broker.insert((*field).to_owned(), value);
        }
        item.tenant.broker = broker;
    }
    Ok(())
}

/// A tenant as it is answered to somebody who works in it, or everywhere.
pub(super) async fn shown(api: &Api, caller: &Caller, query: &Query, item: StoredTenant) -> Result<Tenant, Error> {
    let mut items = [item];
    if query.flag("_get_data")? {
        let mut conn = api.db.read().await?;
        tenant::detail(&mut conn, &mut items).await?;
    }
    let open = caller.allows(Permission::TenantRabbitmqCredentials);
    let seen = if open { Tenants::All } else { Tenants::These(Vec::new()) };
    add_broker(api, query, &mut items, &seen)?;
    let [item] = items;
    Ok(item.tenant)
}

/// `GET tenants`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let listing = query.listing(Kind::Tenant)?;
    let mut also = Condition::all();
    if listing.get_data {
        caller.require(Permission::TenantListGetData)?;
        // Who is in a tenant is told to whoever may know it there.
        if let Tenants::These(ids) = caller.tenants_with(&api, Permission::TenantListGetData).await? {
            also = also.add(Expr::col((Table::Table, Table::Id)).is_in(ids));
        }
    }
    let credentials = caller.tenants_with(&api, Permission::TenantRabbitmqCredentials).await?;
    let mut conn = api.db.read().await?;
    let Page { mut items, total } =
        list::page::<StoredTenant>(&mut conn, &scope(&caller), &listing.params, also).await?;
    if listing.get_data {
        tenant::detail(&mut conn, &mut items).await?;
    }
    add_broker(&api, &query, &mut items, &credentials)?;
    let items = items.into_iter().map(|item| item.tenant).collect();
    answer::page(&query, &listing, Page { items, total })
}

/// `GET tenants/{name}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(name): Name) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    let found = tenants::find(&mut conn, &scope(&caller), &name).await?;
    drop(conn);
    answer::one(&query, &shown(&api, &caller, &query, found).await?)
}

fn broker_password(text: String) -> Result<Option<String>, Violation> {
    // Clients send an empty text for what they leave open.
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > PASSWORD_MAX || text.chars().any(char::is_control) {
        let message = format!("Must have at most {PASSWORD_MAX} characters, none of them a control character.");
        return Err(Violation::new("format", message));
    }
    Ok(Some(text))
}

/// `POST tenants/{name}`
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
    MaybeBody(body): MaybeBody,
) -> Result<Response, Error> {
    new_name(&name)?;
    let mut r = Reader::root(&body)?;
    let password = r.optional::<String>("rabbitmq_password");
    let password = r.check("rabbitmq_password", password, broker_password).flatten();
    r.finish().or(())?;
    answer::check::<Tenant>(&query)?;
    let made = tenants::create(&api, &caller.author(), &name, password).await?;
    answer::made(&query, &shown(&api, &caller, &query, made).await?)
}

/// `DELETE tenants/{name}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(name): Name) -> Result<StatusCode, Error> {
    tenants::remove(&api, &caller.author(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
