//! Tenants: the life of one, who is in it, and who knows of it.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Reply};
use crate::app;
use crate::on_both_databases;

async fn ask(app: &App, who: &User, method: Method, path: &str, body: Value) -> Reply {
    app.conduct(who, method, path, body).await
}

/// A group with one user in it, in a tenant.
async fn group(app: &App, name: &str, member: &str, tenant: &str, role: &str) {
    let body = json!({"group_name": name, "role": "default"});
    ask(app, &admin(), Method::POST, "user-groups", body).await.expect(201);
    let body = json!({"group_name": name, "username": member});
    ask(app, &admin(), Method::PUT, "user-groups/users", body).await.expect(200);
    let body = json!({"group_name": name, "tenant_name": tenant, "role": role});
    ask(app, &admin(), Method::PUT, "tenants/user-groups", body).await.expect(200);
}

on_both_databases! {
    async fn a_tenant_is_made_filled_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let made = ask(&app, &admin, Method::POST, "tenants/north", json!({"rabbitmq_password": ""})).await;
        assert_eq!(made.expect(201), json!({"name": "north", "users": 0, "groups": 0}));
        let again = ask(&app, &admin, Method::POST, "tenants/north", Value::Null).await;
        assert_eq!(code(&again, 409), "conflict_error");
        app.member("kim", "north", Role::Manager).await;
        app.nobody("lee").await;
        group(&app, "crew", "lee", "north", "viewer").await;
        let body = json!({"username": "lee", "tenant_name": "north"});
        let counted = ask(&app, &admin, Method::PUT, "tenants/users", body.clone()).await.expect(200);
        assert_eq!(counted, json!({"name": "north", "users": 2, "groups": 1}));
        let again = ask(&app, &admin, Method::PUT, "tenants/users", body).await;
        assert_eq!(code(&again, 409), "conflict_error");
        let read = ask(&app, &admin, Method::GET, "tenants/north?_get_data=true", Value::Null).await;
        insta::assert_json_snapshot!("a_tenant_with_its_members", read.expect(200));
        let list = ask(&app, &admin, Method::GET, "tenants?_sort=-name", Value::Null).await;
        insta::assert_json_snapshot!("tenants_counted", list.expect(200));
        let full = ask(&app, &admin, Method::GET, "tenants?_get_data=True&name=north", Value::Null).await.expect(200);
        assert_eq!(full["items"][0], read.json());

        for (path, body) in [
            ("tenants/users", json!({"username": "kim", "tenant_name": "north"})),
            ("tenants/users", json!({"username": "lee", "tenant_name": "north"})),
            ("tenants/user-groups", json!({"group_name": "crew", "tenant_name": "north"})),
        ] {
            let refused = ask(&app, &admin, Method::DELETE, "tenants/north", Value::Null).await;
            assert_eq!(code(&refused, 409), "conflict_error");
            ask(&app, &admin, Method::DELETE, path, body.clone()).await.expect(204);
            assert_eq!(code(&ask(&app, &admin, Method::DELETE, path, body).await, 404), "not_found_error");
        }
        ask(&app, &user("admin", "north"), Method::PUT, "sites/x", json!({})).await.expect(200);
        let refused = ask(&app, &admin, Method::DELETE, "tenants/north", Value::Null).await;
        assert_eq!(code(&refused, 409), "conflict_error");
        ask(&app, &user("admin", "north"), Method::DELETE, "sites/x", Value::Null).await.expect(204);
        ask(&app, &admin, Method::DELETE, "tenants/north", Value::Null).await.expect(204);
        let gone = ask(&app, &admin, Method::GET, "tenants/north", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
        let default = ask(&app, &admin, Method::DELETE, "tenants/default_tenant", Value::Null).await;
        assert_eq!(code(&default, 400), "illegal_action_error");
    }

    async fn one_knows_of_the_tenants_that_one_is_in(flavor) {
        let app = app!(flavor);
        for name in ["north", "south", "west"] {
            app.tenant(name).await;
        }
        let kim = app.member("kim", "north", Role::Manager).await;
        group(&app, "crew", "kim", "south", "viewer").await;
        let nowhere = user("kim", "");
        let list = ask(&app, &nowhere, Method::GET, "tenants", Value::Null).await.expect(200);
        assert_eq!(list["metadata"]["pagination"]["total"], 2);
        assert_eq!(app.each(&nowhere, "tenants", "name").await, ["north", "south"]);
        assert_eq!(app.each(&nowhere, "tenants?_search=ES", "name").await, Vec::<String>::new());
        assert_eq!(app.each(&admin(), "tenants?_search=ES", "name").await, ["west"]);
        ask(&app, &kim, Method::GET, "tenants/north", Value::Null).await.expect(200);
        // A viewer may not look, and what is not one's own is no different from what is not there.
        let mut answers = Vec::new();
        for name in ["south", "west", "nowhere"] {
            let refused = ask(&app, &kim, Method::GET, &format!("tenants/{name}"), Value::Null).await;
            assert_eq!(code(&refused, 403), "forbidden_error");
            answers.push(refused.text.replace(name, "x"));
        }
        assert_eq!(answers[1], answers[2]);
        let refused = ask(&app, &kim, Method::GET, "tenants?_get_data=true", Value::Null).await;
        assert_eq!(code(&refused, 403), "forbidden_error");
        for (method, path) in [(Method::POST, "tenants/new"), (Method::DELETE, "tenants/north")] {
            assert_eq!(code(&ask(&app, &kim, method, path, Value::Null).await, 403), "forbidden_error");
        }
        // Who may know it somewhere is told of that place alone.
        ask(&app, &admin(), Method::PUT, "permissions/manager/tenant_list_get_data", Value::Null).await.expect(200);
        assert_eq!(app.each(&kim, "tenants?_get_data=true", "name").await, ["north"]);
    }

    async fn credentials_of_the_broker_are_for_those_who_ask_and_may(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for name in ["north", "south"] {
            let body = json!({"rabbitmq_password": format!("secret of {name}")});
            let made = ask(&app, &admin, Method::POST, &format!("tenants/{name}"), body).await;
            assert!(!made.text.contains("secret of"), "{}", made.text);
        }
        let kim = app.member("kim", "north", Role::User).await;
        group(&app, "crew", "kim", "south", "viewer").await;
        let plain = ask(&app, &admin, Method::GET, "tenants", Value::Null).await;
        assert!(!plain.text.contains("rabbitmq") && !plain.text.contains("secret of"), "{}", plain.text);
        let path = "tenants?_include=name,rabbitmq_password,rabbitmq_username,rabbitmq_vhost&_sort=name";
        let list = ask(&app, &kim, Method::GET, path, Value::Null).await.expect(200);
        insta::assert_json_snapshot!("credentials_of_the_broker", list["items"]);
        let one = ask(&app, &kim, Method::GET, "tenants/north?_include=rabbitmq_password", Value::Null).await;
        assert_eq!(one.expect(200), json!({"rabbitmq_password": "secret of north"}));
        let all = app.each(&admin, "tenants?_include=rabbitmq_password&_sort=name", "rabbitmq_password").await;
        assert_eq!((all[0].len(), &*all[1], &*all[2]), (32, "secret of north", "secret of south"));
        let log = app.fingerprint().await;
        assert!(!log.iter().any(|row| row.contains("secret of")), "it is nowhere to be read in the database");
    }

    async fn roles_in_a_tenant_are_given_changed_and_taken(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        app.nobody("kim").await;
        let lee = app.member("lee", "north", Role::Manager).await;
        let admin = admin();
        let body = |role: &str| json!({"username": "kim", "tenant_name": "north", "role": role});
        let missing = ask(&app, &admin, Method::PATCH, "tenants/users", body("viewer")).await;
        assert_eq!(code(&missing, 404), "not_found_error");
        ask(&app, &admin, Method::PUT, "tenants/users", body("viewer")).await.expect(200);
        let kim = user("kim", "north");
        assert_eq!(code(&ask(&app, &kim, Method::PUT, "sites/x", json!({})).await, 403), "forbidden_error");
        ask(&app, &admin, Method::PATCH, "tenants/users", body("user")).await.expect(200);
        ask(&app, &kim, Method::PUT, "sites/x", json!({})).await.expect(200);

        for (body, pointer) in [
            (json!({"tenant_name": "north"}), "/username"),
            (json!({"username": "kim"}), "/tenant_name"),
            (json!({"username": "kim", "tenant_name": "north", "role": "sys_admin"}), "/role"),
            (json!({"username": "kim", "tenant_name": "north", "role": 3}), "/role"),
        ] {
            let refused = ask(&app, &admin, Method::PATCH, "tenants/users", body).await;
            assert_eq!((code(&refused, 400).as_str(), refused.faults()[0].0.as_str()), ("bad_parameters_error", pointer));
        }
        for body in [
            json!({"username": "nobody", "tenant_name": "north", "role": "user"}),
            json!({"username": "kim", "tenant_name": "nowhere", "role": "user"}),
        ] {
            assert_eq!(code(&ask(&app, &admin, Method::PUT, "tenants/users", body).await, 404), "not_found_error");
        }
        // A manager of a tenant does not decide who is in it, unless that is wanted.
        assert_eq!(code(&ask(&app, &lee, Method::PATCH, "tenants/users", body("viewer")).await, 403), "forbidden_error");
        for role in ["manager", "operations"] {
            let path = format!("permissions/{role}/tenant_update_user");
            ask(&app, &admin, Method::PUT, &path, Value::Null).await.expect(200);
        }
        ask(&app, &lee, Method::PATCH, "tenants/users", body("operations")).await.expect(200);
        // It holds there and nowhere else, and gives no more than one has.
        app.tenant("south").await;
        let elsewhere = json!({"username": "kim", "tenant_name": "south", "role": "viewer"});
        assert_eq!(code(&ask(&app, &lee, Method::PATCH, "tenants/users", elsewhere).await, 403), "forbidden_error");
        assert_eq!(code(&ask(&app, &kim, Method::PATCH, "tenants/users", body("manager")).await, 403), "forbidden_error");
        assert_eq!(app.each(&kim, "sites", "name").await, ["x"]);
    }

    async fn what_holds_everywhere_opens_no_tenant_of_others(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        app.tenant("south").await;
        let kim = app.member("kim", "north", Role::User).await;
        for permission in ["tenant_add_user", "tenant_get", "secret_import"] {
            ask(&app, &admin(), Method::PUT, &format!("permissions/default/{permission}"), Value::Null).await.expect(200);
        }
        let before = app.fingerprint().await.len();
        // As if it did not exist, like one that does not.
        for tenant in ["south", "nowhere"] {
            let body = json!({"username": "kim", "tenant_name": tenant, "role": "viewer"});
            assert_eq!(code(&ask(&app, &kim, Method::PUT, "tenants/users", body).await, 404), "not_found_error");
            let read = ask(&app, &kim, Method::GET, &format!("tenants/{tenant}"), Value::Null).await;
            assert_eq!(code(&read, 404), "not_found_error");
            let entry = json!({"key": "k", "value": "v", "tenant_name": tenant, "visibility": "tenant",
                "is_hidden_value": false, "encrypted": false});
            let body = json!({"secrets_list": [entry], "override_collisions": true});
            let taken = ask(&app, &kim, Method::POST, "secrets/share/import", body).await.expect(200);
            let message = taken["secrets_errors"]["0"]["tenant_name"].as_str().unwrap();
            assert!(message.contains("does not exist"), "{message}");
        }
        assert_eq!(app.fingerprint().await.len(), before);
        ask(&app, &kim, Method::GET, "tenants/north", Value::Null).await.expect(200);
    }

    async fn names_of_tenants_follow_the_rules(flavor) {
        let app = app!(flavor);
        for name in ["1a", "a%20b", "%C3%BC", "user%73", "user%2Dgroups"] {
            let refused = ask(&app, &admin(), Method::POST, &format!("tenants/{name}"), Value::Null).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{name}");
        }
        let reserved = ask(&app, &admin(), Method::POST, "tenants/users", Value::Null).await;
        assert_eq!(code(&reserved, 405), "method_not_allowed_error");
        let long = json!({"rabbitmq_password": "x".repeat(300)});
        let refused = ask(&app, &admin(), Method::POST, "tenants/north", long).await;
        assert_eq!(refused.faults()[0].0, "/rabbitmq_password");
        // What is asked of the answer is judged before anything is made.
        let refused = ask(&app, &admin(), Method::POST, "tenants/north?_include=nope", Value::Null).await;
        assert_eq!(code(&refused, 400), "no_such_include_field_error");
        let gone = ask(&app, &admin(), Method::GET, "tenants/north", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
    }
}
