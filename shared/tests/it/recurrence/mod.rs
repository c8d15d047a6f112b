//! Cron expressions: what they say, what is refused, when they fire.

mod days;
#[cfg(not(target_family = "wasm"))]
mod oracle;
mod plan;
mod syntax;
mod transitions;
mod zone;

use binnacle_shared::recurrence::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap_or_else(|refusal| panic!("{text}: {}", refusal.message))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The instants that follow, as text.
fn firings(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let cron = cron(text);
    std::iter::successors(cron.next_after(at(after), &zone), |last| cron.next_after(*last, &zone))
        .take(count)
        .map(|instant| instant.to_string())
        .collect()
}

/// Two expressions fire at the same minutes of a fortnight around a month's end and in a leap
/// year's February.
fn same(a: &str, b: &str) {
    for start in ["2025-12-24T00:00:00Z", "2024-02-20T00:00:00Z"] {
        let runs = |text: &str| firings(text, "UTC", start, 50);
        assert_eq!(runs(a), runs(b), "{a} and {b}");
    }
}
