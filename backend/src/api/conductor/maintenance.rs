//! What is refused while the manager is being looked after.

use axum::http::{HeaderName, Method};
use binnacle_shared::model::conductor::maintenance::{Maintenance, Status};

use super::error::Error;

/// Lets whoever may set the mode through it.
pub const BYPASS: HeaderName = HeaderName::from_static("x-bypass-maintenance");

/// Areas that answer whatever the mode is.
const ALWAYS: &[&str] = &[
    "brokers",
    "managers",
    "db-nodes",
    "cluster",
    "config",
    "status",
    "version",
    "license",
    "maintenance",
    "cluster-status",
    "file-server-auth",
    "ok",
    "snapshots",
    "snapshot-status",
];

/// Refuses what the mode does not let pass. Whoever may set the mode passes with the header.
pub fn check(stored: Option<&str>, bypasses: bool, method: &Method, path: &str) -> Result<(), Error> {
    let status = stored.and_then(|text| serde_json::from_str::<Maintenance>(text).ok()).map(|mode| mode.status);
    let path = path.strip_prefix("/api/v3.1/").unwrap_or(path);
    let area = path.split('/').next().unwrap_or_default();
    match status {
        None | Some(Status::Deactivated) => Ok(()),
        Some(_) if bypasses => Ok(()),
        Some(Status::Activated) if ALWAYS.contains(&area) => Ok(()),
        Some(Status::Activated) => Err(Error::MaintenanceMode),
        Some(Status::Activating) if starts_work(method, path, area) => Err(Error::EnteringMaintenance),
        Some(Status::Activating) => Ok(()),
    }
}

/// Whether a request would begin something that the mode waits for.
fn starts_work(method: &Method, path: &str, area: &str) -> bool {
    let changes = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    let parts = path.split('/').count();
    match area {
        "snapshots" if path.ends_with("/restore") => true,
        "snapshots" | "deployments" => changes && parts == 2,
        "executions" | "deployment-modifications" => changes,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::check;

    fn passes(status: &str, method: &Method, path: &str) -> bool {
        let stored = format!(
            r#"{{"status": "{status}", "activated_at": "", "activation_requested_at": "", "requested_by": ""}}"#
        );
        check(Some(&stored), false, method, path).is_ok()
    }

    #[test]
    fn nothing_is_refused_without_the_mode() {
        assert!(check(None, false, &Method::PUT, "/api/v3.1/sites/x").is_ok());
        assert!(passes("deactivated", &Method::PUT, "/api/v3.1/sites/x"));
    }

    #[test]
    fn the_mode_lets_only_itself_and_what_tells_the_state_pass() {
        for path in ["status", "version", "maintenance/deactivate", "snapshots/x/restore", "config"] {
            assert!(passes("activated", &Method::POST, &format!("/api/v3.1/{path}")), "{path}");
        }
        for path in ["sites", "secrets/x", "users", "statusx"] {
            assert!(!passes("activated", &Method::GET, &format!("/api/v3.1/{path}")), "{path}");
        }
        let stored =
            r#"{"status": "activated", "activated_at": "", "activation_requested_at": "", "requested_by": ""}"#;
        assert!(check(Some(stored), true, &Method::GET, "/api/v3.1/sites").is_ok());
    }

    #[test]
    fn on_the_way_into_it_no_work_begins() {
        assert!(passes("activating", &Method::PUT, "/api/v3.1/sites/x"));
        assert!(passes("activating", &Method::GET, "/api/v3.1/executions"));
        assert!(!passes("activating", &Method::POST, "/api/v3.1/executions"));
        assert!(!passes("activating", &Method::PUT, "/api/v3.1/deployments/x"));
        assert!(passes("activating", &Method::POST, "/api/v3.1/deployments/x/set-site"));
        assert!(!passes("activating", &Method::POST, "/api/v3.1/snapshots/x/restore"));
    }
}
