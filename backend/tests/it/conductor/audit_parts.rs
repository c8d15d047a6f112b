//! Whose people find what in the audit log.

use axum::http::Method;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, PASSWORD};
use crate::app;
use crate::on_both_databases;

async fn ask(app: &App, user: &User, method: Method, path: &str, body: Value, status: u16) -> Value {
    app.conduct(user, method, path, body).await.expect(status)
}

/// A tenant in which `kim` is a manager, both made by the API.
async fn settle(app: &App, tenant: &str) -> User {
    let admin = admin();
    ask(app, &admin, Method::POST, &format!("tenants/{tenant}"), Value::Null, 201).await;
    ask(app, &admin, Method::PUT, "users", json!({"username": "kim", "password": PASSWORD}), 201).await;
    let place = json!({"username": "kim", "tenant_name": tenant, "role": "manager"});
    ask(app, &admin, Method::PUT, "tenants/users", place, 200).await;
    user("kim", tenant)
}

/// Takes both away.
async fn leave(app: &App, tenant: &str) {
    let admin = admin();
    let place = json!({"username": "kim", "tenant_name": tenant});
    ask(app, &admin, Method::DELETE, "tenants/users", place, 204).await;
    ask(app, &admin, Method::DELETE, "users/kim", Value::Null, 204).await;
    ask(app, &admin, Method::DELETE, &format!("tenants/{tenant}"), Value::Null, 204).await;
}

/// What was done with which table, in order.
async fn done(app: &App, user: &User, query: &str) -> Vec<String> {
    let list = app.audit(user, query).await.expect(200);
    assert_eq!(list["metadata"]["pagination"]["total"], list["items"].as_array().unwrap().len());
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = list["items"].as_array().unwrap().iter();
    entries.map(|entry| format!("{} {}", word(entry, "operation"), word(entry, "ref_table"))).collect()
}

