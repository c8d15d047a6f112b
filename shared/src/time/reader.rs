//! Reads ISO 8601. Not by jiff's reader: the texts of all errors of jiff would come into the
//! browser with it, a tenth of what the larger pages load. A property test holds the two together.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// What a text says of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub date: Date,
    pub time: Option<Time>,
    /// Seconds east of UTC.
    pub offset: Option<Offset>,
}

impl Parts {
    /// In the extended form, `2026-11-21T08:00:00+01:00`, or the basic one, `20261121T080000Z`.
    /// Time and offset may be left out; the name of a zone may follow an offset, which counts.
    pub fn read(text: &str) -> Option<Self> {
        let mut scan = Scan { rest: text.as_bytes() };
        let date = scan.date()?;
        let (mut time, mut offset) = (None, None);
        if scan.skip(b"Tt ") {
            time = Some(scan.time()?);
            if !scan.rest.is_empty() {
                offset = Some(scan.offset()?);
                scan.annotations()?;
            }
        }
        scan.rest.is_empty().then_some(Self { date, time, offset })
    }

    pub fn civil(&self) -> DateTime {
        DateTime::from_parts(self.date, self.time.unwrap_or(Time::midnight()))
    }

    /// Without an offset it is UTC.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.offset.unwrap_or(Offset::UTC).to_timestamp(self.civil()).ok()
    }
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    /// Takes one of these characters if it is next.
    fn skip(&mut self, any_of: &[u8]) -> bool {
        match self.rest {
            [first, rest @ ..] if any_of.contains(first) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<i16> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let number = digits
            .iter()
            .try_fold(0_i16, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0')))?;
        self.rest = rest;
        Some(number)
    }

    fn two(&mut self) -> Option<i8> {
        self.digits(2).and_then(|number| i8::try_from(number).ok())
    }

    /// Two digits more, after a colon if the ones before were followed by one.
    fn further(&mut self, colons: bool) -> Option<i8> {
        if colons && !self.skip(b":") { None } else { self.two() }
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.digits(4)?;
        let dashes = self.skip(b"-");
        let month = self.two()?;
        if dashes && !self.skip(b"-") {
            return None;
        }
        Date::new(year, month, self.two()?).ok()
    }

    fn is_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    fn time(&mut self) -> Option<Time> {
        let hour = self.two()?;
        let colons = self.rest.first() == Some(&b':');
        let (mut minute, mut second, mut nanosecond) = (0, 0, 0);
        if colons || self.is_digit() {
            minute = self.further(colons)?;
            if self.rest.first() == Some(&b':') || (!colons && self.is_digit()) {
                // A leap second is the second before it.
                second = self.further(colons)?;
                second = if second == 60 { 59 } else { second };
                if self.skip(b".,") {
                    nanosecond = self.fraction()?;
                }
            }
        }
        Time::new(hour, minute, second, nanosecond).ok()
    }

    /// In nanoseconds.
    fn fraction(&mut self) -> Option<i32> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(count).filter(|_| (1..=9).contains(&count))?;
        self.rest = rest;
        let number = digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0'));
        Some((count..9).fold(number, |number, _| number * 10))
    }

    fn offset(&mut self) -> Option<Offset> {
        if self.skip(b"Zz") {
            return Some(Offset::UTC);
        }
        let east = if self.skip(b"+") {
            1
        } else if self.skip(b"-") {
            -1
        } else {
            return None;
        };
        let mut seconds = i32::from(self.two()?) * 3600;
        let colons = self.rest.first() == Some(&b':');
        if colons || self.is_digit() {
            seconds += i32::from(self.further(colons).filter(|minute| *minute < 60)?) * 60;
            if self.rest.first() == Some(&b':') || (!colons && self.is_digit()) {
                seconds += i32::from(self.further(colons).filter(|second| *second < 60)?);
            }
        }
        Offset::from_seconds(east * seconds).ok()
    }

    /// `[Europe/Berlin]` says nothing that the offset has not said.
    fn annotations(&mut self) -> Option<()> {
        while self.skip(b"[") {
            let end = self.rest.iter().position(|byte| *byte == b']')?;
            let (name, rest) = self.rest.split_at_checked(end)?;
            let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"/_-+.=!:".contains(byte);
            if name.is_empty() || !name.iter().all(known) {
                return None;
            }
            self.rest = rest.get(1..)?;
        }
        Some(())
    }
}

