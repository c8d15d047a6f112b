//! Which days an expression means, and how far ahead the next one may lie.

use binnacle_shared::recurrence::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{cron, firings, same};

#[wasm_bindgen_test(unsupported = test)]
fn what_never_comes_is_refused() {
    for text in ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30-31 FEB *", "0 0 31 4 */2"] {
        let refusal = Cron::parse(text).expect_err(text);
        assert_eq!(refusal.code, "never", "{text}");
        assert!(refusal.message.contains(text), "{}", refusal.message);
    }
    // With a day of week beside it, one of the two is enough.
    assert_eq!(
        firings("0 0 31 2 1", "UTC", "2025-01-01T00:00:00Z", 2),
        ["2025-02-03T00:00:00Z", "2025-02-10T00:00:00Z"]
    );
    // Only one of its months has such a day.
    assert_eq!(firings("0 0 31 2-4 *", "UTC", "2025-01-01T00:00:00Z", 1), ["2025-03-31T00:00:00Z"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn day_and_weekday_are_alternatives_when_both_restrict() {
    // 13 June 2025 is a Friday.
    assert_eq!(
        firings("0 0 13 * FRI", "UTC", "2025-06-10T00:00:00Z", 5),
        [
            "2025-06-13T00:00:00Z",
            "2025-06-20T00:00:00Z",
            "2025-06-27T00:00:00Z",
            "2025-07-04T00:00:00Z",
            "2025-07-11T00:00:00Z",
        ]
    );
    assert_eq!(
        firings("0 0 13 * FRI", "UTC", "2025-07-11T00:00:00Z", 2),
        ["2025-07-13T00:00:00Z", "2025-07-18T00:00:00Z"]
    );
    // A range over everything still restricts by name.
    same("0 0 1-31 * 1", "0 0 * * *");
    same("0 0 1 * 0-6", "0 0 * * *");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_field_that_starts_with_a_star_does_not_restrict() {
    assert_eq!(
        firings("0 0 * * 1", "UTC", "2025-06-01T00:00:00Z", 2),
        ["2025-06-02T00:00:00Z", "2025-06-09T00:00:00Z"]
    );
    assert_eq!(
        firings("0 0 15 * *", "UTC", "2025-06-01T00:00:00Z", 2),
        ["2025-06-15T00:00:00Z", "2025-07-15T00:00:00Z"]
    );
    // As in cron daemons this holds with a step too: both must match then. Mondays on odd days:
    assert_eq!(
        firings("0 0 */2 * 1", "UTC", "2025-06-01T00:00:00Z", 3),
        ["2025-06-09T00:00:00Z", "2025-06-23T00:00:00Z", "2025-07-07T00:00:00Z"]
    );
    // The first of a month, if it is a Sunday, Tuesday, Thursday or Saturday.
    assert_eq!(
        firings("0 0 1 * */2", "UTC", "2025-06-02T00:00:00Z", 2),
        ["2025-07-01T00:00:00Z", "2025-11-01T00:00:00Z"]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn next_is_after_and_on_the_minute() {
    for (after, expected) in [
        ("2025-04-23T07:59:59.999999999Z", "2025-04-23T08:00:00Z"),
        ("2025-04-23T08:00:00Z", "2025-04-24T08:00:00Z"),
        ("2025-04-23T08:00:00.000000001Z", "2025-04-24T08:00:00Z"),
        ("2025-12-31T08:00:59Z", "2026-01-01T08:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1970-01-01T08:00:00Z"),
    ] {
        assert_eq!(firings("0 8 * * *", "UTC", after, 1), [expected]);
    }
    assert_eq!(
        firings("58/1 23 31 12 *", "UTC", "2025-06-01T00:00:00Z", 3),
        ["2025-12-31T23:58:00Z", "2025-12-31T23:59:00Z", "2026-12-31T23:58:00Z"]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn leap_days_are_waited_for() {
    assert_eq!(
        firings("0 0 29 2 *", "UTC", "2095-01-01T00:00:00Z", 3),
        ["2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"]
    );
    assert_eq!(firings("0 0 29 2 *", "Europe/Berlin", "2097-01-01T00:00:00Z", 1), ["2104-02-28T23:00:00Z"]);
    // A leap day on a Sunday: the longest wait there is.
    assert_eq!(
        firings("0 0 29 2 */7", "UTC", "2060-03-01T00:00:00Z", 2),
        ["2088-02-29T00:00:00Z", "2128-02-29T00:00:00Z"]
    );
    assert_eq!(firings("0 0 29 2 */7", "Europe/Berlin", "2088-03-01T00:00:00Z", 1), ["2128-02-28T23:00:00Z"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_ends_of_time_are_no_fault() {
    for zone in ["UTC", "Europe/Berlin", "Pacific/Apia", "America/New_York"] {
        let zone = TimeZone::get(zone).unwrap();
        for text in ["* * * * *", "30 2 * * *", "0 0 29 2 *"] {
            assert!(cron(text).next_after(Timestamp::MIN, &zone).is_some_and(|first| first > Timestamp::MIN));
            assert_eq!(cron(text).next_after(Timestamp::MAX, &zone), None);
        }
    }
}
