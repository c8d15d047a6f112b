//! Says a cron expression in words, for the form's help line.

use super::Cron;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Cron {
    /// `0 8 * * 1-5` → "At 08:00, Monday to Friday".
    pub fn describe(&self) -> String {
        let [minutes, hours, days, months, weekdays] = self.masks();
        let day_part = (self.restricts_day() || values(days, 1).len() < 31)
            .then(|| format!("on {} of the month", numbered("day", &values(days, 1))));
        let weekday_part = (self.restricts_weekday() || values(weekdays, 0).len() < 7)
            .then(|| names(&values(weekdays, 0), 0, &WEEKDAYS));
        let mut parts = vec![time_of_day(&values(minutes, 0), &values(hours, 0))];
        match (day_part, weekday_part) {
            (Some(day), Some(weekday)) if self.restricts_day() && self.restricts_weekday() => {
                parts.push(format!("{day} or {weekday}"));
            }
            (day, weekday) => parts.extend(day.into_iter().chain(weekday)),
        }
        let months = values(months, 1);
        if months.len() < 12 {
            parts.push(format!("in {}", names(&months, 1, &MONTHS)));
        }
        parts.join(", ")
    }
}

fn values(mask: u64, low: u8) -> Vec<u8> {
    (low..64).filter(|v| mask & (1 << v) != 0).collect()
}

fn time_of_day(minutes: &[u8], hours: &[u8]) -> String {
    let all_hours = hours.len() == 24;
    if minutes.len() == 60 && all_hours {
        return "Every minute".into();
    }
    if all_hours && let Some(step) = step_through(minutes, 60) {
        return format!("Every {step} minutes");
    }
    if let ([minute], Some(step)) = (minutes, step_through(hours, 24)) {
        return if all_hours {
            format!("Every hour at minute {minute}")
        } else {
            format!("Every {step} hours at minute {minute}")
        };
    }
    if minutes.len() * hours.len() <= 6 {
        let times: Vec<String> =
            hours.iter().flat_map(|h| minutes.iter().map(move |m| format!("{h:02}:{m:02}"))).collect();
        return format!("At {}", join(&times));
    }
    let minutes = if minutes.len() == 60 {
        "Every minute".into()
    } else if let Some(step) = step_through(minutes, 60) {
        format!("Every {step} minutes")
    } else {
        format!("At {}", numbered("minute", minutes))
    };
    if all_hours { format!("{minutes} of every hour") } else { format!("{minutes} during {}", numbered("hour", hours)) }
}

/// The step when the values are 0, s, 2s, … over the whole domain.
fn step_through(values: &[u8], size: u8) -> Option<u8> {
    let step = match values {
        [0, second, ..] => *second,
        _ => return None,
    };
    let expected: Vec<u8> = (0..size).step_by(usize::from(step)).collect();
    (values == expected && size.is_multiple_of(step)).then_some(step)
}

/// `day 1`, `days 1 and 15`.
fn numbered(noun: &str, values: &[u8]) -> String {
    let plural = if values.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", numbers(values))
}

fn numbers(values: &[u8]) -> String {
    join(
        &runs(values)
            .into_iter()
            .map(|(a, b)| if a == b { a.to_string() } else { format!("{a} to {b}") })
            .collect::<Vec<_>>(),
    )
}

fn names(values: &[u8], low: u8, names: &[&str]) -> String {
    let name = |v: u8| names.get(usize::from(v - low)).copied().unwrap_or_default();
    join(
        &runs(values)
            .into_iter()
            .map(|(a, b)| if a == b { name(a).to_owned() } else { format!("{} to {}", name(a), name(b)) })
            .collect::<Vec<_>>(),
    )
}

/// Neighbours of three or more become one run.
fn runs(values: &[u8]) -> Vec<(u8, u8)> {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for &value in values {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => runs.push((value, value)),
        }
    }
    runs.into_iter().flat_map(|(a, b)| if b == a + 1 { vec![(a, a), (b, b)] } else { vec![(a, b)] }).collect()
}

fn join(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
