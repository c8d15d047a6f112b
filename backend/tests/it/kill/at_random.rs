//! `kill -9` of server and agents again and again, while many profiles run: in the end every
//! planned run has happened, and none twice.

use std::collections::BTreeMap;
use std::time::Duration;

use binnacle::clock::{Clock, Random, SystemClock, SystemRandom};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tokio::process::Child;

use super::World;
use crate::on_both_databases;
use crate::support::clock::SeededRandom;
use crate::support::process::{eventually, start_agent};

/// How many kills there are, unless this variable says otherwise.
const KILLS: usize = 10;
const KILLS_VARIABLE: &str = "BINNACLE_KILLS";
/// Repeats a run that failed; it is printed with it.
const SEED_VARIABLE: &str = "BINNACLE_KILL_SEED";
const COMPUTERS: usize = 2;
/// Profiles that run each minute, by their catch-up rule.
const RECURRING: [(&str, usize); 2] = [("all", 10), ("last", 10)];

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

struct Dice(SeededRandom);

impl Dice {
    fn new() -> Self {
        let seed = variable(SEED_VARIABLE).unwrap_or_else(|| {
            let mut bytes = [0; 8];
            SystemRandom.fill(&mut bytes);
            u64::from_le_bytes(bytes)
        });
        println!("{SEED_VARIABLE}={seed}");
        Self(SeededRandom::new(seed))
    }

    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }

    async fn pause(&self, longest: u64) {
        tokio::time::sleep(Duration::from_millis(self.below(longest))).await;
    }
}

