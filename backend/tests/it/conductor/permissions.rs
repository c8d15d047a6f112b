//! What roles may do: seen and changed by administrators, and true at once.

use axum::http::Method;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{admin, code};
use crate::app;
use crate::on_both_databases;

on_both_databases! {
    async fn the_matrix_is_listed_as_any_list(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let list = app.conduct(&admin, Method::GET, "permissions?_size=2", Value::Null).await.expect(200);
        insta::assert_json_snapshot!("permissions", list);
        let all = app.items(&admin, "permissions?_get_all_results=true").await;
        assert_eq!(list["metadata"]["pagination"]["total"], all.len());
        let of_admin = app.items(&admin, "permissions/sys_admin").await;
        assert_eq!(of_admin.len(), Permission::ALL.len());
        let held = Permission::ALL.iter().filter(|permission| permission.default_roles().contains(&Role::Viewer));
        assert_eq!(app.items(&admin, "permissions?role=viewer").await.len(), held.count());
        let found = app.each(&admin, "permissions/viewer?_search=SITE_&_sort=-permission&_include=permission", "permission").await;
        assert_eq!(found, ["site_list", "site_get"]);
        let one = app.conduct(&admin, Method::GET, "permissions/viewer/site_list", Value::Null).await.expect(200);
        assert_eq!(one, json!({"role": "viewer", "permission": "site_list"}));
    }

    async fn a_change_counts_at_once(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let kim = app.member("kim", "default_tenant", Role::Viewer).await;
        let put = async || app.conduct(&kim, Method::PUT, "sites/x", json!({})).await;
        assert_eq!(code(&put().await, 403), "forbidden_error");
        let path = "permissions/viewer/site_create";
        let gone = app.conduct(&admin, Method::DELETE, path, Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
        let given = app.conduct(&admin, Method::PUT, path, Value::Null).await;
        assert_eq!(given.expect(200), json!({"role": "viewer", "permission": "site_create"}));
        put().await.expect(200);
        assert_eq!(code(&app.conduct(&admin, Method::PUT, path, Value::Null).await, 409), "conflict_error");
        app.conduct(&admin, Method::DELETE, path, Value::Null).await.expect(204);
        assert_eq!(code(&put().await, 403), "forbidden_error");
        assert_eq!(code(&app.conduct(&admin, Method::GET, path, Value::Null).await, 404), "not_found_error");
        // The first administrator can put right what was taken from all.
        app.conduct(&admin, Method::DELETE, "permissions/sys_admin/site_create", Value::Null).await.expect(204);
        app.conduct(&admin, Method::PUT, "sites/y", json!({})).await.expect(200);
    }

    async fn it_is_the_administrators_business(flavor) {
        let app = app!(flavor);
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        for (method, path) in [
            (Method::GET, "permissions"),
            (Method::GET, "permissions/viewer"),
            (Method::GET, "permissions/nobody"),
            (Method::GET, "permissions/viewer/site_list"),
            (Method::PUT, "permissions/manager/all_tenants"),
            (Method::DELETE, "permissions/viewer/site_list"),
        ] {
            let refused = app.conduct(&kim, method, path, Value::Null).await;
            assert_eq!(code(&refused, 401), "unauthorized_error", "{path}");
        }
        for path in ["permissions/nobody", "permissions/viewer/nothing", "permissions/nobody/site_list"] {
            assert_eq!(code(&app.conduct(&admin(), Method::GET, path, Value::Null).await, 404), "not_found_error");
        }
        let refused = app.conduct(&admin(), Method::PUT, "permissions/viewer/nothing", Value::Null).await;
        assert_eq!(code(&refused, 404), "not_found_error");
    }
}
