//! One's own sessions, tokens, settings and password.

use axum::http::Method;
use binnacle_shared::permission::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{App, Client, PASSWORD};
use crate::{app, on_both_databases};

async fn delete(app: &App, client: &Client, path: &str) -> super::app::Reply {
    app.ask(client, Method::DELETE, &format!("/api/v2/{path}"), "").await
}

fn ids(list: &Value) -> Vec<i64> {
    list["results"].as_array().unwrap().iter().map(|s| s["id"].as_i64().unwrap()).collect()
}

on_both_databases! {
    async fn sessions_are_listed_with_their_use(flavor) {
        let app = app!(flavor);
        let first = app.admin().await;
        app.clock.advance(SignedDuration::from_mins(5));
        let body = json!({"identity": "admin", "password": PASSWORD, "expiry_minutes": 5}).to_string();
        let mobile = Client { headers: vec![("user-agent", "Mobile/1".into())] };
        app.from("192.0.2.7", &mobile, Method::POST, "/api/v2/login", body).await.expect(200);
        let list = app.get(&first, "sessions").await.expect(200);
        let sessions = list["results"].as_array().unwrap();
        // The request itself is the latest use.
        assert_eq!((list["count"].clone(), ids(&list)), (json!(2), vec![2, 1]));
        assert_eq!(sessions[0], json!({
            "id": 2, "created_at": "2026-11-21T08:05:00Z", "last_used_at": "2026-11-21T08:05:00Z",
            "expires_at": "2026-11-22T08:05:00Z", "address": "192.0.2.7", "user_agent": "Mobile/1", "current": false,
        }));
        assert_eq!(sessions[1]["current"], true);
        assert_eq!(sessions[1]["last_used_at"], "2026-11-21T08:05:00Z");
        let person = app.get(&first, "person").await.expect(200);
        assert_eq!((&person["last_login_host"], &person["last_login_time"]), (&json!("192.0.2.7"), &json!("2026-11-21T08:05:00Z")));
        assert_eq!(ids(&app.get(&first, "sessions?limit=1&offset=1").await.expect(200)), [1]);
    }

    async fn ending_a_session_ends_its_cookie_and_its_token(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let login = app.log_in("admin").await;
        let token = login.expect(200)["token"].as_str().unwrap().to_owned();
        let bearer = Client { headers: vec![("authorization", format!("Bearer {token}"))] };
        let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
        let browser = Client { headers: vec![("cookie", cookie)] };
        app.get(&bearer, "scripts").await.expect(200);
        app.get(&browser, "scripts").await.expect(200);
        delete(&app, &admin, "sessions/2").await.expect(204);
        app.get(&bearer, "scripts").await.expect(401);
        app.get(&browser, "scripts").await.expect(401);
        assert_eq!(delete(&app, &admin, "sessions/2").await.expect(404)["error"], "UnknownSession");
        delete(&app, &admin, "sessions/x").await.expect(404);
        // Nobody ends the sessions of others.
        app.person("kim", Role::GlobalAdmin, &["global"]).await;
        let kim = app.client("kim").await;
        delete(&app, &kim, "sessions/1").await.expect(404);
        app.get(&admin, "scripts").await.expect(200);
        // Signing out ends the token as well.
        app.post(&kim, "logout", json!({})).await.expect(204);
        app.get(&kim, "scripts").await.expect(401);
    }

    async fn all_others_are_ended_at_once(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let others = [app.admin().await, app.admin().await];
        app.person("kim", Role::Auditor, &["global"]).await;
        let kim = app.client("kim").await;
        let reply = app.post(&admin, "sessions:revoke-others", json!({})).await;
        assert_eq!(reply.expect(200), json!({"revoked": 2}));
        for other in &others {
            app.get(other, "scripts").await.expect(401);
        }
        app.get(&admin, "scripts").await.expect(200);
        app.get(&kim, "scripts").await.expect(200);
    }

    async fn a_cookie_alone_ends_no_session(flavor) {
        let app = app!(flavor);
        let (browser, csrf) = app.browser("admin").await;
        assert_eq!(delete(&app, &browser, "sessions/1").await.expect(403)["error"], "CsrfTokenInvalid");
        let mut right = browser;
        right.headers.push(("x-csrf-token", csrf));
        delete(&app, &right, "sessions/1").await.expect(204);
    }

    async fn tokens_are_invalidated_for_one_for_an_account_and_for_all(flavor) {
        let app = app!(flavor);
        app.person("kim", Role::Auditor, &["global"]).await;
        for (path, others_too) in [
            ("tokens/invalidate-me", false),
            ("tokens/invalidate-account", true),
            ("tokens/invalidate-system", true),
            ("tokens/invalidate-system/account/standalone", true),
        ] {
            let (admin, kim) = (app.admin().await, app.client("kim").await);
            app.post(&kim, path, json!({})).await.expect(if others_too { 403 } else { 204 });
            let kim = if others_too { kim } else { app.client("kim").await };
            app.ask(&admin, Method::POST, &format!("/api/v2/{path}"), "").await.expect(204);
            app.get(&admin, "scripts").await.expect(401);
            app.get(&kim, "scripts").await.expect(if others_too { 401 } else { 200 });
        }
        let admin = app.admin().await;
        for (name, error) in [("nope", "UnknownAccount"), ("%00", "NotFound"), ("%FF", "NotFound")] {
            let reply = app.post(&admin, &format!("tokens/invalidate-system/account/{name}"), json!({})).await;
            assert_eq!(reply.expect(404)["error"], error, "{name}");
        }
    }

    async fn switching_gives_a_token_of_the_same_session(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let token = app.post(&admin, "switch-account", json!({"account_name": "standalone"})).await.expect(200);
        let bearer = Client { headers: vec![("authorization", format!("Bearer {}", token["token"].as_str().unwrap()))] };
        app.get(&bearer, "scripts").await.expect(200);
        let reply = app.post(&admin, "switch-account", json!({"account_name": "other"})).await;
        assert_eq!((reply.expect(404)["error"].clone(), reply.faults()[0].0.clone()), (json!("UnknownAccount"), "/account_name".into()));
        app.post(&admin, "switch-account", json!({})).await.expect(400);
        delete(&app, &admin, "sessions/1").await.expect(204);
        app.get(&bearer, "scripts").await.expect(401);
    }

    async fn people_change_their_own_settings(flavor) {
        let app = app!(flavor);
        app.person("kim", Role::Auditor, &["global"]).await;
        let kim = app.client("kim").await;
        let person = app.get(&kim, "person").await.expect(200);
        assert_eq!(person, json!({
            "name": "kim", "email": "kim@example.com", "identity": "kim", "timezone": "UTC",
            "last_login_time": "2026-11-21T08:00:00Z", "last_login_host": null, "preferred_account": null,
            "allowable_emails": null, "oidc_identities": [],
            "accounts": [{"name": "standalone", "title": "Standalone", "roles": ["Auditor"]}],
        }));
        let change = json!({"name": "Kim K.", "email": "kim@other.example", "timezone": "europe/berlin", "preferred_account": "standalone"});
        let changed = app.post(&kim, "person", change).await.expect(200);
        assert_eq!((&changed["timezone"], &changed["preferred_account"]), (&json!("Europe/Berlin"), &json!("standalone")));
        assert_eq!(app.get(&kim, "person").await.expect(200), changed);
        let state = app.post(&Client::default(), "login", json!({"email": "kim@other.example", "password": PASSWORD})).await;
        assert_eq!(state.expect(200)["name"], "Kim K.");
        for (body, status, pointer, code) in [
            (json!({"email": "admin@localhost"}), 409, "/email", "duplicate"),
            (json!({"email": "admin"}), 400, "/email", "format"),
            (json!({"timezone": "Mars/Olympus"}), 400, "/timezone", "unknown"),
            (json!({"name": ""}), 400, "/name", "blank"),
            (json!({"name": "x".repeat(201)}), 400, "/name", "length"),
            (json!({"preferred_account": "other"}), 404, "/preferred_account", "unknown"),
        ] {
            let reply = app.post(&kim, "person", body.clone()).await;
            reply.expect(status);
            assert_eq!(reply.faults(), [(pointer.into(), code.into())], "{body}");
        }
        assert_eq!(app.get(&kim, "person").await.expect(200), changed);
        app.post(&kim, "person", json!({"preferred_account": null, "name": null})).await.expect(200);
        assert_eq!(app.get(&kim, "person").await.expect(200)["preferred_account"], json!(null));
    }

    async fn another_password_ends_other_sessions(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let other = app.admin().await;
        let put = async |password: &str, new: &str| {
            app.put(&admin, "password", json!({"password": password, "new_password": new})).await
        };
        let wrong = put("wrong", "another password").await;
        assert_eq!(wrong.expect(403)["error"], "WrongPassword");
        assert_eq!(wrong.faults(), [("/password".into(), "wrong".into())]);
        let short = put(PASSWORD, "short").await;
        short.expect(400);
        assert_eq!(short.faults(), [("/new_password".into(), "length".into())]);
        put(PASSWORD, &"x".repeat(201)).await.expect(400);
        put(PASSWORD, "another password").await.expect(204);
        app.get(&admin, "scripts").await.expect(200);
        app.get(&other, "scripts").await.expect(401);
        app.log_in("admin").await.expect(401);
        let new = json!({"identity": "admin", "password": "another password"});
        app.post(&Client::default(), "login", new.clone()).await.expect(200);
        // A session that somebody else has got hold of guesses slowly, and hinders no login.
        for _ in 0..10 {
            put("wrong", "another password").await;
        }
        put("another password", "a third password").await.expect(429);
        app.post(&Client::default(), "login", new).await.expect(200);
    }
}
