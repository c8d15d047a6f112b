//! Settings: what there are, who changes them, and what comes of it.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{User, admin, code};
use crate::api::app::{App, Reply, encode};
use crate::app;
use crate::on_both_databases;

impl App {
    async fn set(&self, user: &User, name: &str, body: Value) -> Reply {
        self.conduct(user, Method::PUT, &format!("config/{name}"), body).await
    }
}

on_both_databases! {
    async fn the_settings_are_listed_with_what_roles_may_do(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let list = app.conduct(&admin, Method::GET, "config", Value::Null).await.expect(200);
        let lines: Vec<String> = list["items"].as_array().unwrap().iter().map(|item| {
            let value = if item["name"] == "public_ip" { json!("[…]") } else { item["value"].clone() };
            format!(
                "{}.{} = {value}{}{} {}",
                item["scope"].as_str().unwrap(),
                item["name"].as_str().unwrap(),
                if item["is_editable"] == true { "" } else { " fixed" },
                if item["admin_only"] == true { " for administrators" } else { "" },
                item["schema"],
            )
    }).collect();
        insta::assert_json_snapshot!("settings", lines);
        assert_eq!(list["metadata"]["pagination"]["total"], lines.len());
        assert_eq!(list["authorization"]["permissions"]["site_create"], json!(["manager", "sys_admin", "user"]));
        let manager = json!({
            "name": "manager",
            "type": "tenant_role",
            "description": "Administers the tenant and sees what its members keep private.",
        });
        assert!(list["authorization"]["roles"].as_array().unwrap().contains(&manager));
        let scope = app.conduct(&admin, Method::GET, "config?scope=workflow&_include=name", Value::Null).await.expect(200);
        let names = json!([{"name": "subgraph_retries"}, {"name": "task_retries"}, {"name": "task_retry_interval"}]);
        assert_eq!(scope["items"], names);
        assert_eq!(app.items(&admin, "config?scope=nope").await, Vec::<Value>::new());
    }

    async fn a_setting_is_found_by_its_name(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let get = async |name: &str| app.conduct(&admin, Method::GET, &format!("config/{name}"), Value::Null).await;
        let item = get("max_concurrent_workflows").await.expect(200);
        insta::assert_json_snapshot!("a_setting", item);
        assert_eq!(get("rest.max_concurrent_workflows").await.expect(200), item);
        assert_eq!(code(&get("max_workers").await, 409), "ambiguous_name");
        assert_eq!(get("agent.max_workers").await.expect(200)["scope"], "agent");
        for name in ["nope", "rest.nope", "nope.max_workers", "rest.", "."] {
            assert_eq!(code(&get(name).await, 404), "not_found_error", "{name}");
    }
    }

    async fn a_setting_is_changed_within_its_schema(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let changed = app.set(&admin, "max_concurrent_workflows", json!({"value": 7})).await.expect(200);
        assert_eq!((&changed["value"], &changed["updater_name"]), (&json!(7), &json!("admin")));
        assert_eq!(changed["updated_at"], "2026-11-21T08:00:00.000Z");
        let read = app.conduct(&admin, Method::GET, "config/max_concurrent_workflows", Value::Null).await;
        assert_eq!(read.expect(200), changed);
        for value in [json!(0), json!(1001), json!("20"), json!(1.5), json!([1])] {
            let refused = app.set(&admin, "max_concurrent_workflows", json!({"value": value})).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error");
            assert_eq!(refused.faults(), [("/value".to_owned(), "schema".to_owned())]);
    }
        let missing = app.set(&admin, "max_concurrent_workflows", json!({})).await;
        assert_eq!(missing.faults(), [("/value".to_owned(), "required".to_owned())]);
        assert_eq!(code(&app.set(&admin, "nope", json!({"value": 1})).await, 404), "not_found_error");
        assert_eq!(code(&app.set(&admin, "max_workers", json!({"value": 1})).await, 409), "ambiguous_name");

        let address = json!({"value": "192.0.2.1"});
        assert_eq!(code(&app.set(&admin, "public_ip", address).await, 409), "conflict_error");
        let forced = app.set(&admin, "public_ip", json!({"value": "192.0.2.1", "force": "True"})).await.expect(200);
        assert_eq!((&forced["value"], &forced["is_editable"]), (&json!("192.0.2.1"), &json!(false)));
        let viewer = app.member("kim", "default_tenant", Role::Viewer).await;
        assert_eq!(code(&app.set(&viewer, "task_retries", json!({"value": 1})).await, 403), "forbidden_error");
        let log = app.items(&admin, "audit?ref_table=config").await;
        assert_eq!((&log[0]["before"], &log[0]["after"]), (&json!({"value": 20}), &json!({"value": 7})));
        assert_eq!(log[0]["ref_identifier"], json!({"name": "rest.max_concurrent_workflows"}));
        assert_eq!(log.len(), 2, "what was refused is not in it");
    }

    async fn some_values_are_for_administrators(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        let secret = json!({"value": "hunter2"});
        let set = app.set(&admin, "log_fetch_password", secret.clone()).await.expect(200);
        assert_eq!(set["value"], "hunter2");
        assert_eq!(code(&app.set(&kim, "log_fetch_password", secret).await, 403), "forbidden_error");
        let seen = app.conduct(&kim, Method::GET, "config/log_fetch_password", Value::Null).await.expect(200);
        assert_eq!(seen["value"], "********");
        let list = app.conduct(&kim, Method::GET, "config", Value::Null).await;
        assert!(!list.text.contains("hunter2"));
        let log = app.conduct(&admin, Method::GET, "audit", Value::Null).await;
        assert!(!log.text.contains("hunter2") && log.text.contains("log_fetch_password"), "{}", log.text);
        let stored = app.fingerprint().await.join("\n");
        assert!(stored.contains("log_fetch_password") && !stored.contains("hunter2"), "it is encrypted");
    }

    async fn lists_are_as_long_as_the_setting_says(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for name in ["a", "b", "c"] {
            app.conduct(&admin, Method::PUT, &format!("sites/{name}"), json!({})).await.expect(200);
    }
        app.set(&admin, "default_page_size", json!({"value": 2})).await.expect(200);
        let list = app.conduct(&admin, Method::GET, "sites", Value::Null).await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        assert_eq!(list["metadata"]["pagination"], json!({"total": 3, "size": 2, "offset": 0}));
        assert_eq!(app.items(&admin, "sites?_size=3").await.len(), 3);
        assert_eq!(app.items(&admin, "config").await.len(), 2);
        assert_eq!(app.items(&admin, "sites?_get_all_results=true").await.len(), 3);
    }

    async fn who_fails_too_often_is_locked_out_if_the_settings_say_so(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let kim = app.member("kim", "default_tenant", Role::Viewer).await;
        let wrong = kim.clone().with("authorization", &format!("Basic {}", encode("kim:wrong")));
        let ask = async |user: &User| app.conduct(user, Method::GET, "status", Value::Null).await;
        let fail = async || {
            for _ in 0..2 {
                assert_eq!(code(&ask(&wrong).await, 401), "unauthorized_error");
            }
        };
        app.set(&admin, "failed_logins_before_account_lock", json!({"value": 1})).await.expect(200);
        ask(&kim).await.expect(200);
        fail().await;
        ask(&kim).await.expect(200);
        app.set(&admin, "account_lock_period", json!({"value": 10})).await.expect(200);
        fail().await;
        assert_eq!(code(&ask(&kim).await, 401), "unauthorized_error");
        app.clock.advance(SignedDuration::from_mins(11));
        ask(&kim).await.expect(200);
    }
}
