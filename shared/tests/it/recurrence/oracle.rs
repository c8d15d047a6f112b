//! Cron against an oracle that knows nothing but the rules and walks from minute to minute.

use std::collections::BTreeSet;

use binnacle_shared::recurrence::Cron;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::{
    BoxedStrategy, Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Zones with something odd: shifts of other than an hour, at midnight, of a whole day, to
/// winter time in summer, and ones that were abolished.
const ZONES: [&str; 20] = [
    "Africa/Casablanca",
    "America/Caracas",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kwajalein",
    "UTC",
];

/// One part of a field's list.
#[derive(Clone, Debug)]
enum Item {
    Star(Option<u8>),
    Value(u8),
    Range(u8, u8, Option<u8>),
    From(u8, u8),
}

#[derive(Clone, Debug)]
struct Field {
    items: Vec<Item>,
    names: &'static [&'static str],
    low: u8,
    /// The largest value that `*` stands for.
    top: u8,
    named: bool,
}

impl Field {
    fn text(&self) -> String {
        let value = |v: u8| match self.names.get(usize::from(v - self.low)) {
            Some(name) if self.named => (*name).to_owned(),
            _ => v.to_string(),
        };
        let step = |s: &Option<u8>| s.map_or(String::new(), |s| format!("/{s}"));
        let parts: Vec<String> = self
            .items
            .iter()
            .map(|item| match item {
                Item::Star(s) => format!("*{}", step(s)),
                Item::Value(v) => value(*v),
                Item::Range(a, b, s) => format!("{}-{}{}", value(*a), value(*b), step(s)),
                Item::From(v, s) => format!("{}/{s}", value(*v)),
            })
            .collect();
        parts.join(",")
    }

    fn star(&self) -> bool {
        matches!(self.items.first(), Some(Item::Star(_)))
    }

    fn values(&self) -> BTreeSet<u8> {
        let mut values = BTreeSet::new();
        for item in &self.items {
            let (first, last, step) = match *item {
                Item::Star(step) => (self.low, self.top, step.unwrap_or(1)),
                Item::Value(v) => (v, v, 1),
                Item::Range(a, b, step) => (a, b, step.unwrap_or(1)),
                Item::From(v, step) => (v, self.top.max(v), step),
            };
            let mut value = first;
            while value <= last {
                values.insert(value);
                value += step;
            }
        }
        values
    }
}

/// How often a field is a bare star: expressions that seldom fire show little in a window.
#[derive(Clone, Copy)]
enum Density {
    Dense,
    Sparse,
}

fn field(low: u8, high: u8, names: &'static [&'static str], density: Density) -> BoxedStrategy<Field> {
    let top = if high == 7 { 6 } else { high };
    let step = 1..=high;
    let item = prop_oneof![
        2 => proptest::option::of(step.clone()).prop_map(Item::Star),
        4 => (low..=high).prop_map(Item::Value),
        3 => (low..=high, low..=high, proptest::option::of(step.clone()))
            .prop_map(|(a, b, s)| Item::Range(a.min(b), a.max(b), s)),
        1 => (low..=high, step).prop_map(|(v, s)| Item::From(v, s)),
    ];
    let (stars, lists) = match density {
        Density::Dense => (3, 2),
        Density::Sparse => (1, 4),
    };
    prop_oneof![
        stars => Just(vec![Item::Star(None)]),
        lists => vec(item, 1..4),
    ]
    .prop_flat_map(move |items| {
        any::<bool>().prop_map(move |named| Field { items: items.clone(), names, low, top, named })
    })
    .prop_map(|mut field| {
        // 7 has no name; as the end of a range, SUN would run backwards.
        let seven = |v: u8| v == 7;
        field.named &= !field.items.iter().any(|item| match item {
            Item::Star(_) => false,
            Item::Value(v) | Item::From(v, _) => seven(*v),
            Item::Range(a, b, _) => seven(*a) || seven(*b),
        });
        field
    })
    .boxed()
}

