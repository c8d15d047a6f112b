//! The manager's settings.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::config::ConfigItem;
use binnacle_shared::model::conductor::role::Role;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{self, Items, Wire};
use super::body::{Body, Name, flag};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::operation::conductor::config;
use crate::store::conductor::permission;

impl Wire for ConfigItem {
    const KEYS: &'static [&'static str] =
        &["name", "value", "schema", "scope", "is_editable", "admin_only", "updated_at", "updater_name"];
}

/// All settings, and who may do what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Settings {
    #[serde(flatten)]
    pub list: Items<ConfigItem>,
    pub authorization: Authorization,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Authorization {
    pub roles: Vec<RoleSummary>,
    /// The roles that hold each permission.
    pub permissions: BTreeMap<&'static str, Vec<&'static str>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RoleSummary {
    pub name: &'static str,
    /// `system_role` or `tenant_role`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub description: &'static str,
}

/// What a setting is changed to.
#[derive(Debug, JsonSchema)]
pub struct ChangeBody {
    pub value: Value,
    /// Changes also what is not meant to be changed.
    pub force: Option<bool>,
}

/// `GET config`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let (rest, own) = query.split(&["scope"]);
    let items = config::list(&api, &caller.author(), own.get("scope")).await?;
    let authorization = authorization(&api).await?;
    answer::part_with(&rest, &[], items, &json!({"authorization": authorization}))
}

async fn authorization(api: &Api) -> Result<Authorization, Error> {
    let roles = Role::ALL.iter().map(|role| RoleSummary {
        name: role.name(),
        kind: if role.is_of_tenant() { "tenant_role" } else { "system_role" },
        description: role.description(),
    });
    let mut conn = api.db.read().await?;
    let mut permissions = BTreeMap::<_, Vec<_>>::new();
    for held in permission::list(&mut conn).await? {
        permissions.entry(held.permission.name()).or_default().push(held.role.name());
    }
    Ok(Authorization { roles: roles.collect(), permissions })
}

/// `GET config/{name}`
pub async fn read(State(api): State<Api>, caller: Caller, query: Query, Name(name): Name) -> Result<Response, Error> {
    answer::one(&query, &config::read(&api, &caller.author(), &name).await?)
}

/// `PUT config/{name}`
pub async fn update(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(name): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let value = r.required::<Value>("value");
    let force = flag(&mut r, "force").unwrap_or(false);
    r.finish().or(())?;
    let value = value.unwrap_or_default();
    answer::check::<ConfigItem>(&query)?;
    answer::one(&query, &config::change(&api, &caller.author(), &name, &value, force).await?)
}
