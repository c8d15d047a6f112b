//! The forms in which the APIs write and read times.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::problem::Violation;

/// `2025-04-11T17:56:47Z`: UTC, whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub Timestamp);

/// `2025-04-10T23:36:21.411941`: UTC without saying so, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NaiveMicros(pub Timestamp);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = TimeZone::UTC.to_datetime(self.0);
        write_civil(f, t)?;
        f.write_str("Z")
    }
}

impl std::fmt::Display for NaiveMicros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = TimeZone::UTC.to_datetime(self.0);
        write_civil(f, t)?;
        write!(f, ".{:06}", t.subsec_nanosecond() / 1000)
    }
}

/// To the second. Not by `strftime`, whose whole formatter would come into the browser with it.
fn write_civil(f: &mut std::fmt::Formatter<'_>, t: DateTime) -> std::fmt::Result {
    let (date, time) = (t.date(), t.time());
    write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())?;
    write!(f, "T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl Serialize for NaiveMicros {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map(Self).map_err(|v| de::Error::custom(v.message))
    }
}

impl<'de> Deserialize<'de> for NaiveMicros {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map(Self).map_err(|v| de::Error::custom(v.message))
    }
}

/// Reads an ISO 8601 time. With an offset it is converted, without one it means UTC,
/// a date alone means its midnight in UTC.
pub fn parse(text: &str) -> Result<Timestamp, Violation> {
    let text = text.trim();
    let parsed = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| {
            // A civil time ignores an offset that it cannot read, so one must not be there.
            let naive = !text.ends_with(['Z', 'z']) && !text.contains('[');
            let civil = naive.then(|| text.parse::<DateTime>().ok()).flatten()?;
            civil.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
        })
        .or_else(|| {
            let date = text.parse::<Date>().ok()?;
            date.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
        });
    parsed.filter(|t| in_range(*t)).ok_or_else(|| {
        Violation::new(
            "format",
            "Must be an ISO 8601 time such as 2026-11-21T08:00:00Z; without an offset it is read as UTC.",
        )
    })
}

/// Years 1 to 9999: what every client can read back.
fn in_range(t: Timestamp) -> bool {
    let year = TimeZone::UTC.to_datetime(t).year();
    (1..=9999).contains(&year)
}

/// Cuts to whole seconds, the resolution of the documents' times.
pub fn whole_seconds(t: Timestamp) -> Timestamp {
    t.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor)).unwrap_or(t)
}

#[cfg(test)]
mod tests {
    use super::{NaiveMicros, Seconds, parse};

    #[test]
    fn reads_every_form_the_clients_send() {
        for (text, expected) in [
            ("2025-04-23T02:10:41Z", "2025-04-23T02:10:41Z"),
            ("2025-04-23T04:10:41+02:00", "2025-04-23T02:10:41Z"),
            ("2025-04-23T02:10:41", "2025-04-23T02:10:41Z"),
            ("2025-04-23T02:10", "2025-04-23T02:10:00Z"),
            ("2025-04-23 02:10", "2025-04-23T02:10:00Z"),
            ("2025-04-23", "2025-04-23T00:00:00Z"),
            (" 2025-04-23T02:10:41.5Z ", "2025-04-23T02:10:41Z"),
        ] {
            assert_eq!(Seconds(parse(text).unwrap()).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "tomorrow", "2025-02-30", "2025-04-23T25:00:00Z", "-000001-01-01T00:00:00Z", "12"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn writes_both_forms() {
        let t = parse("2025-04-10T23:36:21.411941").unwrap();
        assert_eq!(NaiveMicros(t).to_string(), "2025-04-10T23:36:21.411941");
        assert_eq!(Seconds(t).to_string(), "2025-04-10T23:36:21Z");
    }
}
