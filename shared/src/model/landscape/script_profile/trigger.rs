//! When a script profile runs: once, by cron, or as a computer enrols.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::body::Reader;
use crate::problem::Violation;
use crate::recurrence::{Cron, Zone, Zones};
use crate::time::{self, Seconds};

/// When a profile runs, as answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "trigger_type", rename_all = "snake_case")]
pub enum Trigger {
    Event {
        event_type: EventType,
    },
    OneTime {
        timestamp: Seconds,
        is_finished: bool,
        next_run: Option<Seconds>,
        last_run: Option<Seconds>,
    },
    Recurring {
        interval: String,
        start_after: Seconds,
        last_run: Option<Seconds>,
        next_run: Option<Seconds>,
        /// The IANA name of the zone that `interval` is meant in (ours).
        #[serde(default = "utc")]
        time_zone: String,
        /// What becomes of runs that were missed (ours).
        #[serde(default)]
        catch_up: CatchUp,
        /// Set when `interval` fires more often than the account allows: runs are moved so that
        /// at least so many minutes lie between them (ours).
        #[serde(default)]
        adjusted_interval: Option<i64>,
        /// The planned time from which that distance is counted (ours).
        #[serde(default)]
        last_planned_run: Option<Seconds>,
    },
}

fn utc() -> String {
    Zone::default().name().to_owned()
}

impl Trigger {
    pub const fn trigger_type(&self) -> TriggerType {
        match self {
            Self::Event { .. } => TriggerType::Event,
            Self::OneTime { .. } => TriggerType::OneTime,
            Self::Recurring { .. } => TriggerType::Recurring,
        }
    }

    pub const fn next_run(&self) -> Option<Seconds> {
        match self {
            Self::Event { .. } => None,
            Self::OneTime { next_run, .. } | Self::Recurring { next_run, .. } => *next_run,
        }
    }

    pub const fn last_run(&self) -> Option<Seconds> {
        match self {
            Self::Event { .. } => None,
            Self::OneTime { last_run, .. } | Self::Recurring { last_run, .. } => *last_run,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    PostEnrollment,
}

impl EventType {
    pub const fn name(self) -> &'static str {
        match self {
            Self::PostEnrollment => "post_enrollment",
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
    fn parse(name: String) -> Result<Self, Violation> {
        if name == Self::PostEnrollment.name() {
            Ok(Self::PostEnrollment)
        } else {
            Err(Violation::new("unknown", format!("Must be post_enrollment, not “{name}”.")))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerType {
    Event,
    OneTime,
    Recurring,
}

impl TriggerType {
    pub const ALL: &'static [Self] = &[Self::Event, Self::OneTime, Self::Recurring];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::OneTime => "one_time",
            Self::Recurring => "recurring",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.name() == name)
    }
}

/// What becomes of the runs of a recurring profile that were missed, for example because the
/// server was down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// They are left out.
    None,
    /// Only the last of them runs.
    #[default]
    Last,
    /// All of them run one after the other, up to a bound.
    All,
}

impl CatchUp {
    pub const ALL: &'static [Self] = &[Self::None, Self::Last, Self::All];

    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Last => "last",
            Self::All => "all",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }

    #[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
    fn parse(name: String) -> Result<Self, Violation> {
        Self::from_name(&name)
            .ok_or_else(|| Violation::new("unknown", format!("Must be none, last or all, not “{name}”.")))
    }
}

/// When a profile shall run, as a request says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewTrigger {
    Event(EventType),
    OneTime { timestamp: Timestamp },
    Recurring { interval: Cron, start_after: Timestamp, zone: Zone, catch_up: CatchUp },
}

impl NewTrigger {
    pub const fn trigger_type(&self) -> TriggerType {
        match self {
            Self::Event(_) => TriggerType::Event,
            Self::OneTime { .. } => TriggerType::OneTime,
            Self::Recurring { .. } => TriggerType::Recurring,
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, zones: Zones<'_>) -> Option<Self> {
        match read_trigger_type(r)? {
            TriggerType::Event => {
                let event = r.required("event_type");
                r.check("event_type", event, EventType::parse).map(Self::Event)
            }
            TriggerType::OneTime => {
                let at = r.required::<String>("timestamp");
                let timestamp = r.check("timestamp", at, second)?;
                Some(Self::OneTime { timestamp })
            }
            TriggerType::Recurring => {
                let interval = r.required::<String>("interval");
                let interval = r.check("interval", interval, |t| Cron::parse(&t));
                let start = r.required::<String>("start_after");
                let start_after = r.check("start_after", start, second);
                let (zone, catch_up) = read_extensions(r, zones);
                Some(Self::Recurring {
                    interval: interval?,
                    start_after: start_after?,
                    zone: zone.unwrap_or_default(),
                    catch_up: catch_up.unwrap_or_default(),
                })
            }
        }
    }
}

/// A time as answers show it. Were a fraction kept that they do not show, a form that sends back
/// what it was shown would move the trigger.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
fn second(text: String) -> Result<Timestamp, Violation> {
    time::parse(&text).map(time::whole_seconds)
}

fn read_trigger_type(r: &mut Reader<'_>) -> Option<TriggerType> {
    let name = r.required::<String>("trigger_type");
    r.check("trigger_type", name, |name| {
        TriggerType::from_name(&name)
            .ok_or_else(|| Violation::new("unknown", format!("Must be event, one_time or recurring, not “{name}”.")))
    })
}

/// What recurring triggers have beyond the documents. A fault is noted and reads as absent.
fn read_extensions(r: &mut Reader<'_>, zones: Zones<'_>) -> (Option<Zone>, Option<CatchUp>) {
    let zone = r.optional::<String>("time_zone");
    let zone = r.check("time_zone", zone, |name| Zone::find(&name, zones));
    let catch_up = r.optional("catch_up");
    (zone, r.check("catch_up", catch_up, CatchUp::parse))
}

/// A change of when a profile runs. The type itself cannot change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriggerPatch {
    Event(EventType),
    OneTime { timestamp: Timestamp },
    Recurring { interval: Option<Cron>, start_after: Option<Timestamp>, zone: Option<Zone>, catch_up: Option<CatchUp> },
}

impl TriggerPatch {
    pub const fn trigger_type(&self) -> TriggerType {
        match self {
            Self::Event(_) => TriggerType::Event,
            Self::OneTime { .. } => TriggerType::OneTime,
            Self::Recurring { .. } => TriggerType::Recurring,
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, zones: Zones<'_>) -> Option<Self> {
        match read_trigger_type(r)? {
            TriggerType::Event => {
                let event = r.optional("event_type");
                if event.is_none() {
                    return Some(Self::Event(EventType::PostEnrollment));
                }
                r.check("event_type", event, EventType::parse).map(Self::Event)
            }
            TriggerType::OneTime => {
                let at = r.required::<String>("timestamp");
                let timestamp = r.check("timestamp", at, second)?;
                Some(Self::OneTime { timestamp })
            }
            TriggerType::Recurring => {
                let interval = r.optional::<String>("interval");
                let interval = r.check("interval", interval, |t| Cron::parse(&t));
                let start = r.optional::<String>("start_after");
                let start_after = r.check("start_after", start, second);
                let (zone, catch_up) = read_extensions(r, zones);
                Some(Self::Recurring { interval, start_after, zone, catch_up })
            }
        }
    }
}
