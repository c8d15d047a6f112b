//! Cron expressions: a next time comes after the time that was asked about, and matches.

#![no_main]

use binnacle_shared::recurrence::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (i64, &str)| {
    let (second, text) = input;
    // Years 1970 to 9000: what clients can write.
    let Ok(after) = Timestamp::from_second(second.rem_euclid(221_845_392_000)) else { return };
    if let Ok(cron) = Cron::parse(text)
        && let Some(next) = cron.next_after(after, &TimeZone::UTC)
    {
        assert!(next > after);
        assert!(cron.matches(TimeZone::UTC.to_datetime(next)));
    }
});
