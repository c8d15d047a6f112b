//! Computers, and those that wait to be accepted.

use axum::http::StatusCode;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::query::Subject;
use binnacle_shared::{Kind, rules};
use serde_json::Value;

use super::parameters::Parameters;
use super::scripts::page;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::landscape::computers::without_extras;
use crate::api::landscape::condition;
use crate::operation::tag_computers::{self, Change};
use crate::operation::{accept_computers, move_computers};
use crate::store::{computer, list as store};

fn encode(mut computers: Vec<Computer>) -> Result<Value, ApiError> {
    computers.iter_mut().for_each(without_extras);
    serde_json::to_value(computers).map_err(ApiError::internal)
}

/// `GetComputers`
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let params = page(Kind::Computer, parameters)?;
    let matching = condition(Subject::Computer, parameters.text("query"))?;
    let (network, annotations, hardware) =
        (parameters.flag("with_network")?, parameters.flag("with_annotations")?, parameters.flag("with_hardware")?);
    let mut conn = api.db.read().await?;
    let condition = computer::enrolled().add(matching);
    let mut page: Vec<Computer> = store::page(&mut conn, context.scope(), &params, condition).await?.items;
    for computer in &mut page {
        computer.network_devices.take_if(|_| !network);
        computer.annotations.take_if(|_| !annotations);
        computer.hardware.take_if(|_| !hardware);
    }
    serde_json::to_value(page).map_err(ApiError::internal)
}

async fn change_tags(api: &Api, context: &Context, parameters: &Parameters, change: Change) -> Result<Value, ApiError> {
    let matching = condition(Subject::Computer, Some(parameters.required("query")?))?;
    let tags = parameters
        .required_list("tags")?
        .into_iter()
        .map(|tag| rules::tag(tag.to_owned()))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|violation| ApiError::Refused {
            status: StatusCode::BAD_REQUEST,
            error: "InvalidTag",
            message: violation.message,
        })?;
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
    let matching = condition(Subject::Computer, Some(parameters.required("query")?))?;
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
    if !parameters.map("existing_ids").is_empty() {
        return Err(ApiError::field(
            "/existing_ids",
            "unsupported",
            "Taking the place of an existing computer is not possible yet; accept it as a new one.",
        ));
    }
    let group = parameters.text("access_group");
    encode(accept_computers::accept(api, context.actor(), &ids, group).await?)
}

/// `RejectPendingComputers`
pub async fn reject(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let ids = parameters.required_integers("computer_ids")?;
    accept_computers::reject(api, context.actor(), &ids).await?;
    Ok(Value::Array(Vec::new()))
}
