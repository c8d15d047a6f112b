//! Computers.

use axum::Json;
use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::list::{Envelope, ListParams};
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::computer::{AvailabilityZones, Computer, ComputerPatch, NewRestart};
use sea_query::{Condition, Expr, ExprTrait};

use super::computers_matching;
use crate::api::Api;
use crate::api::body::{Body, MaybeBody};
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::{chosen_computers, edit_computer, restart_computers};
use crate::store::activity::{self, Delivery};
use crate::store::computer_extras::{self, Wanted};
use crate::store::{Conn, computer, list};

/// Takes away what is only there when it is asked for.
pub fn without_extras(computer: &mut Computer) {
    computer.hardware = None;
    computer.reboot_packages = None;
}

/// What the flags of the request ask for.
fn wanted(query: &Query) -> Result<Wanted, ApiError> {
    Ok(Wanted {
        alerts: query.flag("with_alerts", false)?,
        annotations: query.flag("with_annotations", false)?,
        hardware: query.flag("with_hardware", false)?,
        grouped_hardware: query.flag("with_grouped_hardware", false)?,
        network: query.flag("with_network", false)? | query.flag("with_all_network", false)?,
        profiles: query.flag("with_profiles", false)?,
        reboot_packages: query.flag("with_reboot_packages", false)?,
        upgrades: query.flag("with_upgrades", false)?,
        wsl_profiles: query.flag("with_wsl_profiles", false)?,
    })
}

/// Which computers the flags of a list let through. No computer has children or is one: every
/// one of them is the head of its family, and none belongs to the Windows family.
fn which(query: &Query) -> Result<Condition, ApiError> {
    let state = if query.flag("archived_only", false)? { computer::archived() } else { computer::enrolled() };
    // These are read for their form's sake.
    query.flag("root_only", true)?;
    query.flag("with_release_upgrades", false)?;
    let mut windows = false;
    for name in ["wsl_parents", "wsl_children", "wsl_only"] {
        windows |= query.flag(name, false)?;
    }
    Ok(if windows { state.add(Expr::val(1).eq(0)) } else { state })
}

/// `GET computers`
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Computer>>, ApiError> {
    let params = query.list(Kind::Computer)?;
    // A page is asked for its profiles one computer at a time, so only a single one is.
    let wanted = Wanted { profiles: false, ..wanted(&query)? };
    let which = which(&query)?;
    let mut conn = api.db.read().await?;
    let matching = computers_matching(&api, &context, &mut conn, query.get("query")).await?;
    let mut page = list::page(&mut conn, context.scope(), &params, which.add(matching)).await?;
    computer_extras::fill(&mut conn, context.scope(), wanted, &mut page.items, api.clock.now()).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// A computer that the caller sees, also an archived one.
pub async fn existing(conn: &mut Conn, context: &Context, id: i64) -> Result<Computer, ApiError> {
    let condition = computer::visible().add(computer::with_id(id));
    let found = list::all::<Computer>(conn, context.scope(), condition).await?;
    found.into_iter().next().ok_or(ApiError::unknown(Kind::Computer))
}

/// `GET computers/{id}`
pub async fn read(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Computer>, ApiError> {
    let wanted = wanted(&query)?;
    let mut conn = api.db.read().await?;
    let mut found = [existing(&mut conn, &context, id).await?];
    computer_extras::fill(&mut conn, context.scope(), wanted, &mut found, api.clock.now()).await?;
    let [computer] = found;
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

/// `POST computers/{id}/restart`
pub async fn restart(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    MaybeBody(body): MaybeBody,
) -> Result<Json<Activity>, ApiError> {
    let NewRestart { deliver_after, deliver_delay_window } = NewRestart::parse(&body)?;
    let delivery = Delivery { after: deliver_after, window: deliver_delay_window };
    let way = restart_computers::Way::Restart;
    match restart_computers::run(&api, context.actor(), &[id], way, delivery).await {
        Err(chosen_computers::Error::Unknown(_)) => Err(ApiError::unknown(Kind::Computer)),
        other => Ok(Json(other?)),
    }
}

/// `GET computers/activities`: what some computers were told to do.
pub async fn activities(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<Activity>>, ApiError> {
    let Some(names) = query.items("computer_ids")? else {
        return Err(ApiError::field("/computer_ids", "required", "Name the computers: numbers joined by commas."));
    };
    let ids = numbers("computer_ids", &names)?;
    let params: ListParams = query.list(Kind::Activity)?;
    let mut conn = api.db.read().await?;
    let mut page = list::page(&mut conn, context.scope(), &params, activity::on_computers(&ids)).await?;
    super::activities::narrow(&mut conn, &context, &mut page.items).await?;
    Ok(Json(query.envelope(&params, page)))
}

/// Numbers out of a list of words.
pub fn numbers(name: &str, words: &[String]) -> Result<Vec<i64>, ApiError> {
    let read = |word: &String| word.parse().ok().filter(|number: &i64| *number >= 0);
    words
        .iter()
        .map(read)
        .collect::<Option<_>>()
        .ok_or_else(|| ApiError::field(format!("/{name}"), "type", "Must be whole numbers joined by commas."))
}

/// `GET computers/availability-zones`: no agent reports one.
pub async fn availability_zones() -> Json<AvailabilityZones> {
    Json(AvailabilityZones::default())
}
