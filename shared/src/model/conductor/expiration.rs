//! When a token expires, as people write it: a time, or how long it is from now.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::problem::Violation;
use crate::time;

/// Parts of a distance at most; clients write one or two.
const PARTS: usize = 20;

fn form() -> Violation {
    Violation::new(
        "format",
        "Must be a time in UTC such as 2027-01-31 18:00 or 18:00, or a distance such as +10min, +2 weeks or +1day+6h.",
    )
}

/// Reads `+10min`, `+1day+6h`, `2027-01-31 18:00`, `18:00` (of today), or an ISO 8601 time.
pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp, Violation> {
    let text = text.trim();
    let moment = if let Some(distance) = text.strip_prefix('+') {
        after(distance, now)?
    } else if let Some(time) = of_today(text) {
        TimeZone::UTC.to_datetime(now).date().to_datetime(time).to_zoned(TimeZone::UTC).map_err(|_| form())?.timestamp()
    } else {
        time::parse(text).map_err(|_| form())?
    };
    if moment <= now {
        return Err(Violation::new("past", "Must lie in the future."));
    }
    Ok(moment)
}

fn of_today(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i8>().ok()).flatten();
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

/// The end of distances with plus signs between them, counted by the calendar.
fn after(distance: &str, now: Timestamp) -> Result<Timestamp, Violation> {
    if distance.split('+').count() > PARTS {
        return Err(form());
    }
    let mut moment = now.to_zoned(TimeZone::UTC);
    for part in distance.split('+') {
        let part = part.trim();
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = part.split_at_checked(digits).ok_or_else(form)?;
        let number: i64 = number.parse().map_err(|_| form())?;
        let span = span(unit.trim(), number).ok_or_else(form)?;
        let far = |_| Violation::new("range", "Must lie before the year 10000.");
        moment = moment.checked_add(span).map_err(far)?;
    }
    // jiff's calendar ends where four digits do.
    Ok(moment.timestamp())
}

fn span(unit: &str, number: i64) -> Option<Span> {
    let span = Span::new();
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    match singular {
        "min" | "minute" => span.try_minutes(number),
        "h" | "hour" => span.try_hours(number),
        "d" | "day" => span.try_days(number),
        "w" | "week" => span.try_weeks(number),
        "mo" | "month" => span.try_months(number),
        "y" | "year" => span.try_years(number),
        _ => return None,
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::parse;

    fn now() -> Timestamp {
        "2026-11-21T08:00:30Z".parse().unwrap()
    }

    fn read(text: &str) -> String {
        parse(text, now()).map_or_else(|violation| violation.code.to_owned(), |moment| moment.to_string())
    }

    #[test]
    fn times_and_distances_are_read() {
        for (text, expected) in [
            ("+10min", "2026-11-21T08:10:30Z"),
            ("+30 minutes", "2026-11-21T08:30:30Z"),
            ("+2 weeks", "2026-12-05T08:00:30Z"),
            ("+1day+6h", "2026-11-22T14:00:30Z"),
            ("+1 mo +1y", "2027-12-21T08:00:30Z"),
            ("2027-01-31 18:00", "2027-01-31T18:00:00Z"),
            ("18:05", "2026-11-21T18:05:00Z"),
            ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T18:00:00.000Z", "2027-01-31T18:00:00Z"),
            ("2027-01-31T18:00:00+02:00", "2027-01-31T16:00:00Z"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_over_is_refused() {
        for text in
            ["", "+", "+min", "+10", "+10 parsecs", "+1.5h", "tomorrow", "+-1day", "10min", "+1dayss", "8:5", "25:00"]
        {
            assert_eq!(read(text), "format", "{text}");
        }
        for text in ["2026-11-21 08:00", "07:00", "08:00", "2001-01-01", "+0min"] {
            assert_eq!(read(text), "past", "{text}");
        }
        assert_eq!(read("+9000 years"), "range");
        assert_eq!(read("+99999999999999999999 years"), "format");
        assert_eq!(read(&"+1min".repeat(30)), "format");
    }
}
