//! Fills a server as its users do: computers register, administrators make the rest.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};

use crate::agents::Agent;
use crate::server::{Client, Server};

/// How much there shall be.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub computers: usize,
    pub profiles: usize,
    pub activities: usize,
    /// Agents that exchange messages all the time.
    pub agents: usize,
}

pub const FULL: Size = Size { computers: 10_000, profiles: 1000, activities: 100_000, agents: 1000 };
pub const QUICK: Size = Size { computers: 200, profiles: 20, activities: 1000, agents: 50 };

/// Registrations at the same time.
const AT_ONCE: usize = 8;

const CODE: &str = "IyEvYmluL3NoCmVjaG8gaGVsbG8K";

/// What was made and is needed later.
#[derive(Debug)]
pub struct Filled {
    pub registration_key: String,
    pub script_id: i64,
    /// As many as exchange messages.
    pub agents: Vec<Agent>,
}

pub async fn fill(server: &Server, folder: &Path, size: Size) -> Result<Filled> {
    raise_limits(folder, size).await?;
    let mut admin = server.log_in().await?;
    let preferences = admin.call("GET", "/api/v2/preferences", "").await?;
    let key = preferences["registration_password"].as_str().context("no registration key")?.to_owned();
    let agents = computers(server, &key, size).await?;
    let script_id = script(&mut admin, "hello", CODE).await?;
    for number in 0..size.profiles {
        profile(&mut admin, script_id, number).await?;
    }
    // Each run gives a computer a child.
    for _ in 0..size.activities / size.computers {
        let script_id = script_id.to_string();
        let parameters = [("query", "NOT tag:none"), ("script_id", script_id.as_str()), ("username", "root")];
        admin.action("ExecuteScript", &parameters).await?;
    }
    Ok(Filled { registration_key: key, script_id, agents })
}

/// There is no call for it: an account's limits are the operator's business.
async fn raise_limits(folder: &Path, size: Size) -> Result<()> {
    let mut connection = SqliteConnectOptions::new().filename(folder.join("binnacle.db")).connect().await?;
    let statement = sqlx::query("UPDATE account SET max_num_profiles = ?, max_num_computers = ?")
        .bind(i64::try_from(size.profiles)? * 100)
        .bind(i64::try_from(size.computers)? * 2);
    connection.execute(statement).await?;
    Ok(())
}

async fn computers(server: &Server, key: &str, size: Size) -> Result<Vec<Agent>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        let (next, address, key) = (Arc::clone(&next), server.address.clone(), key.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut kept = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= size.computers {
                    return anyhow::Ok(kept);
                }
                let mut agent = Agent::register(&address, number, &key).await?;
                agent.introduce().await?;
                if number < size.agents {
                    kept.push(agent);
                }
            }
        }));
    }
    let mut agents = Vec::new();
    for task in tasks {
        agents.extend(task.await??);
    }
    Ok(agents)
}

pub async fn script(admin: &mut Client, title: &str, code: &str) -> Result<i64> {
    let parameters = [("title", title), ("code", code), ("script_type", "V2"), ("time_limit", "60")];
    id(&admin.action("CreateScript", &parameters).await?)
}

/// A profile that runs once a day, each at another minute.
async fn profile(admin: &mut Client, script_id: i64, number: usize) -> Result<i64> {
    let body = new_profile(script_id, &format!("Profile {number:04}"), number);
    id(&admin.call("POST", "/api/v2/script-profiles", &body).await?)
}

/// The body that makes such a profile.
pub fn new_profile(script_id: i64, title: &str, number: usize) -> String {
    let interval = format!("{} {} * * *", number % 60, number / 60 % 24);
    json!({
        "title": title, "username": "root", "time_limit": 60, "script_id": script_id,
        "all_computers": false, "tags": [format!("rack-{}", number % 40)],
        "trigger": {"trigger_type": "recurring", "interval": interval, "start_after": "2099-01-01T00:00:00Z"},
    })
    .to_string()
}

pub fn id(made: &Value) -> Result<i64> {
    made["id"].as_i64().with_context(|| format!("no id in {made}"))
}
