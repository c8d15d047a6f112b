//! What the public console asks for and is not here.

use axum::http::Method;
use binnacle::api::routes;
use serde_json::json;

use super::app::Client;
use crate::{app, on_both_databases};

on_both_databases! {
    async fn lists_are_empty_and_the_rest_says_so(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "").await;
        for path in ["activities/exports", "employees", "usns", "packages", "rebootprofiles", "exports?limit=5"] {
            let list = app.get(&admin, path).await.expect(200);
            assert_eq!(list, json!({"results": [], "count": 0, "next": null, "previous": null}), "{path}");
        }
        let list = app.get(&admin, &format!("computers/{id}/usns")).await.expect(200);
        assert_eq!(list["results"], json!([]));
        for (path, expected) in [
            ("wsl-instance-names".to_owned(), json!([])),
            (format!("computers/{id}/packages/profile"), json!([])),
            (format!("computers/{id}/children"), json!({"children": []})),
            ("computers/release-upgrade-targets".to_owned(), json!({"results": []})),
            ("packageprofiles?names=a".to_owned(), json!({"result": []})),
        ] {
            assert_eq!(app.get(&admin, &path).await.expect(200), expected, "{path}");
        }
        app.get(&admin, "computers/99/children").await.expect(404);
        for path in ["wsl-feature-limits", "computers/report", "repository/ubuntu-archive-info"] {
            let refusal = app.get(&admin, path).await.expect(404);
            assert_eq!(refusal["error"], "NotAvailable", "{path}");
            assert!(refusal["message"].as_str().unwrap().ends_with('.'));
        }
        for path in ["attach-token", "processes/kill", "snaps", "usg-profiles", "computers/1/archive", "computers/1/sanitize", "computers:delete", "employee_groups"] {
            assert_eq!(app.post(&admin, path, json!({"x": 1})).await.expect(404)["error"], "NotAvailable", "{path}");
        }
        app.get(&Client::default(), "usns").await.expect(401);
        // Nobody signs in by another provider, and nobody has to be signed in to be told.
        for path in ["auth/start?id=1", "auth/handle-code?code=x&state=y"] {
            assert_eq!(app.get(&Client::default(), path).await.expect(404)["error"], "NotAvailable", "{path}");
        }
        for (method, path) in [(Method::POST, "auth/oidc-providers"), (Method::PATCH, "auth/oidc-providers/1"), (Method::DELETE, "auth/oidc-providers/1")] {
            let reply = app.ask(&admin, method, &format!("/api/v2/{path}"), "{}").await;
            assert_eq!(reply.expect(404)["error"], "NotAvailable", "{path}");
        }
    }
}

#[test]
fn each_of_them_is_in_the_table() {
    let named = |method: &Method, path: &str| routes::table().iter().any(|r| r.method == *method && r.path == path);
    assert!(named(&Method::GET, "/usns") && named(&Method::POST, "/attach-token"));
}
