//! Access groups.

use axum::http::StatusCode;
use binnacle_shared::rules;
use serde_json::Value;

use super::parameters::{Parameters, missing};
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::refusal;
use crate::operation::access_groups;
use crate::store::access_group;

/// `GetAccessGroups`: those in which the caller may do anything.
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let names = parameters.list("names");
    let mut conn = api.db.read().await?;
    let mut groups = access_group::to_wire(&access_group::list(&mut conn, &context.any_scope()).await?);
    if !names.is_empty() {
        let unknown: Vec<&str> = names.iter().copied().filter(|n| groups.iter().all(|g| g.name != *n)).collect();
        if !unknown.is_empty() {
            return Err(ApiError::Refused {
                status: StatusCode::NOT_FOUND,
                error: "UnknownEntityIDs",
                message: format!("There are no access groups named {}.", unknown.join(", ")),
            });
        }
        groups.retain(|group| names.contains(&group.name.as_str()));
    }
    serde_json::to_value(groups).map_err(ApiError::internal)
}

/// `CreateAccessGroup`. The newer version of the API calls the title a name, and describes.
pub async fn create(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let newer = parameters.required("version")? >= "2013-11-04";
    let field = if newer { "name" } else { "title" };
    let title = parameters.check(field, rules::title)?.ok_or_else(|| missing(field))?;
    let description = if newer { parameters.check("description", rules::comment)? } else { None };
    let description = description.unwrap_or_default();
    let made = access_groups::create(api, context.actor(), &title, &description, parameters.text("parent"))
        .await
        .map_err(|error| refusal::access_group(error, &title))?;
    serde_json::to_value(made).map_err(ApiError::internal)
}

/// `RemoveAccessGroup`: answers the parent.
pub async fn remove(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let name = parameters.required("name")?;
    let parent =
        access_groups::remove(api, context.actor(), name).await.map_err(|error| refusal::access_group(error, name))?;
    serde_json::to_value(parent).map_err(ApiError::internal)
}
