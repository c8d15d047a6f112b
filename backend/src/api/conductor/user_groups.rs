//! User groups.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::body::Reader;
use binnacle_shared::list::Page;
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user_group::UserGroup;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use sea_query::Condition;

use super::answer::{self, Wire};
use super::body::{Body, Name, known_name};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use super::roles;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::user_groups::{self, NewGroup};
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::user_group::{self, StoredGroup};
use crate::store::list;

impl Wire for UserGroup {
    const KEYS: &'static [&'static str] = &["name", "ldap_dn", "role", "tenants", "users"];
}

/// Longest distinguished name.
const DN_MAX: usize = 1024;

/// What a user group is made from.
#[derive(Debug, JsonSchema)]
pub struct NewGroupBody {
    pub group_name: String,
    /// The group of the directory whose members these are; only with LDAP.
    pub ldap_group_dn: Option<String>,
    /// `sys_admin` or `default`.
    pub role: String,
}

#[derive(Debug, JsonSchema)]
pub struct GroupRoleBody {
    /// `sys_admin` or `default`.
    pub role: String,
}

/// Somebody, and a group.
#[derive(Debug, JsonSchema)]
pub struct GroupMemberBody {
    pub username: String,
    pub group_name: String,
}

async fn shown(api: &Api, query: &Query, item: StoredGroup) -> Result<UserGroup, Error> {
    let mut items = [item];
    if query.flag("_get_data")? {
        let mut conn = api.db.read().await?;
        user_group::detail(&mut conn, &mut items).await?;
    }
    let [item] = items;
    Ok(item.group)
}

/// `GET user-groups`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let listing = query.listing(Kind::UserGroup)?;
    let scope = AccountScope::whole(caller.person.account_id);
    let mut conn = api.db.read().await?;
    let Page { mut items, total } =
        list::page::<StoredGroup>(&mut conn, &scope, &listing.params, Condition::all()).await?;
    if listing.get_data {
        user_group::detail(&mut conn, &mut items).await?;
    }
    let items = items.into_iter().map(|item| item.group).collect();
    answer::page(&query, &listing, Page { items, total })
}

/// `GET user-groups/{name}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(name): Name) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    let found = user_groups::find(&mut conn, caller.person.account_id, &name).await?;
    drop(conn);
    answer::one(&query, &shown(&api, &query, found).await?)
}

fn dn(text: &str) -> Result<String, Violation> {
    match text.trim() {
        "" => Err(Violation::new("blank", "Must not be empty.")),
        text if text.len() > DN_MAX => Err(Violation::new("length", format!("Must have at most {DN_MAX} bytes."))),
        text if text.chars().any(char::is_control) => {
            Err(Violation::new("format", "Must not hold control characters."))
        }
        text => Ok(text.to_owned()),
    }
}

/// `POST user-groups`
pub async fn create(State(api): State<Api>, caller: Caller, query: Query, Body(body): Body) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let name = r.required::<String>("group_name");
    let name = r.check("group_name", name, fields::name);
    let ldap_dn = r.optional::<String>("ldap_group_dn");
    let ldap_dn = r.check("ldap_group_dn", ldap_dn, |text| dn(&text));
    let role = roles::required_role(&mut r, Role::OF_SYSTEM);
    r.finish().or(())?;
    let (Some(name), Some(role)) = (name, role) else {
        return Err(Refusal::BadParameters("Give group_name and role".into()).into());
    };
    answer::check::<UserGroup>(&query)?;
    let made = user_groups::create(&api, &caller.author(), NewGroup { name, ldap_dn, role }).await?;
    answer::made(&query, &shown(&api, &query, made).await?)
}

/// `POST user-groups/{name}`
pub async fn set_role(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let role = roles::required_role(&mut r, Role::OF_SYSTEM);
    r.finish().or(())?;
    let Some(role) = role else { return Err(Refusal::BadParameters("Give a role".into()).into()) };
    answer::check::<UserGroup>(&query)?;
    let changed = user_groups::set_role(&api, &caller.author(), &name, role).await?;
    answer::one(&query, &shown(&api, &query, changed).await?)
}

/// `DELETE user-groups/{name}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(name): Name) -> Result<StatusCode, Error> {
    user_groups::remove(&api, &caller.author(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn member(body: &serde_json::Value) -> Result<(String, String), Error> {
    let mut r = Reader::root(body)?;
    let (username, group) = (known_name(&mut r, "username"), known_name(&mut r, "group_name"));
    r.finish().or(())?;
    let missing = || Refusal::BadParameters("Give username and group_name".into());
    Ok(username.zip(group).ok_or_else(missing)?)
}

/// `PUT user-groups/users`
pub async fn add_user(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Body(body): Body,
) -> Result<Response, Error> {
    let (username, group) = member(&body)?;
    answer::check::<UserGroup>(&query)?;
    let changed = user_groups::add_user(&api, &caller.author(), &group, &username).await?;
    answer::one(&query, &shown(&api, &query, changed).await?)
}

/// `DELETE user-groups/users`
pub async fn remove_user(State(api): State<Api>, caller: Caller, Body(body): Body) -> Result<StatusCode, Error> {
    let (username, group) = member(&body)?;
    user_groups::remove_user(&api, &caller.author(), &group, &username).await?;
    Ok(StatusCode::NO_CONTENT)
}
