//! A hundred thousand profiles: what it costs to have them, and to run one of them.

use binnacle::clock::Clock;
use binnacle::store::db::micros;
use binnacle::store::schedule;
use jiff::{SignedDuration, Timestamp};
use sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tokio_util::sync::CancellationToken;

use super::fixture::Fixture;
use crate::on_both_databases;
use crate::support::database::Flavor;
use crate::support::process::eventually;

const NOON: &str = "2026-11-21T12:00:00Z";
const MANY: i64 = 100_000;

/// Copies of a profile, due one second after the other from a time on.
async fn copy(flavor: Flavor, f: &Fixture, profile: i64, from: Timestamp) {
    let numbers = match flavor {
        Flavor::Sqlite => format!(
            "(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) SELECT n FROM numbers)"
        ),
        Flavor::Postgres => format!("generate_series(1, {MANY}) AS numbers(n)"),
    };
    let columns = "account_id, access_group_id, script_id, all_computers, time_limit, username, trigger_type, cron, \
                   start_after, trigger_version, created_at, edited_at";
    let insert = format!(
        "INSERT INTO script_profile ({columns}, title, next_run_at) \
         SELECT {columns}, title || ' ' || n, {} + CAST(n AS BIGINT) * 1000000 FROM script_profile, {numbers} WHERE script_profile.id = {profile}",
        micros(from),
    );
    execute(flavor, f, &insert).await;
    execute(flavor, f, "ANALYZE").await;
}

async fn execute(flavor: Flavor, f: &Fixture, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    match flavor {
        Flavor::Sqlite => {
            let mut conn = SqliteConnection::connect(&f.database.url).await.unwrap();
            sqlx::query(sql).execute(&mut conn).await.unwrap();
        }
        Flavor::Postgres => {
            let mut conn = PgConnection::connect(&f.database.url).await.unwrap();
            sqlx::query(sql).execute(&mut conn).await.unwrap();
        }
    }
}

/// How the database goes about a statement.
async fn plan_of(flavor: Flavor, f: &Fixture, select: &SelectStatement) -> String {
    let mut lines: Vec<String> = Vec::new();
    match flavor {
        Flavor::Sqlite => {
            let sql = format!("EXPLAIN QUERY PLAN {}", select.to_string(SqliteQueryBuilder));
            let mut conn = SqliteConnection::connect(&f.database.url).await.unwrap();
            for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap() {
                lines.push(row.get("detail"));
            }
        }
        Flavor::Postgres => {
            let sql = format!("EXPLAIN {}", select.to_string(PostgresQueryBuilder));
            let mut conn = PgConnection::connect(&f.database.url).await.unwrap();
            for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap() {
                lines.push(row.get(0));
            }
        }
    }
    lines.join("\n")
}

/// Waits until nobody asks the database any more; gives the number of statements so far.
async fn quiet(f: &Fixture) -> u64 {
    let seen = std::sync::Mutex::new((0_u64, 0_u8));
    eventually("quiet", || async {
        let now = f.db.statements();
        let mut seen = seen.lock().unwrap();
        *seen = if seen.0 == now { (now, seen.1 + 1) } else { (now, 0) };
        (seen.1 >= 10).then_some(now)
    })
    .await
}

on_both_databases! {
    async fn idle_costs_nothing_and_one_that_is_due_costs_what_it_is(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("one", "").await;
        let trigger = json!({"trigger_type": "recurring", "interval": "0 8 * * *", "start_after": "2026-12-24"});
        let id = f.profile("p", &[], trigger).await;
        let noon = f.clock.now();
        let later = noon + SignedDuration::from_hours(24);
        copy(flavor, &f, id, later).await;

        for select in [schedule::next_due_select(), schedule::first_due_select(later + SignedDuration::from_secs(5))] {
            let plan = plan_of(flavor, &f, &select).await;
            assert!(plan.contains("script_profile_due"), "{plan}");
            assert!(!plan.contains("Seq Scan") && !plan.contains("TEMP B-TREE"), "{plan}");
        }

        let stop = CancellationToken::new();
        let (engine, token) = (f.engine.clone(), stop.clone());
        let running = tokio::spawn(async move { engine.run(token).await });
        let before = quiet(&f).await;
        assert!(before > 0);
        for _ in 0..55 {
            f.clock.advance(SignedDuration::from_secs(1));
            tokio::task::yield_now().await;
        }
        assert_eq!(quiet(&f).await, before, "nothing is asked while nothing is due");
        // Once a minute it looks whether another node has planned something.
        f.clock.advance(SignedDuration::from_secs(10));
        let looked = quiet(&f).await - before;
        assert!((1..=8).contains(&looked), "{looked} statements for a look");
        stop.cancel();
        running.await.unwrap();

        f.clock.set(&(later + SignedDuration::from_secs(1)).to_string());
        let before = f.db.statements();
        assert_eq!(f.engine.run_due().await.unwrap(), 1);
        let fired = f.db.statements() - before;
        assert!(fired <= 25, "{fired} statements to fire one of many");
        f.clock.advance(SignedDuration::from_secs(200));
        let before = f.db.statements();
        assert_eq!(f.engine.run_due().await.unwrap(), 200);
        let fired = (f.db.statements() - before) / 200;
        assert!(fired <= 25, "{fired} statements for each of several");
    }
}