/// Rows of the database, past the server.
async fn rows(world: &World, sql: &str) -> Vec<Vec<i64>> {
    let sql = AssertSqlSafe(sql.to_owned());
    match &world.database {
        None => {
            let url = format!("sqlite:{}", world.path("server/binnacle.db").display());
            let mut conn = SqliteConnection::connect(&url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
            rows.iter().map(|row| (0..row.len()).map(|i| row.get(i)).collect()).collect()
        }
        Some(database) => {
            let mut conn = PgConnection::connect(&database.url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
            rows.iter().map(|row| (0..row.len()).map(|i| row.get(i)).collect()).collect()
        }
    }
}

async fn number(world: &World, sql: &str) -> i64 {
    rows(world, sql).await[0][0]
}

/// What is still open: activity, computer, whether it was delivered, whether a message waits.
async fn stuck(world: &World) -> String {
    let sql = "SELECT a.id, COALESCE(a.computer_id, 0), \
               CAST(CASE a.status WHEN 'delivered' THEN 1 ELSE 0 END AS BIGINT), \
               (SELECT COUNT(*) FROM agent_message m WHERE m.activity_id = a.id) \
               FROM activity a WHERE a.status NOT IN ('succeeded', 'failed', 'canceled') ORDER BY a.id";
    format!("{:?}", rows(world, sql).await)
}

struct Fleet {
    agents: Vec<Option<Child>>,
}

impl Fleet {
    fn start(&mut self, world: &World, n: usize) {
        let data = world.path(&format!("agent {n}"));
        self.agents[n] = Some(start_agent(&world.listen, &data, &world.key, "kill"));
    }

    async fn kill(&mut self, n: usize) {
        if let Some(mut agent) = self.agents[n].take() {
            agent.kill().await.unwrap();
        }
    }
}

fn profile(world: &World, script: i64, title: &str, trigger: &Value) -> Value {
    json!({
        "title": title, "script_id": script, "username": world.user, "time_limit": 60,
        "tags": ["kill"], "trigger": trigger,
    })
}

/// A script that writes down for which activity it runs, each time that it does.
async fn tracing_script(world: &World) -> i64 {
    let trace = world.path("activities");
    let code = format!("#!/bin/sh\necho $LANDSCAPE_ACTIVITY_ID >> '{}'\nsleep 0.05\necho done\n", trace.display());
    let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
    let parameters = [("title", "write down"), ("code", code.as_str()), ("script_type", "V2")];
    world.session.legacy("CreateScript", &parameters).await["id"].as_i64().unwrap()
}

/// Profiles that were asked for, and whether the server said that they are there.
type Asked = BTreeMap<String, bool>;

async fn rage(world: &mut World, fleet: &mut Fleet, dice: &Dice, kills: usize, script: i64) -> Asked {
    let mut asked = Asked::new();
    for kill in 0..kills {
        // Some are due at once, some while something is down.
        for part in 0..2 {
            let title = format!("once {kill} {part}");
            let due = SystemClock.now() + SignedDuration::from_millis(i64::try_from(dice.below(2000)).unwrap());
            let body =
                profile(world, script, &title, &json!({"trigger_type": "one_time", "timestamp": due.to_string()}));
            let session = world.session.clone();
            let asking = tokio::spawn(async move { session.attempt("v2/script-profiles", body).await });
            if part == 0 {
                assert_eq!(asking.await.unwrap(), Some(201));
                asked.insert(title, true);
                dice.pause(300).await;
            } else {
                // The kill may come before it, in the middle of it, or after.
                dice.pause(40).await;
                let victim = dice.below(10);
                if victim < 6 {
                    world.kill().await;
                }
                if victim >= 5 {
                    fleet.kill(usize::try_from(dice.below(COMPUTERS as u64)).unwrap()).await;
                }
                let status = asking.await.unwrap();
                assert!(status.is_none_or(|status| status == 201), "{status:?}");
                asked.insert(title, status.is_some());
            }
        }
        dice.pause(200).await;
        if world.server.is_none() {
            world.start().await;
        }
        for n in 0..COMPUTERS {
            if fleet.agents[n].is_none() {
                fleet.start(world, n);
            }
        }
    }
    asked
}

/// Nothing is missing and nothing is there twice.
async fn check(world: &World, asked: &Asked) -> String {
    let one = async |sql: &str| number(world, sql).await;
    for (title, acknowledged) in asked {
        let there = one(&format!("SELECT COUNT(*) FROM script_profile WHERE title = '{title}'")).await;
        assert!(there == 1 || !acknowledged, "{title} was acknowledged and is lost");
    }
    let once = "FROM script_profile p WHERE p.trigger_type = 'one_time'";
    let ran = "SELECT COUNT(*) FROM profile_run r WHERE r.script_profile_id = p.id AND r.outcome = 'ran'";
    assert_eq!(one(&format!("SELECT COUNT(*) {once} AND ({ran}) <> 1")).await, 0, "each single run ran once");
    let again = "SELECT COUNT(*) FROM (SELECT 1 FROM profile_run WHERE outcome <> 'skipped' \
                 GROUP BY script_profile_id, due_at HAVING COUNT(*) > 1) AS again";
    assert_eq!(one(again).await, 0, "no planned time ran twice");
    // What ran and what was skipped make up an unbroken row of minutes.
    let minutes = "SELECT p.id, SUM(r.planned_runs), (MAX(r.last_due_at) - MIN(r.due_at)) / 60000000 + 1, \
                   SUM(CASE WHEN r.outcome = 'skipped' AND p.catch_up = 'all' THEN 1 ELSE 0 END) \
                   FROM script_profile p JOIN profile_run r ON r.script_profile_id = p.id \
                   WHERE p.trigger_type = 'recurring' GROUP BY p.id";
    let casts = minutes.replace("SUM(r.planned_runs)", "CAST(SUM(r.planned_runs) AS BIGINT)");
    for row in rows(world, &casts).await {
        assert_eq!(row[1], row[2], "profile {} left out a minute", row[0]);
        assert_eq!(row[3], 0, "profile {} skipped what it has to make up for", row[0]);
    }
    let runs = one("SELECT COUNT(*) FROM profile_run WHERE outcome = 'ran'").await;
    assert_eq!(runs, one("SELECT COUNT(*) FROM activity WHERE parent_id IS NULL").await, "one group for each run");
    let children = "SELECT COUNT(*) FROM activity g WHERE g.parent_id IS NULL AND \
                    (SELECT COUNT(DISTINCT c.computer_id) * 1000 + COUNT(*) FROM activity c WHERE c.parent_id = g.id)";
    assert_eq!(one(&format!("{children} <> {}", COMPUTERS * 1001)).await, 0, "one child for each computer");

    let text = std::fs::read_to_string(world.path("activities")).unwrap_or_default();
    let mut traces: BTreeMap<i64, usize> = BTreeMap::new();
    for line in text.lines() {
        *traces.entry(line.parse().unwrap()).or_default() += 1;
    }
    let twice: Vec<_> = traces.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "activities that ran more than once: {twice:?}");
    let mut failed = 0;
    let ends = "SELECT id, CASE status WHEN 'succeeded' THEN 1 ELSE 0 END FROM activity WHERE parent_id IS NOT NULL";
    let ends = ends.replace(
        "CASE status WHEN 'succeeded' THEN 1 ELSE 0 END",
        "CAST(CASE status WHEN 'succeeded' THEN 1 ELSE 0 END AS BIGINT)",
    );
    let ends = rows(world, &ends).await;
    for end in &ends {
        if end[1] == 1 {
            assert_eq!(traces.get(&end[0]), Some(&1), "activity {} succeeded without having run", end[0]);
        } else {
            failed += 1;
        }
    }
    format!("{runs} runs, {} scripts, of which {failed} were cut off with their agent", ends.len())
}

on_both_databases! {
    async fn killed_at_random(flavor) {
        let kills = variable(KILLS_VARIABLE).unwrap_or(KILLS);
        let dice = Dice::new();
        let Some(mut world) = World::new(flavor).await else { return };
        let _ = rows(&world, "UPDATE account SET max_num_profiles = 100000, min_interval = 0 RETURNING id").await;
        let mut fleet = Fleet { agents: (0..COMPUTERS).map(|_| None).collect() };
        for n in 0..COMPUTERS {
            fleet.start(&world, n);
            // Two that have not been heard of yet would look like one: they share this machine.
            let heard = "SELECT COUNT(*) FROM computer WHERE sequence_known";
            let wanted = i64::try_from(n).unwrap() + 1;
            eventually("the computer", || async { (number(&world, heard).await == wanted).then_some(()) }).await;
        }
        let script = tracing_script(&world).await;
        for (rule, count) in RECURRING {
            for n in 0..count {
                let trigger = json!({
                    "trigger_type": "recurring", "interval": "* * * * *", "start_after": "2020-01-01", "catch_up": rule,
                });
                let body = profile(&world, script, &format!("{rule} {n}"), &trigger);
                world.session.post("v2/script-profiles", &body).await;
            }
        }
        let asked = rage(&mut world, &mut fleet, &dice, kills, script).await;
        // No new runs, then everything that began comes to its end.
        let due = "SELECT COUNT(*) FROM script_profile WHERE trigger_type = 'one_time' AND next_run_at IS NOT NULL";
        eventually("the last runs", || async { (number(&world, due).await == 0).then_some(()) }).await;
        let _ = rows(&world, "UPDATE script_profile SET next_run_at = NULL WHERE trigger_type = 'recurring' RETURNING id").await;
        let open = "SELECT COUNT(*) FROM activity WHERE status NOT IN ('succeeded', 'failed', 'canceled')";
        let mut left = number(&world, open).await;
        // As long as it goes on it may take its time.
        let mut since = SystemClock.now();
        while left > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = number(&world, open).await;
            if now < left {
                (left, since) = (now, SystemClock.now());
            }
            let patience = SignedDuration::from_secs(60);
            assert!(SystemClock.now().duration_since(since) < patience, "{left} wait in vain: {}", stuck(&world).await);
        }
        assert_eq!(number(&world, "SELECT COUNT(*) FROM computer").await, i64::try_from(COMPUTERS).unwrap());
        let summary = check(&world, &asked).await;
        println!("{flavor:?}: {kills} kills, {} profiles, {summary}", asked.len() + 20);
    }
}
