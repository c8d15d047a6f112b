//! The account's limits: how many profiles, how many computers, how often.

use binnacle::store::account;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use serde_json::{Value, json};

use super::recurring;
use crate::api::app::{App, profile};
use crate::{app, on_both_databases};

async fn set_limits(app: &App, change: impl FnOnce(&mut ScriptProfileLimits)) {
    let mut conn = app.services.db.write().await.unwrap();
    let mut account = account::by_id(&mut conn, app.account_id).await.unwrap().unwrap();
    change(&mut account.limits);
    account::update(&mut conn, &account).await.unwrap();
    conn.commit().await.unwrap();
}

on_both_databases! {
    async fn profiles_are_limited_in_number(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let limits = app.get(&admin, "script-profile-limits").await.expect(200);
        assert_eq!(limits, json!({"max_num_computers": 5000, "max_num_profiles": 10, "min_interval": 360}));
        let script = app.script("hello", &[]).await;
        for n in 0..10 {
            app.profile(profile(script, json!({"title": format!("p{n}")}))).await;
        }
        let more = profile(script, json!({"title": "more"}));
        let reply = app.post(&admin, "script-profiles", more.clone()).await;
        assert_eq!(reply.expect(400)["error"], "TooManyScriptProfiles");
        app.post(&admin, "script-profiles/1:archive", json!({})).await.expect(204);
        app.post(&admin, "script-profiles", more).await.expect(201);
    }

    async fn two_at_the_same_time_do_not_pass_the_limit_together(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        set_limits(&app, |limits| limits.max_num_profiles = 1).await;
        let script = app.script("hello", &[]).await;
        for round in 0..5 {
            let ask = |n: u8| {
                app.post(&admin, "script-profiles", profile(script, json!({"title": format!("p{round}{n}")})))
            };
            let replies = futures::future::join_all((0..4).map(ask)).await;
            let made = replies.iter().filter(|reply| reply.status == 201).count();
            assert_eq!(made, 1, "round {round}");
            for reply in replies.iter().filter(|reply| reply.status != 201) {
                assert_eq!(reply.expect(400)["error"], "TooManyScriptProfiles");
            }
            let list = app.get(&admin, "script-profiles").await.expect(200);
            assert_eq!(list["count"], 1);
            let id = &list["results"][0]["id"];
            app.post(&admin, &format!("script-profiles/{id}:archive"), json!({})).await.expect(204);
        }
    }

    async fn a_script_archived_at_the_same_time_leaves_no_profile_behind(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for n in 0..5 {
            let script = app.script(&format!("s{n}"), &[]).await;
            let archive = format!("scripts/{script}:archive");
            let (made, archived) = tokio::join!(
                app.post(&admin, "script-profiles", profile(script, json!({"title": format!("p{n}")}))),
                app.post(&admin, &archive, json!({})),
            );
            archived.expect(204);
            assert!(made.status == 201 || made.status == 400, "{}", made.text);
            assert_eq!(app.get(&admin, "script-profiles").await.expect(200)["count"], 0, "round {n}");
        }
    }

    async fn a_profile_may_reach_only_so_many_computers(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        set_limits(&app, |limits| limits.max_num_computers = 1).await;
        app.computer("a", "web").await;
        app.computer("b", "web,db").await;
        let script = app.script("hello", &[]).await;
        let refused = |target: Value, pointer: &'static str| {
            let (app, admin) = (&app, &admin);
            async move {
                let reply = app.post(admin, "script-profiles", profile(script, target)).await;
                assert!(reply.expect(400)["message"].as_str().unwrap().contains("at most 1"));
                assert_eq!(reply.faults(), [(pointer.into(), "range".into())]);
            }
        };
        refused(json!({}), "/all_computers").await;
        refused(json!({"all_computers": true, "tags": ["db"]}), "/all_computers").await;
        refused(json!({"all_computers": false, "tags": ["web"]}), "/tags").await;
        let narrow = json!({"all_computers": false, "tags": ["db"]});
        let id = app.profile(profile(script, narrow)).await;
        let path = format!("script-profiles/{id}");
        for (change, pointer) in [(json!({"tags": ["web"]}), "/tags"), (json!({"all_computers": true}), "/all_computers")] {
            let reply = app.patch(&admin, &path, change).await;
            reply.expect(400);
            assert_eq!(reply.faults(), [(pointer.into(), "range".into())]);
        }
        let same = app.get(&admin, &path).await.expect(200);
        assert_eq!((&same["tags"], &same["all_computers"]), (&json!(["db"]), &json!(false)));
        // More came later: that is nobody's fault, and other changes go on.
        app.computer("c", "db").await;
        assert_eq!(app.patch(&admin, &path, json!({"title": "x"})).await.expect(200)["title"], "x");
        // Also for a form that sends every field back as it was.
        let whole = json!({"title": "y", "all_computers": false, "tags": ["db"]});
        assert_eq!(app.patch(&admin, &path, whole).await.expect(200)["title"], "y");
        app.patch(&admin, &path, json!({"tags": ["db", "web"]})).await.expect(400);
        app.patch(&admin, &path, json!({"tags": []})).await.expect(200);
        app.patch(&admin, &path, json!({"tags": ["db"]})).await.expect(400);
    }

    async fn a_cron_that_fires_too_often_is_moved_and_says_so(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "").await;
        let script = app.script("hello", &[]).await;
        let often = json!({"title": "often", "trigger": recurring("*/10 * * * *", "2020-01-01")});
        let made = app.post(&admin, "script-profiles", profile(script, often)).await.expect(201);
        assert_eq!(made["trigger"]["interval"], "*/10 * * * *");
        assert_eq!(made["trigger"]["adjusted_interval"], 360);
        assert_eq!(made["trigger"]["next_run"], "2026-11-21T08:10:00Z");
        let path = format!("script-profiles/{}", made["id"]);
        app.clock.set("2026-11-21T08:10:00Z");
        app.services.engine.run_due().await.unwrap();
        let ran = app.get(&admin, &path).await.expect(200);
        assert_eq!(ran["trigger"]["last_planned_run"], "2026-11-21T08:10:00Z");
        assert_eq!(ran["trigger"]["next_run"], "2026-11-21T14:10:00Z");
        // Also a change cannot make it run sooner.
        let change = json!({"trigger": {"trigger_type": "recurring", "interval": "*/5 * * * *"}});
        let changed = app.patch(&admin, &path, change).await.expect(200);
        assert_eq!(changed["trigger"]["next_run"], "2026-11-21T14:10:00Z");
        let change = json!({"trigger": {"trigger_type": "recurring", "interval": "0 8,14 * * *"}});
        let changed = app.patch(&admin, &path, change).await.expect(200);
        assert_eq!(changed["trigger"]["adjusted_interval"], Value::Null);
        assert_eq!(changed["trigger"]["next_run"], "2026-11-22T08:00:00Z", "14:00 is less than six hours later");
        // The limit is the account's, and what is said follows it.
        set_limits(&app, |limits| limits.min_interval = 361).await;
        assert_eq!(app.get(&admin, &path).await.expect(200)["trigger"]["adjusted_interval"], 361);
    }
}