on_both_databases! {
    async fn a_tenant_of_the_same_name_is_another_one(flavor) {
        let app = app!(flavor);
        for permission in [Permission::AuditLogView, Permission::AuditLogTruncate] {
            app.allow(Role::Manager, permission).await;
        }
        let kim = settle(&app, "north").await;
        ask(&app, &kim, Method::PUT, "secrets/old", json!({"value": "x"}), 200).await;
        ask(&app, &kim, Method::DELETE, "secrets/old", Value::Null, 204).await;
        let old = ["create tenants", "update tenants", "create secrets", "delete secrets"];
        assert_eq!(done(&app, &kim, "").await, old);
        leave(&app, "north").await;

        let kim = settle(&app, "north").await;
        let fresh = ["create tenants", "update tenants"];
        for query in ["", "since=2026-01-01", "tenant_name=north", "_size=50&_sort=id", "_size=50&_search=old&_sort=id"] {
            let found = done(&app, &kim, query).await;
            assert!(found.is_empty() || found == fresh, "{query} {found:?}");
        }
        assert_eq!(done(&app, &kim, "").await, fresh);
        assert_eq!(done(&app, &kim, "creator_name=kim").await, Vec::<String>::new());
        assert_eq!(done(&app, &kim, "ref_table=secrets").await, Vec::<String>::new());
        // As it is watched, from the beginning and from now on.
        let mut watch = app.watch(&kim, "since=2026-01-01").await;
        app.site(&kim, "new").await;
        let seen = [watch.next().await.unwrap(), watch.next().await.unwrap(), watch.next().await.unwrap()];
        assert_eq!(seen.map(|entry| entry["ref_table"].clone()), ["tenants", "tenants", "sites"]);
        // Who removes what is seen removes nothing else.
        let deleted = ask(&app, &kim, Method::DELETE, "audit?before=2030-01-01", Value::Null, 200).await;
        assert_eq!(deleted, json!({"deleted": 3}));
        let all = done(&app, &admin(), "tenant_name=north").await;
        let first = [&old[..], &["update tenants", "delete tenants"]].concat();
        assert_eq!(all, [&first[..], &["delete audit_log"]].concat());
    }

    async fn a_stream_that_began_before_is_of_the_tenant_that_was(flavor) {
        let app = app!(flavor);
        app.allow(Role::Manager, Permission::AuditLogView).await;
        let kim = settle(&app, "north").await;
        let mut watch = app.watch(&kim, "").await;
        leave(&app, "north").await;
        settle(&app, "north").await;
        app.site(&user("admin", "north"), "new").await;
        for expected in ["update", "delete"] {
            let entry = watch.next().await.unwrap();
            assert_eq!((&entry["ref_table"], &entry["operation"]), (&json!("tenants"), &json!(expected)));
        }
        app.stop.cancel();
        assert_eq!(watch.next().await, None);
    }

    async fn a_user_of_the_same_name_is_another_one(flavor) {
        let app = app!(flavor);
        app.allow(Role::Default, Permission::AuditLogView).await;
        let make = async || {
            ask(&app, &admin(), Method::PUT, "users", json!({"username": "kim", "password": PASSWORD}), 201).await;
            user("kim", "")
        };
        let kim = make().await;
        ask(&app, &kim, Method::POST, "tokens", json!({"description": "old"}), 200).await;
        assert_eq!(done(&app, &kim, "").await, ["create tokens"]);
        ask(&app, &admin(), Method::DELETE, "users/kim", Value::Null, 204).await;
        let kim = make().await;
        assert_eq!(done(&app, &kim, "").await, Vec::<String>::new());
        assert_eq!(done(&app, &kim, "creator_name=kim").await, Vec::<String>::new());
        ask(&app, &kim, Method::POST, "tokens", json!({}), 200).await;
        assert_eq!(done(&app, &kim, "").await, ["create tokens"]);
        assert_eq!(done(&app, &admin(), "creator_name=kim").await, ["create tokens", "create tokens"]);
    }

    async fn what_is_of_all_tenants_is_no_tenants(flavor) {
        let app = app!(flavor);
        app.allow(Role::Manager, Permission::AuditLogView).await;
        app.tenant("south").await;
        let kim = settle(&app, "north").await;
        let (north, south) = (user("admin", "north"), user("admin", "south"));
        let seen = done(&app, &kim, "").await;
        // Clients name a tenant with whatever they ask.
        ask(&app, &north, Method::PUT, "users", json!({"username": "lee", "password": PASSWORD}), 201).await;
        ask(&app, &north, Method::POST, "user-groups", json!({"group_name": "crew", "role": "default"}), 201).await;
        ask(&app, &north, Method::POST, "tokens", json!({}), 200).await;
        ask(&app, &north, Method::POST, "tenants/west", Value::Null, 201).await;
        let elsewhere = json!({"username": "lee", "tenant_name": "south"});
        ask(&app, &north, Method::PUT, "tenants/users", elsewhere, 200).await;
        assert_eq!(done(&app, &kim, "").await, seen);
        let shown = app.audit(&admin(), "ref_table=users&_size=1").await.expect(200)["items"][0].clone();
        assert_eq!((&shown["tenant_name"], &shown["ref_identifier"]), (&json!("north"), &json!({"username": "lee"})));

        // Secrets that are handed out together: each tenant learns of its own.
        ask(&app, &north, Method::PUT, "secrets/n", json!({"value": "x"}), 200).await;
        ask(&app, &south, Method::PUT, "secrets/s", json!({"value": "x"}), 200).await;
        ask(&app, &south, Method::PUT, "secrets/all", json!({"value": "x", "visibility": "global"}), 200).await;
        ask(&app, &north, Method::GET, "secrets/share/export?_all_tenants=true", Value::Null, 200).await;
        let read = |list: Value| -> Vec<String> {
            let entries = list["items"].as_array().unwrap().iter();
            entries.map(|entry| entry["ref_identifier"]["key"].as_str().unwrap().to_owned()).collect()
        };
        let query = "ref_table=secrets&operation=read&_size=9&_sort=id";
        assert_eq!(read(app.audit(&kim, query).await.expect(200)), ["n", "all"]);
        let lee = user("lee", "south");
        assert_eq!(code(&app.audit(&lee, query).await, 403), "forbidden_error");
        app.allow(Role::User, Permission::AuditLogView).await;
        assert_eq!(read(app.audit(&lee, query).await.expect(200)), ["s"]);
        assert_eq!(read(app.audit(&admin(), query).await.expect(200)), ["n", "s", "all"]);
    }

    async fn entries_from_elsewhere_are_of_whom_they_name_when_they_come(flavor) {
        let app = app!(flavor);
        app.allow(Role::Manager, Permission::AuditLogView).await;
        app.allow(Role::Manager, Permission::AuditLogInject).await;
        let entry = |id: i64, tenant: &str| {
            json!({"ref_table": "x", "ref_id": id, "operation": "create", "tenant_name": tenant, "creator_name": "kim"})
        };
        let inject = async |who: &User, body: Value| ask(&app, who, Method::POST, "audit", body, 200).await;
        inject(&admin(), json!([entry(1, "north")])).await;
        let kim = settle(&app, "north").await;
        inject(&admin(), json!([entry(2, "north"), entry(3, "default_tenant"), entry(4, "nowhere")])).await;
        inject(&kim, json!([entry(5, "default_tenant")])).await;
        let ids = async |who: &User, query: &str| -> Vec<i64> {
            let list = app.audit(who, query).await.expect(200);
            list["items"].as_array().unwrap().iter().map(|entry| entry["ref_id"].as_i64().unwrap()).collect()
        };
        assert_eq!(ids(&kim, "ref_table=x").await, [2, 5]);
        assert_eq!(ids(&admin(), "ref_table=x").await, [1, 2, 3, 4, 5]);
        assert_eq!(ids(&admin(), "ref_table=x&tenant_name=north").await, [1, 2, 5]);
        app.allow(Role::Default, Permission::AuditLogView).await;
        assert_eq!(ids(&user("kim", ""), "ref_table=x").await, [2, 3, 4, 5]);
    }
}
