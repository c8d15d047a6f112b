//! Time zones: the server brings them along; the console gets the rules from the browser, and
//! makes zones of the same type from them (`frontend/src/zone.rs`).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wasm_bindgen_test::wasm_bindgen_test;

fn local(instant: &str, zone: &str) -> String {
    let instant: Timestamp = instant.parse().unwrap();
    TimeZone::get(zone).unwrap().to_datetime(instant).to_string()
}

#[wasm_bindgen_test(unsupported = test)]
fn named_zones_are_known() {
    for (instant, zone, expected) in [
        ("2025-07-01T12:00:00Z", "Europe/Berlin", "2025-07-01T14:00:00"),
        ("2025-12-01T12:00:00Z", "Europe/Berlin", "2025-12-01T13:00:00"),
        ("2025-07-01T12:00:00Z", "Asia/Kathmandu", "2025-07-01T17:45:00"),
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31T00:00:00"),
        // Far behind the table's last entry the zone's rule goes on.
        ("2090-07-01T12:00:00Z", "America/New_York", "2090-07-01T08:00:00"),
    ] {
        assert_eq!(local(instant, zone), expected, "{zone}");
    }
    assert!(TimeZone::get("europe/berlin").is_ok(), "names are found in any case");
    assert!(TimeZone::get("Middle/Earth").is_err());
}

/// What the model asks of the browser.
#[cfg(target_family = "wasm")]
mod browser {
    use super::{TimeZone, Timestamp, wasm_bindgen_test};

    #[wasm_bindgen_test]
    #[expect(clippy::disallowed_methods, reason = "the test is about the clock itself")]
    fn the_clock_can_be_read() {
        let year = TimeZone::UTC.to_datetime(Timestamp::now()).year();
        assert!(year >= 2024, "{year}");
    }
}
