use axum::http::Method;
use binnacle_shared::permission::Role;
use jiff::SignedDuration;
use serde_json::json;

use super::app::{Client, PASSWORD};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn a_login_gives_token_and_cookie(flavor) {
        let app = app!(flavor);
        for body in [
            json!({"identity": "admin", "password": PASSWORD}),
            json!({"email": "Admin@localhost", "password": PASSWORD}),
            json!({"identity": " admin@localhost ", "password": PASSWORD}),
        ] {
            for path in ["/api/v2/login", "/api/login"] {
                let reply =
                    app.ask(&Client::default(), Method::POST, path, body.to_string()).await;
                let state = reply.expect(200);
                assert_eq!(state["current_account"], "standalone");
                assert_eq!(state["attach_code"], serde_json::Value::Null);
                assert!(state["permissions"].as_array().unwrap().contains(&json!("ManageAccount")));
                let cookie = reply.header("set-cookie");
                assert!(cookie.contains("HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
                assert!(!cookie.contains("Secure"), "{cookie}");
                assert_eq!(reply.header("cache-control"), "no-store");
            }
        }
        let secure = Client { headers: vec![("x-forwarded-proto", "https".into())] };
        let body = json!({"identity": "admin", "password": PASSWORD});
        let reply = app.post(&secure, "login", body).await;
        assert!(reply.header("set-cookie").ends_with("; Secure"));
    }

    async fn who_is_unknown_and_who_is_wrong_get_the_same_answer(flavor) {
        let app = app!(flavor);
        app.person("locked", Role::Auditor, &["global"]).await;
        let nobody = Client::default();
        let body = |identity: &str, password: &str| json!({"identity": identity, "password": password});
        let wrong = app.post(&nobody, "login", body("admin", "wrong")).await;
        let unknown = app.post(&nobody, "login", body("nobody", PASSWORD)).await;
        assert_eq!(wrong.expect(401)["error"], "InvalidCredentials");
        assert_eq!(wrong.text, unknown.text);
        assert_eq!(wrong.status, unknown.status);
        assert!(wrong.headers.get("set-cookie").is_none());
    }

    async fn a_malformed_login_says_what_is_missing(flavor) {
        let app = app!(flavor);
        let nobody = Client::default();
        let reply = app.post(&nobody, "login", json!({})).await;
        reply.expect(400);
        let pointers: Vec<_> = reply.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/password", "/identity"]);
        let both = json!({"identity": "a", "email": "b", "password": "c"});
        app.post(&nobody, "login", both).await.expect(400);
        let expiry = json!({"identity": "a", "password": "c", "expiry_minutes": 0});
        assert_eq!(app.post(&nobody, "login", expiry).await.faults()[0].0, "/expiry_minutes");
    }

    async fn me_tells_who_is_logged_in(flavor) {
        let app = app!(flavor);
        assert_eq!(app.get(&Client::default(), "me").await.expect(200), json!({}));
        let bad = Client { headers: vec![("authorization", "Bearer x.y.z".into())] };
        assert_eq!(app.get(&bad, "me").await.expect(200), json!({}));
        let bearer = app.get(&app.admin().await, "me").await.expect(200);
        assert_eq!(bearer["user"]["name"], "Administrator");
        assert!(bearer.get("token").is_none());
        let (browser, csrf) = app.browser("admin").await;
        assert_eq!(app.get(&browser, "me").await.expect(200)["csrf_token"], csrf);
    }

    async fn a_cookie_alone_changes_nothing(flavor) {
        let app = app!(flavor);
        let (browser, csrf) = app.browser("admin").await;
        app.get(&browser, "preferences").await.expect(200);
        let change = json!({"title": "Other"});
        let reply = app.patch(&browser, "preferences", change.clone()).await;
        assert_eq!(reply.expect(403)["error"], "CsrfTokenInvalid");
        let mut forged = browser.clone();
        forged.headers.push(("x-csrf-token", "A".repeat(43)));
        app.patch(&forged, "preferences", change.clone()).await.expect(403);
        // Another session's token is no better.
        let (_, other) = app.browser("admin").await;
        let mut foreign = browser.clone();
        foreign.headers.push(("x-csrf-token", other));
        app.patch(&foreign, "preferences", change.clone()).await.expect(403);
        let mut right = browser;
        right.headers.push(("x-csrf-token", csrf));
        assert_eq!(app.patch(&right, "preferences", change).await.expect(200)["title"], "Other");
    }

    async fn logging_out_ends_the_session(flavor) {
        let app = app!(flavor);
        let (mut browser, csrf) = app.browser("admin").await;
        browser.headers.push(("x-csrf-token", csrf));
        let reply = app.post(&browser, "logout", json!({})).await;
        reply.expect(204);
        assert!(reply.header("set-cookie").contains("Max-Age=0"));
        app.get(&browser, "scripts").await.expect(401);
    }

    async fn tokens_and_sessions_expire(flavor) {
        let app = app!(flavor);
        let bearer = app.admin().await;
        let (browser, _) = app.browser("admin").await;
        app.clock.advance(SignedDuration::from_mins(24 * 60 - 1));
        app.get(&bearer, "scripts").await.expect(200);
        app.get(&browser, "scripts").await.expect(200);
        app.clock.advance(SignedDuration::from_mins(1));
        app.get(&bearer, "scripts").await.expect(401);
        app.get(&browser, "scripts").await.expect(401);
    }

    async fn locking_somebody_out_ends_what_they_have_open(flavor) {
        let app = app!(flavor);
        let id = app.person("kim", Role::SupportAnalyst, &["global"]).await;
        let bearer = app.client("kim").await;
        let (browser, _) = app.browser("kim").await;
        app.get(&bearer, "scripts").await.expect(200);
        let mut conn = app.services.db.write().await.unwrap();
        binnacle::store::person::set_disabled(&mut conn, id, true).await.unwrap();
        conn.commit().await.unwrap();
        app.get(&bearer, "scripts").await.expect(401);
        app.get(&browser, "scripts").await.expect(401);
        app.log_in("kim").await.expect(401);
    }
}
