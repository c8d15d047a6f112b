//! Processes of the system: all of them first, then what changed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{known, read};
use crate::agent::process;
use crate::protocol::{Message, Value, bpickle::Dict, kind};

const LIST: &str = "processes";

/// What came, changed and went, if anything did.
pub(super) async fn changes(connection: &mut SqliteConnection, now: Timestamp) -> Result<Option<Message>, sqlx::Error> {
    let found = processes(now);
    // Processor time changes all the time; it is told when something else has.
    let steady = found.iter().map(|(pid, process)| {
        let mut process = process.clone();
        process.retain(|key, _| *key != "percent-cpu".into() && *key != "vm-size".into() && *key != "state".into());
        (pid.clone(), Value::Dict(process))
    });
    let changes = known::update(connection, LIST, &steady.collect()).await?;
    if changes.is_empty() {
        return Ok(None);
    }
    let some =
        |pids: &[String]| Value::List(pids.iter().filter_map(|pid| found.get(pid).cloned().map(Value::Dict)).collect());
    let mut message = Message::new(kind::ACTIVE_PROCESS_INFO);
    if changes.first {
        message.set("kill-all-processes", true);
    }
    if !changes.added.is_empty() {
        message.set("add-processes", some(&changes.added));
    }
    if !changes.changed.is_empty() {
        message.set("update-processes", some(&changes.changed));
    }
    if !changes.removed.is_empty() {
        let pids = changes.removed.iter().filter_map(|pid| pid.parse().ok().map(Value::Int));
        message.set("kill-processes", Value::List(pids.collect()));
    }
    Ok(Some(message))
}

/// Forgets what was reported.
pub(super) async fn forget(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    known::forget(connection, LIST).await
}

fn processes(now: Timestamp) -> BTreeMap<String, Dict> {
    let booted = booted_at(&read("/proc/stat"));
    let ticks = ticks_per_second();
    let mut all = BTreeMap::new();
    for found in process::all() {
        let folder = std::fs::metadata(format!("/proc/{}", found.pid));
        let Ok(folder) = folder else { continue };
        let started = booted + i64::try_from(found.started / ticks).unwrap_or_default();
        let age = u64::try_from(now.as_second() - started).unwrap_or_default().max(1);
        // Rounded to what anybody looks at: tenths of a percent.
        let share = u32::try_from(found.ticks.saturating_mul(1000) / ticks / age).unwrap_or(u32::MAX);
        all.insert(
            found.pid.to_string(),
            Dict::from([
                ("pid".into(), Value::Int(found.pid.into())),
                ("name".into(), Value::from(found.name)),
                ("state".into(), Value::bytes(&found.state)),
                ("uid".into(), Value::Int(folder.uid().into())),
                ("gid".into(), Value::Int(folder.gid().into())),
                ("vm-size".into(), Value::Int(i64::try_from(found.vm_size / 1024).unwrap_or(i64::MAX))),
                ("start-time".into(), Value::Int(started)),
                ("percent-cpu".into(), Value::Float(f64::from(share) / 10.0)),
            ]),
        );
    }
    all
}

fn ticks_per_second() -> u64 {
    let told = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten();
    told.and_then(|ticks| u64::try_from(ticks).ok()).filter(|ticks| *ticks > 0).unwrap_or(100)
}

fn booted_at(stat: &str) -> i64 {
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "));
    line.and_then(|seconds| seconds.trim().parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    #[test]
    fn this_process_is_among_them() {
        assert_eq!(booted_at("cpu 1\nbtime 1700000000\n"), 1_700_000_000);
        let all = processes(SystemClock.now());
        let own = all.get(&std::process::id().to_string()).unwrap();
        let started = own.get(&"start-time".into()).and_then(Value::as_int).unwrap();
        assert!((SystemClock.now().as_second() - started).abs() < 3600);
    }
}
