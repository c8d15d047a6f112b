//! Missed runs, and clocks that jump.

use binnacle::clock::Clock;
use binnacle::store::profile_run;
use binnacle_shared::list::ListParams;
use binnacle_shared::model::landscape::script_profile::ProfileRun;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::fixture::Fixture;
use crate::on_both_databases;

const NOON: &str = "2026-11-21T12:00:00Z";

fn hourly(catch_up: &str) -> Value {
    json!({"trigger_type": "recurring", "interval": "0 * * * *", "start_after": "2020-01-01", "catch_up": catch_up})
}

/// `outcome planned time (number)`, oldest first.
async fn runs(f: &Fixture, profile: i64) -> Vec<String> {
    let mut conn = f.db.read().await.unwrap();
    let params = ListParams { limit: 1000, ..ListParams::default() };
    let mut items = profile_run::page(&mut conn, profile, &params).await.unwrap().items;
    items.reverse();
    let line = |run: &ProfileRun| {
        let many = if run.planned_runs > 1 { format!(" ({})", run.planned_runs) } else { String::new() };
        format!("{} {}{many}", run.outcome.name(), run.planned_time)
    };
    items.iter().map(line).collect()
}

async fn next(f: &Fixture, profile: i64) -> String {
    f.read_profile(profile).await.trigger.next_run().map(|at| at.to_string()).unwrap_or_default()
}

/// An account whose profiles may run each minute.
async fn without_minimum(flavor: crate::support::database::Flavor) -> Option<Fixture> {
    let mut f = Fixture::new(flavor, NOON).await?;
    f.set_min_interval(0).await;
    f.computer("one", "").await;
    Some(f)
}

