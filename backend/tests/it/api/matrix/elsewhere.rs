//! A row for each route of what this server does not have: lists are empty, everything else is
//! not found, and neither is told to somebody who may not look.

use binnacle::api::context::Access::{self, Needs};
use binnacle_shared::permission::Permission;

use super::Row;

const VIEW: Access = Needs(Permission::ViewComputer);

const fn empty(what: &'static str, ask: &'static str) -> Row {
    Row::new(what, VIEW, ask, 200)
}

const fn nothing(what: &'static str, ask: &'static str) -> Row {
    Row::new(what, VIEW, ask, 404)
}

pub const ROWS: &[Row] = &[
    empty("GET /activities/exports", "activities/exports"),
    empty("GET /autoinstall-files", "autoinstall-files"),
    empty("GET /child-instance-profiles", "child-instance-profiles"),
    empty("GET /computers/exports", "computers/exports"),
    empty("GET /computers/{id}/snaps/installed", "computers/1/snaps/installed"),
    empty("GET /computers/{id}/usns", "computers/1/usns"),
    empty("GET /computers/release-upgrade-targets", "computers/release-upgrade-targets"),
    empty("GET /computers/{id}/packages/profile", "computers/1/packages/profile"),
    Row::new("GET /computers/{id}/children", VIEW, "computers/<computer>/children", 200),
    empty("GET /employees", "employees"),
    empty("GET /exports", "exports"),
    empty("GET /packageprofiles", "packageprofiles"),
    empty("GET /packages", "packages"),
    empty("GET /rebootprofiles", "rebootprofiles"),
    empty("GET /repositoryprofiles", "repositoryprofiles"),
    empty("GET /security-profiles", "security-profiles"),
    empty("GET /snaps", "snaps"),
    empty("GET /usg-profiles", "usg-profiles"),
    empty("GET /users", "users"),
    empty("GET /usns", "usns"),
    empty("GET /wsl-instance-names", "wsl-instance-names"),
    nothing("GET /computers/report", "computers/report"),
    nothing("GET /computers/{id}/livepatch/info", "computers/1/livepatch/info"),
    nothing("GET /computers/{id}/livepatch/kernel", "computers/1/livepatch/kernel"),
    nothing("GET /computers/{id}/recovery-key", "computers/1/recovery-key"),
    nothing("GET /employees/{id}", "employees/1"),
    nothing("GET /oidc/groups/import_session/{id}", "oidc/groups/import_session/1"),
    nothing("GET /oidc/groups/staged", "oidc/groups/staged"),
    nothing("GET /packageprofiles/{name}/constraints", "packageprofiles/web/constraints"),
    nothing("GET /repository/ubuntu-archive-info", "repository/ubuntu-archive-info"),
    nothing("GET /security-profiles/{id}", "security-profiles/1"),
    nothing("GET /ubuntu-installer-attach-sessions/code/{code}", "ubuntu-installer-attach-sessions/code/x"),
    nothing("GET /wsl-feature-limits", "wsl-feature-limits"),
    Row::new("GET /auth/start", Access::Public, "auth/start?id=1&external=false", 404),
    Row::new("GET /auth/handle-code", Access::Public, "auth/handle-code?code=x&state=y", 404),
    nothing("GET /auth/oidc-providers/{id}", "auth/oidc-providers/1"),
    nothing("POST /auth/oidc-providers", "auth/oidc-providers"),
    nothing("PATCH /auth/oidc-providers/{id}", "auth/oidc-providers/1"),
    nothing("DELETE /auth/oidc-providers/{id}", "auth/oidc-providers/1"),
    nothing("POST /accounts", "accounts"),
    nothing("POST /attach-token", "attach-token"),
    nothing("POST /computers/release-upgrades", "computers/release-upgrades"),
    nothing("POST /computers/{id}/archive", "computers/1/archive"),
    nothing("POST /computers/{id}/children", "computers/1/children"),
    nothing("POST /computers/{id}/delete-children", "computers/1/delete-children"),
    nothing("POST /computers/{id}/recovery-key:generate", "computers/1/recovery-key:generate"),
    nothing("POST /computers/{id}/sanitize", "computers/1/sanitize"),
    nothing("POST /computers/{id}/usergroups/update_bulk", "computers/1/usergroups/update_bulk"),
    nothing("POST /computers:delete", "computers:delete"),
    nothing("POST /employee_groups", "employee_groups"),
    nothing("POST /employees/{id}/computers", "employees/1/computers"),
    nothing("POST /employees/{id}/offboard", "employees/1/offboard"),
    nothing("POST /oidc/groups/import_session", "oidc/groups/import_session"),
    nothing("POST /packageprofiles", "packageprofiles"),
    nothing("POST /packageprofiles/{name}/constraints", "packageprofiles/web/constraints"),
    nothing("PUT /packageprofiles/{name}", "packageprofiles/web"),
    nothing("PUT /packageprofiles/{name}/constraints/{id}", "packageprofiles/web/constraints/1"),
    nothing("PATCH /employees/{id}", "employees/1"),
    nothing("DELETE /employees/{id}/computers/{computer_id}", "employees/1/computers/1"),
    nothing("DELETE /packageprofiles/{name}/constraints", "packageprofiles/web/constraints"),
    nothing("POST /computers/upgrade-packages", "computers/upgrade-packages"),
    nothing("POST /computers/{id}/kernel/downgrade", "computers/1/kernel/downgrade"),
    nothing("POST /computers/{id}/kernel/upgrade", "computers/1/kernel/upgrade"),
    nothing("POST /detach-token", "detach-token"),
    nothing("POST /exports", "exports"),
    nothing("POST /processes/kill", "processes/kill"),
    nothing("POST /processes/terminate", "processes/terminate"),
    nothing("POST /rebootprofiles", "rebootprofiles"),
    nothing("POST /repositoryprofiles", "repositoryprofiles"),
    nothing("POST /security-profiles", "security-profiles"),
    nothing("POST /snaps", "snaps"),
    nothing("POST /usg-profiles", "usg-profiles"),
    nothing("PUT /security-profiles/{id}", "security-profiles/1"),
    nothing("PATCH /security-profiles/{id}", "security-profiles/1"),
    nothing("DELETE /exports/{id}", "exports/1"),
];
