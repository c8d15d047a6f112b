//! Filters: what is there from the start, how rules are judged, and who may change them.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{admin, code};
use crate::app;
use crate::on_both_databases;

fn label(key: &str, operator: &str, values: &[&str]) -> Value {
    json!({"key": key, "values": values, "operator": operator, "type": "label"})
}

fn attribute(key: &str, operator: &str, values: &[&str]) -> Value {
    json!({"key": key, "values": values, "operator": operator, "type": "attribute"})
}

on_both_databases! {
    async fn the_built_in_filters_are_there_and_stay(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        let kim = app.member("kim", "north", Role::User).await;
        let ids = app.each(&kim, "filters/deployments?is_system_filter=true", "id").await;
        assert_eq!(ids.len(), 22);
        assert!(app.items(&kim, "filters/blueprints").await.is_empty());
        let one = app.conduct(&kim, Method::GET, "filters/deployments/csys-environment-filter", Value::Null).await;
        insta::assert_json_snapshot!("a_built_in_filter", one.expect(200));
        for (method, body) in [(Method::PATCH, json!({"visibility": "global"})), (Method::DELETE, Value::Null)] {
            let reply = app.conduct(&admin(), method, "filters/deployments/csys-environment-filter", body).await;
            assert_eq!(code(&reply, 400), "illegal_action_error");
        }
        let reserved = app.conduct(&admin(), Method::PUT, "filters/deployments/csys-x", json!({"filter_rules": []})).await;
        assert_eq!(code(&reserved, 400), "bad_parameters_error");
    }

    async fn a_filter_is_made_changed_by_type_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let rules = [label("ENV", "any_of", &["prod", "test"]), attribute("blueprint_id", "contains", &["web"])];
        let made = app.conduct(&admin, Method::PUT, "filters/deployments/web", json!({"filter_rules": rules})).await;
        insta::assert_json_snapshot!("a_filter", made.expect(200));
        let again = app.conduct(&admin, Method::PUT, "filters/deployments/web", json!({"filter_rules": rules})).await;
        assert_eq!(code(&again, 409), "conflict_error");
        // The same name for blueprints is another filter.
        let other = json!({"filter_rules": [attribute("state", "any_of", &["uploaded"])], "visibility": "private"});
        app.conduct(&admin, Method::PUT, "filters/blueprints/web", other).await.expect(200);

        let change = json!({"filter_rules": [attribute("site_name", "is_not_empty", &[])], "visibility": "global"});
        let changed = app.conduct(&admin, Method::PATCH, "filters/deployments/web", change).await.expect(200);
        assert_eq!(changed["labels_filter_rules"], made.json()["labels_filter_rules"]);
        assert_eq!(changed["attrs_filter_rules"], json!([attribute("site_name", "is_not_empty", &[])]));
        assert_eq!((&changed["visibility"], changed["updated_at"].is_string()), (&json!("global"), true));
        let nothing = app.conduct(&admin, Method::PATCH, "filters/deployments/web", json!({})).await;
        assert_eq!(code(&nothing, 400), "bad_parameters_error");

        app.conduct(&admin, Method::DELETE, "filters/deployments/web", Value::Null).await.expect(204);
        assert_eq!(app.each(&admin, "filters/blueprints", "id").await, ["web"]);
        let gone = app.conduct(&admin, Method::GET, "filters/deployments/web", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
    }

    async fn a_rule_that_cannot_be_used_is_explained(flavor) {
        let app = app!(flavor);
        let put = async |rules: Value| {
            app.conduct(&admin(), Method::PUT, "filters/deployments/x", json!({"filter_rules": rules})).await
        };
        let wrong = attribute("blueprint", "any_of", &["a"]);
        let refused = put(json!([label("env", "any_of", &["a"]), wrong])).await;
        assert_eq!(code(&refused, 400), "invalid_filter_rule");
        let body = refused.json();
        assert_eq!(body["err_filter_rule"], wrong);
        assert!(body["err_reason"].as_str().unwrap().contains("blueprint"), "{body}");
        assert_eq!(refused.faults()[0].0, "/filter_rules/1/key");
        for rule in [
            label("env", "contains", &["a"]),
            label("env", "any_of", &[]),
            label("env", "is_null", &["a"]),
            attribute("schedules", "any_of", &["a"]),
            json!({"key": "env", "values": ["a"], "operator": "any_of"}),
            json!({"key": "env", "values": "a", "operator": "any_of", "type": "label"}),
            json!("env=a"),
        ] {
            assert_eq!(code(&put(json!([rule])).await, 400), "invalid_filter_rule", "{rule}");
        }
        assert_eq!(code(&put(json!("env=a")).await, 400), "bad_parameters_error");
        let missing = app.conduct(&admin(), Method::PUT, "filters/deployments/x", json!({})).await;
        assert_eq!(missing.faults(), [("/filter_rules".to_owned(), "required".to_owned())]);
        let many: Vec<Value> = (0..5000).map(|n| label(&format!("k{n}"), "is_null", &[])).collect();
        assert_eq!(put(json!(many)).await.status, 400);
        assert!(app.items(&admin(), "filters/deployments?is_system_filter=false").await.is_empty());
    }
}
