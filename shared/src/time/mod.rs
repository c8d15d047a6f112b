//! The forms in which the APIs write and read times.

mod reader;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use self::reader::Parts;
use crate::problem::Violation;

/// `2025-04-11T17:56:47Z`: UTC, whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
pub struct Seconds(#[cfg_attr(feature = "schema", schemars(with = "String"))] pub Timestamp);

/// `2025-04-10T23:36:21.411941`: UTC without saying so, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NaiveMicros(#[cfg_attr(feature = "schema", schemars(with = "String"))] pub Timestamp);

/// `2025-04-10T23:36:21.411Z`: UTC, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
pub struct Millis(#[cfg_attr(feature = "schema", schemars(with = "String"))] pub Timestamp);

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

/// `2025-04-10T23:36:21.411`: UTC without saying so, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NaiveMillis(#[cfg_attr(feature = "schema", schemars(with = "String"))] pub Timestamp);

impl std::fmt::Display for NaiveMillis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = Millis(self.0).to_string();
        f.write_str(text.trim_end_matches('Z'))
    }
}

impl Serialize for NaiveMillis {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NaiveMillis {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map(Self).map_err(|_| de::Error::custom("not a time"))
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = TimeZone::UTC.to_datetime(self.0);
        write_civil(f, t)?;
        write!(f, ".{:03}Z", t.subsec_nanosecond() / 1_000_000)
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

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map(Self).map_err(|_| de::Error::custom("not a time"))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map(Self).map_err(|_| de::Error::custom("not a time"))
    }
}

impl<'de> Deserialize<'de> for NaiveMicros {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map(Self).map_err(|_| de::Error::custom("not a time"))
    }
}

/// Reads a time without an offset: of which zone is for the caller to say.
pub fn civil(text: &str) -> Option<DateTime> {
    Parts::read(text).filter(|parts| parts.offset.is_none()).map(|parts| parts.civil())
}

/// Reads an ISO 8601 time. With an offset it is converted, without one it means UTC,
/// a date alone means its midnight in UTC.
pub fn parse(text: &str) -> Result<Timestamp, Violation> {
    let parsed = Parts::read(text.trim()).and_then(|parts| parts.timestamp());
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
    let below = i64::from(t.subsec_nanosecond() < 0);
    Timestamp::from_second(t.as_second() - below).unwrap_or(t)
}

#[cfg(test)]
mod tests {
    use super::{Millis, NaiveMicros, Seconds, parse, whole_seconds};

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
        for text in [
            "",
            "Z",
            "12",
            "tomorrow",
            "2025-02-30",
            "2025-13-11T17:56:47Z",
            "2025-04-23T25:00:00Z",
            "2025-04-11T24:00:00Z",
            "2025-04-11T17:56:47.1234567890Z",
            "2025-04-11T17:56:47.-1Z",
            "2025-04-11T17:56:4é",
            "+025-04-11T17:56:47Z",
            "0000-04-11T17:56:47Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn fractions_of_a_second_are_cut_off_whatever_the_year() {
        for (text, expected) in [
            ("2025-04-10T23:36:21.999999", "2025-04-10T23:36:21Z"),
            ("2025-04-10T23:36:21", "2025-04-10T23:36:21Z"),
            ("1969-12-31T23:59:58.25", "1969-12-31T23:59:58Z"),
            ("1969-12-31T23:59:58", "1969-12-31T23:59:58Z"),
        ] {
            assert_eq!(whole_seconds(parse(text).unwrap()), parse(expected).unwrap(), "{text}");
        }
    }

    #[test]
    fn writes_every_form() {
        let t = parse("2025-04-10T23:36:21.411941").unwrap();
        assert_eq!(NaiveMicros(t).to_string(), "2025-04-10T23:36:21.411941");
        assert_eq!(Seconds(t).to_string(), "2025-04-10T23:36:21Z");
        assert_eq!(Millis(t).to_string(), "2025-04-10T23:36:21.411Z");
    }
}
