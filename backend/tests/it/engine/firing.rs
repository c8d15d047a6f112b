//! Profiles that fall due.

use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::model::landscape::script_profile::Trigger;
use jiff::SignedDuration;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::fixture::Fixture;
use crate::on_both_databases;

const NOON: &str = "2026-11-21T12:00:00Z";

on_both_databases! {
    async fn a_past_one_time_profile_runs_at_once_and_only_once(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("one", "web").await;
        f.computer("two", "web,db").await;
        f.computer("three", "db").await;
        let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-20T00:00:00Z"});
        let id = f.profile("once", &["web"], trigger).await;
        assert_eq!(f.read_profile(id).await.computers.num_associated_computers, 2);
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(f.engine.run_due().await.unwrap(), 0);
        let groups = f.groups(id).await;
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].summary, "Run script: hello");
        let part = groups[0].group.as_ref().unwrap();
        assert_eq!(part.children_count, 2);
        assert_eq!(part.children_statuses[&ActivityStatus::Undelivered], 2);
        let Trigger::OneTime { is_finished, next_run, last_run, .. } = f.read_profile(id).await.trigger
        else { panic!("not one-time") };
        assert!(is_finished && next_run.is_none());
        assert_eq!(last_run.unwrap().to_string(), NOON);
    }

    async fn a_future_one_time_profile_waits(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("one", "").await;
        let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-21T12:00:01Z"});
        let id = f.profile("soon", &[], trigger).await;
        assert_eq!(f.engine.run_due().await.unwrap(), 0);
        f.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(f.groups(id).await.len(), 1);
    }

    async fn recurring_runs_keep_the_minimum_interval_and_catch_up_once(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("one", "").await;
        let trigger = json!({"trigger_type": "recurring", "interval": "*/30 * * * *", "start_after": "2020-01-01"});
        let id = f.profile("often", &[], trigger).await;
        let next = |t: Trigger| t.next_run().unwrap().to_string();
        assert_eq!(next(f.read_profile(id).await.trigger), "2026-11-21T12:30:00Z");
        f.clock.set("2026-11-21T12:30:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        // 360 minutes apart, whatever the cron expression says.
        assert_eq!(next(f.read_profile(id).await.trigger), "2026-11-21T18:30:00Z");
        // The server was down for two days: one run, not eight.
        f.clock.set("2026-11-23T12:10:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(f.groups(id).await.len(), 2);
        assert_eq!(next(f.read_profile(id).await.trigger), "2026-11-23T12:30:00Z");
    }

    async fn a_run_without_computers_is_noted_and_makes_no_activity(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.pending("waiting", "web").await;
        let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-20"});
        let id = f.profile("nobody", &["web"], trigger).await;
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert!(f.groups(id).await.is_empty());
        assert!(f.read_profile(id).await.trigger.last_run().is_some());
    }

    async fn enrolment_runs_event_profiles_once_per_computer(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("before", "web").await;
        let trigger = json!({"trigger_type": "event", "event_type": "post_enrollment"});
        let id = f.profile("welcome", &["web"], trigger).await;
        let first = f.pending("first", "web").await;
        assert!(f.enrol(first, f.root.id).await);
        assert!(!f.enrol(first, f.root.id).await, "accepted twice");
        f.computer("other", "db").await;
        let second = f.computer("second", "web").await;
        let mut on = Vec::new();
        for group in f.groups(id).await {
            for child in f.children(group.id).await {
                on.extend(child.single.unwrap().computer_id);
            }
        }
        assert_eq!(on, [first, second]);
        assert_eq!(f.engine.run_due().await.unwrap(), 0);
    }

    async fn groups_below_the_scripts_group_are_reached_and_others_are_not(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let mut conn = f.db.write().await.unwrap();
        let account = f.scope.account_id();
        let below = binnacle::store::access_group::create(&mut conn, account, "below", "Below", Some(&f.root)).await.unwrap();
        conn.commit().await.unwrap();
        let id = f.pending("deep", "web").await;
        assert!(f.enrol(id, below.id).await);
        let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-20"});
        let profile = f.profile("reach", &["web"], trigger).await;
        assert_eq!(f.read_profile(profile).await.computers.num_associated_computers, 1);
    }

    async fn the_scheduler_sleeps_until_the_next_is_due(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("one", "").await;
        let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-21T12:00:30Z"});
        let id = f.profile("later", &[], trigger).await;
        let stop = CancellationToken::new();
        let mut events = f.engine.subscribe();
        let (engine, token) = (f.engine.clone(), stop.clone());
        let running = tokio::spawn(async move { engine.run(token).await });
        f.clock.advance(SignedDuration::from_secs(30));
        let event = events.recv().await.unwrap();
        assert!(matches!(event, binnacle::engine::ActivityEvent::Changed { .. }), "{event:?}");
        assert_eq!(f.groups(id).await.len(), 1);
        stop.cancel();
        running.await.unwrap();
    }
}
