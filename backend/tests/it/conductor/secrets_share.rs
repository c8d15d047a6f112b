//! Secrets that are handed out and taken in.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Reply};
use crate::app;
use crate::on_both_databases;

const PASSPHRASE: &str = "a-good-passphrase";

async fn put(app: &App, user: &User, key: &str, body: Value) {
    app.conduct(user, Method::PUT, &format!("secrets/{key}"), body).await.expect(200);
}

async fn value(app: &App, user: &User, key: &str) -> Value {
    app.conduct(user, Method::GET, &format!("secrets/{key}"), Value::Null).await.expect(200)["value"].clone()
}

async fn export(app: &App, user: &User, query: &str) -> Reply {
    app.conduct(user, Method::GET, &format!("secrets/share/export?{query}"), Value::Null).await
}

async fn import(app: &App, user: &User, body: Value) -> Reply {
    app.conduct(user, Method::POST, "secrets/share/import", body).await
}

fn entry(key: &str, tenant: &str, value: &str) -> Value {
    json!({"key": key, "value": value, "tenant_name": tenant, "visibility": "tenant", "is_hidden_value": false, "encrypted": false})
}

/// All that is stored, but when people signed in.
async fn stored(app: &App) -> Vec<String> {
    app.fingerprint().await.into_iter().filter(|line| !line.starts_with("person:")).collect()
}

