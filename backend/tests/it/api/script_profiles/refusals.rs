//! What a profile cannot be or become, each with its place.

use binnacle_shared::permission::{Permission, Role};
use serde_json::{Value, json};

use super::{once, recurring};
use crate::api::app::{Client, profile};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn every_field_of_a_change_says_what_is_wrong_with_it(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let again = app.profile(profile(script, json!({"title": "again", "trigger": recurring("0 8 * * *", "2027-01-01")}))).await;
        let single = app.profile(profile(script, json!({"title": "once", "trigger": once("2027-01-01")}))).await;
        let event = app.profile(profile(script, json!({"title": "event"}))).await;
        let with = |trigger_type: &str, name: &str, value: Value| {
            json!({"trigger": {"trigger_type": trigger_type, name: value}})
        };
        for (id, change, pointer, code) in [
            (event, json!({"title": " "}), "/title", "blank"),
            (event, json!({"title": 5}), "/title", "type"),
            (event, json!({"title": "x".repeat(201)}), "/title", "length"),
            (event, json!({"username": ""}), "/username", "blank"),
            (event, json!({"username": "a b"}), "/username", "format"),
            (event, json!({"time_limit": 0}), "/time_limit", "range"),
            (event, json!({"time_limit": 86_401}), "/time_limit", "range"),
            (event, json!({"time_limit": "60"}), "/time_limit", "type"),
            (event, json!({"all_computers": 1}), "/all_computers", "type"),
            (event, json!({"tags": {}}), "/tags", "type"),
            (event, json!({"tags": ["-x"]}), "/tags/0", "format"),
            (event, json!({"trigger": "event"}), "/trigger", "type"),
            (event, json!({"trigger": {"event_type": "post_enrollment"}}), "/trigger/trigger_type", "required"),
            (event, with("event", "event_type", json!("boot")), "/trigger/event_type", "unknown"),
            (single, json!({"trigger": {"trigger_type": "one_time"}}), "/trigger/timestamp", "required"),
            (single, with("one_time", "timestamp", Value::Null), "/trigger/timestamp", "required"),
            (single, with("one_time", "timestamp", json!("2027-02-30")), "/trigger/timestamp", "format"),
            (single, with("recurring", "interval", json!("0 8 * * *")), "/trigger/trigger_type", "immutable"),
            (again, with("recurring", "interval", json!("0 8 * *")), "/trigger/interval", "format"),
            (again, with("recurring", "interval", json!("0 0 30 2 *")), "/trigger/interval", "never"),
            (again, with("recurring", "start_after", json!("soon")), "/trigger/start_after", "format"),
            (again, with("one_time", "timestamp", json!("2027-01-01")), "/trigger/trigger_type", "immutable"),
        ] {
            let path = format!("script-profiles/{id}");
            let before = app.get(&admin, &path).await.expect(200);
            let reply = app.patch(&admin, &path, change.clone()).await;
            assert_eq!(reply.expect(400)["error"], "BadRequest");
            assert_eq!(reply.faults(), [(pointer.into(), code.into())], "{change}");
            assert_eq!(app.get(&admin, &path).await.expect(200), before, "{change}");
        }
        let reply = app.patch(&admin, "script-profiles/1", json!([])).await;
        reply.expect(400);
        assert_eq!(reply.faults(), [(String::new(), "type".into())]);
    }

    async fn a_profile_that_would_never_run_is_refused(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        // The expression matches, but not any more between the start and the end of all time.
        let never = recurring("0 8 31 12 *", "9999-12-30T09:00:00");
        let reply = app.post(&admin, "script-profiles", profile(script, json!({"trigger": never}))).await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/trigger/interval".into(), "never".into())]);
        let id = app.profile(profile(script, json!({"trigger": recurring("0 8 * * *", "2027-01-01")}))).await;
        let path = format!("script-profiles/{id}");
        let before = app.get(&admin, &path).await.expect(200);
        let reply = app.patch(&admin, &path, json!({"trigger": never})).await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/trigger/interval".into(), "never".into())]);
        assert_eq!(app.get(&admin, &path).await.expect(200), before);
    }

    async fn a_redacted_script_gets_no_profile_and_loses_its_own(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("secret", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": recurring("0 8 * * *", "2020-01-01")}))).await;
        app.post(&admin, &format!("scripts/{script}:redact"), json!({})).await.expect(204);
        let gone = app.get(&admin, &format!("script-profiles/{id}")).await.expect(200);
        assert_eq!((&gone["archived"], &gone["trigger"]["next_run"]), (&json!(true), &Value::Null));
        let reply = app.post(&admin, "script-profiles", profile(script, json!({}))).await;
        assert!(reply.expect(400)["message"].as_str().unwrap().contains("is redacted"));
        assert_eq!(reply.faults(), [("/script_id".into(), "unusable".into())]);
    }

    async fn a_fraction_of_a_second_is_not_kept(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": once("2026-11-21T07:00:00.750")}))).await;
        let path = format!("script-profiles/{id}");
        app.services.engine.run_due().await.unwrap();
        let ran = app.get(&admin, &path).await.expect(200);
        assert_eq!(ran["trigger"]["timestamp"], "2026-11-21T07:00:00Z");
        assert_eq!(ran["trigger"]["is_finished"], true);
        // A form sends back what it was shown: that is no other time.
        let same = app.patch(&admin, &path, json!({"trigger": once("2026-11-21T07:00:00Z")})).await.expect(200);
        assert_eq!(same["trigger"], ran["trigger"]);
        assert_eq!(app.services.engine.run_due().await.unwrap(), 0);
    }

    async fn who_may_not_is_told_so_and_who_may_not_see_finds_nothing(flavor) {
        let app = app!(flavor);
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({}))).await;
        let path = format!("script-profiles/{id}");
        app.person("auditor", Role::Auditor, &["global"]).await;
        app.access_group("Edge", "global").await;
        app.person_with("edge", &[Permission::ViewScriptProfile, Permission::ManageScriptProfile], &["edge"]).await;
        let nobody = Client::default();
        for (who, client, made, changed) in [
            ("auditor", app.client("auditor").await, 403, 403),
            // The script and the profile are in a group that they do not see.
            ("edge", app.client("edge").await, 404, 404),
            ("nobody", nobody, 401, 401),
        ] {
            let new = profile(script, json!({"title": "Other"}));
            assert_eq!(app.post(&client, "script-profiles", new).await.status, made, "{who}");
            assert_eq!(app.patch(&client, &path, json!({"title": "x"})).await.status, changed, "{who}");
            let archive = format!("{path}:archive");
            assert_eq!(app.post(&client, &archive, json!({})).await.status, changed, "{who}");
        }
        assert_eq!(app.get(&app.admin().await, "script-profiles").await.expect(200)["count"], 1);
    }

    async fn what_may_be_done_with_activities_is_what_the_caller_may_do(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": once("2020-01-01")}))).await;
        app.services.engine.run_due().await.unwrap();
        app.person("auditor", Role::Auditor, &["global"]).await;
        let auditor = app.client("auditor").await;
        for (client, may) in [(&admin, true), (&auditor, false)] {
            let path = format!("script-profiles/{id}");
            let shown = [
                app.get(client, &path).await.expect(200)["activities"]["last_activity"].clone(),
                app.get(client, "script-profiles").await.expect(200)["results"][0]["activities"]["last_activity"].clone(),
                app.get(client, &format!("{path}/activities")).await.expect(200)["results"][0].clone(),
                app.get(client, &format!("scripts/{script}/script-profiles")).await.expect(200)["results"][0]["activities"]["last_activity"].clone(),
            ];
            for activity in shown {
                assert_eq!(activity["actions"]["cancelable"], may, "{activity}");
            }
        }
    }

    async fn a_preview_shows_no_computer_that_the_caller_may_not_see(flavor) {
        let app = app!(flavor);
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        app.person_with("planner", &[Permission::ViewScript, Permission::ViewScriptProfile], &["global"]).await;
        let body = json!({"script_id": script, "all_computers": true});
        let preview = app.post(&app.client("planner").await, "script-profiles:preview", body.clone()).await.expect(200);
        assert_eq!(preview, json!({"count": 0, "total": 0, "computers": []}));
        let preview = app.post(&app.admin().await, "script-profiles:preview", body).await.expect(200);
        assert_eq!((&preview["count"], &preview["computers"][0]["title"]), (&json!(1), &json!("a")));
    }
}
