//! Cron expressions of exactly five fields, and the instants at which they fire.
//!
//! Local time has holes and repeats where a zone changes its offset. The rule is that of
//! the common cron daemons: an expression that names its hours (`30 2 * * *`) fires once per
//! day, at the end of the hole if its time does not exist and only the first time if it comes
//! twice; one whose hour starts with `*` follows elapsed time.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::problem::Violation;

/// A parsed expression. It keeps its source, which is what clients read back.
#[derive(Clone, PartialEq, Eq)]
pub struct Cron {
    source: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// The field starts with `*`, so it does not restrict.
    any_hour: bool,
    any_day: bool,
    any_weekday: bool,
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({})", self.source)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// What one field of the expression may hold.
struct Domain {
    name: &'static str,
    low: u8,
    high: u8,
    names: &'static [&'static str],
}

const MINUTE: Domain = Domain { name: "minute", low: 0, high: 59, names: &[] };
const HOUR: Domain = Domain { name: "hour", low: 0, high: 23, names: &[] };
const DAY: Domain = Domain { name: "day of month", low: 1, high: 31, names: &[] };
const MONTH: Domain = Domain {
    name: "month",
    low: 1,
    high: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
/// 7 is accepted for Sunday, as cron daemons do.
const WEEKDAY: Domain =
    Domain { name: "day of week", low: 0, high: 7, names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };

/// Days looked at before giving up. The longest wait is for a 29 February on a certain day of
/// the week (`0 0 29 2 */7`): 28 years, and 40 across a year such as 2100.
const HORIZON_DAYS: i32 = 366 * 41;

impl Cron {
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            let hint = if text.trim_start().starts_with('@') {
                "names such as @daily are not known; write 0 0 * * *".to_owned()
            } else {
                format!("this has {}", fields.len())
            };
            return Err(Violation::new(
                "format",
                format!("A cron expression has five fields (minute, hour, day of month, month, day of week); {hint}."),
            ));
        };
        let mut weekdays = MaskOf(&WEEKDAY).parse(weekday)?;
        if weekdays & (1 << 7) != 0 {
            weekdays = (weekdays | 1) & 0x7f;
        }
        let cron = Self {
            source: fields.join(" "),
            minutes: MaskOf(&MINUTE).parse(minute)?,
            hours: MaskOf(&HOUR).parse(hour)?,
            days: MaskOf(&DAY).parse(day)?,
            months: MaskOf(&MONTH).parse(month)?,
            weekdays,
            any_hour: hour.starts_with('*'),
            any_day: day.starts_with('*'),
            any_weekday: weekday.starts_with('*'),
        };
        if cron.can_match() {
            Ok(cron)
        } else {
            Err(Violation::new("never", format!("“{}” never comes: none of its months has such a day.", cron.source)))
        }
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn masks(&self) -> [u64; 5] {
        [self.minutes, self.hours, self.days, self.months, self.weekdays]
    }

    pub(super) fn restricts_day(&self) -> bool {
        !self.any_day
    }

    pub(super) fn restricts_weekday(&self) -> bool {
        !self.any_weekday
    }

    fn can_match(&self) -> bool {
        const LONGEST: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        if !self.any_weekday && !self.any_day {
            return true;
        }
        (1u8..)
            .zip(LONGEST)
            .any(|(month, longest)| self.months & (1 << month) != 0 && self.days & ((2 << longest) - 1) != 0)
    }

    pub(super) fn day_matches(&self, date: Date) -> bool {
        let day = self.days & (1 << date.day()) != 0;
        let weekday = self.weekdays & (1 << date.weekday().to_sunday_zero_offset()) != 0;
        let fits = if self.any_day || self.any_weekday { day && weekday } else { day || weekday };
        fits && self.months & (1 << date.month()) != 0
    }

    /// Whether a civil minute matches.
    pub fn matches(&self, at: DateTime) -> bool {
        self.day_matches(at.date()) && self.hours & (1 << at.hour()) != 0 && self.minutes & (1 << at.minute()) != 0
    }

    /// The first matching civil minute at or after `from`, of which seconds are ignored.
    fn civil_from(&self, from: DateTime) -> Option<DateTime> {
        let mut date = from.date();
        let mut earliest = (from.hour(), from.minute());
        for _ in 0..HORIZON_DAYS {
            if self.day_matches(date)
                && let Some((hour, minute)) = self.time_from(earliest)
            {
                return at(date, hour, minute);
            }
            earliest = (0, 0);
            date = if self.months & (1 << date.month()) == 0 {
                date.last_of_month().tomorrow().ok()?
            } else {
                date.tomorrow().ok()?
            };
        }
        None
    }

    fn time_from(&self, (hour, minute): (i8, i8)) -> Option<(i8, i8)> {
        if self.hours & (1 << hour) != 0
            && let Some(minute) = next_bit(self.minutes, minute)
        {
            return Some((hour, minute));
        }
        let hour = next_bit(self.hours, hour + 1)?;
        Some((hour, next_bit(self.minutes, 0)?))
    }

    /// The first instant after `after` at which the expression fires in a zone.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // The offset is constant between two transitions: there civil time and instants run
        // in parallel. What a transition skips or repeats is looked at when it is crossed.
        let mut offset = zone.to_offset(after);
        let mut from = next_minute(offset.to_datetime(after))?;
        if let Some(end) = self.end_of_repeat(after, zone) {
            from = from.max(ceil_minute(end)?);
        }
        let mut candidate = self.civil_from(from)?;
        for transition in zone.following(after) {
            let moment = transition.timestamp();
            let instant = offset.to_timestamp(candidate).ok()?;
            if instant < moment {
                return Some(instant);
            }
            let old = offset.to_datetime(moment);
            offset = transition.offset();
            let new = offset.to_datetime(moment);
            // A named time inside a hole fires as soon as the hole is over.
            if !self.any_hour && candidate < new {
                return Some(moment);
            }
            // Of time that comes twice, only `*` hours fire again.
            let from = ceil_minute(if self.any_hour { new } else { new.max(old) })?;
            if from < old || candidate < from {
                candidate = self.civil_from(from)?;
            }
        }
        offset.to_timestamp(candidate).ok()
    }

    /// The end of the repeated local time, if `after` may lie in it and it must not fire again.
    fn end_of_repeat(&self, after: Timestamp, zone: &TimeZone) -> Option<DateTime> {
        if self.any_hour {
            return None;
        }
        let just_after = after.checked_add(SignedDuration::from_nanos(1)).ok()?;
        let last = zone.preceding(just_after).next()?;
        let before = zone.to_offset(last.timestamp().checked_sub(SignedDuration::from_secs(1)).ok()?);
        let end = before.to_datetime(last.timestamp());
        (end > last.offset().to_datetime(last.timestamp())).then_some(end)
    }
}

