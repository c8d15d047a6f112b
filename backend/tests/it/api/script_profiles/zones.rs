//! Time zones of recurring triggers, and what becomes of missed runs.

use serde_json::{Value, json};

use super::recurring;
use crate::api::app::profile;
use crate::{app, on_both_databases};

fn with(mut trigger: Value, name: &str, value: Value) -> Value {
    trigger[name] = value;
    json!({"trigger": trigger})
}

on_both_databases! {
    async fn a_trigger_may_have_a_zone(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let trigger = with(recurring("30 2 * * *", "2027-03-27"), "time_zone", json!("europe/berlin"));
        let made = app.post(&admin, "script-profiles", profile(script, trigger)).await.expect(201);
        assert_eq!(made["trigger"]["time_zone"], "Europe/Berlin");
        assert_eq!(made["trigger"]["next_run"], "2027-03-27T01:30:00Z");
        let path = format!("script-profiles/{}", made["id"]);
        // 28 March 2027 has no 02:30 in Berlin: it runs as the hole ends, and is on time after it.
        for (now, next) in [
            ("2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z"),
            ("2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"),
        ] {
            app.clock.set(now);
            app.services.engine.run_due().await.unwrap();
            assert_eq!(app.get(&app.admin().await, &path).await.expect(200)["trigger"]["next_run"], next);
        }
        let admin = app.admin().await;
        let zone = |name: Value| json!({"trigger": {"trigger_type": "recurring", "time_zone": name}});
        let changed = app.patch(&admin, &path, zone(json!("Asia/Tokyo"))).await.expect(200);
        assert_eq!(changed["trigger"]["next_run"], "2027-03-28T17:30:00Z");
        let same = app.patch(&admin, &path, zone(Value::Null)).await.expect(200);
        assert_eq!(same["trigger"]["time_zone"], "Asia/Tokyo");
    }

    async fn what_is_no_zone_or_no_rule_is_refused(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": recurring("0 8 * * *", "2026-01-01")}))).await;
        for (name, value, code) in [
            ("time_zone", json!("Middle/Earth"), "unknown"),
            ("time_zone", json!(""), "unknown"),
            ("time_zone", json!("+01:00"), "unknown"),
            ("time_zone", json!("UTC\u{0}"), "format"),
            ("time_zone", json!(60), "type"),
            ("catch_up", json!("some"), "unknown"),
            ("catch_up", json!([]), "type"),
        ] {
            let body = with(recurring("0 8 * * *", "2026-01-01"), name, value);
            let mut new = profile(script, body.clone());
            new["title"] = json!("other");
            for reply in [
                app.post(&admin, "script-profiles", new).await,
                app.patch(&admin, &format!("script-profiles/{id}"), body.clone()).await,
            ] {
                assert_eq!(reply.expect(400)["error"], "BadRequest");
                assert_eq!(reply.faults(), [(format!("/trigger/{name}"), code.into())], "{body}");
            }
        }
    }

    async fn the_catch_up_rule_can_change_without_moving_the_plan(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let trigger = with(recurring("*/10 * * * *", "2026-01-01"), "catch_up", json!("none"));
        let made = app.post(&admin, "script-profiles", profile(script, trigger)).await.expect(201);
        assert_eq!(made["trigger"]["catch_up"], "none");
        let path = format!("script-profiles/{}", made["id"]);
        app.clock.set("2026-11-21T08:05:00Z");
        let change = json!({"trigger": {"trigger_type": "recurring", "catch_up": "all"}});
        let changed = app.patch(&admin, &path, change).await.expect(200);
        assert_eq!(changed["trigger"]["catch_up"], "all");
        assert_eq!(changed["trigger"]["next_run"], made["trigger"]["next_run"]);
    }
}
