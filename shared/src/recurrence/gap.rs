//! How close two runs of an expression may come.

use jiff::civil::Date;

use super::Cron;

/// After so many days the calendar repeats itself, weekdays and leap days together.
const CYCLE_DAYS: i64 = 28 * 365 + 7;
const DAY_MINUTES: i64 = 24 * 60;

impl Cron {
    /// Whether two runs in a row may be less than so many minutes apart. Days on which the clock
    /// changes are left aside.
    pub fn fires_within(&self, minutes: i64) -> bool {
        let mut times = self.times_of_day();
        let Some(first) = times.next() else { return false };
        let mut last = first;
        for time in times {
            if time - last < minutes {
                return true;
            }
            last = time;
        }
        // From the last run of a day to the first of a later one.
        let rest_of_day = DAY_MINUTES - last + first;
        let days = (minutes - rest_of_day + DAY_MINUTES - 1).div_euclid(DAY_MINUTES);
        days > 0 && self.comes_again_within(days)
    }

    /// Minutes since midnight, in order.
    fn times_of_day(&self) -> impl Iterator<Item = i64> {
        let [minutes, hours, ..] = self.masks();
        (0..24)
            .filter(move |hour| hours & (1 << hour) != 0)
            .flat_map(move |hour| (0..60).filter(move |m| minutes & (1 << m) != 0).map(move |m| hour * 60 + m))
    }

    /// Whether two of its days may be at most so many days apart.
    fn comes_again_within(&self, days: i64) -> bool {
        let mut date = Date::constant(2000, 1, 1);
        let mut last: Option<i64> = None;
        for day in 0..CYCLE_DAYS + days {
            if self.day_matches(date) {
                if last.is_some_and(|last| day - last <= days) {
                    return true;
                }
                last = Some(day);
            }
            let Ok(tomorrow) = date.tomorrow() else { return false };
            date = tomorrow;
        }
        false
    }
}
