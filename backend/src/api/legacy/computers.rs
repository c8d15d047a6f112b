//! Computers, and those that wait to be accepted.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::computer::{Computer, annotation_key};
use binnacle_shared::{Kind, rules};
use sea_query::Condition;
use serde_json::Value;

use super::parameters::Parameters;
use super::scripts::page;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::landscape::computers::without_extras;
use crate::api::landscape::computers_matching;
use crate::operation::tag_computers::{self, Change};
use crate::operation::{
    accept_computers, annotate_computers, move_computers, remove_computers, rename_computers, restart_computers,
};
use crate::store::activity::Delivery;
use crate::store::computer_extras::{self, Wanted};
use crate::store::{computer, list as store};

fn encode(mut computers: Vec<Computer>) -> Result<Value, ApiError> {
    computers.iter_mut().for_each(without_extras);
    serde_json::to_value(computers).map_err(ApiError::internal)
}

/// The computers of the parameter `query`, which has to be there.
async fn queried(api: &Api, context: &Context, parameters: &Parameters) -> Result<Condition, ApiError> {
    let mut conn = api.db.read().await?;
    computers_matching(api, context, &mut conn, Some(parameters.required("query")?)).await
}

/// What a rule refuses, under a name of its own.
fn invalid(error: &'static str, message: String) -> ApiError {
    ApiError::Refused { status: StatusCode::BAD_REQUEST, error, message }
}

/// `GetComputers`
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let params = page(Kind::Computer, parameters)?;
    let wanted = Wanted {
        network: parameters.flag("with_network")?,
        annotations: parameters.flag("with_annotations")?,
        hardware: parameters.flag("with_hardware")?,
        ..Wanted::default()
    };
    let mut conn = api.db.read().await?;
    let matching = computers_matching(api, context, &mut conn, parameters.text("query")).await?;
    let condition = computer::enrolled().add(matching);
    let mut page: Vec<Computer> = store::page(&mut conn, context.scope(), &params, condition).await?.items;
    computer_extras::fill(&mut conn, context.scope(), wanted, &mut page, api.clock.now()).await?;
    serde_json::to_value(page).map_err(ApiError::internal)
}

async fn change_tags(api: &Api, context: &Context, parameters: &Parameters, change: Change) -> Result<Value, ApiError> {
    let matching = queried(api, context, parameters).await?;
    let tags = parameters
        .required_list("tags")?
        .into_iter()
        .map(|tag| rules::tag(tag.to_owned()))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|violation| invalid("InvalidTag", violation.message))?;
    encode(tag_computers::run(api, context.actor(), matching, &tags, change).await?)
}

/// `AddTagsToComputers`
pub async fn add_tags(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    change_tags(api, context, parameters, Change::Add).await
}

/// `RemoveTagsFromComputers`
pub async fn remove_tags(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    change_tags(api, context, parameters, Change::Remove).await
}

/// `ChangeComputersAccessGroup`
pub async fn change_access_group(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let matching = queried(api, context, parameters).await?;
    let group = parameters.required("access_group")?;
    encode(move_computers::run(api, context.actor(), matching, group).await?)
}

/// `GetPendingComputers`
pub async fn pending(api: &Api, context: &Context, _: &Parameters) -> Result<Value, ApiError> {
    let mut conn = api.db.read().await?;
    let pending = computer::pending(&mut conn, context.scope()).await?;
    serde_json::to_value(pending).map_err(ApiError::internal)
}

/// `AcceptPendingComputers`
pub async fn accept(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let ids = parameters.required_integers("computer_ids")?;
    let existing = integers_by_integer(parameters, "existing_ids")?;
    let group = parameters.text("access_group");
    encode(accept_computers::accept(api, context.actor(), &ids, &existing, group).await?)
}

/// `name.<number>=<number>`.
fn integers_by_integer(parameters: &Parameters, name: &str) -> Result<BTreeMap<i64, i64>, ApiError> {
    let pairs = parameters.map(name).into_iter();
    let read = pairs.map(|(key, value)| Some((key.parse().ok()?, value.trim().parse().ok()?)));
    read.collect::<Option<_>>()
        .ok_or_else(|| ApiError::field(format!("/{name}"), "type", "Must give a whole number for each whole number."))
}

/// `RejectPendingComputers`
pub async fn reject(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let ids = parameters.required_integers("computer_ids")?;
    accept_computers::reject(api, context.actor(), &ids).await?;
    Ok(Value::Array(Vec::new()))
}

/// `RenameComputers`
pub async fn rename(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let given = parameters.map("computer_titles");
    if given.is_empty() {
        return Err(super::parameters::missing("computer_titles"));
    }
    let mut titles = BTreeMap::new();
    for (key, title) in given {
        let id: i64 = key
            .parse()
            .map_err(|_| ApiError::field("/computer_titles", "type", "Must name computers by their numbers."))?;
        let title =
            rules::title(title.to_owned()).map_err(|v| invalid("InvalidTitle", format!("{id}: {}", v.message)))?;
        titles.insert(id, title);
    }
    encode(rename_computers::run(api, context.actor(), &titles).await?)
}

/// `RemoveComputers`
pub async fn remove(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let mut ids = parameters.required_integers("computer_ids")?;
    ids.sort_unstable();
    ids.dedup();
    remove_computers::run(api, context.actor(), &ids).await?;
    Ok(Value::Array(Vec::new()))
}

async fn go_down(
    api: &Api,
    context: &Context,
    parameters: &Parameters,
    way: restart_computers::Way,
) -> Result<Value, ApiError> {
    let mut ids = parameters.required_integers("computer_ids")?;
    ids.sort_unstable();
    ids.dedup();
    let delivery = Delivery { after: parameters.time("deliver_after")?, window: 0 };
    let group: Activity = restart_computers::run(api, context.actor(), &ids, way, delivery).await?;
    serde_json::to_value(group).map_err(ApiError::internal)
}

/// `RebootComputers`
pub async fn reboot(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    go_down(api, context, parameters, restart_computers::Way::Restart).await
}

/// `ShutdownComputers`
pub async fn shut_down(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    go_down(api, context, parameters, restart_computers::Way::Shutdown).await
}

async fn annotate(
    api: &Api,
    context: &Context,
    parameters: &Parameters,
    change: annotate_computers::Change<'_>,
) -> Result<Value, ApiError> {
    let matching = queried(api, context, parameters).await?;
    let key = annotation_key(parameters.required("key")?.to_owned())
        .map_err(|violation| invalid("InvalidAnnotationKey", violation.message))?;
    encode(annotate_computers::run(api, context.actor(), matching, &key, change).await?)
}

/// `AddAnnotationToComputers`
pub async fn add_annotation(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let value = parameters.check("value", rules::comment)?.unwrap_or_default();
    annotate(api, context, parameters, annotate_computers::Change::Set(&value)).await
}

/// `RemoveAnnotationFromComputers`
pub async fn remove_annotation(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    annotate(api, context, parameters, annotate_computers::Change::Remove).await
}
