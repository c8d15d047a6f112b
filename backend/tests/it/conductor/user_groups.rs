//! User groups.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{admin, code, user};
use crate::app;
use crate::on_both_databases;

on_both_databases! {
    async fn a_group_is_made_filled_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.nobody("kim").await;
        app.tenant("north").await;
        let body = json!({"group_name": "crew", "role": "default", "ldap_group_dn": null});
        let made = app.conduct(&admin, Method::POST, "user-groups", body).await;
        insta::assert_json_snapshot!("a_user_group", made.expect(201));
        let again = app.conduct(&admin, Method::POST, "user-groups", json!({"group_name": "Crew", "role": "default"})).await;
        assert_eq!(code(&again, 409), "conflict_error");
        let kim = json!({"group_name": "crew", "username": "kim"});
        app.conduct(&admin, Method::PUT, "user-groups/users", kim.clone()).await.expect(200);
        let again = app.conduct(&admin, Method::PUT, "user-groups/users", kim.clone()).await;
        assert_eq!(code(&again, 409), "conflict_error");
        let place = json!({"group_name": "crew", "tenant_name": "north", "role": "manager"});
        app.conduct(&admin, Method::PUT, "tenants/user-groups", place.clone()).await.expect(200);
        let list = app.conduct(&admin, Method::GET, "user-groups?name=CREW", Value::Null).await.expect(200);
        assert_eq!(list["items"], json!([{"name": "crew", "ldap_dn": null, "role": "default", "tenants": 1, "users": 1}]));
        let full = app.conduct(&admin, Method::GET, "user-groups/crew?_get_data=true", Value::Null).await.expect(200);
        assert_eq!((&full["tenants"], &full["users"]), (&json!({"north": "manager"}), &json!(["kim"])));
        let listed = app.conduct(&admin, Method::GET, "user-groups?_get_data=true&ldap_dn=", Value::Null).await.expect(200);
        assert_eq!(listed["items"], json!([full]));
        app.conduct(&user("kim", "north"), Method::PUT, "sites/x", json!({})).await.expect(200);

        let refused = app.conduct(&admin, Method::DELETE, "user-groups/crew", Value::Null).await;
        assert_eq!(code(&refused, 409), "conflict_error");
        app.conduct(&admin, Method::DELETE, "user-groups/users", kim.clone()).await.expect(204);
        let gone = app.conduct(&admin, Method::DELETE, "user-groups/users", kim).await;
        assert_eq!(code(&gone, 404), "not_found_error");
        let out = app.conduct(&user("kim", "north"), Method::GET, "sites", Value::Null).await;
        assert_eq!(code(&out, 403), "forbidden_error");
        app.conduct(&admin, Method::DELETE, "tenants/user-groups", place).await.expect(204);
        app.conduct(&admin, Method::DELETE, "user-groups/crew", Value::Null).await.expect(204);
        let gone = app.conduct(&admin, Method::GET, "user-groups/crew", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
    }

    async fn the_role_of_a_group_makes_administrators(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.nobody("kim").await;
        app.conduct(&admin, Method::POST, "user-groups", json!({"group_name": "crew", "role": "default"})).await.expect(201);
        let kim = json!({"group_name": "crew", "username": "kim"});
        app.conduct(&admin, Method::PUT, "user-groups/users", kim).await.expect(200);
        assert_eq!(code(&app.conduct(&user("kim", ""), Method::GET, "users", Value::Null).await, 403), "forbidden_error");
        app.conduct(&admin, Method::POST, "user-groups/crew", json!({"role": "sys_admin"})).await.expect(200);
        let me = app.conduct(&user("kim", ""), Method::GET, "users/kim", Value::Null).await.expect(200);
        assert_eq!((&me["role"], &me["group_system_roles"]), (&json!("default"), &json!({"sys_admin": ["crew"]})));
        app.conduct(&admin, Method::POST, "user-groups/crew", json!({"role": "default"})).await.expect(200);
        assert_eq!(code(&app.conduct(&user("kim", ""), Method::GET, "users", Value::Null).await, 403), "forbidden_error");
    }

    async fn nobody_makes_themselves_an_administrator(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let manager = app.member("kim", "default_tenant", Role::Manager).await;
        for permission in ["user_group_create", "user_group_update", "user_group_add_user", "user_create", "user_update"] {
            let path = format!("permissions/manager/{permission}");
            app.conduct(&admin, Method::PUT, &path, Value::Null).await.expect(200);
        }
        app.conduct(&admin, Method::POST, "user-groups", json!({"group_name": "rulers", "role": "sys_admin"})).await.expect(201);
        app.conduct(&manager, Method::POST, "user-groups", json!({"group_name": "crew", "role": "default"})).await.expect(201);
        for (method, path, body) in [
            (Method::POST, "user-groups", json!({"group_name": "more", "role": "sys_admin"})),
            (Method::POST, "user-groups/crew", json!({"role": "sys_admin"})),
            (Method::PUT, "user-groups/users", json!({"group_name": "rulers", "username": "kim"})),
            (Method::PUT, "users", json!({"username": "lee", "password": "long enough", "role": "sys_admin"})),
            (Method::POST, "users/kim", json!({"role": "sys_admin"})),
            (Method::POST, "users/admin", json!({"password": "long enough"})),
        ] {
            let refused = app.conduct(&manager, method, path, body).await;
            assert_eq!(code(&refused, 403), "forbidden_error", "{path}");
        }
    }

    async fn what_is_wrong_with_a_group_is_said_at_its_place(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let post = async |body: Value| app.conduct(&admin, Method::POST, "user-groups", body).await;
        let refused = post(json!({"group_name": "a b", "role": "manager"})).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
        assert_eq!(refused.faults(), [("/group_name".into(), "format".into()), ("/role".into(), "choice".into())]);
        assert_eq!(post(json!({"group_name": "a"})).await.faults(), [("/role".into(), "required".into())]);
        let reserved = post(json!({"group_name": "users", "role": "default"})).await;
        assert_eq!(reserved.faults(), [("/group_name".into(), "reserved".into())]);
        let dn = post(json!({"group_name": "a", "role": "default", "ldap_group_dn": "cn=a,dc=example"})).await;
        assert_eq!(dn.faults(), [("/ldap_group_dn".into(), "unavailable".into())]);
        for (method, path, body) in [
            (Method::POST, "user-groups/none", json!({"role": "default"})),
            (Method::DELETE, "user-groups/none", Value::Null),
            (Method::PUT, "user-groups/users", json!({"group_name": "none", "username": "admin"})),
        ] {
            assert_eq!(code(&app.conduct(&admin, method, path, body).await, 404), "not_found_error", "{path}");
        }
    }
}
