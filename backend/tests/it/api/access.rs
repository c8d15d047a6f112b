//! Who may do what: asked of every row of the table, so that a new route cannot be forgotten.

use axum::http::Method;
use binnacle::api::context::Access;
use binnacle::api::routes;
use binnacle_shared::permission::Role;
use serde_json::json;

use super::app::{Client, encode, profile, titles};
use crate::{app, on_both_databases};

fn concrete(path: &str) -> String {
    path.replace("{id}", "1").replace("{version_number}", "1")
}

on_both_databases! {
    async fn every_route_that_is_not_public_asks_for_a_login(flavor) {
        let app = app!(flavor);
        for prefix in ["/api/v2", "/api"] {
            for route in routes::table() {
                let path = format!("{prefix}{}", concrete(route.path));
                let reply = app.ask(&Client::default(), route.method.clone(), &path, "{}").await;
                if route.access == Access::Public {
                    // A login without credentials is malformed, nothing else is refused.
                    assert!(matches!(reply.status.as_u16(), 200 | 400), "{path}: {}", reply.status);
                } else {
                    assert_eq!(reply.status, 401, "{} {path}", route.method);
                }
            }
        }
    }

    async fn every_route_asks_for_its_permission(flavor) {
        let app = app!(flavor);
        app.person("look", Role::Auditor, &["global"]).await;
        let auditor = app.client("look").await;
        for route in routes::table() {
            let Access::Needs(permission) = route.access else { continue };
            let path = format!("/api/v2{}", concrete(route.path));
            if path.ends_with("/stream") {
                continue;
            }
            let reply = app.ask(&auditor, route.method.clone(), &path, "").await;
            let refused = reply.status == 403;
            let allowed = Role::Auditor.allows(permission);
            assert_eq!(refused, !allowed, "{} {path}: {}", route.method, reply.status);
            assert!(reply.status.as_u16() < 500, "{path}");
        }
        let code = encode("#!/bin/sh\nid");
        let reply = app.legacy(&auditor, "CreateScript", &[("title", "x"), ("code", &code)]).await;
        assert_eq!(reply.expect(403)["error"], "Unauthorised");
    }

    async fn people_see_the_groups_they_were_given_and_those_below(flavor) {
        let app = app!(flavor);
        app.access_group("Server", "global").await;
        app.access_group("Web", "server").await;
        app.access_group("Desktop", "global").await;
        for (title, group) in [("top", "global"), ("srv", "server"), ("web", "web"), ("desk", "desktop")] {
            let script = app.script(title, &[("access_group", group)]).await;
            app.profile(profile(script, json!({"title": title}))).await;
        }
        app.person("kim", Role::SupportAnalyst, &["server"]).await;
        let kim = app.client("kim").await;
        let scripts = app.get(&kim, "scripts").await.expect(200);
        assert_eq!(titles(&scripts), ["srv", "web"]);
        let profiles = app.get(&kim, "script-profiles?sort=title").await.expect(200);
        assert_eq!(titles(&profiles), ["srv", "web"]);
        app.get(&kim, "scripts/1").await.expect(404);
        app.post(&kim, "scripts/4:archive", json!({})).await.expect(404);
        app.patch(&kim, "script-profiles/4", json!({"title": "mine"})).await.expect(404);
        let reply = app.post(&kim, "script-profiles", profile(1, json!({"title": "mine"}))).await;
        assert_eq!(reply.expect(404)["detail"][0]["pointer"], "/script_id");
        let groups = app.legacy(&kim, "GetAccessGroups", &[]).await.expect(200);
        let names: Vec<_> = groups.as_array().unwrap().iter().map(|g| g["name"].clone()).collect();
        assert_eq!(names, [json!("server"), json!("web")]);
    }

    async fn unknown_paths_and_methods_say_so(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for path in ["/api/v2/nothing", "/api/nothing/5", "/api/v2/script-profiles/1/~archive", "/message-system/x"] {
            let reply = app.ask(&admin, Method::GET, path, "").await;
            assert_eq!(reply.expect(404)["code"], 404, "{path}");
        }
        let reply = app.ask(&admin, Method::DELETE, "/api/v2/script-profiles", "").await;
        assert_eq!(reply.expect(405)["error"], "MethodNotAllowed");
        assert_eq!(reply.header("allow"), "GET,HEAD,POST");
        let reply = app.ask(&admin, Method::HEAD, "/api/v2/scripts", "").await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, ""));
        app.get(&admin, "scripts/").await.expect(200);
        assert!(!reply.header("x-request-id").is_empty());
    }
}
