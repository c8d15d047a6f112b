//! Alerts.

use axum::Json;
use axum::extract::State;
use binnacle_shared::model::landscape::alert::{
    Alert, AlertScope, AlertStatus, AlertSummary, AlertType, AlertsSummary, activation_time,
};

use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::query::{Ids, Query};
use crate::operation::alerts;
use crate::store::alert::{self, Extent, Settings};
use crate::store::{Conn, StoreError};

/// Whether anybody could be told of it.
fn is_disabled(alert: AlertType, settings: &Settings) -> bool {
    let watches_nobody = alert.scope() == AlertScope::Computer && !settings.all_computers && settings.tags.is_empty();
    !alert::is_known(alert) || watches_nobody
}

/// Every alert with what it is about, as far as the caller sees the computers.
async fn all(api: &Api, context: &Context, conn: &mut Conn) -> Result<Vec<(Alert, Extent)>, StoreError> {
    let now = api.clock.now();
    let settings = alert::settings(conn, context.person.account_id).await?;
    let subscribed = alert::subscriptions(conn, context.person.id).await?;
    let mut found = Vec::with_capacity(AlertType::ALL.len());
    for kind in AlertType::ALL.iter().copied() {
        let settings = settings.get(&kind).cloned().unwrap_or_default();
        let disabled = is_disabled(kind, &settings);
        let extent = if disabled {
            Extent::default()
        } else {
            alert::extent(conn, context.scope(), kind, settings.dismissed_at, now).await?
        };
        let status = match extent.count {
            _ if disabled => AlertStatus::Disabled,
            0 => AlertStatus::Ok,
            _ => AlertStatus::Alerted,
        };
        let alert = Alert {
            id: kind.id(),
            alert_type: kind,
            label: kind.label().to_owned(),
            description: kind.description().to_owned(),
            scope: kind.scope(),
            status,
            subscribed: subscribed.contains(&kind),
            all_computers: settings.all_computers,
            tags: settings.tags,
        };
        found.push((alert, extent));
    }
    Ok(found)
}

/// Every alert, for both dialects.
pub async fn every(api: &Api, context: &Context) -> Result<Vec<Alert>, ApiError> {
    let mut conn = api.db.read().await?;
    Ok(all(api, context, &mut conn).await?.into_iter().map(|(alert, _)| alert).collect())
}

/// One of them.
pub async fn one(api: &Api, context: &Context, kind: AlertType) -> Result<Alert, ApiError> {
    let found = every(api, context).await?.into_iter().find(|alert| alert.alert_type == kind);
    found.ok_or(ApiError::NoSuchPath)
}

/// `GET alerts`
pub async fn list(State(api): State<Api>, context: Context) -> Result<Json<Vec<Alert>>, ApiError> {
    Ok(Json(every(&api, &context).await?))
}

/// `GET alerts/summary`: what there is to look at now; with `include_inactive` also the rest of
/// what can be told.
pub async fn summary(State(api): State<Api>, context: Context, query: Query) -> Result<Json<AlertsSummary>, ApiError> {
    let inactive = query.flag("include_inactive", false)?;
    let mut conn = api.db.read().await?;
    let shown = all(&api, &context, &mut conn).await?.into_iter().filter(|(alert, _)| match alert.status {
        AlertStatus::Alerted => true,
        AlertStatus::Ok => inactive,
        AlertStatus::Disabled => false,
    });
    let lines = shown.map(|(alert, extent)| AlertSummary {
        id: alert.id,
        alert_type: alert.alert_type,
        summary: alert.alert_type.summary(extent.count),
        activation_time: extent.since.map(activation_time),
    });
    Ok(Json(AlertsSummary { alerts_summary: lines.collect() }))
}

/// `POST alerts/{id}/dismiss`
pub async fn dismiss(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<Json<Alert>, ApiError> {
    let kind = AlertType::from_id(id).ok_or(ApiError::NoSuchPath)?;
    alerts::dismiss(&api, context.actor(), kind).await?;
    Ok(Json(one(&api, &context, kind).await?))
}
