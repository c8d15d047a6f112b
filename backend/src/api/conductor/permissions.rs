//! What roles may do.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::role_permission::RolePermission;
use sea_query::Condition;

use super::answer::{self, Wire};
use super::body::{Name, Names};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::permissions;
use crate::store::conductor::permission::{self, Everywhere, Held};
use crate::store::list;

impl Wire for RolePermission {
    const KEYS: &'static [&'static str] = &["role", "permission"];
}

async fn page(api: &Api, caller: &Caller, query: &Query, also: Condition) -> Result<Response, Error> {
    permissions::check(&caller.author())?;
    let listing = query.listing(Kind::RolePermission)?;
    let mut conn = api.db.read().await?;
    let page = list::page::<RolePermission>(&mut conn, &Everywhere, &listing.params, also).await?;
    answer::page(query, &listing, page)
}

fn role(name: &str) -> Result<Role, Error> {
    Ok(Role::from_name(name).ok_or_else(|| Refusal::not_found("Role", name))?)
}

fn held(caller: &Caller, [role_name, permission]: &[String; 2]) -> Result<Held, Error> {
    permissions::check(&caller.author())?;
    let unknown = || Refusal::not_found("Permission", permission.as_str());
    let permission = Permission::from_name(permission).ok_or_else(unknown)?;
    Ok(Held { role: role(role_name)?, permission })
}

/// `GET permissions`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    page(&api, &caller, &query, Condition::all()).await
}

/// `GET permissions/{role}`
pub async fn of_role(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
) -> Result<Response, Error> {
    permissions::check(&caller.author())?;
    let role = role(&name)?;
    page(&api, &caller, &query, permission::of_role(role)).await
}

/// `GET permissions/{role}/{permission}`
pub async fn read(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Names(names): Names<2>,
) -> Result<Response, Error> {
    let held = held(&caller, &names)?;
    let mut conn = api.db.read().await?;
    let found: Vec<RolePermission> = list::all(&mut conn, &Everywhere, permission::exactly(held)).await?;
    let missing =
        || Refusal::NotFound { kind: "Permission", name: names.join("/"), hint: ": the role does not hold it" };
    answer::one(&query, found.first().ok_or_else(missing)?)
}

/// `PUT permissions/{role}/{permission}`
pub async fn grant(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Names(names): Names<2>,
) -> Result<Response, Error> {
    answer::check::<RolePermission>(&query)?;
    let made = permissions::grant(&api, &caller.author(), held(&caller, &names)?).await?;
    answer::one(&query, &made)
}

/// `DELETE permissions/{role}/{permission}`
pub async fn revoke(State(api): State<Api>, caller: Caller, Names(names): Names<2>) -> Result<StatusCode, Error> {
    permissions::revoke(&api, &caller.author(), held(&caller, &names)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
