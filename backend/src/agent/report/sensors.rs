//! What changes all the time: temperatures, and how busy processors and networks were since the
//! last look. A container may hide some of it; then nothing is told of that.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::Timestamp;

use super::read;
use crate::protocol::{
    Message,
    bpickle::{Dict, Key, Value},
    kind,
};

/// Where Linux shows the sensors of its thermal zones.
const ZONES: &str = "/sys/class/thermal";

/// The counters at the last look.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    at: Timestamp,
    /// Ticks in which processors worked, and all ticks.
    processors: Option<(u64, u64)>,
    /// Bytes in and out of each interface.
    interfaces: BTreeMap<String, (i64, i64)>,
}

impl Counters {
    /// Looks again, and tells what happened in between.
    pub(super) fn advance(&mut self, stat: &str, devices: &str, now: Timestamp) -> Vec<Message> {
        let before = std::mem::replace(
            self,
            Self { at: now, processors: processor_ticks(stat), interfaces: interface_bytes(devices) },
        );
        let mut messages = Vec::new();
        if let (Some((busy, all)), Some((busy_then, all_then))) = (self.processors, before.processors)
            && let Some(share) = share(busy.saturating_sub(busy_then), all.saturating_sub(all_then))
        {
            let entry = Value::Tuple(vec![Value::Int(now.as_second()), Value::Float(share)]);
            messages.push(Message::new(kind::CPU_USAGE).with("cpu-usages", Value::List(vec![entry])));
        }
        let step = now.as_second() - before.at.as_second();
        let mut activities = Dict::new();
        for (interface, (received, sent)) in &self.interfaces {
            let Some((received_then, sent_then)) = before.interfaces.get(interface) else { continue };
            let (received, sent) = (received - received_then, sent - sent_then);
            // Counters that went back are those of another interface of that name.
            if received < 0 || sent < 0 || received + sent == 0 {
                continue;
            }
            let entry = Value::Tuple(vec![Value::Int(step), Value::Int(received), Value::Int(sent)]);
            activities.insert(Key::from(interface.as_str()), Value::List(vec![entry]));
        }
        if !activities.is_empty() {
            messages.push(Message::new(kind::NETWORK_ACTIVITY).with("activities", Value::Dict(activities)));
        }
        messages
    }
}

/// Between 0 and 1, to a thousandth.
fn share(part: u64, whole: u64) -> Option<f64> {
    let thousandths = part.saturating_mul(1000).checked_div(whole)?;
    u32::try_from(thousandths).ok().map(|thousandths| f64::from(thousandths.min(1000)) / 1000.0)
}

/// `cpu user nice system idle iowait …`: all processors together.
fn processor_ticks(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    // Time given to guests is part of the first two already.
    let ticks: Vec<u64> = line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
    let all = ticks.iter().sum::<u64>();
    let idle = ticks.get(3..5)?.iter().sum::<u64>();
    Some((all - idle, all))
}

/// The table of interfaces: bytes received come first, bytes sent ninth.
fn interface_bytes(table: &str) -> BTreeMap<String, (i64, i64)> {
    let lines = table.lines().filter_map(|line| {
        let (name, counters) = line.split_once(':')?;
        let counters: Vec<i64> = counters.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        Some((name.trim().to_owned(), (*counters.first()?, *counters.get(8)?)))
    });
    lines.filter(|(name, _)| name != "lo").collect()
}

/// The temperature of each zone that tells one.
pub(super) fn temperatures(now: Timestamp) -> Vec<Message> {
    temperatures_in(Path::new(ZONES), now)
}

fn temperatures_in(folder: &Path, now: Timestamp) -> Vec<Message> {
    let mut zones: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with("thermal_zone"))
        .collect();
    zones.sort();
    let told = zones.into_iter().filter_map(|zone| {
        let thousandths: i32 = read(folder.join(&zone).join("temp")).trim().parse().ok()?;
        let entry = Value::Tuple(vec![Value::Int(now.as_second()), Value::Float(f64::from(thousandths) / 1000.0)]);
        Some(
            Message::new(kind::TEMPERATURE)
                .with("thermal-zone", zone.as_str())
                .with("temperatures", Value::List(vec![entry])),
        )
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn usage_is_what_happened_between_two_looks() {
        let devices = |received: u64, sent: u64| {
            format!("Inter-| Receive\n face |bytes\n  lo: 9 0 0 0 0 0 0 0 9\neth0: {received} 0 0 0 0 0 0 0 {sent} 0\n")
        };
        let mut counters = Counters::default();
        let first = Timestamp::UNIX_EPOCH;
        assert_eq!(counters.advance("cpu  10 0 10 80 0 0 0 0 5 5\ncpu0 1\n", &devices(100, 10), first), []);
        let then = first + SignedDuration::from_secs(60);
        let told = counters.advance("cpu  20 0 20 140 20 0 0 0 5 5\n", &devices(150, 30), then);
        let [usage, activity] = told.as_slice() else { panic!("{told:?}") };
        let entries = |values: [Value; 2]| Value::List(vec![Value::Tuple(values.to_vec())]);
        assert_eq!(usage.get("cpu-usages"), Some(&entries([Value::Int(60), Value::Float(0.2)])));
        let steps = Value::List(vec![Value::Tuple([60, 50, 20].map(Value::Int).to_vec())]);
        let expected = Dict::from([(Key::from("eth0"), steps)]);
        assert_eq!(activity.get("activities"), Some(&Value::Dict(expected)));
        // Nothing went over the line, and an interface that began anew tells nothing of before.
        let later = then + SignedDuration::from_secs(60);
        assert_eq!(counters.advance("", &devices(1, 1), later), []);
        assert_eq!(counters.advance("nonsense", "nonsense", later), []);
    }

    #[test]
    fn zones_without_a_sensor_say_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for (zone, temperature) in [("thermal_zone0", "42500\n"), ("thermal_zone1", ""), ("cooling_device0", "1\n")] {
            fs::create_dir(folder.path().join(zone)).unwrap();
            fs::write(folder.path().join(zone).join("temp"), temperature).unwrap();
        }
        let told = temperatures_in(folder.path(), Timestamp::UNIX_EPOCH);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].text("thermal-zone"), Some("thermal_zone0"));
        let entry = Value::Tuple(vec![Value::Int(0), Value::Float(42.5)]);
        assert_eq!(told[0].get("temperatures"), Some(&Value::List(vec![entry])));
        assert!(temperatures_in(Path::new("/no/such/place"), Timestamp::UNIX_EPOCH).is_empty());
    }
}
