use serde_json::json;

use super::app::titles;
use crate::{app, on_both_databases};

on_both_databases! {
    async fn computers_are_found_by_query(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        app.computer("web-1", "web,edge").await;
        app.computer("web-2", "web").await;
        app.computer("db-1", "db").await;
        app.pending("new", "web", None).await;
        let moved = [("query", "title:db-1"), ("access_group", "server")];
        let reply = app.legacy(&admin, "ChangeComputersAccessGroup", &moved).await.expect(200);
        assert_eq!(reply[0]["access_group"], "server");
        for (query, expected) in [
            ("", vec!["db-1", "web-1", "web-2"]),
            ("WEB", vec!["web-1", "web-2"]),
            ("tag:edge", vec!["web-1"]),
            ("tag:edge OR tag:db", vec!["db-1", "web-1"]),
            ("web NOT tag:edge", vec!["web-2"]),
            ("access-group:server", vec!["db-1"]),
            ("access-group: server", vec!["db-1"]),
            ("hostname:web-2.example", vec!["web-2"]),
            ("id:99", vec![]),
        ] {
            let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let list = app.get(&admin, &format!("computers?root_only=false&query={encoded}")).await.expect(200);
            assert_eq!(titles(&list), expected, "{query}");
        }
        for query in ["foo:x", "%22open", "tag:", "OR", "id:x", "%00"] {
            let reply = app.get(&admin, &format!("computers?query={query}")).await;
            assert_eq!(reply.expect(400)["error"], "InvalidQueryError", "{query}");
        }
        assert_eq!(app.get(&admin, "computers?archived_only=true").await.expect(200)["count"], 0);
        assert_eq!(app.get(&admin, "tags").await.expect(200)["results"], json!(["db", "edge", "web"]));
    }

    async fn a_computer_is_edited(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "web").await;
        let path = format!("computers/{id}");
        let body = json!({"title": " Web ", "comment": "In rack 4", "tags": ["edge"], "foo": 1});
        let edited = app.put(&admin, &path, body).await.expect(200);
        assert_eq!((&edited["title"], &edited["comment"], &edited["tags"]), (&json!("Web"), &json!("In rack 4"), &json!(["edge"])));
        let only = app.put(&admin, &path, json!({"tags": []})).await.expect(200);
        assert_eq!((&only["title"], &only["tags"]), (&json!("Web"), &json!([])));
        let reply = app.put(&admin, &path, json!({"access_group": "none"})).await;
        assert_eq!(reply.expect(404)["detail"][0]["pointer"], "/access_group");
        app.put(&admin, &path, json!({"title": ""})).await.expect(400);
        app.put(&admin, "computers/99", json!({})).await.expect(404);
        let plain = app.get(&admin, &path).await.expect(200);
        assert!(plain.get("network_devices").is_none() && plain.get("hardware").is_none());
        let pending = app.pending("new", "", None).await;
        app.get(&admin, &format!("computers/{pending}")).await.expect(404);
    }

    async fn computers_that_wait_are_accepted_or_rejected(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let a = app.pending("a", "web", Some("server")).await.to_string();
        let b = app.pending("b", "", Some("gone")).await.to_string();
        let c = app.pending("c", "", None).await.to_string();
        let waiting = app.legacy(&admin, "GetPendingComputers", &[]).await.expect(200);
        assert_eq!(waiting.as_array().unwrap().len(), 3);
        assert_eq!((&waiting[0]["client_tags"], &waiting[0]["access_group"]), (&json!(["web"]), &json!("server")));
        // All or nothing.
        let some = [("computer_ids.1", a.as_str()), ("computer_ids.2", "99")];
        let reply = app.legacy(&admin, "AcceptPendingComputers", &some).await;
        assert_eq!(reply.expect(404)["error"], "UnknownComputer");
        assert_eq!(app.get(&admin, "computers").await.expect(200)["count"], 0);
        let both = [("computer_ids.1", a.as_str()), ("computer_ids.2", b.as_str())];
        let accepted = app.legacy(&admin, "AcceptPendingComputers", &both).await.expect(200);
        assert_eq!((&accepted[0]["access_group"], &accepted[1]["access_group"]), (&json!("server"), &json!("global")));
        app.legacy(&admin, "RejectPendingComputers", &[("computer_ids.1", &c)]).await.expect(200);
        app.legacy(&admin, "RejectPendingComputers", &[("computer_ids.1", &a)]).await.expect(404);
        assert_eq!(app.legacy(&admin, "GetPendingComputers", &[]).await.expect(200), json!([]));
        app.legacy(&admin, "AcceptPendingComputers", &[]).await.expect(400);
    }

    async fn tags_are_added_and_removed_in_bulk(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "web").await;
        app.computer("b", "").await;
        let add = [("query", "id:1 OR id:2"), ("tags.2", "db"), ("tags.1", "edge")];
        let tagged = app.legacy(&admin, "AddTagsToComputers", &add).await.expect(200);
        assert_eq!((&tagged[0]["tags"], &tagged[1]["tags"]), (&json!(["db", "edge", "web"]), &json!(["db", "edge"])));
        let remove = [("query", "a"), ("tags.1", "web")];
        let left = app.legacy(&admin, "RemoveTagsFromComputers", &remove).await.expect(200);
        assert_eq!(left[0]["tags"], json!(["db", "edge"]));
        let bad = [("query", "a"), ("tags.1", "not ok")];
        assert_eq!(app.legacy(&admin, "AddTagsToComputers", &bad).await.expect(400)["error"], "InvalidTag");
        assert_eq!(app.legacy(&admin, "AddTagsToComputers", &[("query", "a")]).await.expect(400)["error"], "MissingParameter");
        assert_eq!(app.legacy(&admin, "AddTagsToComputers", &[("query", "x:y"), ("tags.1", "a")]).await.expect(400)["error"], "InvalidQuery");
    }
}
