//! Secrets providers: their life, who sees credentials, and secrets that are elsewhere.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::client::{User, admin, code, user};
use crate::api::app::{App, PASSWORD, Reply};
use crate::app;
use crate::on_both_databases;

const TOKEN: &str = "hvs.very-secret-token";

async fn put(app: &App, user: &User, body: Value) -> Reply {
    app.conduct(user, Method::PUT, "secrets-providers", body).await
}

async fn get(app: &App, user: &User, what: &str) -> Reply {
    app.conduct(user, Method::GET, what, Value::Null).await
}

async fn patch(app: &App, user: &User, what: &str, body: Value) -> Reply {
    app.conduct(user, Method::PATCH, what, body).await
}

fn vault(url: &str) -> Value {
    json!({"url": url, "token": TOKEN, "path": "team/kv"})
}

/// A Vault with one secret.
async fn vault_server() -> MockServer {
    let server = MockServer::start().await;
    for (at, body) in [
        ("auth/token/lookup-self", json!({"data": {}})),
        ("team/kv/db", json!({"data": {"value": "from the vault"}})),
        ("team/kv/number", json!({"data": {"value": "no number"}})),
    ] {
        Mock::given(method("GET"))
            .and(path(format!("/v1/{at}")))
            .and(header("x-vault-token", TOKEN))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(403)).with_priority(9).mount(&server).await;
    server
}

/// All that is stored, but when people signed in.
async fn stored(app: &App) -> Vec<String> {
    app.fingerprint().await.into_iter().filter(|line| !line.starts_with("person:")).collect()
}

