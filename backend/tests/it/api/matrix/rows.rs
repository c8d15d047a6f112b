//! A row for each route of the v2 API.

use binnacle::api::context::Access::{self, Needs, Public, Session};
use binnacle_shared::permission::Permission as P;

use super::Row;

const fn row(what: &'static str, access: Access, ask: &'static str, status: u16) -> Row {
    Row::new(what, access, ask, status)
}

pub const ROWS: &[Row] = &[
    // Session
    row("POST /login", Public, "login", 200)
        .body(r#"{"identity": "admin", "password": "correct horse battery"}"#),
    row("POST /login/access-key", Public, "login/access-key", 401).body(r#"{"access_key": "x", "secret_key": "y"}"#),
    row("GET /login/methods", Public, "login/methods", 200),
    row("GET /me", Public, "me", 200),
    row("POST /logout", Session, "logout", 204),
    row("GET /about", Public, "about", 200),
    row("GET /features", Public, "features", 200),
    row("GET /standalone-account", Public, "standalone-account", 200),
    row("POST /standalone-account", Public, "standalone-account", 400)
        .body(r#"{"email": "a@b.c", "name": "x", "password": "correct horse battery"}"#),
    row("GET /auth/supported-providers", Session, "auth/supported-providers", 200),
    row("GET /auth/oidc-providers", Session, "auth/oidc-providers", 200),
    row("GET /auth/oidc-issuers", Session, "auth/oidc-issuers", 200),
    row("GET /classic_dashboard_url", Session, "classic_dashboard_url", 200),
    row("POST /switch-account", Session, "switch-account", 200).body(r#"{"account_name": "standalone"}"#),
    row("GET /sessions", Session, "sessions", 200),
    row("DELETE /sessions/{id}", Session, "sessions/999999999", 404),
    row("POST /sessions:revoke-others", Session, "sessions:revoke-others", 200),
    row("POST /tokens/invalidate-me", Session, "tokens/invalidate-me", 204),
    row("POST /tokens/invalidate-account", Needs(P::ManageAccount), "tokens/invalidate-account", 204),
    row("POST /tokens/invalidate-system", Needs(P::ManageAccount), "tokens/invalidate-system", 204),
    row(
        "POST /tokens/invalidate-system/account/{name}",
        Needs(P::ManageAccount),
        "tokens/invalidate-system/account/standalone",
        204,
    ),
    row("GET /person", Session, "person", 200),
    row("POST /person", Session, "person", 200).body(r#"{"timezone": "Europe/Berlin"}"#),
    row("PUT /password", Session, "password", 403)
        .body(r#"{"password": "not the right one", "new_password": "correct horse battery"}"#),
    row("GET /credentials", Session, "credentials", 200),
    row("POST /credentials", Session, "credentials", 200).body(r#"{"account": "standalone"}"#),
    row("GET /access-keys", Session, "access-keys", 200),
    row("POST /access-keys", Session, "access-keys", 201).body(r#"{"title": "key <n>"}"#),
    row("DELETE /access-keys/{id}", Session, "access-keys/999999999", 404),
    row("GET /preferences", Needs(P::ManageAccount), "preferences", 200),
    row("PATCH /preferences", Needs(P::ManageAccount), "preferences", 200).body(r#"{"title": "Title <n>"}"#),
    // Computers
    row("GET /computers", Needs(P::ViewComputer), "computers", 200),
    row("GET /computers/activities", Needs(P::ViewComputer), "computers/activities?computer_ids=<computer>", 200)
        .elsewhere(200),
    row("GET /computers/availability-zones", Needs(P::ViewComputer), "computers/availability-zones", 200),
    row("GET /computers/{id}", Needs(P::ViewComputer), "computers/<computer>", 200),
    row("PUT /computers/{id}", Needs(P::ManageComputer), "computers/<computer>", 200).body(r#"{"comment": "<n>"}"#),
    row("POST /computers/{id}/restart", Needs(P::ManageComputer), "computers/<computer>/restart", 200).body("{}"),
    row("GET /computers/{id}/packages", Needs(P::ViewComputer), "computers/<computer>/packages", 200),
    row("GET /computers/{id}/packages/installed", Needs(P::ViewComputer), "computers/<computer>/packages/installed", 200),
    row("GET /computers/{id}/users", Needs(P::ViewComputer), "computers/<computer>/users", 200),
    row("GET /computers/{id}/groups", Needs(P::ViewComputer), "computers/<computer>/groups", 200),
    row(
        "GET /computers/{id}/users/{username}/groups",
        Needs(P::ViewComputer),
        "computers/<with-user>/users/root/groups",
        200,
    ),
    row("GET /computers/{id}/processes", Needs(P::ViewComputer), "computers/<computer>/processes", 200),
    row("GET /tags", Needs(P::ViewComputer), "tags", 200),
    row("GET /tags/profile-diff", Needs(P::ViewComputer), "tags/profile-diff?instance_ids=<computer>&tags=web", 200).elsewhere(200),
    // Alerts
    row("GET /alerts", Needs(P::ViewComputer), "alerts", 200),
    row("GET /alerts/summary", Needs(P::ViewComputer), "alerts/summary", 200),
    row("POST /alerts/{id}/dismiss", Needs(P::ManageAccount), "alerts/1/dismiss", 200),
    // Activities
    row("GET /activities", Needs(P::ViewComputer), "activities", 200),
    row("GET /activities/parents", Needs(P::ViewComputer), "activities/parents", 200),
    row("POST /activities/reapply", Needs(P::ExecuteScript), "activities/reapply", 200)
        .body(r#"{"activity_ids": [<ended>]}"#),
    row("POST /activities/revert", Needs(P::ExecuteScript), "activities/revert", 400)
        .body(r#"{"activity_ids": [<ended>]}"#),
    row("GET /activities/{id}", Needs(P::ViewComputer), "activities/<activity>", 200),
    row("GET /activities/{id}/output", Needs(P::ViewComputer), "activities/<child>/output", 200),
    row("GET /activities/{id}/stream", Needs(P::ViewComputer), "activities/<child>/stream", 200),
    // Scripts
    row("GET /scripts", Needs(P::ViewScript), "scripts", 200),
    row("GET /scripts/{id}", Needs(P::ViewScript), "scripts/<script>", 200),
    row("GET /scripts/{id}/versions", Needs(P::ViewScript), "scripts/<script>/versions", 200),
    row("GET /scripts/{id}/versions/{version_number}", Needs(P::ViewScript), "scripts/<script>/versions/1", 200),
    row("GET /scripts/{id}/script-profiles", Needs(P::ViewScriptProfile), "scripts/<script>/script-profiles", 200),
    row("POST /scripts/{id}:archive", Needs(P::ManageScript), "scripts/<script>:archive", 204),
    row("GET /scripts/{id}/attachments/{attachment_id}", Needs(P::ViewScript), "scripts/<attached>", 200),
    row("POST /scripts/{id}:redact", Needs(P::RedactScript), "scripts/<script>:redact", 204),
    // Script profiles
    row("GET /script-profiles", Needs(P::ViewScriptProfile), "script-profiles", 200),
    row("POST /script-profiles", Needs(P::ManageScriptProfile), "script-profiles", 201).body(
        r#"{"title": "made <n>", "script_id": <script>, "username": "root", "time_limit": 5, "all_computers": false, "tags": [], "trigger": {"trigger_type": "event", "event_type": "post_enrollment"}}"#,
    ),
    row("POST /script-profiles:preview", Needs(P::ViewScriptProfile), "script-profiles:preview", 200)
        .body(r#"{"script_id": <script>, "all_computers": true}"#),
    row("GET /script-profiles/{id}", Needs(P::ViewScriptProfile), "script-profiles/<profile>", 200),
    row("PATCH /script-profiles/{id}", Needs(P::ManageScriptProfile), "script-profiles/<profile>", 200)
        .body(r#"{"title": "changed <n>"}"#),
    row("POST /script-profiles/{id}:archive", Needs(P::ManageScriptProfile), "script-profiles/<profile>:archive", 204),
    row("GET /script-profiles/{id}/activities", Needs(P::ViewScriptProfile), "script-profiles/<profile>/activities", 200),
    row("POST /script-profiles/{id}/activities", Needs(P::ViewScriptProfile), "script-profiles/<profile>/activities", 200),
    row("GET /script-profiles/{id}/computers", Needs(P::ViewComputer), "script-profiles/<profile>/computers", 200)
        .also(&[P::ViewScriptProfile]),
    row("POST /script-profiles/{id}:run", Needs(P::ExecuteScript), "script-profiles/<reaching>:run", 200),
    row("GET /script-profiles/{id}/runs", Needs(P::ViewScriptProfile), "script-profiles/<profile>/runs", 200),
    row("GET /script-profile-limits", Needs(P::ViewScriptProfile), "script-profile-limits", 200),
    row("POST /script-profile-limits", Needs(P::ViewScriptProfile), "script-profile-limits", 200),
    // Administration
    row("GET /permissions", Needs(P::ViewRole), "permissions", 200),
    row("GET /roles", Needs(P::ViewRole), "roles", 200),
    row("GET /roles/{id}", Needs(P::ViewRole), "roles/<role>", 200),
    row("POST /roles", Needs(P::ManageRole), "roles", 201).body(r#"{"name": "New<n>"}"#),
    row("PATCH /roles/{id}", Needs(P::ManageRole), "roles/<role>", 200).body(r#"{"description": "changed <n>"}"#),
    row("DELETE /roles/{id}", Needs(P::ManageRole), "roles/<role>", 204),
    row("GET /administrators", Needs(P::ViewRole), "administrators", 200),
    row("GET /administrators/{id}", Needs(P::ViewRole), "administrators/<person>", 200),
    row("PUT /administrators/{id}", Needs(P::ManageRole), "administrators/<person>", 200)
        .body(r#"{"roles": ["<role-name>"]}"#),
    row("GET /invitations", Needs(P::ManageAccount), "invitations", 200),
    row("POST /invitations", Needs(P::ManageAccount), "invitations", 201)
        .body(r#"{"name": "x", "email": "new-<n>@example.com", "roles": ["<role-name>"]}"#),
    row("GET /invitations/{id}", Needs(P::ManageAccount), "invitations/<invitation>", 200),
    row("POST /invitations/{id}", Needs(P::ManageAccount), "invitations/<invitation>", 200),
    row("DELETE /invitations/{id}", Needs(P::ManageAccount), "invitations/<invitation>", 204),
    row("GET /invitations/{secure_id}/summary", Public, "invitations/<secure>/summary", 200),
    row("POST /accept-invitation", Public, "accept-invitation", 200)
        .body(r#"{"invitation_id": "<secure>", "password": "correct horse battery"}"#),
    row("POST /reject-invitation", Public, "reject-invitation", 204).body(r#"{"invitation_id": "<secure>"}"#),
    row("GET /events", Needs(P::ViewEventLog), "events", 200),
    // Saved searches
    row("GET /saved-searches", Needs(P::ViewComputer), "saved-searches", 200),
    row("POST /saved-searches", Needs(P::ManageComputer), "saved-searches", 201)
        .body(r#"{"title": "new <n>", "search": "tag:web"}"#),
    row("GET /saved-searches/{id}", Needs(P::ViewComputer), "saved-searches/<search>", 200),
    row("PATCH /saved-searches/{id}", Needs(P::ManageComputer), "saved-searches/<search>", 200)
        .body(r#"{"title": "changed <n>"}"#),
    row("DELETE /saved-searches/{id}", Needs(P::ManageComputer), "saved-searches/<search>", 204),
    // The description of the API
    row("GET /openapi.json", Public, "openapi.json", 200),
    row("GET /docs", Public, "docs", 200),
    row("GET /docs.js", Public, "docs.js", 200),
    row("GET /docs.css", Public, "docs.css", 200),
];
