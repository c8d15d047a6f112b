//! Archived profiles are final.

use serde_json::json;

use super::{once, recurring};
use crate::api::app::{profile, titles};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn an_archived_profile_does_nothing_any_more(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        let soon = once("2026-11-21T08:30:00Z");
        let again = recurring("30 8 * * *", "2020-01-01");
        let event = json!({"trigger_type": "event", "event_type": "post_enrollment"});
        let mut ids = Vec::new();
        for (title, trigger) in [("once", soon), ("again", again), ("event", event)] {
            let id = app.profile(profile(script, json!({"title": title, "trigger": trigger}))).await;
            app.post(&admin, &format!("script-profiles/{id}:archive"), json!({})).await.expect(204);
            ids.push(id);
        }
        app.clock.set("2026-11-21T08:30:00Z");
        assert_eq!(app.services.engine.run_due().await.unwrap(), 0);
        app.computer("b", "").await;
        assert_eq!(app.get(&admin, "activities").await.expect(200)["count"], 0);
        for id in ids {
            let path = format!("script-profiles/{id}");
            let seen = app.get(&admin, &path).await.expect(200);
            assert_eq!(seen["archived"], true);
            assert_eq!(seen["computers"]["num_associated_computers"], 0);
            assert!(seen["trigger"].get("next_run").is_none_or(serde_json::Value::is_null), "{seen}");
            assert_eq!(app.get(&admin, &format!("{path}/computers")).await.expect(200)["count"], 0);
            // No change, however small; not even none.
            for change in [json!({}), json!({"title": "x"}), json!({"tags": []})] {
                let reply = app.patch(&admin, &path, change).await;
                assert_eq!(reply.expect(400)["error"], "ScriptProfileArchived");
            }
            let reply = app.post(&admin, &format!("{path}:run"), json!({})).await;
            assert_eq!(reply.expect(400)["error"], "ScriptProfileArchived");
            app.post(&admin, &format!("{path}:archive"), json!({})).await.expect(204);
            assert_eq!(app.get(&admin, &path).await.expect(200), seen, "archiving again changes nothing");
        }
    }

    async fn what_it_started_stays_and_goes_on(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": once("2020-01-01")}))).await;
        app.services.engine.run_due().await.unwrap();
        let path = format!("script-profiles/{id}");
        let before = app.get(&admin, &format!("{path}/activities")).await.expect(200);
        app.post(&admin, &format!("{path}:archive"), json!({})).await.expect(204);
        assert_eq!(app.get(&admin, &format!("{path}/activities")).await.expect(200), before);
        assert_eq!(app.get(&admin, &format!("{path}/runs")).await.expect(200)["count"], 1);
        assert_eq!(app.get(&admin, &path).await.expect(200)["activities"]["last_activity"], before["results"][0]);
        let group = &before["results"][0]["id"];
        let children = app.get(&admin, &format!("activities?query=parent-id:{group}")).await.expect(200);
        assert_eq!(children["results"][0]["activity_status"], "undelivered");
    }

    async fn its_title_is_free_and_its_place_too(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        for _ in 0..12 {
            let id = app.profile(profile(script, json!({"title": "Same"}))).await;
            app.post(&admin, &format!("script-profiles/{id}:archive"), json!({})).await.expect(204);
        }
        let all = app.get(&admin, "script-profiles?archived=archived").await.expect(200);
        assert_eq!(all["count"], 12);
        assert!(titles(&app.get(&admin, "script-profiles").await.expect(200)).is_empty());
    }

    async fn archiving_a_script_archives_its_profiles(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let (script, other) = (app.script("hello", &[]).await, app.script("other", &[]).await);
        app.profile(profile(script, json!({"title": "goes", "trigger": recurring("0 8 * * *", "2020-01-01")}))).await;
        app.profile(profile(other, json!({"title": "stays"}))).await;
        app.post(&admin, &format!("scripts/{script}:archive"), json!({})).await.expect(204);
        assert_eq!(titles(&app.get(&admin, "script-profiles").await.expect(200)), ["stays"]);
        let archived = app.get(&admin, "script-profiles?archived=archived").await.expect(200);
        assert_eq!(titles(&archived), ["goes"]);
        assert_eq!(archived["results"][0]["trigger"]["next_run"], serde_json::Value::Null);
    }
}
