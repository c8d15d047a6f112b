use axum::http::Method;
use binnacle_shared::permission::Role;
use serde_json::json;

use super::app::Client;
use crate::{app, on_both_databases};

on_both_databases! {
    async fn the_documented_pair_is_made_shown_and_replaced(flavor) {
        let app = app!(flavor);
        let mut admin = app.admin().await;
        admin.headers.push(("host", "fleet.example".into()));
        let none = app.get(&admin, "credentials").await.expect(200);
        assert_eq!(none["credentials"][0]["access_key"], json!(null));
        assert_eq!(none["credentials"][0]["exports"], "");
        let reply = app.post(&admin, "credentials", json!({"account": "other"})).await;
        assert_eq!(reply.expect(404)["detail"][0]["pointer"], "/account");
        assert_eq!(app.post(&admin, "credentials", json!({})).await.faults(), [("/account".into(), "required".into())]);
        let first = app.post(&admin, "credentials", json!({"account": "standalone"})).await.expect(200);
        let pair = &first["credentials"][0];
        let (key, secret) = (pair["access_key"].as_str().unwrap(), pair["secret_key"].as_str().unwrap());
        assert_eq!((key.len(), secret.len()), (20, 40));
        assert_eq!(pair["endpoint"], "http://fleet.example/api/");
        assert_eq!((&pair["account_name"], &pair["account_title"]), (&json!("standalone"), &json!("Standalone")));
        let exports = format!(
            "export LANDSCAPE_API_URI=\"http://fleet.example/api/\"\nexport LANDSCAPE_API_KEY=\"{key}\"\nexport \
             LANDSCAPE_API_SECRET=\"{secret}\"\n"
        );
        assert_eq!(pair["exports"], exports);
        assert_eq!(app.get(&admin, "credentials").await.expect(200), first);
        let second = app.post(&admin, "credentials", json!({"account": "standalone"})).await.expect(200);
        assert_ne!(second["credentials"][0]["access_key"], key);
        let old = json!({"access_key": key, "secret_key": secret});
        app.post(&Client::default(), "login/access-key", old).await.expect(401);
        assert_eq!(app.get(&admin, "access-keys").await.expect(200)["count"], 1);
        // What a client says it is called ends up in a line for a shell.
        admin.headers.pop();
        admin.headers.push(("host", "a\";id".into()));
        assert_eq!(app.get(&admin, "credentials").await.expect(200)["credentials"][0]["endpoint"], "/api/");
    }

    async fn keys_have_titles_and_are_revoked_one_by_one(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for (body, code) in [(json!({}), "required"), (json!({"title": " "}), "blank"), (json!({"title": 5}), "type")] {
            let reply = app.post(&admin, "access-keys", body).await;
            reply.expect(400);
            assert_eq!(reply.faults(), [("/title".into(), code.into())]);
        }
        let made = app.post(&admin, "access-keys", json!({"title": "backup"})).await.expect(201);
        app.post(&admin, "access-keys", json!({"title": "monitoring"})).await.expect(201);
        let list = app.get(&admin, "access-keys").await;
        assert!(!list.text.contains(made["secret_key"].as_str().unwrap()));
        assert_eq!(crate::api::app::titles(&list.json()), ["monitoring", "backup"]);
        assert_eq!(app.get(&admin, "access-keys?limit=1&offset=1").await.expect(200)["results"][0]["title"], "backup");
        // Nobody touches the keys of others.
        app.person("kim", Role::GlobalAdmin, &["global"]).await;
        let kim = app.client("kim").await;
        assert_eq!(app.get(&kim, "access-keys").await.expect(200)["count"], 0);
        let path = format!("/api/v2/access-keys/{}", made["id"]);
        assert_eq!(app.ask(&kim, Method::DELETE, &path, "").await.expect(404)["error"], "UnknownAccessKey");
        app.ask(&admin, Method::DELETE, &path, "").await.expect(204);
        app.ask(&admin, Method::DELETE, &path, "").await.expect(404);
        for _ in 0..19 {
            app.post(&admin, "access-keys", json!({"title": "x"})).await.expect(201);
        }
        let reply = app.post(&admin, "access-keys", json!({"title": "x"})).await;
        assert_eq!(reply.expect(400)["error"], "TooManyAccessKeys");
    }

    async fn secrets_are_encrypted_where_they_are_kept(flavor) {
        let app = app!(flavor);
        let made = app.post(&app.admin().await, "access-keys", json!({"title": "x"})).await.expect(201);
        let mut conn = app.services.db.read().await.unwrap();
        let key = made["access_key"].as_str().unwrap();
        let stored = binnacle::store::access_key::by_key(&mut conn, key).await.unwrap().unwrap();
        assert!(!stored.secret_key.contains(made["secret_key"].as_str().unwrap()));
        assert!(!format!("{stored:?}").contains(&stored.secret_key));
    }

    async fn a_key_logs_in(flavor) {
        let app = app!(flavor);
        let made = app.post(&app.admin().await, "access-keys", json!({"title": "x"})).await.expect(201);
        let (key, secret) = (&made["access_key"], &made["secret_key"]);
        let nobody = Client::default();
        for path in ["/api/v2/login/access-key", "/api/login/access-key"] {
            let body = json!({"access_key": key, "secret_key": secret, "expiry_minutes": 5}).to_string();
            let reply = app.ask(&nobody, Method::POST, path, body).await;
            let state = reply.expect(200);
            assert_eq!(state["current_account"], "standalone");
            assert!(reply.header("set-cookie").starts_with("binnacle_session="));
            let bearer = Client { headers: vec![("authorization", format!("Bearer {}", state["token"].as_str().unwrap()))] };
            app.get(&bearer, "scripts").await.expect(200);
        }
        let wrong = app.post(&nobody, "login/access-key", json!({"access_key": key, "secret_key": "x"})).await;
        let unknown = app.post(&nobody, "login/access-key", json!({"access_key": "x", "secret_key": secret})).await;
        assert_eq!(wrong.expect(401)["error"], "InvalidCredentials");
        assert_eq!(wrong.text, unknown.text);
        let reply = app.post(&nobody, "login/access-key", json!({"expiry_minutes": "x"})).await;
        let pointers: Vec<_> = reply.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/access_key", "/secret_key", "/expiry_minutes"]);
        // Guessing at a key's secret is slowed down like guessing at a password.
        for _ in 0..10 {
            app.post(&nobody, "login/access-key", json!({"access_key": key, "secret_key": "x"})).await;
        }
        let reply = app.post(&nobody, "login/access-key", json!({"access_key": key, "secret_key": secret})).await;
        assert_eq!(reply.expect(429)["error"], "TooManyRequests");
        assert!(!reply.header("retry-after").is_empty());
    }
}
