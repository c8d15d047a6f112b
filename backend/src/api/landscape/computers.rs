//! Computers.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::computer::{Computer, ComputerPatch};
use binnacle_shared::query::Subject;

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::edit_computer;
use crate::store::{computer, list};

/// Takes away what is only there when it is asked for.
pub fn without_extras(computer: &mut Computer) {
    computer.network_devices = None;
    computer.annotations = None;
    computer.hardware = None;
}

/// Leaves what the flags of the request ask for.
fn asked_for(query: &Query, computer: &mut Computer) -> Result<(), ApiError> {
    if !query.flag("with_network", false)? && !query.flag("with_all_network", false)? {
        computer.network_devices = None;
    }
    if !query.flag("with_annotations", false)? {
        computer.annotations = None;
    }
    if !query.flag("with_hardware", false)? {
        computer.hardware = None;
    }
    Ok(())
}

/// `GET computers`
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Computer>>, ApiError> {
    let params = query.list(Kind::Computer)?;
    let which = if query.flag("archived_only", false)? { computer::archived() } else { computer::enrolled() };
    let condition = which.add(super::condition(Subject::Computer, query.get("query"))?);
    let mut conn = api.db.read().await?;
    let mut page = list::page(&mut conn, context.scope(), &params, condition).await?;
    for computer in &mut page.items {
        asked_for(&query, computer)?;
    }
    Ok(Json(query.envelope(&params, page)))
}

/// `GET computers/{id}`
pub async fn read(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Computer>, ApiError> {
    let mut conn = api.db.read().await?;
    let condition = computer::visible().add(computer::with_id(id));
    let found = list::all::<Computer>(&mut conn, context.scope(), condition).await?;
    let mut computer = found.into_iter().next().ok_or(ApiError::unknown(Kind::Computer))?;
    asked_for(&query, &mut computer)?;
    Ok(Json(computer))
}

/// `PUT computers/{id}`: changes the fields that are sent.
pub async fn edit(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    Body(body): Body,
) -> Result<Json<Computer>, ApiError> {
    let patch = ComputerPatch::parse(&body)?;
    let mut computer = edit_computer::run(&api, context.actor(), id, &patch).await?;
    without_extras(&mut computer);
    Ok(Json(computer))
}
