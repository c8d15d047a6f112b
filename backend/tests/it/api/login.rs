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
        // Behind a proxy that speaks TLS, if it is one that is trusted.
        let secure = Client { headers: vec![("x-forwarded-proto", "https".into())] };
        let body = json!({"identity": "admin", "password": PASSWORD}).to_string();
        for (address, is_secure) in [("10.0.0.1", true), ("192.0.2.1", false)] {
            let reply = app.from(address, &secure, Method::POST, "/api/v2/login", body.clone()).await;
            for cookie in reply.headers.get_all("set-cookie") {
                assert_eq!(cookie.to_str().unwrap().ends_with("; Secure"), is_secure, "{address}: {cookie:?}");
            }
        }
    }

    async fn an_account_that_one_is_no_member_of_lets_nobody_in(flavor) {
        let app = app!(flavor);
        let nobody = Client::default();
        let body = |account: &str| json!({"email": "admin@localhost", "password": PASSWORD, "account": account});
        app.post(&nobody, "login", body("standalone")).await.expect(200);
        app.post(&nobody, "login", body("")).await.expect(200);
        app.post(&nobody, "login", body("other")).await.expect(401);
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

    async fn guessing_gets_slow_and_locks_nobody_out(flavor) {
        let app = app!(flavor);
        let client = |address: usize| format!("192.0.2.{address}");
        let login = async |address: usize, cookies: &Client, password: &str| {
            let body = json!({"identity": "admin", "password": password}).to_string();
            app.from(&client(address), cookies, Method::POST, "/api/v2/login", body).await
        };
        let none = Client::default();
        // A browser that was here before.
        let first = login(1, &none, PASSWORD).await;
        first.expect(200);
        let device = first.headers.get_all("set-cookie").iter().find(|c| c.to_str().unwrap().starts_with("binnacle_device="));
        let device = device.unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
        let known = Client { headers: vec![("cookie", device)] };
        // One address gets ten tries, whatever the names.
        for _ in 0..10 {
            login(2, &none, "wrong").await.expect(401);
        }
        let limited = login(2, &none, "wrong").await;
        assert_eq!(limited.expect(429)["error"], "TooManyRequests");
        assert_eq!(limited.header("retry-after"), "30");
        assert_eq!(login(2, &none, PASSWORD).await.text, limited.text, "right or wrong, it says the same");
        // Many addresses together: three tries for each once the name is under attack.
        for address in 3..30 {
            for _ in 0..3 {
                login(address, &none, "wrong").await.expect(401);
            }
        }
        login(29, &none, "wrong").await.expect(429);
        // The owner gets in: from elsewhere, and from a browser that is known even beside the attackers.
        let again = login(50, &none, PASSWORD).await;
        again.expect(200);
        let beside = login(2, &known, PASSWORD).await;
        beside.expect(200);
        assert_eq!(beside.headers.get_all("set-cookie").iter().count(), 1, "a known browser needs no other name");
        // A name that nobody has is treated the same.
        for _ in 0..10 {
            let body = json!({"identity": "nobody", "password": "wrong"}).to_string();
            app.from("192.0.2.60", &none, Method::POST, "/api/v2/login", body).await.expect(401);
        }
        app.clock.advance(SignedDuration::from_secs(30));
        login(2, &none, PASSWORD).await.expect(429);
        // However long the attack was, half an hour after it the name is as before.
        app.clock.advance(SignedDuration::from_mins(31));
        login(2, &none, PASSWORD).await.expect(200);
    }

    async fn parts_that_are_not_there_are_off(flavor) {
        let app = app!(flavor);
        let nobody = Client::default();
        let features = app.get(&nobody, "features").await.expect(200);
        let enabled: Vec<_> = features["results"].as_array().unwrap().iter().filter(|f| f["enabled"] == true).collect();
        assert_eq!(features["count"], 11);
        assert_eq!(enabled.len(), 1);
        assert_eq!(enabled[0]["key"], "script-profiles");
        assert_eq!(app.get(&nobody, "standalone-account").await.expect(200), json!({"exists": true}));
        let body = json!({"email": "a@b", "name": "A", "password": "correct horse"});
        assert_eq!(app.post(&nobody, "standalone-account", body).await.expect(400)["error"], "BadRequest");
        let admin = app.admin().await;
        for path in ["auth/supported-providers", "auth/oidc-providers", "auth/oidc-issuers"] {
            assert_eq!(app.get(&admin, path).await.expect(200), json!({"results": []}));
        }
        app.get(&nobody, "auth/start?id=1").await.expect(404);
        let methods = app.get(&nobody, "login/methods").await.expect(200);
        assert_eq!(methods["oidc"], json!({"available": false, "configurations": []}));
    }
}
