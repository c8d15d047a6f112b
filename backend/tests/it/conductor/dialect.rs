//! What the dialect says of all resources alike, where one resource's tests would not say it.

use axum::http::Method;
use serde_json::{Value, json};

use super::client::{admin, code};
use crate::app;
use crate::on_both_databases;

on_both_databases! {
    async fn an_older_parameter_makes_things_private(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let made = [
            ("sites/a", json!({})),
            ("secrets/a", json!({"value": "x"})),
            ("secrets-providers", json!({"name": "a", "type": "local"})),
            ("filters/deployments/a", json!({"filter_rules": []})),
        ];
        for (path, body) in made {
            let put = async |query: &str, body: &Value| {
                app.conduct(&admin, Method::PUT, &format!("{path}?private_resource={query}"), body.clone()).await
            };
            let mut both = body.clone();
            both["visibility"] = json!("tenant");
            let refused = put("true", &both).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{path}");
            assert_eq!(refused.faults(), [("/private_resource".into(), "conflict".into())], "{path}");
            assert_eq!(put("maybe", &body).await.faults(), [("/private_resource".into(), "type".into())], "{path}");
            let private = put("True", &body).await.expect(200);
            assert_eq!((&private["visibility"], &private["private_resource"]), (&json!("private"), &json!(true)), "{path}");
        }
        let other = app.conduct(&admin, Method::PUT, "sites/b?private_resource=false", json!({})).await.expect(200);
        assert_eq!(other["visibility"], "tenant");
    }

    async fn what_is_in_no_table_is_listed_as_everything(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for path in ["config", "license", "brokers", "db-nodes"] {
            for query in ["_sort=nope", "_sort=-", "_range=created_at,2026-01-01,", "_size=-1", "nope=1"] {
                let refused = app.conduct(&admin, Method::GET, &format!("{path}?{query}"), Value::Null).await;
                assert_eq!(code(&refused, 400), "bad_parameters_error", "{path}?{query}");
            }
            let refused = app.conduct(&admin, Method::GET, &format!("{path}?_include=nope"), Value::Null).await;
            assert_eq!(code(&refused, 400), "no_such_include_field_error", "{path}");
        }
        let lines = async |query: &str| -> Vec<String> {
            let items = app.items(&admin, &format!("config?{query}")).await;
            let text = |item: &Value| format!("{} {}", item["scope"].as_str().unwrap(), item["name"].as_str().unwrap());
            items.iter().map(text).collect()
        };
        let sorted = lines("_sort=-scope&_sort=name&_size=2").await;
        assert_eq!(sorted, ["workflow subgraph_retries", "workflow task_retries"]);
        assert_eq!(lines("_sort=name&_size=2&_offset=1").await, ["rest blueprint_folder_max_files", "rest blueprint_folder_max_size_mb"]);
        // Whatever is not the same kind of value has an order too.
        assert_eq!(lines("_sort=value&_sort=updated_at").await.len(), lines("").await.len());
    }

    async fn names_in_bodies_are_not_empty(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for (path, member, place) in [
            ("tenants/users", "username", "tenant_name"),
            ("tenants/user-groups", "group_name", "tenant_name"),
            ("user-groups/users", "username", "group_name"),
        ] {
            for method in [Method::PUT, Method::DELETE] {
                let refused = app.conduct(&admin, method.clone(), path, json!({member: "", place: ""})).await;
                assert_eq!(code(&refused, 400), "bad_parameters_error", "{method} {path}");
                let faults = [(format!("/{member}"), "required".to_owned()), (format!("/{place}"), "required".to_owned())];
                assert_eq!(refused.faults(), faults, "{method} {path}");
            }
        }
    }

    async fn an_empty_visibility_leaves_a_secret_as_it_is(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.conduct(&admin, Method::PUT, "secrets/a", json!({"value": "x", "visibility": "private"})).await.expect(200);
        let body = json!({"visibility": "", "value": "y"});
        let changed = app.conduct(&admin, Method::PATCH, "secrets/a", body).await.expect(200);
        assert_eq!(changed["visibility"], "private");
        let read = app.conduct(&admin, Method::GET, "secrets/a", Value::Null).await.expect(200);
        assert_eq!(read["value"], "y");
        let refused = app.conduct(&admin, Method::PATCH, "secrets/a", json!({"visibility": "x"})).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
    }

    async fn the_audit_log_says_what_it_cannot_read_in_its_own_way(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let both = app.conduct(&admin, Method::GET, "audit?since=2026-01-01&before=2027-01-01", Value::Null).await;
        assert_eq!(code(&both, 400), "bad_parameters_error");
        assert_eq!(both.json()["detail"], both.json()["message"]);
        let text = axum::http::Request::builder().method(Method::POST).uri("/api/v3.1/audit");
        let text = admin.headers.iter().fold(text, |request, (name, value)| request.header(*name, value));
        let reply = app.send(text.body(axum::body::Body::from("[{]")).unwrap()).await;
        let fault = reply.expect(422)["detail"][0].clone();
        assert_eq!((&fault["loc"], &fault["type"]), (&json!(["body"]), &json!("json_invalid")));
        assert!(fault["msg"].as_str().is_some_and(|text| text.contains("line 1")), "{fault}");
    }
}
