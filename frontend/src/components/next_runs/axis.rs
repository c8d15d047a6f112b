//! The axis below the ticks: how long it is, where its lines stand and what they say.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::components::time::{month, weekday};

/// What the lines of an axis divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Hours,
    Days,
    TwoDays,
    Weeks,
    Months,
    /// So many years between two lines.
    Years(i64),
}

/// A line of the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub at: Timestamp,
    pub label: String,
}

/// An axis from one instant to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    pub start: Timestamp,
    pub end: Timestamp,
    pub marks: Vec<Mark>,
    /// "the next 7 days".
    pub words: String,
}

impl Axis {
    /// An axis that begins now and holds the run planned last. Days begin in the chosen zone.
    pub fn new(now: Timestamp, last: Timestamp, zone: &TimeZone) -> Option<Self> {
        let length = last.duration_since(now);
        let days = |n: i64| SignedDuration::from_hours(24 * n);
        let unit = if length <= days(1) {
            Unit::Hours
        } else if length <= days(6) {
            Unit::Days
        } else if length <= days(13) {
            Unit::TwoDays
        } else if length <= days(28) {
            Unit::Weeks
        } else if length <= days(333) {
            Unit::Months
        } else {
            Unit::Years((length.as_hours() / (24 * 365) + 1).div_euclid(8) + 1)
        };
        // Whole units on the axis, so that its first line stands at its left end; that line may lie
        // almost a unit before now, hence the limits above.
        let first = floor(zone.to_datetime(now), unit)?;
        let (count, words) = match unit {
            Unit::Hours => (9, "the next 24 hours".to_owned()),
            Unit::Days => (7, "the next 7 days".to_owned()),
            Unit::TwoDays => (7, "the next 14 days".to_owned()),
            Unit::Weeks => (5, "the next 5 weeks".to_owned()),
            Unit::Months => (12, "the next 12 months".to_owned()),
            Unit::Years(step) => {
                let years = i64::from(zone.to_datetime(last).year() - first.year()) + 1;
                ((years + step - 1).div_euclid(step), format!("the next {years} years"))
            }
        };
        let mut lines = vec![first];
        for _ in 0..count {
            let next = after(*lines.last()?, unit)?;
            lines.push(next);
        }
        let mut marks: Vec<Mark> = Vec::new();
        for line in lines {
            marks.push(Mark { at: zone.to_timestamp(line).ok()?, label: label(line, unit) });
        }
        let (start, end) = (marks.first()?.at, marks.pop()?.at);
        Some(Self { start, end, marks, words })
    }

    /// Where an instant stands, if the whole is so long.
    pub fn place(&self, at: Timestamp, length: i32) -> i32 {
        let whole = (self.end.as_second() - self.start.as_second()).max(1);
        let part = at.as_second() - self.start.as_second();
        i32::try_from(part * i64::from(length) / whole).unwrap_or(0)
    }
}

/// The beginning of the unit after this one. Not by jiff's `Span`s, which may panic: the texts of
/// all its errors would come into the browser with that.
fn after(begin: DateTime, unit: Unit) -> Option<DateTime> {
    let date = begin.date();
    let days = |count| (0..count).try_fold(date, |date: Date, _| date.tomorrow().ok());
    let next = match unit {
        Unit::Hours if begin.hour() < 21 => return clock(date, begin.hour() + 3),
        Unit::Hours | Unit::Days => days(1),
        Unit::TwoDays => days(2),
        Unit::Weeks => days(7),
        Unit::Months => date.last_of_month().tomorrow().ok(),
        Unit::Years(count) => {
            i16::try_from(i64::from(date.year()) + count).ok().and_then(|year| Date::new(year, 1, 1).ok())
        }
    };
    clock(next?, 0)
}

/// The beginning of the unit that an instant lies in.
fn floor(at: DateTime, unit: Unit) -> Option<DateTime> {
    let date = at.date();
    let date = match unit {
        Unit::Hours => return clock(date, at.hour() - at.hour() % 3),
        Unit::Days | Unit::TwoDays => date,
        Unit::Weeks => {
            let since = date.weekday().to_monday_zero_offset();
            (0..since).try_fold(date, |date, _| date.yesterday().ok())?
        }
        Unit::Months => date.first_of_month(),
        Unit::Years(_) => date.first_of_year(),
    };
    clock(date, 0)
}

fn clock(date: Date, hour: i8) -> Option<DateTime> {
    Some(DateTime::from_parts(date, Time::new(hour, 0, 0, 0).ok()?))
}

fn label(at: DateTime, unit: Unit) -> String {
    match unit {
        Unit::Hours => format!("{:02}:00", at.hour()),
        Unit::Days | Unit::TwoDays => format!("{} {}", weekday(at), at.day()),
        Unit::Weeks => format!("{} {}", at.day(), month(at)),
        Unit::Months => month(at).to_owned(),
        Unit::Years(_) => at.year().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::Axis;

    fn axis(now: &str, last: &str, minutes: i32) -> Axis {
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(minutes * 60).unwrap());
        Axis::new(now.parse::<Timestamp>().unwrap(), last.parse().unwrap(), &zone).unwrap()
    }

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.marks.iter().map(|mark| mark.label.as_str()).collect()
    }

    #[test]
    fn days_begin_in_the_chosen_zone() {
        let berlin = axis("2026-11-20T23:30:00Z", "2026-11-24T08:00:00Z", 60);
        assert_eq!(labels(&berlin), ["Sat 21", "Sun 22", "Mon 23", "Tue 24", "Wed 25", "Thu 26", "Fri 27"]);
        assert_eq!(berlin.start.to_string(), "2026-11-20T23:00:00Z");
        assert!(berlin.place("2026-11-20T23:30:00Z".parse().unwrap(), 1000) > 0);
    }

    #[test]
    fn the_unit_follows_from_how_far_the_runs_reach() {
        let now = "2026-11-21T08:10:00Z";
        let first = |last: &str| axis(now, last, 0).marks[0].label.clone();
        assert_eq!(first("2026-11-21T20:00:00Z"), "06:00");
        assert_eq!(first("2026-11-25T20:00:00Z"), "Sat 21");
        assert_eq!(first("2026-12-04T08:00:00Z"), "Sat 21");
        assert_eq!(first("2026-12-18T20:00:00Z"), "16 Nov");
        assert_eq!(first("2027-08-01T00:00:00Z"), "Nov");
        assert_eq!(first("2035-11-21T08:00:00Z"), "2026");
    }

    #[test]
    fn every_run_is_on_the_axis() {
        let now = "2026-11-21T08:10:00Z";
        for last in [
            "2026-11-21T08:11:00Z",
            "2026-11-22T08:10:00Z",
            "2026-11-27T08:10:00Z",
            "2026-12-25T08:00:00Z",
            "2027-10-27T08:00:00Z",
            "2028-01-01T00:00:00Z",
            "2066-02-28T00:00:00Z",
        ] {
            for zone in [0, 13 * 60, -210] {
                let axis = axis(now, last, zone);
                let place = axis.place(last.parse().unwrap(), 1000);
                assert!((0..=1000).contains(&place), "{last} {zone} {place}");
                assert!((2..=12).contains(&axis.marks.len()), "{last} {:?}", labels(&axis));
            }
        }
    }
}