on_both_databases! {
    async fn secrets_travel_under_a_passphrase(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        let admin = admin();
        put(&app, &admin, "a", json!({"value": "of a", "is_hidden_value": true})).await;
        put(&app, &admin, "b", json!({"value": "of b", "visibility": "private"})).await;
        let plain = export(&app, &admin, "").await.expect(200);
        insta::assert_json_snapshot!("exported_secrets", plain);
        let query = format!("_passphrase={PASSPHRASE}&_include_metadata=True");
        let sealed = export(&app, &admin, &query).await.expect(200);
        assert!(!sealed.to_string().contains("of a"), "{sealed}");
        assert_eq!((&sealed[0]["encrypted"], &sealed[0]["creator"]), (&json!(true), &json!("admin")));
        assert_eq!(export(&app, &admin, "visibility=private&_include=key").await.expect(200), json!([{"key": "b"}]));
        assert_eq!(export(&app, &admin, "non_encrypted=true&_size=1&_include=value").await.expect(200), json!([{"value": "of a"}]));

        // Each secret is noted that was handed out: two, two, one and one.
        let looks = app.fingerprint().await.into_iter().filter(|line| line.starts_with("audit_entry") && line.contains("read"));
        assert_eq!(looks.count(), 6);

        let body = json!({"secrets_list": sealed, "tenant_map": {"default_tenant": "north"}, "passphrase": PASSPHRASE,
            "override_collisions": false});
        let taken = import(&app, &admin, body.clone()).await.expect(200);
        assert_eq!(taken, json!({"colliding_secrets": {}, "secrets_errors": {}}));
        let north = user("admin", "north");
        assert_eq!((value(&app, &north, "a").await, value(&app, &north, "b").await), (json!("of a"), json!("of b")));
        let again = import(&app, &admin, body.clone()).await.expect(200);
        assert_eq!(again, json!({"colliding_secrets": {"north": ["a", "b"]}, "secrets_errors": {}}));

        // A wrong passphrase, or none, is said of each entry.
        let mut wrong = body.clone();
        wrong["passphrase"] = json!("another-passphrase");
        let refused = import(&app, &admin, wrong.clone()).await.expect(200);
        assert!(refused["secrets_errors"]["1"]["value"].as_str().unwrap().contains("passphrase"), "{refused}");
        wrong["passphrase"] = Value::Null;
        let refused = import(&app, &admin, wrong).await.expect(200);
        assert!(refused["secrets_errors"]["0"]["No passphrase"].is_string(), "{refused}");
        let found: Vec<_> = app.fingerprint().await.into_iter().filter(|line| line.contains("of a")).collect();
        assert!(found.is_empty(), "{found:?}");
    }

    async fn collisions_are_told_and_overridden_where_that_is_wanted(flavor) {
        let app = app!(flavor);
        let admin = admin();
        put(&app, &admin, "a", json!({"value": "old"})).await;
        put(&app, &admin, "s", json!({"value": "1", "schema": {"type": "integer"}})).await;
        put(&app, &admin, "wide", json!({"value": "old", "visibility": "global"})).await;
        let list = json!([entry("a", "default_tenant", "new"), entry("n", "default_tenant", "1"), entry("n", "default_tenant", "2"),
            entry("s", "default_tenant", "2"), entry("wide", "default_tenant", "2")]);
        let kept = import(&app, &admin, json!({"secrets_list": list, "override_collisions": false})).await.expect(200);
        assert_eq!(kept, json!({"colliding_secrets": {"default_tenant": ["a", "n", "s", "wide"]}, "secrets_errors": {}}));
        assert_eq!((value(&app, &admin, "a").await, value(&app, &admin, "n").await), (json!("old"), json!("1")));
        let body = json!({"secrets_list": list, "override_collisions": true});
        let taken = import(&app, &admin, body).await.expect(200);
        assert_eq!(taken["colliding_secrets"]["default_tenant"], json!(["a", "n", "n", "s", "wide"]));
        let errors = taken["secrets_errors"].as_object().unwrap();
        assert!(errors.len() == 2 && errors["3"]["value"].is_string() && errors["4"]["visibility"].is_string(), "{taken}");
        assert_eq!((value(&app, &admin, "a").await, value(&app, &admin, "n").await), (json!("new"), json!("2")));
        assert_eq!((value(&app, &admin, "s").await, value(&app, &admin, "wide").await), (json!(1), json!("old")));
    }

    async fn nothing_goes_where_one_may_not(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        app.tenant("south").await;
        let kim = app.member("kim", "north", Role::User).await;
        let ann = app.member("ann", "north", Role::User).await;
        let max = app.member("max", "south", Role::User).await;
        put(&app, &max, "theirs", json!({"value": "v"})).await;
        put(&app, &ann, "hidden", json!({"value": "v", "is_hidden_value": true})).await;
        put(&app, &ann, "private", json!({"value": "v", "visibility": "private"})).await;
        let south = stored(&app).await;

        // What is there in another tenant, and whether that is there at all, is not to be seen.
        let list = json!([entry("theirs", "south", "x"), entry("x", "south", "x"), entry("x", "nowhere", "x")]);
        let body = json!({"secrets_list": list, "override_collisions": true});
        let refused = import(&app, &kim, body).await.expect(200);
        assert_eq!(refused["colliding_secrets"], json!({}));
        let said = |index: &str, name: &str| refused["secrets_errors"][index]["tenant_name"].as_str().unwrap().replace(name, "T");
        assert_eq!((said("0", "south"), said("1", "south")), (said("2", "nowhere"), said("2", "nowhere")));
        assert!(south == stored(&app).await, "something was stored");

        let mut global = entry("g", "north", "x");
        global["visibility"] = json!("global");
        let mut past = entry("p", "north", "x");
        past["created_at"] = json!("2020-01-01T00:00:00.000Z");
        let mut others = entry("o", "north", "x");
        others["creator"] = json!("ann");
        let list = json!([entry("hidden", "north", "x"), entry("private", "north", "x"), global, past, others, entry("good", "north", "x")]);
        let taken = import(&app, &kim, json!({"secrets_list": list, "override_collisions": true})).await.expect(200);
        let errors = taken["secrets_errors"].as_object().unwrap();
        let fields: Vec<&str> = errors.values().map(|fault| fault.as_object().unwrap().keys().next().unwrap().as_str()).collect();
        assert_eq!(fields, ["key", "key", "visibility", "timestamp", "creator"], "{taken}");
        assert_eq!(value(&app, &ann, "hidden").await, "v");
        assert_eq!(value(&app, &kim, "good").await, "x");

        // Out goes only what one may see.
        let keys = export(&app, &kim, "_include=key&_all_tenants=true").await.expect(200);
        assert_eq!(keys, json!([{"key": "good"}]));
        let viewer = app.member("eve", "north", Role::Viewer).await;
        assert_eq!(code(&export(&app, &viewer, "").await, 403), "forbidden_error");
    }

    async fn what_cannot_be_read_is_said_and_the_rest_is_there(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let with = |name: &str, value: Value| {
            let mut entry = entry("k", "default_tenant", "v");
            entry[name] = value;
            entry
        };
        let list = json!([
            1, null, [], {}, with("key", json!("1 x")), with("key", json!(5)), with("value", json!({})), with("value", json!("")),
            with("tenant_name", json!([])), with("visibility", json!("all")), with("is_hidden_value", json!("x")),
            with("encrypted", json!(3)), with("provider", json!("nowhere")), with("provider_options", json!("x")),
            with("created_at", json!("never")), with("creator", json!("nobody")), with("visibility", Value::Null),
            entry("good", "default_tenant", "v"),
        ]);
        let taken = import(&app, &admin, json!({"secrets_list": list, "override_collisions": true})).await.expect(200);
        insta::assert_json_snapshot!("faults_of_an_import", taken);
        assert_eq!(value(&app, &admin, "good").await, "v");

        // Nothing long comes back in what is said of it.
        let words = ["key", "tenant_name", "visibility", "provider", "created_at", "creator"];
        let long: Vec<Value> = words.iter().map(|name| with(name, json!("x".repeat(257)))).collect();
        let taken = import(&app, &admin, json!({"secrets_list": long, "override_collisions": true})).await;
        assert!(taken.text.len() < 1000, "{}", taken.text);
        for (index, name) in words.iter().enumerate() {
            let name = if *name == "created_at" { "timestamp" } else { name };
            let fault = &taken.json()["secrets_errors"][index.to_string()][name];
            assert_eq!(fault, "Must have at most 256 characters", "{name}");
        }

        let mut damaged = Vec::new();
        for token in ["x", "gAAAAA", &"A".repeat(200), "秘密"] {
            let mut one = entry("d", "default_tenant", token);
            one["encrypted"] = json!(true);
            damaged.push(one);
        }
        let body = json!({"secrets_list": damaged, "override_collisions": true, "passphrase": PASSPHRASE});
        let taken = import(&app, &admin, body).await.expect(200);
        assert_eq!(taken["secrets_errors"].as_object().unwrap().len(), 4, "{taken}");
    }

    async fn a_request_that_cannot_be_meant_changes_nothing(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let before = stored(&app).await;
        let many: Vec<Value> = (0..10_001).map(|n| entry(&format!("k{n}"), "default_tenant", "v")).collect();
        for (body, place, kind) in [
            (json!({"override_collisions": true}), "/secrets_list", "required"),
            (json!({"secrets_list": {"a": 1}, "override_collisions": true}), "/secrets_list", "type"),
            (json!({"secrets_list": []}), "/override_collisions", "required"),
            (json!({"secrets_list": [], "override_collisions": "true"}), "/override_collisions", "type"),
            (json!({"secrets_list": [], "override_collisions": true, "tenant_map": []}), "/tenant_map", "type"),
            (json!({"secrets_list": [], "override_collisions": true, "tenant_map_dict": {"a": 1}}), "/tenant_map_dict", "type"),
            (json!({"secrets_list": [], "override_collisions": true, "passphrase": 12_345_678}), "/passphrase", "type"),
            (json!({"secrets_list": many, "override_collisions": true}), "/secrets_list", "length"),
        ] {
            let refused = import(&app, &admin, body).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{place}");
            assert_eq!(refused.faults(), [(place.to_owned(), kind.to_owned())]);
        }
        for (query, kind) in [
            ("_passphrase=1234567", "length"),
            ("_passphrase=12345678&non_encrypted=true", "conflict"),
            ("non-encrypted=false", "required"),
        ] {
            let refused = export(&app, &admin, query).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{query}");
            assert_eq!(refused.faults(), [("/_passphrase".to_owned(), kind.to_owned())]);
        }
        assert_eq!(code(&export(&app, &admin, "nope=1").await, 400), "bad_parameters_error");
        assert_eq!(code(&export(&app, &admin, "_include=nope").await, 400), "no_such_include_field_error");
        let text = admin.clone().with("content-type", "application/zip");
        assert_eq!(code(&import(&app, &text, json!({})).await, 415), "unsupported_content_type_error");
        assert!(before == stored(&app).await, "something was stored");
    }

    async fn as_many_as_can_be_exported_can_be_imported(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let many: Vec<Value> = (0..10_000).map(|n| entry(&format!("k{n}"), "default_tenant", &"v".repeat(300))).collect();
        let body = json!({"secrets_list": many, "override_collisions": false});
        assert!(body.to_string().len() > 3 * 1024 * 1024);
        let taken = import(&app, &admin, body).await.expect(200);
        assert_eq!(taken, json!({"colliding_secrets": {}, "secrets_errors": {}}));
        let all = export(&app, &admin, "_include=key").await.expect(200);
        assert_eq!(all.as_array().unwrap().len(), 10_000);
        put(&app, &admin, "one-more", json!({"value": "v"})).await;
        assert_eq!(code(&export(&app, &admin, "").await, 400), "bad_parameters_error");
        assert_eq!(export(&app, &admin, "_offset=10000&_include=key").await.expect(200), json!([{"key": "one-more"}]));
    }
}