// Not in the browser: proptest takes its randomness from the system.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::{Date, DateTime};
    use jiff::tz::Offset;
    use proptest::prelude::*;

    use super::Parts;

    /// What jiff's own reader says.
    fn by_jiff(text: &str) -> Option<Timestamp> {
        let utc = |civil: DateTime| Offset::UTC.to_timestamp(civil).ok();
        let has_offset = text.get(10..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
        if has_offset {
            return text.parse::<Timestamp>().ok();
        }
        text.parse::<DateTime>().ok().and_then(utc).or_else(|| utc(text.parse::<Date>().ok()?.at(0, 0, 0, 0)))
    }

    fn ours(text: &str) -> Option<Timestamp> {
        Parts::read(text).and_then(|parts| parts.timestamp())
    }

    /// Texts that are times, or nearly.
    fn texts() -> impl Strategy<Value = String> {
        let date = prop_oneof![
            (1..=9999_u16, 0..=13_u8, 0..=32_u8).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")),
            (1..=9999_u16, 1..=12_u8, 1..=31_u8).prop_map(|(y, m, d)| format!("{y:04}{m:02}{d:02}")),
        ];
        let clock = (0..=24_u8, 0..=60_u8, 0..=61_u8, 0..=999_999_999_u32, 0..=9_usize);
        let time = (clock, 0..=6_u8, prop_oneof![Just('T'), Just('t'), Just(' ')]).prop_map(
            |((hour, minute, second, nanos, digits), form, joint)| {
                let fraction = format!("{nanos:09}").get(..digits).unwrap_or_default().to_owned();
                match form {
                    0 => String::new(),
                    1 => format!("{joint}{hour:02}"),
                    2 => format!("{joint}{hour:02}:{minute:02}"),
                    3 => format!("{joint}{hour:02}{minute:02}{second:02}"),
                    4 => format!("{joint}{hour:02}:{minute:02}:{second:02}"),
                    5 => format!("{joint}{hour:02}:{minute:02}:{second:02}.{fraction}"),
                    _ => format!("{joint}{hour:02}:{minute:02}:{second:02},{fraction}"),
                }
            },
        );
        let offset = prop_oneof![
            3 => Just(String::new()),
            2 => Just("Z".to_owned()),
            1 => Just("z".to_owned()),
            2 => (prop_oneof![Just('+'), Just('-')], 0..=26_u8, 0..=60_u8)
                .prop_map(|(sign, hour, minute)| format!("{sign}{hour:02}:{minute:02}")),
            1 => (0..=25_u8, 0..=59_u8, 0..=59_u8).prop_map(|(h, m, s)| format!("+{h:02}{m:02}{s:02}")),
            1 => (0..=25_u8).prop_map(|hour| format!("-{hour:02}[Etc/GMT+1]")),
        ];
        (date, time, offset).prop_map(|(date, time, offset)| {
            // A date alone has no offset.
            if time.is_empty() { date } else { format!("{date}{time}{offset}") }
        })
    }

    proptest! {
        #[test]
        fn it_reads_what_jiff_reads(text in texts()) {
            prop_assert_eq!(ours(&text), by_jiff(&text), "{}", text);
        }

        #[test]
        fn it_reads_nothing_that_jiff_does_not(text in texts(), at in 0..40_usize, with in "[-0-9TZ:.+ a]?") {
            let mut text = text;
            let at = at.min(text.len());
            let end = (at + 1).min(text.len());
            text.replace_range(at..end, &with);
            if let Some(read) = ours(&text) {
                // Names of zones are passed over and not judged.
                let plain = text.split('[').next().unwrap_or_default();
                prop_assert_eq!(Some(read), by_jiff(plain), "{}", text);
            }
        }

        #[test]
        fn it_reads_anything_without_a_fault(text in ".{0,40}") {
            let _ = ours(&text);
        }
    }
}
