//! Script profiles over HTTP, down to the last rule.

mod archived;
mod limits;
mod lists;
mod refusals;
mod runs;
mod zones;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{profile, titles};
use crate::{app, on_both_databases};

fn recurring(interval: &str, start: &str) -> Value {
    json!({"trigger_type": "recurring", "interval": interval, "start_after": start})
}

fn once(at: &str) -> Value {
    json!({"trigger_type": "one_time", "timestamp": at})
}

on_both_databases! {
    async fn a_profile_is_made_read_changed_and_archived(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let made = app.post(&admin, "script-profiles", profile(script, json!({}))).await.expect(201);
        assert_eq!(made["access_group"], "global");
        assert_eq!(made["created_at"], made["last_edited_at"]);
        assert_eq!(made["created_by"], json!({"name": "Administrator", "id": 1}));
        let id = made["id"].as_i64().unwrap();
        let path = format!("script-profiles/{id}");
        assert_eq!(app.get(&admin, &path).await.expect(200), made);

        app.clock.advance(SignedDuration::from_secs(60));
        let patch = json!({
            "title": "Macrodata Refinement", "username": "landscape", "time_limit": 270,
            "tags": ["server"], "all_computers": false,
        });
        let changed = app.patch(&admin, &path, patch).await.expect(200);
        assert_eq!(changed["title"], "Macrodata Refinement");
        assert_eq!(changed["tags"], json!(["server"]));
        assert_eq!((&changed["time_limit"], &changed["username"]), (&json!(270), &json!("landscape")));
        assert_eq!(changed["created_at"], made["created_at"]);
        assert_eq!(changed["last_edited_at"], "2026-11-21T08:01:00.000000");
        // Null and absent both leave a field as it is.
        let nulls = json!({"title": null, "tags": null, "trigger": null, "script_id": 99});
        let same = app.patch(&admin, &path, nulls).await.expect(200);
        assert_eq!((&same["title"], &same["tags"], &same["script_id"]), (&changed["title"], &changed["tags"], &json!(script)));
        assert_eq!(app.patch(&admin, &path, json!({"tags": []})).await.expect(200)["tags"], json!([]));

        app.post(&admin, &format!("{path}:archive"), json!({})).await.expect(204);
        app.post(&admin, &format!("{path}:archive"), json!({})).await.expect(204);
        let archived = app.get(&admin, &path).await.expect(200);
        assert_eq!((&archived["archived"], &archived["computers"]["num_associated_computers"]), (&json!(true), &json!(0)));
        let reply = app.patch(&admin, &path, json!({"title": "x"})).await;
        assert_eq!(reply.expect(400)["error"], "ScriptProfileArchived");
        assert!(titles(&app.get(&admin, "script-profiles").await.expect(200)).is_empty());
        for filter in ["archived", "all"] {
            let list = app.get(&admin, &format!("script-profiles?archived={filter}")).await;
            assert_eq!(titles(&list.expect(200)), ["Macrodata Refinement"]);
        }
        // Its title is free again.
        let again = profile(script, json!({"title": "Macrodata Refinement"}));
        app.post(&admin, "script-profiles", again).await.expect(201);
    }

    async fn every_field_says_what_is_wrong_with_it(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let event = |more: Value| {
            let mut trigger = json!({"trigger_type": "event", "event_type": "post_enrollment"});
            trigger.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"trigger": trigger})
        };
        for (other, pointer, code) in [
            (json!({"title": "absent"}), "/title", "required"),
            (json!({"title": "  "}), "/title", "blank"),
            (json!({"title": 5}), "/title", "type"),
            (json!({"title": "x".repeat(201)}), "/title", "length"),
            (json!({"title": "a\u{0}b"}), "/title", "format"),
            (json!({"script_id": "absent"}), "/script_id", "required"),
            (json!({"script_id": "35"}), "/script_id", "type"),
            (json!({"script_id": 1.5}), "/script_id", "type"),
            (json!({"username": "absent"}), "/username", "required"),
            (json!({"username": ""}), "/username", "blank"),
            (json!({"time_limit": "absent"}), "/time_limit", "required"),
            (json!({"time_limit": 0}), "/time_limit", "range"),
            (json!({"time_limit": -1}), "/time_limit", "range"),
            (json!({"all_computers": "yes"}), "/all_computers", "type"),
            (json!({"tags": "server"}), "/tags", "type"),
            (json!({"tags": ["ok", "not ok"]}), "/tags/1", "format"),
            (json!({"trigger": "absent"}), "/trigger", "required"),
            (json!({"trigger": []}), "/trigger", "type"),
            (json!({"trigger": {}}), "/trigger/trigger_type", "required"),
            (json!({"trigger": {"trigger_type": "cron"}}), "/trigger/trigger_type", "unknown"),
            (event(json!({"event_type": "boot"})), "/trigger/event_type", "unknown"),
            (json!({"trigger": {"trigger_type": "one_time"}}), "/trigger/timestamp", "required"),
            (json!({"trigger": once("tomorrow")}), "/trigger/timestamp", "format"),
            (json!({"trigger": recurring("* * * *", "2026-01-01")}), "/trigger/interval", ""),
            (json!({"trigger": recurring("0 0 31 2 *", "2026-01-01")}), "/trigger/interval", ""),
            (json!({"trigger": {"trigger_type": "recurring", "interval": "0 8 * * *"}}), "/trigger/start_after", "required"),
        ] {
            let reply = app.post(&admin, "script-profiles", profile(script, other.clone())).await;
            reply.expect(400);
            let faults = reply.faults();
            assert_eq!(faults.len(), 1, "{other}: {faults:?}");
            assert_eq!(faults[0].0, pointer, "{other}");
            assert!(code.is_empty() || faults[0].1 == code, "{other}: {faults:?}");
        }
        assert_eq!(app.get(&admin, "script-profiles").await.expect(200)["count"], 0);
    }

    async fn the_script_must_be_there_v2_and_active(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let reply = app.post(&admin, "script-profiles", profile(99, json!({}))).await;
        assert_eq!(reply.expect(404)["detail"][0]["pointer"], "/script_id");
        let old = app.script("old", &[("script_type", "V1")]).await;
        let reply = app.post(&admin, "script-profiles", profile(old, json!({}))).await;
        reply.expect(400);
        assert_eq!(reply.faults()[0].1, "unusable");
        let gone = app.script("gone", &[]).await;
        app.post(&admin, &format!("scripts/{gone}:archive"), json!({})).await.expect(204);
        app.post(&admin, "script-profiles", profile(gone, json!({}))).await.expect(400);
    }

    async fn titles_are_unique_among_those_not_archived(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        app.profile(profile(script, json!({}))).await;
        let reply = app.post(&admin, "script-profiles", profile(script, json!({"title": " Optics and Design "}))).await;
        assert_eq!(reply.expect(409)["error"], "Conflict");
        assert_eq!(reply.faults(), [("/title".into(), "duplicate".into())]);
        let other = app.profile(profile(script, json!({"title": "Other"}))).await;
        let path = format!("script-profiles/{other}");
        app.patch(&admin, &path, json!({"title": "Optics and Design"})).await.expect(409);
        app.patch(&admin, &path, json!({"title": "Other"})).await.expect(200);
    }

    async fn a_recurring_profile_says_when_it_runs_next(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let trigger = recurring("30 9 * * MON-FRI", "2026-11-24T00:00:00+01:00");
        let id = app.profile(profile(script, json!({"trigger": trigger}))).await;
        let path = format!("script-profiles/{id}");
        let made = app.get(&admin, &path).await.expect(200);
        assert_eq!(made["trigger"], json!({
            "trigger_type": "recurring", "interval": "30 9 * * MON-FRI",
            "start_after": "2026-11-23T23:00:00Z", "last_run": null, "next_run": "2026-11-24T09:30:00Z",
            "time_zone": "UTC", "catch_up": "last", "adjusted_interval": null, "last_planned_run": null,
        }));
        // Only one of the two; what the console adds is ignored.
        let change = json!({"trigger": {"trigger_type": "recurring", "interval": "0 12 * * *", "last_run": "", "next_run": ""}});
        let changed = app.patch(&admin, &path, change).await.expect(200);
        assert_eq!(changed["trigger"]["next_run"], "2026-11-24T12:00:00Z");
    }

    async fn what_never_changes_is_left_alone_or_refused(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let other = app.script("other", &[]).await;
        app.access_group("Edge", "global").await;
        // Not settable, so it is not even looked at.
        let id = app.profile(profile(script, json!({"access_group": "edge"}))).await;
        let path = format!("script-profiles/{id}");
        let before = app.get(&admin, &path).await.expect(200);
        assert_eq!(before["access_group"], "global");
        let ignored = json!({
            "script_id": other, "access_group": "edge", "id": 99, "created_at": "2020-01-01T00:00:00",
            "archived": true, "computers": {"num_associated_computers": 7}, "created_by": null,
        });
        assert_eq!(app.patch(&admin, &path, ignored).await.expect(200), before);
        for trigger in [once("2027-01-01"), recurring("0 8 * * *", "2027-01-01")] {
            let reply = app.patch(&admin, &path, json!({"title": "New", "trigger": trigger})).await;
            assert_eq!(reply.expect(400)["error"], "BadRequest");
            assert_eq!(reply.faults(), [("/trigger/trigger_type".into(), "immutable".into())]);
        }
        let reply = app.patch(&admin, &path, json!({"trigger": {}})).await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/trigger/trigger_type".into(), "required".into())]);
        let same = json!({"trigger": {"trigger_type": "event", "event_type": "post_enrollment"}});
        assert_eq!(app.patch(&admin, &path, same).await.expect(200), before);
    }

    async fn a_time_without_an_offset_is_utc(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        for (n, given, meant) in [
            (0, "2026-12-01T02:03:04", "2026-12-01T02:03:04Z"),
            (1, "2026-12-01T02:03", "2026-12-01T02:03:00Z"),
            (2, "2026-12-01", "2026-12-01T00:00:00Z"),
            (3, "2026-12-01T02:03:04+02:00", "2026-12-01T00:03:04Z"),
        ] {
            let title = |kind: &str| format!("{kind} {n}");
            let id = app.profile(profile(script, json!({"title": title("once"), "trigger": once(given)}))).await;
            let trigger = &app.get(&admin, &format!("script-profiles/{id}")).await.expect(200)["trigger"];
            assert_eq!((&trigger["timestamp"], &trigger["next_run"]), (&json!(meant), &json!(meant)));
            let again = json!({"title": title("again"), "trigger": recurring("0 8 * * *", given)});
            let id = app.profile(profile(script, again)).await;
            let trigger = &app.get(&admin, &format!("script-profiles/{id}")).await.expect(200)["trigger"];
            assert_eq!(trigger["start_after"], meant);
        }
    }

    async fn a_one_time_profile_in_the_past_runs_at_once(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        let script = app.script("hello", &[]).await;
        let id = app.profile(profile(script, json!({"trigger": once("2025-04-04T02:10:41Z")}))).await;
        assert_eq!(app.services.engine.run_due().await.unwrap(), 1);
        let path = format!("script-profiles/{id}");
        let ran = app.get(&admin, &path).await.expect(200);
        assert_eq!(ran["trigger"], json!({
            "trigger_type": "one_time", "timestamp": "2025-04-04T02:10:41Z", "is_finished": true,
            "next_run": null, "last_run": "2026-11-21T08:00:00Z",
        }));
        assert_eq!(ran["activities"]["last_activity"]["activity_status"], "undelivered");
        let activities = app.get(&admin, &format!("{path}/activities")).await.expect(200);
        assert_eq!(activities["results"][0], ran["activities"]["last_activity"]);
        let computers = app.get(&admin, &format!("{path}/computers")).await.expect(200);
        assert_eq!(titles(&computers), ["web-1"]);
        // Sending the same time back does not run it again; another time does.
        let same = json!({"title": "New title", "trigger": once("2025-04-04T02:10:41Z")});
        let same = app.patch(&admin, &path, same).await.expect(200);
        assert_eq!(same["trigger"]["is_finished"], true);
        let moved = app.patch(&admin, &path, json!({"trigger": once("2026-11-21T08:30")})).await.expect(200);
        assert_eq!(moved["trigger"]["is_finished"], false);
        assert_eq!(moved["trigger"]["next_run"], "2026-11-21T08:30:00Z");
    }

    async fn the_preview_counts_who_would_be_reached(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for n in 0..7 {
            app.computer(&format!("web-{n}"), if n < 6 { "web" } else { "db" }).await;
        }
        app.pending("later", "web", None).await;
        let script = app.script("hello", &[]).await;
        let ask = |body: Value| app.post(&admin, "script-profiles:preview", body);
        let body = json!({"script_id": script, "all_computers": false, "tags": ["web"]});
        let preview = ask(body).await.expect(200);
        assert_eq!((&preview["count"], &preview["total"]), (&json!(6), &json!(7)));
        assert_eq!(preview["computers"].as_array().unwrap().len(), 5);
        let none = ask(json!({"script_id": script, "tags": []})).await.expect(200);
        assert_eq!(none["count"], 0);
        assert_eq!(ask(json!({"script_id": script, "all_computers": true})).await.expect(200)["count"], 7);
        ask(json!({"script_id": 99})).await.expect(404);
        ask(json!({})).await.expect(400);
    }

    async fn a_profile_that_is_not_there_is_not_found(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for path in ["99", "0", "abc", "-1", "1.0", "99999999999999999999", "%00", "99/activities", "99/computers"] {
            app.get(&admin, &format!("script-profiles/{path}")).await.expect(404);
        }
        app.patch(&admin, "script-profiles/99", json!({})).await.expect(404);
        app.post(&admin, "script-profiles/99:archive", json!({})).await.expect(404);
        app.post(&admin, "script-profiles/1:explode", json!({})).await.expect(404);
    }
}