#[derive(Clone, Debug)]
struct Expression {
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

fn expression(day: Density) -> impl Strategy<Value = Expression> {
    const MONTHS: &[&str] = &["jan", "Feb", "MAR", "apr", "May", "JUN", "jul", "Aug", "SEP", "oct", "Nov", "DEC"];
    const WEEKDAYS: &[&str] = &["Sun", "MON", "tue", "Wed", "THU", "fri", "Sat"];
    (
        field(0, 59, &[], Density::Sparse),
        field(0, 23, &[], Density::Dense),
        field(1, 31, &[], day),
        field(1, 12, MONTHS, day),
        field(0, 7, WEEKDAYS, day),
    )
        .prop_map(|(minute, hour, day, month, weekday)| Expression { minute, hour, day, month, weekday })
}

/// The expression worked out by the plainest means.
struct Oracle {
    minutes: BTreeSet<u8>,
    hours: BTreeSet<u8>,
    days: BTreeSet<u8>,
    months: BTreeSet<u8>,
    weekdays: BTreeSet<u8>,
    either: bool,
    every_hour: bool,
}

impl Oracle {
    fn new(e: &Expression) -> Self {
        Self {
            minutes: e.minute.values(),
            hours: e.hour.values(),
            days: e.day.values(),
            months: e.month.values(),
            weekdays: e.weekday.values().into_iter().map(|v| v % 7).collect(),
            either: !e.day.star() && !e.weekday.star(),
            every_hour: e.hour.star(),
        }
    }

    fn has(set: &BTreeSet<u8>, value: i8) -> bool {
        u8::try_from(value).is_ok_and(|value| set.contains(&value))
    }

    fn day(&self, at: DateTime) -> bool {
        let day = Self::has(&self.days, at.day());
        let weekday = Self::has(&self.weekdays, at.weekday().to_sunday_zero_offset());
        Self::has(&self.months, at.month()) && if self.either { day || weekday } else { day && weekday }
    }

    fn matches(&self, at: DateTime) -> bool {
        self.day(at) && Self::has(&self.hours, at.hour()) && Self::has(&self.minutes, at.minute())
    }

    /// Does the expression fire at this instant, which begins a minute?
    fn fires(&self, instant: Timestamp, zone: &TimeZone) -> bool {
        let civil = zone.to_datetime(instant);
        if self.every_hour {
            return self.matches(civil);
        }
        if self.matches(civil) {
            let second_time = match zone.to_ambiguous_timestamp(civil).offset() {
                AmbiguousOffset::Fold { before, .. } => before.to_timestamp(civil).unwrap() != instant,
                AmbiguousOffset::Gap { .. } | AmbiguousOffset::Unambiguous { .. } => false,
            };
            if !second_time {
                return true;
            }
        }
        let mut skipped = zone.to_datetime(instant - MINUTE) + MINUTE;
        while skipped < civil {
            if self.matches(skipped) {
                return true;
            }
            skipped += MINUTE;
        }
        false
    }

