//! The events log.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{App, Client, PASSWORD};
use crate::{app, on_both_databases};

async fn messages(app: &App, client: &Client, query: &str) -> Vec<String> {
    let list = app.get(client, &format!("events?{query}")).await.expect(200);
    list["results"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn what_people_do_is_written_down(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.patch(&admin, "preferences", json!({"title": "Harbour", "registration_password": "hush hush"})).await.expect(200);
        let made = app.post(&admin, "access-keys", json!({"title": "backup"})).await.expect(201);
        app.put(&admin, "password", json!({"password": PASSWORD, "new_password": "another password"})).await.expect(204);
        let list = app.get(&admin, "events").await;
        let events = list.expect(200)["results"].as_array().unwrap().clone();
        assert_eq!(events.len(), 4);
        assert_eq!(events[0], json!({
            "id": 4, "creation_time": "2026-11-21T08:00:00Z", "person_id": 1, "person_name": "Administrator",
            "entity_type": "Administrator", "entity_id": 1, "entity_name": "admin", "message": "Changed the own password.",
        }));
        assert_eq!(events[1]["entity_type"], "Access key");
        assert_eq!(events[1]["entity_name"], "backup");
        assert_eq!(events[2]["message"], "Changed the preferences: title, registration_password.");
        assert_eq!(events[3]["message"], "Signed in.");
        for secret in ["hush hush", "another password", PASSWORD, made["secret_key"].as_str().unwrap()] {
            assert!(!list.text.contains(secret), "{secret}");
        }
        // A change that is refused leaves no trace of having happened.
        app.patch(&admin, "preferences", json!({"title": ""})).await.expect(400);
        app.put(&admin, "password", json!({"password": PASSWORD, "new_password": "x"})).await.expect(400);
        assert_eq!(messages(&app, &admin, "").await.len(), 4);
    }

    async fn failed_sign_ins_are_written_down_without_what_was_typed(flavor) {
        let app = app!(flavor);
        for identity in ["admin", "my secret password"] {
            let body = json!({"identity": identity, "password": "another secret"}).to_string();
            app.from("192.0.2.1", &Client::default(), Method::POST, "/api/v2/login", body).await.expect(401);
        }
        let admin = app.admin().await;
        let list = app.get(&admin, "events?search=failed").await;
        let events = list.expect(200)["results"].as_array().unwrap().clone();
        let names: Vec<_> = events.iter().map(|e| e["entity_name"].as_str().unwrap()).collect();
        assert_eq!(names, ["", "admin"]);
        assert!(events.iter().all(|e| e["message"] == "Failed to sign in from 192.0.2.1." && e["person_id"] == json!(null)));
        assert!(!list.text.contains("secret"));
    }

    async fn the_log_is_searched_paged_and_limited_to_days(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.post(&admin, "access-keys", json!({"title": "Old % key"})).await.expect(201);
        app.clock.advance(SignedDuration::from_hours(24 * 10));
        let admin = app.admin().await;
        app.post(&admin, "access-keys", json!({"title": "new"})).await.expect(201);
        assert_eq!(messages(&app, &admin, "").await.len(), 4);
        assert_eq!(messages(&app, &admin, "days=9").await, ["Made the access key.", "Signed in."]);
        assert_eq!(messages(&app, &admin, "days=10").await.len(), 4);
        assert_eq!(messages(&app, &admin, "search=old+KEY").await.len(), 1);
        assert_eq!(messages(&app, &admin, "search=%25").await.len(), 1);
        assert_eq!(messages(&app, &admin, "search=administrator&entity_type=Session").await.len(), 2);
        let page = app.get(&admin, "events?limit=1&offset=1").await.expect(200);
        assert_eq!((&page["count"], &page["results"][0]["message"]), (&json!(4), &json!("Signed in.")));
        assert_eq!(page["next"], "/api/v2/events?limit=1&offset=2");
        for query in ["days=x", "days=-1", "limit=x", "sort=person_id"] {
            app.get(&admin, &format!("events?{query}")).await.expect(400);
        }
        assert_eq!(messages(&app, &admin, "days=99999999999999999999").await.len(), 4);
        let legacy = |parameters: Vec<(&'static str, &'static str)>| {
            let (app, admin) = (&app, &admin);
            async move { app.legacy(admin, "GetEventLog", &parameters).await }
        };
        let all: Value = legacy(vec![]).await.expect(200);
        assert_eq!(all.as_array().unwrap().len(), 4);
        assert_eq!(legacy(vec![("days", "9"), ("limit", "1")]).await.expect(200).as_array().unwrap().len(), 1);
        assert_eq!(legacy(vec![("days", "-1")]).await.expect(400)["error"], "InvalidParameter");
    }

    async fn only_those_who_may_read_the_log(flavor) {
        let app = app!(flavor);
        app.person_with("kim", &[binnacle_shared::permission::Permission::ViewScript], &["global"]).await;
        let kim = app.client("kim").await;
        assert_eq!(app.get(&kim, "events").await.expect(403)["error"], "Forbidden");
        app.legacy(&kim, "GetEventLog", &[]).await.expect(403);
        app.get(&Client::default(), "events").await.expect(401);
    }

    async fn events_are_kept_as_long_as_the_account_says(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        assert_eq!(app.get(&admin, "preferences").await.expect(200)["audit_retention_period"], -1);
        assert_eq!(app.services.engine.forget_old_events().await.unwrap(), None);
        for (days, code) in [(json!(0), "range"), (json!(36_501), "range"), (json!("x"), "type")] {
            let reply = app.patch(&admin, "preferences", json!({"audit_retention_period": days})).await;
            assert_eq!(reply.faults(), [("/audit_retention_period".into(), code.into())]);
        }
        let set = async |days: i64| {
            let changed = app.patch(&app.admin().await, "preferences", json!({"audit_retention_period": days})).await;
            changed.expect(200)["audit_retention_period"].clone()
        };
        assert_eq!(set(7).await, 7);
        // Nothing is old enough yet; the next look is at the end of the hour in which something is.
        let next = app.services.engine.forget_old_events().await.unwrap().unwrap();
        assert_eq!(next.to_string(), "2026-11-28T09:00:00Z");
        app.clock.set("2026-11-28T07:59:59Z");
        app.services.engine.forget_old_events().await.unwrap();
        let before = messages(&app, &app.admin().await, "").await.len();
        app.clock.set("2026-11-28T08:00:00Z");
        app.services.engine.forget_old_events().await.unwrap();
        let admin = app.admin().await;
        let left = messages(&app, &admin, "").await;
        assert!(left.len() < before, "{left:?}");
        assert_eq!(set(-5).await, -1);
        assert_eq!(app.services.engine.forget_old_events().await.unwrap(), None);
    }

    async fn the_scheduler_forgets_by_itself(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.patch(&admin, "preferences", json!({"audit_retention_period": 1})).await.expect(200);
        let stop = tokio_util::sync::CancellationToken::new();
        app.clock.advance(SignedDuration::from_hours(25));
        let running = tokio::spawn({
            let (engine, stop) = (app.services.engine.clone(), stop.clone());
            async move { engine.run(stop).await }
        });
        // The first look is made at once; it is over when the log is empty.
        let scope = binnacle::store::Scope::account(app.account_id);
        loop {
            let mut conn = app.services.db.read().await.unwrap();
            let params = binnacle_shared::list::ListParams { limit: 10, ..Default::default() };
            let page = binnacle::store::list::page::<binnacle_shared::model::landscape::event::Event>(
                &mut conn, &scope, &params, sea_query::Condition::all(),
            ).await.unwrap();
            if page.total == 0 {
                break;
            }
            drop(conn);
            tokio::task::yield_now().await;
        }
        stop.cancel();
        running.await.unwrap();
    }
}
