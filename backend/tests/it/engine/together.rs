//! Two that change the same thing at the same moment.

use binnacle::clock::Clock;
use binnacle::engine::record_result;
use binnacle::store::Db;
use binnacle::store::activity::{self, ActivityResult};
use binnacle_shared::model::landscape::activity::ActivityStatus as S;
use jiff::Timestamp;
use serde_json::json;
use sqlx::{Connection, PgConnection, Row};

use super::fixture::Fixture;
use crate::on_both_databases;
use crate::support::database::Flavor;
use crate::support::process::eventually;

const NOON: &str = "2026-11-21T12:00:00Z";

async fn report(db: &Db, account: i64, computer: i64, child: i64, now: Timestamp) -> binnacle::store::Conn {
    let result =
        ActivityResult { status: S::Succeeded, code: None, exit_code: None, text: String::new(), truncated: false };
    let mut conn = db.write().await.unwrap();
    let _ = record_result(&mut conn, account, computer, child, &result, now).await.unwrap();
    conn
}

/// Waits until a connection of the database waits for a lock of another.
async fn somebody_waits(url: &str) {
    eventually("a lock that is waited for", || async {
        let mut conn = PgConnection::connect(url).await.unwrap();
        let sql =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting: i64 = sqlx::query(sql).fetch_one(&mut conn).await.unwrap().get(0);
        (waiting > 0).then_some(())
    })
    .await;
}

on_both_databases! {
    async fn the_last_two_results_of_a_group_end_it(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let computers = [f.computer("one", "").await, f.computer("two", "").await];
        let trigger = json!({"trigger_type": "one_time", "timestamp": "2026-11-20"});
        let profile = f.profile("p", &[], trigger).await;
        f.engine.run_due().await.unwrap();
        let group = f.groups(profile).await[0].id;
        let mut children: Vec<i64> = f.children(group).await.iter().map(|c| c.id).collect();
        children.sort_unstable();
        let (account, now) = (f.scope.account_id(), f.clock.now());

        let first = report(&f.db, account, computers[0], children[0], now).await;
        let db = f.db.clone();
        let second = tokio::spawn(async move {
            let conn = report(&db, account, computers[1], children[1], now).await;
            conn.commit().await.unwrap();
        });
        // SQLite lets only one write anyhow.
        if flavor == Flavor::Postgres {
            somebody_waits(&f.database.url).await;
        }
        first.commit().await.unwrap();
        second.await.unwrap();
        let group = &f.activities(activity::with_ids(&[group])).await[0];
        assert_eq!(group.activity_status, S::Succeeded);
        assert!(group.completion_time.is_some());
    }
}