on_both_databases! {
    async fn none_skips_what_was_missed(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let id = f.profile("p", &[], hourly("none")).await;
        f.clock.set("2026-11-21T15:20:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(runs(&f, id).await, ["skipped 2026-11-21T13:00:00Z (3)"]);
        assert!(f.groups(id).await.is_empty());
        assert!(f.read_profile(id).await.trigger.last_run().is_none());
        assert_eq!(next(&f, id).await, "2026-11-21T16:00:00Z");
        // A little late is on time.
        f.clock.set("2026-11-21T16:04:59Z");
        f.engine.run_due().await.unwrap();
        assert_eq!(runs(&f, id).await[1..], ["ran 2026-11-21T16:00:00Z"]);
    }

    async fn last_is_the_default_and_runs_one(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let mut trigger = hourly("");
        trigger.as_object_mut().unwrap().remove("catch_up");
        let id = f.profile("p", &[], trigger).await;
        f.clock.set("2026-11-21T15:20:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(runs(&f, id).await, ["skipped 2026-11-21T13:00:00Z (2)", "ran 2026-11-21T15:00:00Z"]);
        assert_eq!(f.groups(id).await.len(), 1);
        assert_eq!(f.engine.run_due().await.unwrap(), 0);
    }

    async fn all_runs_each_up_to_a_bound(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let id = f.profile("p", &[], hourly("all")).await;
        f.clock.set("2026-11-21T15:20:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 3);
        let three = ["ran 2026-11-21T13:00:00Z", "ran 2026-11-21T14:00:00Z", "ran 2026-11-21T15:00:00Z"];
        assert_eq!(runs(&f, id).await, three);
        assert_eq!(next(&f, id).await, "2026-11-21T16:00:00Z");
        // A month later: the last 24, of some 720.
        f.clock.set("2026-12-21T15:20:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 24);
        let after = runs(&f, id).await;
        assert_eq!(after[3], "skipped 2026-11-21T16:00:00Z (696)");
        assert_eq!(after[4], "ran 2026-12-20T16:00:00Z");
        assert_eq!(after.last().unwrap(), "ran 2026-12-21T15:00:00Z");
        assert_eq!(f.groups(id).await.len(), 27);
    }

    async fn years_without_a_server_are_gone_through_at_once(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let trigger = json!({"trigger_type": "recurring", "interval": "* * * * *", "start_after": "2020-01-01"});
        let id = f.profile("p", &[], trigger).await;
        f.clock.set("2029-11-21T12:00:30Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(f.groups(id).await.len(), 1);
        assert_eq!(next(&f, id).await, "2029-11-21T12:01:00Z");
    }

    async fn a_single_run_is_made_up_for_however_late(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let id = f.profile("p", &[], json!({"trigger_type": "one_time", "timestamp": "2026-11-21T13:00:00Z"})).await;
        f.clock.set("2027-11-21T12:00:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        assert_eq!(runs(&f, id).await, ["ran 2026-11-21T13:00:00Z"]);
    }

    async fn a_clock_that_goes_back_a_little_runs_nothing_twice(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let id = f.profile("p", &[], hourly("all")).await;
        f.clock.set("2026-11-21T15:00:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 3);
        f.clock.set("2026-11-21T12:30:00Z");
        for _ in 0..6 {
            f.clock.advance(SignedDuration::from_mins(30));
            f.engine.run_due().await.unwrap();
        }
        assert_eq!(f.groups(id).await.len(), 3);
        f.clock.set("2026-11-21T16:00:00Z");
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
    }

    async fn a_clock_that_was_years_ahead_does_not_stop_profiles_for_years(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let id = f.profile("p", &[], hourly("last")).await;
        let stop = CancellationToken::new();
        let mut events = f.engine.subscribe();
        let (engine, token) = (f.engine.clone(), stop.clone());
        let running = tokio::spawn(async move { engine.run(token).await });
        f.clock.set("2031-01-01T00:30:00Z");
        events.recv().await.unwrap();
        assert_eq!(next(&f, id).await, "2031-01-01T01:00:00Z");
        stop.cancel();
        running.await.unwrap();
        // Set right while the server is down.
        f.clock.set("2026-11-21T12:40:00Z");
        let stop = CancellationToken::new();
        let (engine, token) = (f.engine.clone(), stop.clone());
        let running = tokio::spawn(async move { engine.run(token).await });
        crate::support::process::eventually("the new plan", || async {
            (next(&f, id).await == "2026-11-21T13:00:00Z").then_some(())
        })
        .await;
        f.clock.set("2026-11-21T13:00:00Z");
        events.recv().await.unwrap();
        let group_of_now = f.groups(id).await.into_iter().max_by_key(|group| group.id).unwrap();
        assert_eq!(group_of_now.creation_time.0, f.clock.now());
        assert_eq!(
            runs(&f, id).await.last().unwrap(),
            "ran 2026-11-21T13:00:00Z",
            "also though that hour was skipped under the wrong clock"
        );
        stop.cancel();
        running.await.unwrap();
    }

    async fn daylight_saving_neither_doubles_nor_drops_a_run(flavor) {
        let Some(f) = without_minimum(flavor).await else { return };
        let trigger = |interval: &str| json!({
            "trigger_type": "recurring", "interval": interval, "start_after": "2020-01-01",
            "time_zone": "Europe/Berlin", "catch_up": "all",
        });
        // The hole of 28 March 2027 and the repeat of 31 October, minute by minute.
        for (start, hours) in [("2027-03-27T23:00:00Z", 5), ("2027-10-30T22:00:00Z", 6)] {
            f.clock.set(start);
            let named = f.profile(&format!("named {start}"), &[], trigger("30 2 * * *")).await;
            let each = f.profile(&format!("each {start}"), &[], trigger("30 * * * *")).await;
            for _ in 0..hours * 60 {
                f.clock.advance(SignedDuration::from_mins(1));
                f.engine.run_due().await.unwrap();
            }
            assert_eq!(f.groups(named).await.len(), 1, "{start}");
            assert_eq!(f.groups(each).await.len(), hours, "{start}");
        }
    }
}