on_both_databases! {
    async fn a_provider_is_made_shown_changed_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let body = json!({"name": "v", "type": "vault", "connection_parameters": vault("https://vault.example")});
        let made = put(&app, &admin, body.clone()).await.expect(200);
        insta::assert_json_snapshot!("a_secrets_provider", made);
        assert_eq!(get(&app, &admin, "secrets-providers/v").await.expect(200), made);
        let list = get(&app, &admin, "secrets-providers").await.expect(200);
        insta::assert_json_snapshot!("a_list_of_secrets_providers", list);
        let dumped = get(&app, &admin, "secrets-providers?_include=name,connection_parameters").await.expect(200);
        assert_eq!(dumped["items"], json!([{"name": "v", "connection_parameters": null}]));
        assert_eq!(code(&put(&app, &admin, body).await, 409), "conflict_error");

        app.clock.advance(jiff::SignedDuration::from_secs(60));
        let change = json!({"name": "v", "type": "local", "connection_parameters": {}, "visibility": "global"});
        let changed = patch(&app, &admin, "secrets-providers/v", change).await.expect(200);
        assert_eq!((&changed["type"], &changed["connection_parameters"]), (&json!("local"), &Value::Null));
        assert_eq!((&changed["visibility"], &changed["updated_at"]), (&json!("global"), &json!("2026-11-21T08:01:00.000Z")));

        let found: Vec<_> = app.fingerprint().await.into_iter().filter(|line| line.contains(TOKEN)).collect();
        assert!(found.is_empty(), "{found:?}");
        app.conduct(&admin, Method::PUT, "secrets/s", json!({"value": "here", "provider_name": "v"})).await.expect(200);
        let used = app.conduct(&admin, Method::DELETE, "secrets-providers/v", Value::Null).await;
        assert_eq!(code(&used, 409), "conflict_error");
        assert_eq!(get(&app, &admin, "secrets/s").await.expect(200)["value"], "here");
        app.conduct(&admin, Method::DELETE, "secrets/s", Value::Null).await.expect(204);
        app.conduct(&admin, Method::DELETE, "secrets-providers/v", Value::Null).await.expect(204);
        assert_eq!(code(&get(&app, &admin, "secrets-providers/v").await, 404), "not_found_error");
    }

    async fn credentials_are_for_who_may_see_them(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        let kim = app.member("kim", "north", Role::Manager).await;
        let body = json!({"name": "v", "type": "vault", "connection_parameters": vault("https://vault.example")});
        let masked = json!({"url": "********", "token": "********", "path": "********"});
        assert_eq!(put(&app, &kim, body).await.expect(200)["connection_parameters"], masked);
        assert_eq!(get(&app, &kim, "secrets-providers/v").await.expect(200)["connection_parameters"], masked);
        let seen = get(&app, &user("admin", "north"), "secrets-providers/v").await.expect(200);
        assert_eq!(seen["connection_parameters"]["token"], TOKEN);

        // What is masked cannot be sent to another place.
        let mut theft = masked.clone();
        theft["url"] = json!("https://evil.example");
        let refused = patch(&app, &kim, "secrets-providers/v", json!({"connection_parameters": theft})).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
        let places: Vec<_> = refused.faults().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["/connection_parameters/path", "/connection_parameters/token"]);
        let other = patch(&app, &kim, "secrets-providers/v", json!({"type": "cloudify"})).await;
        assert_eq!(code(&other, 400), "bad_parameters_error");
        let viewer = app.member("eve", "north", Role::Viewer).await;
        assert_eq!(code(&put(&app, &viewer, json!({"type": "local", "test": true})).await, 403), "forbidden_error");
    }

    async fn what_is_wrong_with_a_provider_is_said_at_its_place(flavor) {
        let app = app!(flavor);
        let admin = admin();
        put(&app, &admin, json!({"name": "there", "type": "local"})).await.expect(200);
        let before = stored(&app).await;
        for (body, place) in [
            (json!({"type": "local"}), "/name"),
            (json!({"name": "1", "type": "local"}), "/name"),
            (json!({"name": "a"}), "/type"),
            (json!({"name": "a", "type": "etcd"}), "/type"),
            (json!({"name": "a", "type": "vault", "connection_parameters": []}), "/connection_parameters"),
            (json!({"name": "a", "type": "vault", "connection_parameters": {"url": "x"}}), "/connection_parameters/token"),
            (json!({"name": "a", "type": "local", "visibility": "x"}), "/visibility"),
            (json!({"name": "a", "type": "local", "test": "x"}), "/test"),
            (json!({"type": "", "test": true}), "/type"),
        ] {
            let refused = put(&app, &admin, body).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{place}");
            assert_eq!(refused.faults()[0].0, place);
        }
        let renamed = patch(&app, &admin, "secrets-providers/there", json!({"name": "x"})).await;
        assert_eq!(code(&renamed, 400), "bad_parameters_error");
        assert_eq!(renamed.faults()[0].0, "/name");
        assert_eq!(code(&patch(&app, &admin, "secrets-providers/there", json!({})).await, 400), "bad_parameters_error");
        assert!(before == stored(&app).await, "something was stored");
    }

    async fn a_value_comes_from_a_vault(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let server = vault_server().await;
        let parameters = vault(&server.uri());
        let test = json!({"name": "", "type": "vault", "connection_parameters": parameters, "test": true});
        assert_eq!(put(&app, &admin, test.clone()).await.expect(204), Value::Null);
        let mut wrong = test;
        wrong["connection_parameters"]["token"] = json!("wrong");
        assert_eq!(code(&put(&app, &admin, wrong.clone()).await, 400), "failed_dependency");
        wrong["connection_parameters"]["url"] = json!("http://169.254.169.254/");
        assert_eq!(code(&put(&app, &admin, wrong).await, 400), "failed_dependency");

        put(&app, &admin, json!({"name": "v", "type": "vault", "connection_parameters": parameters})).await.expect(200);
        // Clients try what they have just made by its name alone.
        put(&app, &admin, json!({"name": "v", "type": "", "test": true})).await.expect(204);
        let nowhere = put(&app, &admin, json!({"name": "nowhere", "type": "", "test": true})).await;
        assert_eq!(code(&nowhere, 404), "not_found_error");
        let made = app.conduct(&admin, Method::PUT, "secrets/db", json!({"provider_name": "v"})).await.expect(200);
        assert_eq!((&made["value"], &made["provider_name"]), (&Value::Null, &json!("v")));
        assert_eq!(get(&app, &admin, "secrets/db").await.expect(200)["value"], "from the vault");
        app.conduct(&admin, Method::PUT, "secrets/here", json!({"value": "x"})).await.expect(200);
        let rule = json!({"key": "provider_name", "values": ["v"], "operator": "starts_with", "type": "attribute"});
        let body = json!({"filter_rules": [rule]});
        let found = app.conduct(&admin, Method::POST, "searches/secrets", body).await.expect(200);
        let keys: Vec<_> = found["items"].as_array().unwrap().iter().map(|secret| &secret["key"]).collect();
        assert_eq!((keys, &found["metadata"]["filtered"]), (vec![&json!("db")], &json!(1)));
        let options = json!({"provider_name": "v", "provider_options": {"path": "nowhere"}});
        app.conduct(&admin, Method::PUT, "secrets/lost", options).await.expect(200);
        assert_eq!(code(&get(&app, &admin, "secrets/lost").await, 400), "failed_dependency");
        assert_eq!(get(&app, &admin, "secrets/lost?_skip_value=true").await.expect(200)["provider_options"], json!({"path": "nowhere"}));
        let strict = json!({"provider_name": "v", "schema": {"type": "integer"}});
        app.conduct(&admin, Method::PUT, "secrets/number", strict).await.expect(200);
        assert_eq!(code(&get(&app, &admin, "secrets/number").await, 400), "failed_dependency");

        // Exports say where it is, and not what it is.
        let exported = get(&app, &admin, "secrets/share/export?key=db").await.expect(200);
        assert_eq!((&exported[0]["provider"], &exported[0]["value"]), (&json!("v"), &Value::Null));

        // Its value is changed there, or brought here.
        let refused = patch(&app, &admin, "secrets/db", json!({"value": "x"})).await;
        assert_eq!(code(&refused, 400), "illegal_action_error");
        put(&app, &admin, json!({"name": "here", "type": "local"})).await.expect(200);
        let empty = patch(&app, &admin, "secrets/db", json!({"provider_name": "here"})).await;
        assert_eq!(empty.faults(), [("/value".to_owned(), "required".to_owned())]);
        patch(&app, &admin, "secrets/db", json!({"provider_name": "here", "value": "mine"})).await.expect(200);
        assert_eq!(get(&app, &admin, "secrets/db").await.expect(200)["value"], "mine");
    }

    async fn a_value_comes_from_another_manager(flavor) {
        let app = app!(flavor);
        let other = app!(flavor);
        let address = other.listen().await;
        let admin = admin();
        other.conduct(&admin, Method::PUT, "secrets/db", json!({"value": "from afar"})).await.expect(200);
        let hidden = json!({"value": "v", "is_hidden_value": true});
        other.conduct(&admin, Method::PUT, "secrets/hidden", hidden).await.expect(200);
        other.member("reader", "default_tenant", Role::Viewer).await;
        let mut parameters = json!({"host": "127.0.0.1", "port": address.port(), "protocol": "http", "username": "reader",
            "password": PASSWORD, "tenant": "default_tenant"});
        let test = json!({"type": "cloudify", "connection_parameters": parameters, "test": true});
        put(&app, &admin, test).await.expect(204);
        put(&app, &admin, json!({"name": "far", "type": "cloudify", "connection_parameters": parameters})).await.expect(200);
        for key in ["db", "hidden", "absent"] {
            let path = format!("secrets/{key}");
            app.conduct(&admin, Method::PUT, &path, json!({"provider_name": "far"})).await.expect(200);
        }
        assert_eq!(get(&app, &admin, "secrets/db").await.expect(200)["value"], "from afar");
        other.conduct(&admin, Method::PATCH, "secrets/db", json!({"value": "changed"})).await.expect(200);
        assert_eq!(get(&app, &admin, "secrets/db").await.expect(200)["value"], "changed");
        for path in ["secrets/hidden", "secrets/absent"] {
            assert_eq!(code(&get(&app, &admin, path).await, 400), "failed_dependency", "{path}");
        }
        parameters["password"] = json!("wrong");
        let change = json!({"connection_parameters": parameters});
        patch(&app, &admin, "secrets-providers/far", change).await.expect(200);
        let refused = get(&app, &admin, "secrets/db").await;
        assert_eq!(code(&refused, 400), "failed_dependency");
        assert!(!refused.text.contains("wrong"), "{}", refused.text);
    }
}
