//! The runs of a recurring schedule.

use binnacle_shared::recurrence::{Plan, upcoming};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{at, cron};

fn runs(text: &str, start_after: &str, minutes: i64, now: &str, last_planned: Option<&str>) -> Vec<String> {
    let plan = Plan {
        cron: &cron(text),
        zone: &TimeZone::UTC,
        start_after: at(start_after),
        min_interval: SignedDuration::from_mins(minutes),
    };
    let last_planned = last_planned.map(at);
    let runs = upcoming(&plan, at(now), last_planned, 3);
    assert_eq!(plan.next(at(now), last_planned), runs.first().copied());
    runs.into_iter().map(|run| run.to_string()).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn no_run_before_the_start() {
    let past = "2025-01-01T00:00:00Z";
    assert_eq!(
        runs("0 8 * * *", "2025-04-23T08:00:00Z", 360, past, None),
        ["2025-04-23T08:00:00Z", "2025-04-24T08:00:00Z", "2025-04-25T08:00:00Z"],
        "the start itself may be a run"
    );
    assert_eq!(runs("0 8 * * *", "2025-04-23T08:00:01Z", 360, past, None)[0], "2025-04-24T08:00:00Z");
    assert_eq!(
        runs("0 8 * * *", past, 360, "2025-04-23T08:00:00Z", None)[0],
        "2025-04-24T08:00:00Z",
        "a start in the past: the next match after now"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn runs_that_would_be_too_close_move() {
    let (start, now) = ("2025-01-01T00:00:00Z", "2025-04-23T00:10:00Z");
    assert_eq!(
        runs("0 * * * *", start, 360, now, None),
        ["2025-04-23T01:00:00Z", "2025-04-23T07:00:00Z", "2025-04-23T13:00:00Z"],
        "a distance of exactly the minimum is enough"
    );
    assert_eq!(
        runs("0 8,9 * * *", start, 360, now, None),
        ["2025-04-23T08:00:00Z", "2025-04-24T08:00:00Z", "2025-04-25T08:00:00Z"]
    );
    assert_eq!(
        runs("0 * * * *", start, 360, now, Some("2025-04-22T22:30:00Z"))[0],
        "2025-04-23T05:00:00Z",
        "counted from the run planned last"
    );
    assert_eq!(
        runs("* * * * *", start, 0, now, None),
        ["2025-04-23T00:11:00Z", "2025-04-23T00:12:00Z", "2025-04-23T00:13:00Z"]
    );
    assert_eq!(
        runs("0 8 * * *", "2025-05-01T00:00:00Z", 360, now, Some("2025-04-23T00:00:00Z"))[0],
        "2025-05-01T08:00:00Z",
        "the latest of all bounds decides"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_plan_without_an_end_of_time_ends() {
    let plan = Plan {
        cron: &cron("0 0 29 2 *"),
        zone: &TimeZone::UTC,
        start_after: at("9990-01-01T00:00:00Z"),
        min_interval: SignedDuration::ZERO,
    };
    let runs = upcoming(&plan, at("2025-01-01T00:00:00Z"), None, 10);
    assert_eq!(runs, [at("9992-02-29T00:00:00Z"), at("9996-02-29T00:00:00Z")]);
}
