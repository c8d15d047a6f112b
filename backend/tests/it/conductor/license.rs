//! The licence: uploaded, shown, taken away; it restricts nothing.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{User, admin, code};
use crate::api::app::{App, Client, Reply};
use crate::app;
use crate::on_both_databases;

const FILE: &str = "license:
  capabilities: [Mock1, Mock2]
  cloudify_version: 7.10
  customer_id: CloudifyMock
  expiration_date: 11/24/2026
  license_edition: Spire
  trial: false
signature: QUJD
";

impl App {
    async fn upload(&self, user: &User, file: impl Into<Vec<u8>>) -> Reply {
        let client = Client { headers: user.headers.clone() };
        self.ask(&client, Method::PUT, "/api/v3.1/license", file).await
    }
}

on_both_databases! {
    async fn a_license_is_uploaded_shown_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let check = async || app.conduct(&admin, Method::GET, "license-check", Value::Null).await;
        assert_eq!(app.items(&admin, "license").await, Vec::<Value>::new());
        assert_eq!(code(&check().await, 400), "missing_cloudify_license");
        let uploaded = app.upload(&admin, FILE).await.expect(200);
        insta::assert_json_snapshot!("a_license", uploaded);
        assert_eq!(app.items(&admin, "license").await, std::slice::from_ref(&uploaded));
        assert_eq!(check().await.expect(200), uploaded);
        // One that is not over is replaced by one without end.
        let endless = FILE.replace("11/24/2026", "null").replace("CloudifyMock", "Other");
        let replaced = app.upload(&admin.clone().with("content-type", "application/x-yaml"), endless).await.expect(200);
        assert_eq!((&replaced["customer_id"], &replaced["expiration_date"]), (&json!("Other"), &Value::Null));
        assert_eq!(app.items(&admin, "license").await, [replaced]);
        let log = app.items(&admin, "audit?ref_table=licenses").await;
        assert_eq!(log.iter().map(|entry| entry["operation"].as_str().unwrap()).collect::<Vec<_>>(), ["create", "update"]);
        assert!(!log[1].to_string().contains("QUJD"));

        app.conduct(&admin, Method::DELETE, "license", Value::Null).await.expect(204);
        app.conduct(&admin, Method::DELETE, "license", Value::Null).await.expect(204);
        assert_eq!(app.items(&admin, "license").await, Vec::<Value>::new());
    }

    async fn a_license_that_is_over_is_shown_as_such_and_stops_nothing(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.upload(&admin, FILE).await.expect(200);
        app.clock.advance(SignedDuration::from_hours(24 * 3));
        assert_eq!(app.items(&admin, "license").await[0]["expired"], true);
        let check = app.conduct(&admin, Method::GET, "license-check", Value::Null).await;
        assert_eq!(code(&check, 400), "expired_cloudify_license");
        app.conduct(&admin, Method::PUT, "sites/x", json!({})).await.expect(200);
        let again = app.upload(&admin, FILE).await.expect(200);
        assert_eq!(again["expired"], true);
    }

    async fn a_file_that_is_no_license_changes_nothing(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.upload(&admin, FILE).await.expect(200);
        let before = app.fingerprint().await;
        for (file, expected) in [
            (b"license: [".to_vec(), "invalid_yaml_format"),
            (b"\xff\xfe".to_vec(), "invalid_yaml_format"),
            (b"[]".to_vec(), "invalid_yaml_format"),
            (vec![b'a'; 70_000], "invalid_yaml_format"),
            (b"license: {customer_id: x}".to_vec(), "unverified_cloudify_license"),
            (FILE.replace("signature: QUJD", "").into_bytes(), "unverified_cloudify_license"),
            (Vec::new(), "invalid_yaml_format"),
            (FILE.replace("CloudifyMock", "\"a\\0b\"").into_bytes(), "unverified_cloudify_license"),
        ] {
            assert_eq!(code(&app.upload(&admin, file).await, 400), expected);
    }
        assert_eq!(code(&app.upload(&admin, vec![b'a'; 3 * 1024 * 1024]).await, 413), "bad_parameters_error");
        assert_eq!(app.fingerprint().await, before);
    }

    async fn only_administrators_change_it_and_everybody_sees_it(flavor) {
        let app = app!(flavor);
        app.upload(&admin(), FILE).await.expect(200);
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        assert_eq!(app.items(&kim, "license").await.len(), 1);
        assert_eq!(code(&app.upload(&kim, FILE).await, 403), "forbidden_error");
        assert_eq!(code(&app.conduct(&kim, Method::DELETE, "license", Value::Null).await, 403), "forbidden_error");
        for path in ["license", "contacts"] {
            let refused = app.conduct(&admin(), Method::POST, path, json!({"customer_id": "x"})).await;
            assert_eq!(code(&refused, 404), "community_only_error", "{path}");
    }
    }
}
