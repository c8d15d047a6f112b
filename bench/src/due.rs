//! From the time that a profile is due to the script's first line, with a real agent.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::fill::{id, script};
use crate::measure::Samples;
use crate::server::{Client, Server};

/// Prints the time in nanoseconds: `#!/bin/sh`, `date +%s%N`.
const CODE: &str = "IyEvYmluL3NoCmRhdGUgKyVzJU4K";
/// Which no other computer has.
const TAG: &str = "real";
const PATIENCE: Duration = Duration::from_secs(30);

/// An agent of this machine.
#[derive(Debug)]
struct RealAgent {
    child: Child,
}

impl RealAgent {
    fn start(binary: &Path, server: &Server, folder: &Path, key: &str) -> Result<Self> {
        let child = Command::new(binary)
            .args(["agent", "--server", &format!("http://{}", server.address), "--account", "standalone"])
            .args(["--tags", TAG, "--data"])
            .arg(folder.join("agent"))
            .env("BINNACLE_AGENT_REGISTRATION_KEY", key)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child })
    }
}

/// So many times, one after the other.
pub async fn measure(binary: &Path, server: &Server, folder: &Path, key: &str, times: usize) -> Result<Samples> {
    let mut agent = RealAgent::start(binary, server, folder, key)?;
    let mut admin = server.log_in().await?;
    let script_id = script(&mut admin, "time", CODE).await?;
    until("the agent has joined", || async {
        let mut admin = server.log_in().await?;
        let found = admin.call("GET", &format!("/api/v2/computers?query=tag:{TAG}"), "").await?;
        Ok((found["count"] == 1).then_some(()))
    })
    .await?;
    // It reports its packages and the like first.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut delays = Vec::new();
    for number in 0..times {
        delays.push(once(server, &mut admin, script_id, number).await?);
    }
    agent.child.kill().await?;
    Samples::new(delays, Duration::from_secs(1))
}

async fn once(server: &Server, admin: &mut Client, script_id: i64, number: usize) -> Result<Duration> {
    let planned = whole_second(now())?.checked_add(SignedDuration::from_secs(3))?;
    let body = json!({
        "title": format!("Due {number}"), "username": "root", "time_limit": 60, "script_id": script_id,
        "all_computers": false, "tags": [TAG],
        "trigger": {"trigger_type": "one_time", "timestamp": planned.to_string()},
    });
    let profile = id(&admin.call("POST", "/api/v2/script-profiles", &body.to_string()).await?)?;
    let runs = format!("/api/v2/script-profiles/{profile}/activities");
    let child = until("the run has ended", || async {
        let mut admin = server.log_in().await?;
        let groups = admin.call("GET", &runs, "").await?;
        let Some(group) = groups["results"][0]["id"].as_i64() else { return Ok(None) };
        let children = admin.call("GET", &format!("/api/v2/activities?query=parent-id:{group}"), "").await?;
        let child = &children["results"][0];
        Ok((child["activity_status"] == "succeeded").then(|| child.clone()))
    })
    .await?;
    let started = printed(&child).with_context(|| format!("no time in {child}"))?;
    Ok(Duration::try_from(started.duration_since(planned))?)
}

/// The time that the script printed.
fn printed(child: &Value) -> Option<Timestamp> {
    let nanoseconds: i128 = child["result_text"].as_str()?.trim().parse().ok()?;
    Timestamp::from_nanosecond(nanoseconds).ok()
}

fn whole_second(time: Timestamp) -> Result<Timestamp> {
    Ok(Timestamp::from_second(time.as_second())?)
}

#[allow(clippy::disallowed_methods, reason = "it measures real time")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Asks until the answer is there.
async fn until<T, F: Future<Output = Result<Option<T>>>>(what: &str, ask: impl Fn() -> F) -> Result<T> {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = ask().await? {
                return anyhow::Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => bail!("waited in vain until {what}"),
    }
}
