//! The maintenance mode: who switches it, and what it refuses.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code};
use crate::app;
use crate::on_both_databases;

on_both_databases! {
    async fn the_mode_is_switched_on_and_off(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let mode = async || app.conduct(&admin, Method::GET, "maintenance", Value::Null).await.expect(200);
        let switch = async |user: &User, action: &str| {
            app.conduct(user, Method::POST, &format!("maintenance/{action}"), Value::Null).await
        };
        let off = mode().await;
        insta::assert_json_snapshot!("maintenance_off", off);
        assert_eq!(switch(&admin, "deactivate").await.status.as_u16(), 304);
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        assert_eq!(code(&switch(&kim, "activate").await, 403), "forbidden_error");
        assert_eq!(code(&switch(&admin, "pause").await, 400), "bad_parameters_error");
        assert_eq!(mode().await, off);

        let on = switch(&admin, "activate").await.expect(200);
        insta::assert_json_snapshot!("maintenance_on", on);
        assert_eq!(mode().await, on);
        let again = switch(&admin, "activate").await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        assert_eq!(switch(&admin, "deactivate").await.expect(200), off);
        assert_eq!(mode().await, off);
        let log = app.items(&admin, "audit?ref_table=maintenance").await;
        assert_eq!(log.len(), 2);
        assert_eq!((&log[0]["before"], &log[0]["after"]), (&json!({"status": "deactivated"}), &json!({"status": "activated"})));
    }

    async fn hardly_anything_is_answered_while_it_is_on(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        app.conduct(&admin, Method::POST, "maintenance/activate", Value::Null).await.expect(200);
        let get = async |user: &User, path: &str| app.conduct(user, Method::GET, path, Value::Null).await;
        for path in ["sites", "audit"] {
            let refused = get(&admin, path).await;
            let body = refused.expect(503);
            assert_eq!((&body["error_code"], &body["server_traceback"]), (&json!("maintenance_mode_active"), &json!("")));
    }
        for path in ["status", "version", "config", "license", "maintenance", "managers", "brokers", "db-nodes"] {
            get(&kim, path).await.expect(200);
    }
        // Who may switch the mode passes it by saying so, and nobody else.
        get(&admin.clone().with("x-bypass-maintenance", "true"), "sites").await.expect(200);
        get(&kim.clone().with("x-bypass-maintenance", "true"), "sites").await.expect(503);
        app.conduct(&admin, Method::POST, "maintenance/deactivate", Value::Null).await.expect(200);
        get(&admin, "sites").await.expect(200);
    }

    async fn what_was_waited_for_ends(flavor) {
        let app = app!(flavor);
        let admin = admin();
        // As it is left by a server on which something ran.
        let waiting = json!({
            "status": "activating",
            "activated_at": "",
            "activation_requested_at": "2026-11-21T07:00:00.000Z",
            "remaining_executions": [{"id": "x", "status": "started", "deployment_id": "d", "workflow_id": "install"}],
            "requested_by": "admin",
        });
        let mut conn = app.services.db.write().await.unwrap();
        binnacle::store::account::set_setting(&mut conn, "conductor_maintenance", &waiting.to_string()).await.unwrap();
        conn.commit().await.unwrap();
        app.conduct(&admin, Method::GET, "sites", Value::Null).await.expect(200);
        let mode = app.conduct(&admin, Method::GET, "maintenance", Value::Null).await.expect(200);
        assert_eq!((&mode["status"], &mode["activated_at"]), (&json!("activated"), &json!("2026-11-21T08:00:00.000Z")));
        assert_eq!(mode["remaining_executions"], Value::Null);
        app.conduct(&admin, Method::GET, "sites", Value::Null).await.expect(503);
    }
}
