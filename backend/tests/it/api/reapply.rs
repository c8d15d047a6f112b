//! Activities that are done again, approved, restarted; and what callers may do with them.

use binnacle::engine::record_result;
use binnacle::store::activity::{self, ActivityResult};
use binnacle_shared::model::landscape::activity::ActivityStatus as S;
use binnacle_shared::permission::Permission;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{App, Client};
use crate::{app, on_both_databases};

async fn execute(app: &App, client: &Client, query: &str, more: &[(&str, &str)]) -> i64 {
    let script = app.script(&format!("on {query}"), &[("username", "root")]).await.to_string();
    let mut parameters = vec![("query", query), ("script_id", script.as_str())];
    parameters.extend_from_slice(more);
    app.legacy(client, "ExecuteScript", &parameters).await.expect(200)["id"].as_i64().unwrap()
}

async fn finish(app: &App, computer: i64, child: i64, status: S) {
    let now = app.services.clock.now();
    let result = ActivityResult { status, code: None, exit_code: None, text: "done".into(), truncated: false };
    let mut conn = app.services.db.write().await.unwrap();
    let effects = record_result(&mut conn, app.account_id, computer, child, &result, now).await.unwrap();
    conn.commit().await.unwrap();
    app.services.engine.publish(effects).await.unwrap();
}

async fn set(app: &App, ids: &[i64], status: S) {
    let now = app.services.clock.now();
    let mut conn = app.services.db.write().await.unwrap();
    activity::set_status(&mut conn, ids, status, now).await.unwrap();
    for group in [ids[0] - 1] {
        activity::refresh_group(&mut conn, group, now).await.unwrap();
    }
    conn.commit().await.unwrap();
}

async fn read(app: &App, client: &Client, id: i64) -> Value {
    app.get(client, &format!("activities/{id}")).await.expect(200)
}

