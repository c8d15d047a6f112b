//! What became of planned times, and running at once.

use binnacle_shared::permission::Role;
use serde_json::{Value, json};

use super::{once, recurring};
use crate::api::app::{App, Client, profile};
use crate::{app, on_both_databases};

async fn runs(app: &App, client: &Client, id: i64) -> Vec<Value> {
    let page = app.get(client, &format!("script-profiles/{id}/runs")).await.expect(200);
    page["results"].as_array().unwrap().clone()
}

on_both_databases! {
    async fn runs_tell_what_was_planned_and_what_came_of_it(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": recurring("0 9 * * *", "2026-01-01")}))).await;
        assert!(runs(&app, &admin, id).await.is_empty());
        app.clock.set("2026-11-21T09:00:00Z");
        app.services.engine.run_due().await.unwrap();
        app.computer("a", "").await;
        app.clock.set("2026-11-25T07:00:00Z");
        app.services.engine.run_due().await.unwrap();
        let admin = app.admin().await;
        let group = app.get(&admin, &format!("script-profiles/{id}/activities")).await.expect(200)["results"][0]["id"].clone();
        assert_eq!(runs(&app, &admin, id).await, [
            json!({
                "id": 3, "cause": "schedule", "outcome": "ran", "planned_time": "2026-11-24T09:00:00Z",
                "fired_time": "2026-11-25T07:00:00Z", "activity_id": group, "planned_runs": 1,
                "last_planned_time": "2026-11-24T09:00:00Z",
            }),
            json!({
                "id": 2, "cause": "schedule", "outcome": "skipped", "planned_time": "2026-11-22T09:00:00Z",
                "fired_time": "2026-11-25T07:00:00Z", "activity_id": null, "planned_runs": 2,
                "last_planned_time": "2026-11-23T09:00:00Z",
            }),
            json!({
                "id": 1, "cause": "schedule", "outcome": "empty", "planned_time": "2026-11-21T09:00:00Z",
                "fired_time": "2026-11-21T09:00:00Z", "activity_id": null, "planned_runs": 1,
                "last_planned_time": "2026-11-21T09:00:00Z",
            }),
        ]);
        let page = app.get(&admin, &format!("script-profiles/{id}/runs?limit=1&offset=1")).await.expect(200);
        assert_eq!((&page["count"], &page["results"][0]["outcome"]), (&json!(3), &json!("skipped")));
        app.get(&admin, "script-profiles/99/runs").await.expect(404);
    }

    async fn run_now_leaves_the_schedule_alone(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "web").await;
        app.computer("b", "web").await;
        app.computer("c", "db").await;
        let script = app.script("hello", &[]).await;
        let target = json!({"all_computers": false, "tags": ["web"], "trigger": recurring("0 9 * * *", "2026-01-01")});
        let id = app.profile(profile(script, target)).await;
        let path = format!("script-profiles/{id}");
        let before = app.get(&admin, &path).await.expect(200);
        app.person("analyst", Role::SupportAnalyst, &["global"]).await;
        let analyst = app.client("analyst").await;
        let group = app.post(&analyst, &format!("{path}:run"), json!({})).await.expect(200);
        assert_eq!((&group["type"], &group["activity_status"]), (&json!("ActivityGroup"), &json!("undelivered")));
        assert_eq!((&group["children_count"], &group["script_profile_id"]), (&json!(2), &json!(id)));
        assert_eq!(group["creator"]["name"], "analyst", "who asked, not who made the profile");
        let after = app.get(&admin, &path).await.expect(200);
        assert_eq!((&after["trigger"], &after["last_edited_at"]), (&before["trigger"], &before["last_edited_at"]));
        assert_eq!(after["activities"]["last_activity"]["id"], group["id"]);
        let run = &runs(&app, &admin, id).await[0];
        assert_eq!((&run["cause"], &run["outcome"], &run["activity_id"]), (&json!("manual"), &json!("ran"), &group["id"]));
        // As often as one likes, also at the same moment.
        app.post(&analyst, &format!("{path}:run"), json!({})).await.expect(200);
        assert_eq!(runs(&app, &admin, id).await.len(), 2);
        app.clock.set("2026-11-21T09:00:00Z");
        assert_eq!(app.services.engine.run_due().await.unwrap(), 1);
    }

    async fn a_profile_that_waits_or_has_run_can_run_now(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        let event = json!({"trigger_type": "event", "event_type": "post_enrollment"});
        for (title, trigger) in [("later", once("2027-01-01")), ("past", once("2020-01-01")), ("event", event)] {
            let id = app.profile(profile(script, json!({"title": title, "trigger": trigger}))).await;
            app.services.engine.run_due().await.unwrap();
            let before = app.get(&admin, &format!("script-profiles/{id}")).await.expect(200)["trigger"].clone();
            app.post(&admin, &format!("script-profiles/{id}:run"), json!({})).await.expect(200);
            let after = app.get(&admin, &format!("script-profiles/{id}")).await.expect(200)["trigger"].clone();
            assert_eq!(before, after, "{title}");
        }
    }

    async fn what_cannot_run_now_says_why(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({}))).await;
        let path = format!("script-profiles/{id}:run");
        assert_eq!(app.post(&admin, &path, json!({})).await.expect(400)["error"], "NoComputers");
        assert!(runs(&app, &admin, id).await.is_empty(), "nothing happened, so nothing is noted");
        app.post(&admin, "script-profiles/99:run", json!({})).await.expect(404);
        app.computer("a", "").await;
        app.person("auditor", Role::Auditor, &["global"]).await;
        let auditor = app.client("auditor").await;
        app.post(&auditor, &path, json!({})).await.expect(403);
        app.get(&auditor, &format!("script-profiles/{id}/runs")).await.expect(200);
        app.post(&Client::default(), &path, json!({})).await.expect(401);
        // Not within the access groups of who asks: it is not there.
        app.access_group("Edge", "global").await;
        app.person("edge", Role::SupportAnalyst, &["edge"]).await;
        let edge = app.client("edge").await;
        app.post(&edge, &path, json!({})).await.expect(404);
        app.get(&edge, &format!("script-profiles/{id}/runs")).await.expect(404);
    }
}
