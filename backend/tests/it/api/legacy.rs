use axum::http::Method;
use serde_json::json;

use super::app::{Client, encode};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn an_action_is_asked_by_get_or_post_at_three_addresses(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.script("hello", &[]).await;
        for path in ["/api/", "/api", "/"] {
            let query = "action=GetScripts&version=2011-08-01";
            let by_get = app.ask(&admin, Method::GET, &format!("{path}?{query}"), "").await.expect(200);
            assert_eq!(by_get[0]["title"], "hello");
            assert_eq!(by_get[0]["creator"], json!({"id": 1, "name": "Administrator", "email": "admin@localhost"}));
            let by_post = app.ask(&admin, Method::POST, path, query).await.expect(200);
            assert_eq!(by_get, by_post);
        }
        // The body wins.
        let reply = app.ask(&admin, Method::POST, "/api/?action=Nope&version=2011-08-01", "action=GetScripts").await;
        reply.expect(200);
    }

    async fn wrong_requests_are_refused_by_name(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for (query, status, error) in [
            ("", 400, "MissingParameter"),
            ("action=GetScripts", 400, "MissingParameter"),
            ("action=getscripts&version=2011-08-01", 404, "UnknownAction"),
            ("action=GetScripts&version=2001-01-01", 400, "InvalidVersion"),
            ("action=GetScripts&version=2011-08-01&limit=x", 400, "InvalidParameter"),
            ("action=GetScriptCode&version=2011-08-01", 400, "MissingParameter"),
            ("action=GetScriptCode&version=2011-08-01&script_id=x", 400, "InvalidParameter"),
            ("action=GetScriptCode&version=2011-08-01&script_id=9", 404, "UnknownScript"),
            ("action=GetComputers&version=2011-08-01&query=%00", 400, "InvalidParameter"),
            ("action=GetComputers&version=2011-08-01&query=a:b", 400, "InvalidQuery"),
        ] {
            let reply = app.ask(&admin, Method::GET, &format!("/api/?{query}"), "").await;
            assert_eq!(reply.expect(status)["error"], error, "{query}");
        }
        let reply = app.ask(&Client::default(), Method::GET, "/api/?action=GetScripts&version=2011-08-01", "").await;
        assert_eq!(reply.expect(401)["error"], "InvalidCredentials");
        app.ask(&admin, Method::PUT, "/api/", "").await.expect(405);
    }

    async fn a_cookie_changes_nothing_by_get_and_needs_its_token_by_post(flavor) {
        let app = app!(flavor);
        let (browser, csrf) = app.browser("admin").await;
        let read = "/api/?action=GetAccessGroups&version=2011-08-01";
        app.ask(&browser, Method::GET, read, "").await.expect(200);
        let write = "/api/?action=CreateAccessGroup&version=2011-08-01&title=Server";
        app.ask(&browser, Method::GET, write, "").await.expect(403);
        app.ask(&browser, Method::POST, write, "").await.expect(403);
        let mut right = browser;
        right.headers.push(("x-csrf-token", csrf));
        app.ask(&right, Method::GET, write, "").await.expect(403);
        let made = app.ask(&right, Method::POST, write, "").await.expect(200);
        assert_eq!(made, json!({"name": "server", "title": "Server", "parent": "global", "children": ""}));
        // A token in the header is not sent by browsers on their own.
        let admin = app.admin().await;
        let by_get = write.replace("Server", "Desktop");
        app.ask(&admin, Method::GET, &by_get, "").await.expect(200);
    }

    async fn large_code_fits_and_larger_does_not(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let code = encode(&format!("#!/bin/sh\n{}", "echo hello\n".repeat(90_000)));
        app.legacy(&admin, "CreateScript", &[("title", "large"), ("code", &code)]).await.expect(200);
        let code = "A".repeat(3 * 1024 * 1024);
        let reply = app.legacy(&admin, "CreateScript", &[("title", "huge"), ("code", &code)]).await;
        assert_eq!(reply.expect(413)["error"], "PayloadTooLarge");
    }
}
