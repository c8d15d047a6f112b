//! What a computer has on it: packages, users, groups, processes.

use axum::Json;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, State};
use binnacle_shared::list::{Envelope, Page};
use binnacle_shared::model::landscape::computer::{
    ComputerPackage, SystemGroup, SystemGroups, SystemProcess, SystemUser,
};
use binnacle_shared::time::Seconds;
use jiff::Timestamp;

use super::computers::existing;
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::store::package::{self, PackageFilter, PackageOnComputer};
use crate::store::{computer_report, computer_user};

fn package(package: PackageOnComputer) -> ComputerPackage {
    let status = match (package.installed, package.locked) {
        (true, true) => "held",
        (true, false) => "installed",
        (false, _) => "available",
    };
    ComputerPackage {
        id: package.id,
        name: package.name,
        version: package.version,
        section: package.section,
        summary: package.summary,
        status: status.to_owned(),
        available_upgrade: package.available_upgrade,
        autoremovable: package.autoremovable,
        security: package.security,
    }
}

/// `GET computers/{id}/packages`: by name.
pub async fn packages(
    state: State<Api>,
    context: Context,
    ids: Ids<1>,
    query: Query,
) -> Result<Json<Envelope<ComputerPackage>>, ApiError> {
    let flag = |name| query.get(name).filter(|text| !text.is_empty()).map(|_| query.flag(name, false)).transpose();
    let filter = PackageFilter {
        installed: flag("installed")?,
        available_upgrade: flag("upgrade")?,
        locked: flag("held")?,
        security: flag("security")?,
        ..PackageFilter::default()
    };
    list_packages(state, context, ids, query, filter).await
}

/// `GET computers/{id}/packages/installed`: by name.
pub async fn installed(
    state: State<Api>,
    context: Context,
    ids: Ids<1>,
    query: Query,
) -> Result<Json<Envelope<ComputerPackage>>, ApiError> {
    let filter = PackageFilter { installed: Some(true), ..PackageFilter::default() };
    list_packages(state, context, ids, query, filter).await
}

async fn list_packages(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
    filter: PackageFilter,
) -> Result<Json<Envelope<ComputerPackage>>, ApiError> {
    let params = query.page()?;
    let search = query.get("search").filter(|text| !text.trim().is_empty());
    if search.is_some_and(|text| text.contains('\0')) {
        return Err(ApiError::field("/search", "format", "Must not hold NUL characters."));
    }
    let filter = PackageFilter { search: search.map(str::to_owned), ..filter };
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let (offset, limit) = (params.offset, params.limit.into());
    let page = package::of_computer(&mut conn, context.scope(), id, &filter, offset, limit).await?;
    let page = Page { items: page.items.into_iter().map(package).collect(), total: page.total };
    Ok(Json(query.envelope(&params, page)))
}

/// `GET computers/{id}/users`: by name.
pub async fn users(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<SystemUser>>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let users = computer_user::users(&mut conn, context.scope(), id).await?.into_iter().map(|user| SystemUser {
        computer_id: id,
        username: user.username,
        uid: user.uid,
        enabled: user.enabled,
        name: user.name,
        location: user.location,
        home_phone: user.home_phone,
        work_phone: user.work_phone,
        primary_gid: user.primary_gid,
        primary_groupname: user.primary_groupname,
    });
    query.part(users.collect()).map(Json)
}

fn group(group: computer_user::SystemGroup) -> SystemGroup {
    SystemGroup { id: group.id, computer_id: group.computer_id, gid: group.gid, name: group.name }
}

/// `GET computers/{id}/groups`: by name.
pub async fn groups(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
) -> Result<Json<SystemGroups>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let groups = computer_user::groups(&mut conn, context.scope(), id).await?;
    Ok(Json(SystemGroups { groups: groups.into_iter().map(group).collect() }))
}

/// `GET computers/{id}/users/{username}/groups`: by name.
pub async fn groups_of_user(
    State(api): State<Api>,
    context: Context,
    path: Result<RawPathParams, RawPathParamsRejection>,
) -> Result<Json<SystemGroups>, ApiError> {
    let path = path.map_err(|_| ApiError::NoSuchPath)?;
    let named = |wanted: &str| path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let id = named("id").and_then(|text| text.parse().ok()).ok_or(ApiError::NoSuchPath)?;
    let username = named("username").filter(|name| !name.contains('\0')).ok_or(ApiError::NoSuchPath)?;
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    if computer_user::users(&mut conn, context.scope(), id).await?.iter().all(|user| user.username != username) {
        return Err(ApiError::NoSuchPath);
    }
    let groups = computer_user::groups_of(&mut conn, context.scope(), id, username).await?;
    Ok(Json(SystemGroups { groups: groups.into_iter().map(group).collect() }))
}

/// `GET computers/{id}/processes`: by number, as last reported.
pub async fn processes(
    State(api): State<Api>,
    context: Context,
    Ids([id]): Ids<1>,
    query: Query,
) -> Result<Json<Envelope<SystemProcess>>, ApiError> {
    let mut conn = api.db.read().await?;
    existing(&mut conn, &context, id).await?;
    let processes = computer_report::processes(&mut conn, context.scope(), id).await?;
    let shown = processes.into_iter().map(|process| SystemProcess {
        computer_id: id,
        pid: process.pid,
        name: process.name,
        state: process.state,
        uid: process.uid,
        gid: process.gid,
        vm_size: process.vm_size,
        start_time: Seconds(Timestamp::from_second(process.start_time).unwrap_or(Timestamp::UNIX_EPOCH)),
        cpu_utilisation: process.percent_cpu,
    });
    query.part(shown.collect()).map(Json)
}
