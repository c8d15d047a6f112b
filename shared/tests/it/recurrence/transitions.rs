//! Local time where a zone changes its offset.

use wasm_bindgen_test::wasm_bindgen_test;

use super::firings;

#[wasm_bindgen_test(unsupported = test)]
fn a_time_that_does_not_exist_fires_when_the_hole_ends() {
    // 30 March 2025, 02:00 becomes 03:00.
    assert_eq!(
        firings("30 2 * * *", "Europe/Berlin", "2025-03-29T12:00:00Z", 2),
        ["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"]
    );
    assert_eq!(
        firings("0 2 * * *", "Europe/Berlin", "2025-03-30T00:59:59Z", 2),
        ["2025-03-30T01:00:00Z", "2025-03-31T00:00:00Z"]
    );
    // Together with a time that exists at the hole's end it fires once.
    assert_eq!(
        firings("0,30 2,3 * * *", "Europe/Berlin", "2025-03-29T12:00:00Z", 3),
        ["2025-03-30T01:00:00Z", "2025-03-30T01:30:00Z", "2025-03-31T00:00:00Z"]
    );
    // 9 March 2025, 02:00 becomes 03:00.
    assert_eq!(
        firings("30 2 * * *", "America/New_York", "2025-03-09T00:00:00Z", 2),
        ["2025-03-09T07:00:00Z", "2025-03-10T06:30:00Z"]
    );
    // The day that is named does not come again for years, so the hole must not swallow it.
    assert_eq!(
        firings("30 2 30 3 *", "Europe/Berlin", "2025-01-01T00:00:00Z", 2),
        ["2025-03-30T01:00:00Z", "2026-03-30T00:30:00Z"]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_time_that_comes_twice_fires_the_first_time() {
    // 26 October 2025, 03:00 becomes 02:00.
    assert_eq!(
        firings("30 2 * * *", "Europe/Berlin", "2025-10-25T12:00:00Z", 2),
        ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]
    );
    // Asked in the middle of the repeat.
    assert_eq!(firings("30 2 * * *", "Europe/Berlin", "2025-10-26T01:10:00Z", 1), ["2025-10-27T01:30:00Z"]);
    assert_eq!(
        firings("0 0-23 * * *", "Europe/Berlin", "2025-10-25T23:30:00Z", 3),
        ["2025-10-26T00:00:00Z", "2025-10-26T02:00:00Z", "2025-10-26T03:00:00Z"]
    );
    // 2 November 2025, 02:00 becomes 01:00.
    assert_eq!(
        firings("30 1 * * *", "America/New_York", "2025-11-02T00:00:00Z", 2),
        ["2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn every_hour_follows_elapsed_time() {
    assert_eq!(
        firings("30 * * * *", "Europe/Berlin", "2025-10-25T23:45:00Z", 3),
        ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T02:30:00Z"]
    );
    assert_eq!(
        firings("*/20 * * * *", "Europe/Berlin", "2025-03-30T00:30:00Z", 3),
        ["2025-03-30T00:40:00Z", "2025-03-30T01:00:00Z", "2025-03-30T01:20:00Z"]
    );
    // With a step: 02:30 comes twice and fires twice.
    assert_eq!(
        firings("30 */2 * * *", "Europe/Berlin", "2025-10-25T23:00:00Z", 3),
        ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T03:30:00Z"]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn half_an_hour_of_summer() {
    // Lord Howe: 5 October 2025, 02:00 becomes 02:30; 6 April 2025, 02:00 becomes 01:30.
    let zone = "Australia/Lord_Howe";
    assert_eq!(
        firings("15 2 * * *", zone, "2025-10-04T12:00:00Z", 2),
        ["2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z"]
    );
    assert_eq!(
        firings("45 1 * * *", zone, "2025-04-05T12:00:00Z", 2),
        ["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z"]
    );
    assert_eq!(
        firings("*/30 * * * *", zone, "2025-04-05T14:20:00Z", 3),
        ["2025-04-05T14:30:00Z", "2025-04-05T15:00:00Z", "2025-04-05T15:30:00Z"]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn odd_offsets() {
    assert_eq!(
        firings("0 8 * * *", "Asia/Kathmandu", "2025-04-23T02:14:59Z", 2),
        ["2025-04-23T02:15:00Z", "2025-04-24T02:15:00Z"]
    );
    // 1 January 1986 began at 00:15.
    assert_eq!(
        firings("5 0 * * *", "Asia/Kathmandu", "1985-12-31T12:00:00Z", 2),
        ["1985-12-31T18:30:00Z", "1986-01-01T18:20:00Z"]
    );
    assert_eq!(
        firings("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 2),
        ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
        "a day that begins at 01:00"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_day_that_was_skipped() {
    // In Apia 29 December 2011 was followed by the 31st.
    let zone = "Pacific/Apia";
    assert_eq!(
        firings("0 12 * * *", zone, "2011-12-29T22:00:00Z", 2),
        ["2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"],
        "the lost day's run comes when the hole ends"
    );
    assert_eq!(
        firings("0 12 30 12 *", zone, "2011-06-01T00:00:00Z", 2),
        ["2011-12-30T10:00:00Z", "2012-12-29T22:00:00Z"]
    );
    assert_eq!(
        firings("0 12 * * FRI", zone, "2011-12-29T00:00:00Z", 2),
        ["2011-12-30T10:00:00Z", "2012-01-05T22:00:00Z"]
    );
    assert_eq!(
        firings("0 * * * *", zone, "2011-12-30T08:30:00Z", 3),
        ["2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T11:00:00Z"]
    );
}
