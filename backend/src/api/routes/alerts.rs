//! Alerts.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::alert::{Alert, AlertsSummary};
use binnacle_shared::permission::Permission;

use super::{Route, get, post, view};
use crate::api::context::Access;
use crate::api::landscape::alerts;

pub fn rows() -> Vec<Route> {
    vec![
        get("/alerts", view(Kind::Computer), alerts::list)
            .about("Lists all alerts and where they stand.")
            .answers::<Vec<Alert>>(200),
        get("/alerts/summary", view(Kind::Computer), alerts::summary)
            .about("Says what there is to look at now.")
            .answers::<AlertsSummary>(200)
            .query("include_inactive", "`true` adds the alerts that are about nothing now."),
        post("/alerts/{id}/dismiss", Access::Needs(Permission::ManageAccount), alerts::dismiss)
            .about("Dismisses an alert: only what begins after this is shown.")
            .answers::<Alert>(200),
    ]
}
