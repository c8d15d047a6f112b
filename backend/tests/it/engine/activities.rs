//! What becomes of activities.

use binnacle::clock::Clock;
use binnacle::engine::{CancelError, cancel, record_output, record_result};
use binnacle::store::activity::{self, ActivityResult};
use binnacle::store::activity_output;
use binnacle_shared::model::landscape::activity::ActivityStatus as S;
use serde_json::json;

use super::fixture::Fixture;
use crate::on_both_databases;

const NOON: &str = "2026-11-21T12:00:00Z";

/// A group with a child on each of two computers: group, children, computers.
async fn two_children(f: &Fixture) -> (i64, Vec<i64>, Vec<i64>) {
    let computers = vec![f.computer("one", "").await, f.computer("two", "").await];
    let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-20"});
    let profile = f.profile("p", &[], trigger).await;
    f.engine.run_due().await.unwrap();
    let group = f.groups(profile).await[0].id;
    let mut children: Vec<i64> = f.children(group).await.iter().map(|c| c.id).collect();
    children.sort_unstable();
    (group, children, computers)
}

fn result(status: S, text: &str) -> ActivityResult {
    ActivityResult { status, code: None, exit_code: None, text: text.into(), truncated: false }
}

async fn report(f: &Fixture, computer: i64, child: i64, result: &ActivityResult) {
    let mut conn = f.db.write().await.unwrap();
    let account = f.scope.account_id();
    let now = f.clock.now();
    let _ = record_result(&mut conn, account, computer, child, result, now).await.unwrap();
    conn.commit().await.unwrap();
}

async fn status(f: &Fixture, id: i64) -> S {
    f.activities(activity::with_ids(&[id])).await[0].activity_status
}

on_both_databases! {
    async fn a_group_follows_its_children(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let (group, children, computers) = two_children(&f).await;
        report(&f, computers[0], children[0], &result(S::Succeeded, "fine")).await;
        assert_eq!(status(&f, group).await, S::Undelivered);
        report(&f, computers[1], children[1], &result(S::Failed, "oh")).await;
        let after = &f.activities(activity::with_ids(&[group])).await[0];
        assert_eq!(after.activity_status, S::Failed);
        assert!(after.completion_time.is_some());
    }

    async fn a_result_counts_once_and_only_from_its_computer(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let (_, children, computers) = two_children(&f).await;
        report(&f, computers[1], children[0], &result(S::Failed, "not mine")).await;
        assert_eq!(status(&f, children[0]).await, S::Undelivered);
        report(&f, computers[0], children[0], &result(S::Succeeded, "first")).await;
        report(&f, computers[0], children[0], &result(S::Failed, "second")).await;
        let child = &f.activities(activity::with_ids(&children[..1])).await[0];
        assert_eq!((child.activity_status, child.result_text.as_deref()), (S::Succeeded, Some("first")));
    }

    async fn streamed_output_is_completed_by_the_result(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let (_, children, computers) = two_children(&f).await;
        let (child, computer, account) = (children[0], computers[0], f.scope.account_id());
        let mut conn = f.db.write().await.unwrap();
        for (offset, text) in [(0, "größe\n"), (0, "größe\n"), (8, "two\n")] {
            let _ = record_output(&mut conn, account, computer, child, offset, text, f.clock.now()).await.unwrap();
        }
        conn.commit().await.unwrap();
        report(&f, computer, child, &result(S::Succeeded, "größe\ntwo\nthree\n")).await;
        let mut conn = f.db.read().await.unwrap();
        let pieces: Vec<String> =
            activity_output::read(&mut conn, child, 0).await.unwrap().into_iter().map(|p| p.text).collect();
        assert_eq!(pieces, ["größe\n", "two\n", "three\n"]);
    }

    async fn cancelling_a_group_cancels_what_is_open(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let (group, children, computers) = two_children(&f).await;
        report(&f, computers[0], children[0], &result(S::Succeeded, "")).await;
        let mut conn = f.db.write().await.unwrap();
        let (ids, _) = cancel(&mut conn, &f.scope, activity::with_ids(&[group]), f.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(ids, [group]);
        assert_eq!(status(&f, children[0]).await, S::Succeeded);
        assert_eq!(status(&f, children[1]).await, S::Canceled);
        assert_eq!(status(&f, group).await, S::Canceled);
        // Never delivered, so a late answer cannot be real.
        report(&f, computers[1], children[1], &result(S::Succeeded, "")).await;
        assert_eq!(status(&f, children[1]).await, S::Canceled);
        let mut conn = f.db.write().await.unwrap();
        let again = cancel(&mut conn, &f.scope, activity::with_ids(&[group]), f.clock.now()).await;
        let Err(CancelError::Unfit(message)) = again else { panic!("{again:?}") };
        assert_eq!(message, format!("activity {group} => it is canceled already"));
    }

    async fn a_late_result_of_a_delivered_activity_replaces_the_cancellation(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let (group, children, computers) = two_children(&f).await;
        let mut conn = f.db.write().await.unwrap();
        activity::set_status(&mut conn, &children[..1], S::Delivered, f.clock.now()).await.unwrap();
        let _ = cancel(&mut conn, &f.scope, activity::with_ids(&[group]), f.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        report(&f, computers[0], children[0], &result(S::Failed, "late")).await;
        assert_eq!(status(&f, children[0]).await, S::Failed);
    }
}