impl FromStr for Cron {
    type Err = Violation;
    fn from_str(text: &str) -> Result<Self, Violation> {
        Self::parse(text)
    }
}

/// Not by jiff's `Date::at`, nor by its sums of civil times: they may panic, and the texts of all errors of jiff
/// would come into the browser with that.
fn at(date: Date, hour: i8, minute: i8) -> Option<DateTime> {
    Some(DateTime::from_parts(date, Time::new(hour, minute, 0, 0).ok()?))
}

fn next_minute(from: DateTime) -> Option<DateTime> {
    match (from.hour(), from.minute()) {
        (23, 59) => at(from.date().tomorrow().ok()?, 0, 0),
        (hour, 59) => at(from.date(), hour + 1, 0),
        (hour, minute) => at(from.date(), hour, minute + 1),
    }
}

fn ceil_minute(at: DateTime) -> Option<DateTime> {
    if at.second() == 0 && at.subsec_nanosecond() == 0 { Some(at) } else { next_minute(at) }
}

fn next_bit(mask: u64, from: i8) -> Option<i8> {
    let from = u32::try_from(from).ok().filter(|f| *f < 64)?;
    let rest = mask >> from << from;
    if rest == 0 { None } else { i8::try_from(rest.trailing_zeros()).ok() }
}

/// Parses one field into a bit per value.
struct MaskOf(&'static Domain);

impl MaskOf {
    fn parse(&self, field: &str) -> Result<u64, Violation> {
        field.split(',').try_fold(0, |mask, part| Ok(mask | self.part(part, field)?))
    }

    fn part(&self, part: &str, field: &str) -> Result<u64, Violation> {
        let Domain { low, high, .. } = *self.0;
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = number(step).filter(|s| (1..=high).contains(s)).ok_or_else(|| {
                    self.refuse(field, &format!("the step “{step}” must be a number from 1 to {high}"))
                })?;
                (range, Some(step))
            }
            None => (part, None),
        };
        let top = if high == 7 { 6 } else { high };
        let (first, last) = if range == "*" {
            (low, top)
        } else if let Some((first, last)) = range.split_once('-') {
            let (first, last) = (self.value(first, field)?, self.value(last, field)?);
            if first > last {
                return Err(self.refuse(field, &format!("the range {range} runs backwards")));
            }
            (first, last)
        } else {
            let value = self.value(range, field)?;
            (value, if step.is_some() { top.max(value) } else { value })
        };
        Ok((first..=last).step_by(usize::from(step.unwrap_or(1))).fold(0, |m, v| m | 1 << v))
    }

    fn value(&self, text: &str, field: &str) -> Result<u8, Violation> {
        let Domain { low, high, names, .. } = *self.0;
        if let Some(index) = names.iter().position(|n| n.eq_ignore_ascii_case(text)) {
            return u8::try_from(index).map(|i| i + low).map_err(|_| self.refuse(field, "too large"));
        }
        number(text).filter(|v| (low..=high).contains(v)).ok_or_else(|| {
            let names = match names {
                [first, .., last] => format!(" or {first} to {last}"),
                _ => String::new(),
            };
            self.refuse(
                field,
                &format!("“{text}” is not a number from {low} to {}{names}", if high == 7 { 6 } else { high }),
            )
        })
    }

    fn refuse(&self, field: &str, why: &str) -> Violation {
        Violation::new("format", format!("The {} field “{field}”: {why}.", self.0.name))
    }
}

/// Plain digits only: `+5` and ` 5` are not cron.
fn number(text: &str) -> Option<u8> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
