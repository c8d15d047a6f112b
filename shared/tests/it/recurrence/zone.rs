//! Schedules in a zone of their own.

use binnacle_shared::model::landscape::script_profile::{CatchUp, NewScriptProfile, NewTrigger};
use binnacle_shared::recurrence::{Plan, Zone, upcoming, zone};
use jiff::SignedDuration;
use jiff::tz::{Offset, TimeZone};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{at, cron};

#[wasm_bindgen_test(unsupported = test)]
fn names_are_those_of_the_database() {
    for (given, kept) in [
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Europe/Berlin", "Europe/Berlin"),
        (" europe/BERLIN ", "Europe/Berlin"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ] {
        assert_eq!(Zone::find(given, &zone::bundled).unwrap().name(), kept, "{given}");
    }
    for text in ["", " ", "Berlin", "Europe", "Middle/Earth", "+02:00", "5", "Europe/Berlin\0", "CET-1CEST,M3.5.0"] {
        assert_eq!(Zone::find(text, &zone::bundled).unwrap_err().code, "unknown", "{text}");
    }
    assert!(Zone::find(&"A".repeat(10_000), &|_| panic!("not even looked for")).is_err());
}

#[wasm_bindgen_test(unsupported = test)]
fn whoever_reads_says_where_zones_come_from() {
    let body = json!({
        "title": "t", "script_id": 1, "username": "root", "time_limit": 1,
        "trigger": {
            "trigger_type": "recurring", "interval": "0 8 * * *", "start_after": "2026-01-01",
            "time_zone": "Ship/Time", "catch_up": "all",
        },
    });
    assert_eq!(NewScriptProfile::parse(&body).unwrap_err().0[0].pointer, "/trigger/time_zone");
    let ship = |name: &str| (name == "Ship/Time").then(|| TimeZone::fixed(Offset::constant(-3)));
    let NewTrigger::Recurring { interval, start_after, zone, catch_up } =
        NewScriptProfile::parse_with(&body, &ship).unwrap().trigger
    else {
        panic!("recurring")
    };
    assert_eq!((zone.name(), catch_up), ("Ship/Time", CatchUp::All));
    // The start is meant in UTC all the same: naive times always are.
    assert_eq!(start_after, at("2026-01-01T00:00:00Z"));
    let plan = Plan { cron: &interval, zone: zone.rules(), start_after, min_interval: SignedDuration::ZERO };
    assert_eq!(plan.next(at("2026-02-01T00:00:00Z"), None), Some(at("2026-02-01T11:00:00Z")));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_plan_keeps_its_local_time_over_the_year() {
    let zone = Zone::find("Europe/Berlin", &zone::bundled).unwrap();
    let cron = cron("30 2 * * *");
    let start_after = at("2026-03-27T00:00:00Z");
    let plan = Plan { cron: &cron, zone: zone.rules(), start_after, min_interval: SignedDuration::from_mins(360) };
    let runs = |from: &str| -> Vec<String> {
        upcoming(&plan, at(from), None, 3).into_iter().map(|run| run.to_string()).collect()
    };
    // 29 March 2026: 02:30 is not there, so it runs as the hole ends, and is on time a day later.
    assert_eq!(runs("2026-03-28T00:00:00Z"), ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    // 25 October 2026: 02:30 comes twice and counts once.
    assert_eq!(runs("2026-10-24T00:00:00Z"), ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn how_close_runs_come() {
    for (text, minutes, closer) in [
        ("* * * * *", 2, true),
        ("* * * * *", 1, false),
        ("*/30 * * * *", 30, false),
        ("*/30 * * * *", 31, true),
        ("*/50 * * * *", 11, true),
        ("*/50 * * * *", 10, false),
        ("0 8,9 * * *", 360, true),
        ("0 8 * * *", 1440, false),
        ("0 8 * * *", 1441, true),
        // The last of a day and the first of the next.
        ("0 1,23 * * *", 120, false),
        ("0 1,23 * * *", 121, true),
        ("0 1,23 * * 1", 121, false),
        ("0 1,23 * * 1,2", 121, true),
        ("0 0 1 * *", 28 * 1440, false),
        ("0 0 1 * *", 28 * 1440 + 1, true),
        // The 13th on a Thursday or Saturday, beside the Friday.
        ("0 0 13 * FRI", 1441, true),
        ("0 0 29 2 *", 525_600, false),
        ("0 0 * * *", 0, false),
    ] {
        assert_eq!(cron(text).fires_within(minutes), closer, "{text} within {minutes}");
    }
}
