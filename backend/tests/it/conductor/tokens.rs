//! Tokens: made and shown once, used, seen by their owners, gone.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::App;
use crate::app;
use crate::on_both_databases;

fn bearer(value: &str) -> User {
    User { headers: vec![("authentication-token", value.to_owned())] }
}

async fn make(app: &App, who: &User, body: Value) -> (String, String) {
    let made = app.conduct(who, Method::POST, "tokens", body).await.expect(200);
    (made["id"].as_str().unwrap().to_owned(), made["value"].as_str().unwrap().to_owned())
}

on_both_databases! {
    async fn a_token_is_shown_once_and_opens_what_its_owner_may(flavor) {
        let app = app!(flavor);
        let kim = app.member("kim", "default_tenant", Role::User).await;
        let body = json!({"description": "for the pipeline", "expiration_date": "+10min"});
        let made = app.conduct(&kim, Method::POST, "tokens", body).await.expect(200);
        let (id, value) = (made["id"].as_str().unwrap(), made["value"].as_str().unwrap());
        let mut shown = made.clone();
        (shown["id"], shown["value"]) = (json!("[id]"), json!("[value]"));
        insta::assert_json_snapshot!("a_token", shown);
        assert_eq!((id.len(), value.len()), (10, 56));
        assert!(value.starts_with(&format!("ctok-{id}-")));
        let read = app.conduct(&kim, Method::GET, &format!("tokens/{id}"), Value::Null).await.expect(200);
        assert_eq!(read["value"], format!("ctok-{id}-********"));
        let list = app.conduct(&kim, Method::GET, "tokens", Value::Null).await;
        assert!(!list.text.contains(&value[16..]));

        let by_token = bearer(value).with("tenant", "default_tenant");
        app.conduct(&by_token.clone().with("content-type", "application/json"), Method::PUT, "sites/x", json!({})).await.expect(200);
        let used = app.conduct(&kim, Method::GET, &format!("tokens/{id}"), Value::Null).await.expect(200);
        assert_eq!(used["last_used"], "2026-11-21T08:00:00.000Z");
        app.clock.advance(SignedDuration::from_mins(10));
        let late = app.conduct(&by_token, Method::GET, "sites", Value::Null).await;
        assert_eq!(code(&late, 401), "unauthorized_error");
        assert!(late.text.contains("Token is expired"), "{}", late.text);
        // What has expired goes when the next is made.
        let (next, _) = make(&app, &kim, json!({})).await;
        assert_eq!(app.each(&kim, "tokens", "id").await, [next]);
    }

    async fn tokens_are_their_owners_alone(flavor) {
        let app = app!(flavor);
        let kim = app.member("kim", "default_tenant", Role::User).await;
        let lee = app.member("lee", "default_tenant", Role::Manager).await;
        let (of_kim, value) = make(&app, &kim, json!({})).await;
        let (of_lee, _) = make(&app, &lee, json!({})).await;
        assert_eq!(app.each(&lee, "tokens", "id").await, std::slice::from_ref(&of_lee));
        let path = format!("tokens/{of_kim}");
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(code(&app.conduct(&lee, method, &path, Value::Null).await, 404), "not_found_error");
        }
        let list = app.conduct(&lee, Method::GET, "tokens?username=kim", Value::Null).await.expect(200);
        assert_eq!(list["metadata"]["pagination"]["total"], 0);
        assert_eq!(app.each(&admin(), "tokens?username=KIM", "id").await, std::slice::from_ref(&of_kim));
        assert_eq!(app.each(&admin(), "tokens?_sort=-username&_include=username", "username").await, ["lee", "kim"]);
        app.conduct(&admin(), Method::GET, &path, Value::Null).await.expect(200);
        app.conduct(&admin(), Method::DELETE, &path, Value::Null).await.expect(204);
        let gone = app.conduct(&bearer(&value), Method::GET, "user", Value::Null).await;
        assert_eq!(code(&gone, 401), "unauthorized_error");
        let refused = app.conduct(&user("kim", "").with("tenant", ""), Method::DELETE, "tokens/none", Value::Null).await;
        assert_eq!(code(&refused, 404), "not_found_error");
        let operator = app.member("max", "default_tenant", Role::Operations).await;
        app.conduct(&admin(), Method::DELETE, "permissions/default/create_token", Value::Null).await.expect(204);
        assert_eq!(code(&app.conduct(&operator, Method::POST, "tokens", json!({})).await, 403), "forbidden_error");
    }

    async fn a_token_outlives_a_password_and_stops_with_its_owner(flavor) {
        let app = app!(flavor);
        let kim = app.member("kim", "default_tenant", Role::User).await;
        let (_, value) = make(&app, &kim, json!({})).await;
        let me = async || app.conduct(&bearer(&value), Method::GET, "user", Value::Null).await;
        let body = json!({"password": "another password"});
        app.conduct(&kim, Method::POST, "users/kim", body).await.expect(200);
        assert_eq!(me().await.expect(200)["username"], "kim");
        assert_eq!(code(&app.conduct(&kim, Method::GET, "user", Value::Null).await, 401), "unauthorized_error");
        app.conduct(&admin(), Method::POST, "users/active/kim", json!({"action": "deactivate"})).await.expect(200);
        assert_eq!(code(&me().await, 401), "unauthorized_error");
        app.conduct(&admin(), Method::POST, "users/active/kim", json!({"action": "activate"})).await.expect(200);
        me().await.expect(200);
    }

    async fn expirations_that_make_no_sense_are_refused(flavor) {
        let app = app!(flavor);
        for (text, fault) in [("yesterday", "format"), ("+10 parsecs", "format"), ("07:00", "past"), ("2001-01-01", "past")] {
            let refused = app.conduct(&admin(), Method::POST, "tokens", json!({"expiration_date": text})).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error");
            assert_eq!(refused.faults(), [("/expiration_date".into(), fault.into())], "{text}");
        }
        let long = json!({"description": "x".repeat(1001)});
        let refused = app.conduct(&admin(), Method::POST, "tokens", long).await;
        assert_eq!(refused.faults(), [("/description".into(), "length".into())]);
        assert!(app.items(&admin(), "tokens").await.is_empty());
    }
}
