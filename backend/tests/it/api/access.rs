//! Access groups: what people see by them, and the tree that they form. Who may do what at all
//! is in `matrix.rs`.

use axum::http::Method;
use binnacle_shared::permission::Role;
use serde_json::json;

use super::app::{encode, profile, titles};
use crate::{app, on_both_databases};

on_both_databases! {
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

    async fn access_groups_form_a_tree(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        app.access_group("Web & TLS", "server").await;
        app.access_group("Desktop", "global").await;
        let groups = app.legacy(&admin, "GetAccessGroups", &[]).await.expect(200);
        let find = |name: &str| groups.as_array().unwrap().iter().find(|g| g["name"] == name).unwrap().clone();
        assert_eq!(find("global"), json!({"name": "global", "title": "Global access", "parent": "", "children": "server,desktop"}));
        assert_eq!(find("web-tls"), json!({"name": "web-tls", "title": "Web & TLS", "parent": "server", "children": ""}));
        let names = [("names.1", "desktop"), ("names.2", "global")];
        let some = app.legacy(&admin, "GetAccessGroups", &names).await.expect(200);
        assert_eq!(some.as_array().unwrap().len(), 2);
        let reply = app.legacy(&admin, "GetAccessGroups", &[("names.1", "global"), ("names.2", "nope")]).await;
        assert_eq!(reply.expect(404)["error"], "UnknownEntityIDs");
        assert!(reply.text.contains("nope"), "{}", reply.text);
    }

    async fn an_access_group_is_made_by_its_title(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        for (parameters, status, error) in [
            (vec![("title", "server")], 400, "DuplicateAccessGroup"),
            (vec![("title", "SERVER"), ("parent", "server")], 400, "DuplicateAccessGroup"),
            (vec![("title", "x"), ("parent", "nope")], 404, "UnknownAccessGroup"),
            (vec![("title", "!!")], 400, "InvalidAccessGroup"),
            (vec![("title", "...")], 400, "InvalidAccessGroup"),
            (vec![("title", "a\nb")], 400, "InvalidParameter"),
            (vec![], 400, "MissingParameter"),
            // Each version has its own name for the title.
            (vec![("name", "Desktop")], 400, "MissingParameter"),
            (vec![("version", "2013-11-04"), ("title", "Desktop")], 400, "MissingParameter"),
        ] {
            let reply = app.legacy(&admin, "CreateAccessGroup", &parameters).await;
            assert_eq!(reply.expect(status)["error"], error, "{parameters:?}");
        }
        let newer = [("version", "2013-11-04"), ("name", "Rack 4.2"), ("description", "In the cellar"), ("parent", "server")];
        let made = app.legacy(&admin, "CreateAccessGroup", &newer).await.expect(200);
        assert_eq!(made, json!({"name": "rack-4.2", "title": "Rack 4.2", "parent": "server", "children": ""}));
        let events = app.get(&admin, "events?entity_type=Access%20group").await.expect(200);
        assert_eq!((&events["count"], &events["results"][0]["entity_name"]), (&json!(2), &json!("Rack 4.2")));
    }

    async fn only_an_empty_access_group_can_be_removed(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        app.access_group("Web", "server").await;
        app.access_group("Desktop", "global").await;
        for (name, status, error) in [
            ("server", 400, "InvalidAccessGroup"),
            ("global", 400, "InvalidAccessGroup"),
            ("nope", 404, "UnknownAccessGroup"),
            ("", 400, "MissingParameter"),
        ] {
            let reply = app.legacy(&admin, "RemoveAccessGroup", &[("name", name)]).await;
            assert_eq!(reply.expect(status)["error"], error, "{name}");
        }
        let parent = app.legacy(&admin, "RemoveAccessGroup", &[("name", "web")]).await.expect(200);
        assert_eq!((&parent["name"], &parent["children"]), (&json!("server"), &json!("")));
        let in_use = async |what: &str| {
            let reply = app.legacy(&admin, "RemoveAccessGroup", &[("name", "server")]).await;
            assert_eq!(reply.expect(400)["error"], "InvalidAccessGroup", "{what}");
        };
        let computer = app.computer("web-1", "web").await;
        let query = format!("id:{computer}");
        let move_to = |group| [("query", query.clone()), ("access_group", group)];
        let to_server = move_to("server".to_owned());
        let to_server: Vec<_> = to_server.iter().map(|(name, value)| (*name, value.as_str())).collect();
        app.legacy(&admin, "ChangeComputersAccessGroup", &to_server).await.expect(200);
        in_use("computer").await;
        let script = app.script("in server", &[("access_group", "server")]).await;
        let script_text = script.to_string();
        let execute = [("query", query.as_str()), ("script_id", script_text.as_str()), ("username", "root")];
        app.legacy(&admin, "ExecuteScript", &execute).await.expect(200);
        let away = move_to("desktop".to_owned());
        let away: Vec<_> = away.iter().map(|(name, value)| (*name, value.as_str())).collect();
        app.legacy(&admin, "ChangeComputersAccessGroup", &away).await.expect(200);
        in_use("script").await;
        let profile_id = app.profile(profile(script, json!({}))).await;
        app.person("kim", Role::SupportAnalyst, &["server"]).await;
        let kim = app.client("kim").await;
        app.get(&kim, &format!("script-profiles/{profile_id}")).await.expect(200);
        // Archiving the script archives its profiles: what is left is history, which the parent inherits.
        app.post(&admin, &format!("scripts/{script}:archive"), json!({})).await.expect(204);
        let profile_path = format!("script-profiles/{profile_id}");
        if app.get(&admin, &profile_path).await.expect(200)["archived"] == false {
            app.post(&admin, &format!("{profile_path}:archive"), json!({})).await.expect(204);
        }
        let parent = app.legacy(&admin, "RemoveAccessGroup", &[("name", "server")]).await.expect(200);
        assert_eq!((&parent["name"], &parent["children"]), (&json!("global"), &json!("desktop")));
        assert_eq!(app.get(&admin, &format!("scripts/{script}")).await.expect(200)["access_group"], "global");
        assert_eq!(app.get(&admin, &profile_path).await.expect(200)["access_group"], "global");
        app.get(&admin, "activities/1").await.expect(200);
        // Who had only that group has none now.
        app.get(&kim, "scripts").await.expect(403);
    }

    async fn access_groups_are_managed_with_a_permission_for_the_account(flavor) {
        let app = app!(flavor);
        app.person("kim", Role::SupportAnalyst, &["global"]).await;
        let kim = app.client("kim").await;
        let reply = app.legacy(&kim, "CreateAccessGroup", &[("title", "Mine")]).await;
        assert_eq!(reply.expect(403)["error"], "Unauthorised");
        let code = encode("#!/bin/sh\nid");
        app.legacy(&kim, "CreateScript", &[("title", "x"), ("code", &code)]).await.expect(200);
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