on_both_databases! {
    async fn what_ended_is_done_again(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let (one, two) = (app.computer("web-1", "web").await, app.computer("web-2", "web").await);
        let group = execute(&app, &admin, "tag:web", &[]).await;
        let reply = app.post(&admin, "activities/reapply", json!({"activity_ids": [group]})).await;
        let refusal = reply.expect(400);
        assert_eq!(refusal["error"], "InvalidActivityStatusChange");
        assert_eq!(refusal["message"], format!("activity {group} => it is undelivered and not over yet"));
        finish(&app, one, group + 1, S::Succeeded).await;
        finish(&app, two, group + 2, S::Failed).await;
        assert_eq!(read(&app, &admin, group).await["actions"], json!({"approvable": false, "cancelable": false, "reappliable": true}));
        let made = app.post(&admin, "activities/reapply", json!({"activity_ids": [group + 2, group]})).await.expect(200);
        let ids: Vec<i64> = serde_json::from_value(made).unwrap();
        let single = read(&app, &admin, ids[0]).await;
        assert_eq!((&single["computer_id"], &single["activity_status"], &single["type"]), (&json!(two), &json!("undelivered"), &json!("ExecuteScriptRequest")));
        let again = read(&app, &admin, ids[1]).await;
        assert_eq!((&again["type"], &again["children_statuses"]), (&json!("ActivityGroup"), &json!({"undelivered": 2})));
        assert_eq!(again["script_id"], read(&app, &admin, group).await["script_id"]);

        for (body, status, error) in [
            (json!({"activity_ids": [9999]}), 404, "UnknownActivity"),
            (json!({"activity_ids": ["x"]}), 400, "BadRequest"),
            (json!({}), 400, "BadRequest"),
            (json!({"activity_ids": vec![1; 2000]}), 400, "BadRequest"),
        ] {
            assert_eq!(app.post(&admin, "activities/reapply", body.clone()).await.expect(status)["error"], error, "{body}");
            assert_eq!(app.post(&admin, "activities/revert", body.clone()).await.expect(status)["error"], error, "{body}");
        }
        let kept = app.post(&admin, "activities/revert", json!({"activity_ids": [group]})).await.expect(400);
        assert_eq!(kept["message"], format!("activity {group} => what it did cannot be taken back"));
        // All or nothing: one is open.
        let before = app.get(&admin, "activities?limit=0").await.expect(200)["count"].clone();
        app.post(&admin, "activities/reapply", json!({"activity_ids": [group, ids[1]]})).await.expect(400);
        let script = read(&app, &admin, group).await["script_id"].as_i64().unwrap();
        app.post(&admin, &format!("scripts/{script}:archive"), json!({})).await.expect(204);
        let reply = app.post(&admin, "activities/reapply", json!({"activity_ids": [group]})).await.expect(400);
        assert!(reply["message"].as_str().unwrap().contains("archived"), "{reply}");
        assert_eq!(app.get(&admin, "activities?limit=0").await.expect(200)["count"], before);
    }

    async fn what_waits_for_a_person_is_approved(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        app.computer("web-2", "web").await;
        let group = execute(&app, &admin, "tag:web", &[]).await;
        set(&app, &[group + 1], S::Unapproved).await;
        assert_eq!(read(&app, &admin, group).await["actions"]["approvable"], true);
        let ids = app.legacy(&admin, "ApproveActivities", &[("query", &format!("id:{group}"))]).await.expect(200);
        assert_eq!(ids, json!([group]));
        let approved = read(&app, &admin, group + 1).await;
        assert_eq!((&approved["activity_status"], &approved["approval_time"]), (&json!("undelivered"), &json!("2026-11-21T08:00:00Z")));
        assert_eq!(read(&app, &admin, group + 2).await["approval_time"], json!(null));
        let reply = app.legacy(&admin, "ApproveActivities", &[("query", &format!("parent-id:{group}"))]).await.expect(400);
        assert_eq!(reply["error"], "InvalidActivityStatusChange");
        assert_eq!(reply["message"].as_str().unwrap().lines().count(), 2);
    }

    async fn parents_count_their_children(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let one = app.computer("web-1", "web").await;
        app.computer("web-2", "web").await;
        let both = execute(&app, &admin, "tag:web", &[]).await;
        let single = execute(&app, &admin, "title:web-1", &[]).await;
        finish(&app, one, both + 1, S::Failed).await;
        let parents = app.get(&admin, "activities/parents?limit=5").await.expect(200);
        assert_eq!(parents["count"], 2);
        let [newer, older] = parents["results"].as_array().unwrap().as_slice() else { panic!("{parents}") };
        assert_eq!((&newer["id"], &newer["computer"]), (&json!(single), &json!({"id": one, "title": "web-1"})));
        assert_eq!((&older["id"], &older["computer"], &older["computer_count"]), (&json!(both), &json!(null), &json!(2)));
        assert_eq!(older["children_statuses"], json!({"good": 0, "warning": 1, "bad": 1}));
        assert_eq!((&older["children_count"], &older["deliver_delay_window"]), (&json!(2), &json!(0)));
        let only = app.get(&admin, "activities/parents?query=computer:id:1").await.expect(200);
        assert_eq!(only["count"], 0, "groups are for no one computer");
        let of = app.get(&admin, &format!("computers/activities?computer_ids={one}")).await.expect(200);
        assert_eq!((&of["count"], &of["results"][0]["id"]), (&json!(2), &json!(single + 1)));
        app.get(&admin, "computers/activities").await.expect(400);
        app.get(&admin, "computers/activities?computer_ids=x").await.expect(400);
    }

    async fn deliveries_wait_and_are_spread(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for n in 0..4 {
            app.computer(&format!("web-{n}"), "web").await;
        }
        let later = execute(&app, &admin, "tag:web", &[("deliver_after", "2026-11-21T09:00:00Z"), ("deliver_delay_window", "60")]).await;
        let group = read(&app, &admin, later).await;
        assert_eq!((&group["activity_status"], &group["deliver_delay_window"]), (&json!("scheduled"), &json!(60)));
        let list = app.get(&admin, &format!("activities?query=parent-id:{later}&sort=id")).await.expect(200);
        let times: Vec<&str> = list["results"].as_array().unwrap().iter().map(|a| a["deliver_after_time"].as_str().unwrap()).collect();
        assert_eq!(times, ["2026-11-21T09:00:00Z", "2026-11-21T09:15:00Z", "2026-11-21T09:30:00Z", "2026-11-21T09:45:00Z"]);
        app.clock.set("2026-11-21T09:16:00Z");
        app.services.engine.run_due().await.unwrap();
        assert_eq!(read(&app, &admin, later).await["children_statuses"], json!({"undelivered": 2, "scheduled": 2}));
        // Without a time the first is sent at once.
        let now = execute(&app, &admin, "web", &[("deliver_delay_window", "30")]).await;
        assert_eq!(read(&app, &admin, now).await["children_statuses"], json!({"undelivered": 1, "scheduled": 3}));
        let script = app.script("s", &[("username", "root")]).await.to_string();
        for (window, error) in [("-1", "InvalidDeliverDelayWindow"), ("99999999", "InvalidDeliverDelayWindow"), ("x", "InvalidParameter")] {
            let parameters = [("query", "web"), ("script_id", script.as_str()), ("deliver_delay_window", window)];
            assert_eq!(app.legacy(&admin, "ExecuteScript", &parameters).await.expect(400)["error"], error, "{window}");
        }
    }

    async fn computers_are_restarted_and_shut_down(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let (one, two) = (app.computer("web-1", "").await, app.computer("web-2", "").await);
        let group = app.post(&admin, &format!("computers/{one}/restart"), json!({})).await.expect(200);
        assert_eq!((&group["type"], &group["activity_status"], &group["summary"]), (&json!("ActivityGroup"), &json!("undelivered"), &json!("Restart computer")));
        let child = read(&app, &admin, group["id"].as_i64().unwrap() + 1).await;
        assert_eq!((&child["type"], &child["computer_id"]), (&json!("RestartRequest"), &json!(one)));
        // Without a body, too.
        let bare = app.ask(&admin, axum::http::Method::POST, &format!("/api/v2/computers/{one}/restart"), "").await;
        bare.expect(200);
        let body = json!({"deliver_after": "2026-11-21T10:00:00Z", "deliver_delay_window": 5});
        let later = app.post(&admin, &format!("computers/{one}/restart"), body).await.expect(200);
        assert_eq!((&later["activity_status"], &later["deliver_delay_window"]), (&json!("scheduled"), &json!(5)));
        let reply = app.post(&admin, &format!("computers/{one}/restart"), json!({"deliver_after": "x", "deliver_delay_window": -1})).await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/deliver_after".into(), "format".into()), ("/deliver_delay_window".into(), "range".into())]);
        app.post(&admin, "computers/99/restart", json!({})).await.expect(404);
        let (a, b) = (one.to_string(), two.to_string());
        let both = [("computer_ids.1", a.as_str()), ("computer_ids.2", b.as_str())];
        let down = app.legacy(&admin, "ShutdownComputers", &both).await.expect(200);
        assert_eq!(down["children_statuses"], json!({"undelivered": 2}));
        let child = read(&app, &admin, down["id"].as_i64().unwrap() + 1).await;
        assert_eq!(child["type"], "ShutdownRequest");
        app.legacy(&admin, "RebootComputers", &both).await.expect(200);
        let before = app.get(&admin, "activities?limit=0").await.expect(200)["count"].clone();
        for action in ["RebootComputers", "ShutdownComputers"] {
            let some = [("computer_ids.1", a.as_str()), ("computer_ids.2", "99")];
            assert_eq!(app.legacy(&admin, action, &some).await.expect(404)["error"], "UnknownComputer");
            let late = [("computer_ids.1", a.as_str()), ("deliver_after", "soon")];
            assert_eq!(app.legacy(&admin, action, &late).await.expect(400)["error"], "InvalidTime");
            assert_eq!(app.legacy(&admin, action, &[]).await.expect(400)["error"], "MissingParameter");
        }
        assert_eq!(app.get(&admin, "activities?limit=0").await.expect(200)["count"], before);
        let types = app.legacy(&admin, "GetActivityTypes", &[]).await.expect(200);
        assert_eq!(types, json!(["ActivityGroup", "ExecuteScriptRequest", "RestartRequest", "ShutdownRequest"]));
    }

    async fn callers_are_offered_what_they_may_do(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        app.person_with("viewer", &[Permission::ViewComputer, Permission::ViewScript], &["global"]).await;
        app.person_with("runner", &[Permission::ViewComputer, Permission::ViewScript, Permission::ExecuteScript], &["global"]).await;
        let group = execute(&app, &admin, "tag:web", &[]).await;
        let (viewer, runner) = (app.client("viewer").await, app.client("runner").await);
        let none = json!({"approvable": false, "cancelable": false, "reappliable": false});
        assert_eq!(read(&app, &viewer, group).await["actions"], none);
        assert_eq!(read(&app, &runner, group).await["actions"]["cancelable"], true);
        let list = app.get(&viewer, "activities/parents").await.expect(200);
        assert_eq!(list["results"][0]["actions"], none);
        let script = read(&app, &admin, group).await["script_id"].as_i64().unwrap();
        let flags = |script: &Value| ["is_editable", "is_redactable", "is_executable"].map(|name| script[name] == true);
        for (client, expected) in [(&viewer, [false, false, false]), (&runner, [false, false, true]), (&admin, [true, true, true])] {
            let shown = app.get(client, &format!("scripts/{script}")).await.expect(200);
            assert_eq!(flags(&shown), expected);
        }
        app.legacy(&viewer, "CancelActivities", &[("query", &format!("id:{group}"))]).await.expect(403);
        app.post(&viewer, "activities/reapply", json!({"activity_ids": [group]})).await.expect(403);
        app.clock.advance(SignedDuration::from_secs(1));
        app.legacy(&runner, "CancelActivities", &[("query", &format!("id:{group}"))]).await.expect(200);
    }
}