    fn firings(&self, after: Timestamp, until: Timestamp, zone: &TimeZone) -> Vec<Timestamp> {
        let mut minute = Timestamp::from_second(after.as_second().div_euclid(60) * 60).unwrap();
        let mut firings = Vec::new();
        while minute <= until {
            if minute > after && self.fires(minute, zone) {
                firings.push(minute);
            }
            minute += MINUTE;
        }
        firings
    }
}

/// An instant close to one at which a zone changed, or just any.
fn moment() -> impl Strategy<Value = (&'static str, Timestamp)> {
    (select(ZONES.as_slice()), 157_766_400_i64..2_500_000_000, any::<bool>(), -7_200..172_800_i64, 0..3_i32).prop_map(
        |(name, second, near, before, nanosecond)| {
            let any = Timestamp::from_second(second).unwrap();
            let zone = TimeZone::get(name).unwrap();
            let change = zone.preceding(any).next().map(|t| t.timestamp()).filter(|t| t.as_second() > 94_694_400);
            let start = match change {
                Some(change) if near => change - SignedDuration::from_secs(before),
                _ => any,
            };
            (name, start + SignedDuration::from_nanos(nanosecond.into()))
        },
    )
}

fn all_between(cron: &Cron, after: Timestamp, until: Timestamp, zone: &TimeZone) -> Vec<Timestamp> {
    let mut last = after;
    let mut firings = Vec::new();
    while let Some(next) = cron.next_after(last, zone) {
        assert!(next > last, "{cron} in {zone:?}: {next} does not follow {last}");
        if next > until {
            break;
        }
        firings.push(next);
        last = next;
    }
    firings
}

fn config(cases: u32) -> ProptestConfig {
    // What is found becomes a test of its own, so no file of seeds is kept.
    ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn fires_as_the_oracle_does(e in expression(Density::Dense), (name, after) in moment()) {
        let oracle = Oracle::new(&e);
        let Ok(cron) = Cron::parse(&text(&e)) else { return Ok(()) };
        let zone = TimeZone::get(name).unwrap();
        let until = after + SignedDuration::from_hours(72);
        prop_assert_eq!(
            all_between(&cron, after, until, &zone),
            oracle.firings(after, until, &zone),
            "{} in {} after {}", cron, name, after
        );
    }
}

fn text(e: &Expression) -> String {
    [&e.minute, &e.hour, &e.day, &e.month, &e.weekday].map(Field::text).join(" ")
}

proptest! {
    #![proptest_config(config(300))]

    /// Rare days, over as many years as the calendar's longest wait.
    #[test]
    fn finds_the_next_day_however_far(e in expression(Density::Sparse), second in 0..4_000_000_000_i64) {
        let oracle = Oracle::new(&e);
        let after = Timestamp::from_second(second).unwrap();
        let mut day = TimeZone::UTC.to_datetime(after).start_of_day().tomorrow().unwrap();
        let mut expected = None;
        for _ in 0..366 * 41 {
            if oracle.day(day) {
                expected = Some(day.date());
                break;
            }
            day = day.tomorrow().unwrap();
        }
        match Cron::parse(&text(&e)) {
            Ok(cron) => {
                let end_of_today = TimeZone::UTC.to_datetime(after).end_of_day();
                let end_of_today = end_of_today.to_zoned(TimeZone::UTC).unwrap().timestamp();
                let next = cron.next_after(end_of_today, &TimeZone::UTC).map(|t| TimeZone::UTC.to_datetime(t).date());
                prop_assert_eq!(next, expected, "{}", cron);
            }
            Err(refusal) => {
                prop_assert_eq!(refusal.code, "never", "{}", refusal.message);
                prop_assert_eq!(expected, None, "{}", refusal.message);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn prints_what_it_reads(e in expression(Density::Sparse)) {
        let text = text(&e);
        if let Ok(cron) = Cron::parse(&text) {
            prop_assert_eq!(&cron.to_string(), &text);
            prop_assert_eq!(&Cron::parse(&cron.to_string()).unwrap(), &cron);
            prop_assert!(!cron.describe().is_empty());
        }
    }

    #[test]
    fn any_text_gets_an_answer(noise in any::<String>(), near in "[-0-9*/,@LW#? a-zA-Z]{0,24}", fields in "([-0-9*/,]{1,5} ){4}[-0-9*/,]{1,5}") {
        for text in [noise, near, fields] {
            match Cron::parse(&text) {
                Ok(cron) => prop_assert!(!cron.describe().is_empty()),
                Err(refusal) => prop_assert!(!refusal.message.is_empty()),
            }
        }
    }

    /// Times of the old local offsets, with their odd seconds, and the ends of the calendar.
    #[test]
    fn any_instant_gets_a_later_one(
        e in expression(Density::Dense),
        name in select(ZONES.as_slice()),
        second in Timestamp::MIN.as_second()..=Timestamp::MAX.as_second(),
        old in -4_000_000_000..0_i64,
    ) {
        let Ok(cron) = Cron::parse(&text(&e)) else { return Ok(()) };
        let zone = TimeZone::get(name).unwrap();
        for second in [second, old] {
            let mut last = Timestamp::from_second(second).unwrap();
            for _ in 0..20 {
                let Some(next) = cron.next_after(last, &zone) else { break };
                prop_assert!(next > last, "{cron} in {name}: {next} does not follow {last}");
                last = next;
            }
        }
    }
}

proptest! {
    #![proptest_config(config(120))]

    /// How close runs come, against a walk over all runs until the calendar repeats itself.
    #[test]
    fn knows_how_close_runs_come(e in expression(Density::Sparse), minutes in 1..20_000_i64) {
        let Ok(cron) = Cron::parse(&text(&e)) else { return Ok(()) };
        let start: Timestamp = "2000-01-01T00:00:00Z".parse().unwrap();
        let end: Timestamp = "2029-01-01T00:00:00Z".parse().unwrap();
        let mut last: Option<Timestamp> = None;
        let mut closer = false;
        let mut next = cron.next_after(start, &TimeZone::UTC);
        while let Some(run) = next.filter(|run| *run < end && !closer) {
            closer = last.is_some_and(|last| run.duration_since(last).as_mins() < minutes);
            last = Some(run);
            next = cron.next_after(run, &TimeZone::UTC);
        }
        prop_assert_eq!(cron.fires_within(minutes), closer, "{} within {}", cron, minutes);
    }
}
