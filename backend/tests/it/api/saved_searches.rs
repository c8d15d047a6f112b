//! Saved searches; and with them the one path of all kinds that are nothing but their fields.

use axum::http::Method;
use serde_json::json;

use super::app::titles;
use crate::{app, on_both_databases};

on_both_databases! {
    async fn a_saved_search_is_made_read_changed_and_removed(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let body = json!({"title": " Web servers ", "search": "tag:web", "nonsense": 1});
        let made = app.post(&admin, "saved-searches", body).await.expect(201);
        assert_eq!((&made["title"], &made["name"], &made["search"]), (&json!("Web servers"), &json!("web-servers"), &json!("tag:web")));
        assert_eq!(made["created_at"], made["last_edited_at"]);
        let path = format!("saved-searches/{}", made["id"]);
        assert_eq!(app.get(&admin, &path).await.expect(200), made);
        let changed = app.patch(&admin, &path, json!({"search": "tag:web needs:reboot", "name": "other"})).await.expect(200);
        assert_eq!((&changed["search"], &changed["name"]), (&json!("tag:web needs:reboot"), &json!("web-servers")));
        app.ask(&admin, Method::DELETE, &format!("/api/v2/{path}"), "").await.expect(204);
        app.get(&admin, &path).await.expect(404);
        app.ask(&admin, Method::DELETE, &format!("/api/v2/{path}"), "").await.expect(404);
        let events = app.get(&admin, "events").await.expect(200);
        let messages: Vec<_> = events["results"].as_array().unwrap().iter()
            .filter(|event| event["entity_type"] == "Saved search")
            .map(|event| (event["entity_name"].as_str().unwrap().to_owned(), event["message"].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(messages, [
            ("Web servers".to_owned(), "Removed.".to_owned()),
            ("Web servers".to_owned(), "Changed: search.".to_owned()),
            ("Web servers".to_owned(), "Created.".to_owned()),
        ]);
    }

    async fn what_is_wrong_is_said_at_its_field_and_nothing_is_kept(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.post(&admin, "saved-searches", json!({"title": "Web", "search": "tag:web"})).await.expect(201);
        for (body, status, pointer, code) in [
            (json!({}), 400, "/title", "required"),
            (json!({"title": "x", "search": null}), 400, "/search", "required"),
            (json!({"title": 5, "search": "x"}), 400, "/title", "type"),
            (json!({"title": "x", "search": "nope:1"}), 400, "/search", "query"),
            (json!({"title": "x", "search": "tag:\"a"}), 400, "/search", "query"),
            (json!({"title": "x", "search": "x", "name": "A b"}), 400, "/name", "format"),
            (json!({"title": "WEB", "search": "x"}), 409, "/name", "duplicate"),
        ] {
            let reply = app.post(&admin, "saved-searches", body.clone()).await;
            reply.expect(status);
            assert_eq!(reply.faults()[0], (pointer.to_owned(), code.to_owned()), "{body}");
        }
        assert_eq!(app.get(&admin, "saved-searches").await.expect(200)["count"], 1);
        let reply = app.patch(&admin, "saved-searches/1", json!({"title": null, "search": " "})).await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/title".to_owned(), "required".to_owned()), ("/search".to_owned(), "blank".to_owned())]);
    }

    async fn the_list_sorts_searches_filters_and_pages(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for (title, search) in [("Beta", "tag:b"), ("alpha", "tag:a"), ("Gamma", "needs:reboot")] {
            app.post(&admin, "saved-searches", json!({"title": title, "search": search})).await.expect(201);
        }
        for (query, expected) in [
            ("", vec!["alpha", "Beta", "Gamma"]),
            ("?sort=-title", vec!["Gamma", "Beta", "alpha"]),
            ("?search=TAG", vec!["alpha", "Beta"]),
            ("?name=beta,gamma", vec!["Beta", "Gamma"]),
            ("?limit=1&offset=1", vec!["Beta"]),
            ("?sort=-created_at,-title&limit=1", vec!["Gamma"]),
        ] {
            let list = app.get(&admin, &format!("saved-searches{query}")).await.expect(200);
            assert_eq!(titles(&list), expected, "{query}");
        }
        app.get(&admin, "saved-searches?sort=search").await.expect(400);
    }

    async fn the_legacy_api_names_them(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let made = app.legacy(&admin, "CreateSavedSearch", &[("title", "Web"), ("search", "tag:web")]).await.expect(200);
        assert_eq!(made, json!({"name": "web", "title": "Web", "search": "tag:web"}));
        let edited = app.legacy(&admin, "EditSavedSearch", &[("name", "web"), ("search", "tag:x")]).await.expect(200);
        assert_eq!(edited["search"], "tag:x");
        assert_eq!(app.legacy(&admin, "GetSavedSearches", &[("limit", "1")]).await.expect(200), json!([edited]));
        for (action, parameters, status, error) in [
            ("CreateSavedSearch", vec![("title", "web"), ("search", "x")], 400, "DuplicateSavedSearch"),
            ("CreateSavedSearch", vec![("title", "x"), ("search", "a:b")], 400, "InvalidSavedSearchCriteria"),
            ("CreateSavedSearch", vec![("title", "x"), ("search", "a"), ("name", "A B")], 400, "InvalidSavedSearchName"),
            ("CreateSavedSearch", vec![("search", "a")], 400, "MissingParameter"),
            ("EditSavedSearch", vec![("name", "web")], 400, "MissingParameter"),
            ("EditSavedSearch", vec![("name", "nope"), ("title", "x")], 404, "UnknownSavedSearch"),
            ("RemoveSavedSearch", vec![("name", "nope")], 404, "UnknownSavedSearch"),
        ] {
            let reply = app.legacy(&admin, action, &parameters).await;
            assert_eq!(reply.expect(status)["error"], error, "{action} {parameters:?}");
        }
        assert_eq!(app.legacy(&admin, "RemoveSavedSearch", &[("name", "web")]).await.expect(200), json!(null));
        assert_eq!(app.legacy(&admin, "GetSavedSearches", &[]).await.expect(200), json!([]));
    }
}
