//! Activities: what was asked of computers, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::person::Creator;
use crate::body::Reader;
use crate::field::{Choice, Column, Field, Widget};
use crate::permission::Permission;
use crate::problem::{Problems, Violation};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Seconds;

/// The type of a parent activity.
pub const GROUP_TYPE: &str = "ActivityGroup";
/// The type of a script's run on one computer.
pub const EXECUTE_SCRIPT: &str = "ExecuteScriptRequest";
/// The type of a computer's restart.
pub const RESTART: &str = "RestartRequest";
/// The type of shutting a computer down.
pub const SHUTDOWN: &str = "ShutdownRequest";
/// Every type that this server makes.
pub const TYPES: &[&str] = &[GROUP_TYPE, EXECUTE_SCRIPT, RESTART, SHUTDOWN];

/// Where an activity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActivityStatus {
    Undelivered,
    Delivered,
    Scheduled,
    Waiting,
    Blocked,
    Unapproved,
    Succeeded,
    Failed,
    Canceled,
}

impl ActivityStatus {
    pub const ALL: &'static [Self] = &[
        Self::Undelivered,
        Self::Delivered,
        Self::Scheduled,
        Self::Waiting,
        Self::Blocked,
        Self::Unapproved,
        Self::Succeeded,
        Self::Failed,
        Self::Canceled,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
            Self::Scheduled => "scheduled",
            Self::Waiting => "waiting",
            Self::Blocked => "blocked",
            Self::Unapproved => "unapproved",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The word that the console shows.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Undelivered => "Queued",
            Self::Delivered => "In progress",
            Self::Scheduled => "Scheduled",
            Self::Waiting => "Waiting",
            Self::Blocked => "Blocked",
            Self::Unapproved => "Waits for approval",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// Nothing changes it any more (but a late result, see [`Self::takes_result`]).
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }

    /// What can follow. All that happens to an activity is a path through this table.
    pub const fn successors(self) -> &'static [Self] {
        match self {
            Self::Undelivered => &[Self::Delivered, Self::Canceled, Self::Blocked],
            Self::Scheduled | Self::Waiting => &[Self::Undelivered, Self::Delivered, Self::Canceled],
            Self::Blocked | Self::Unapproved => &[Self::Undelivered, Self::Waiting, Self::Canceled],
            Self::Delivered => &[Self::Succeeded, Self::Failed, Self::Canceled],
            Self::Succeeded | Self::Failed | Self::Canceled => &[],
        }
    }

    /// What can follow the cancellation of an activity that its computer had got already: the
    /// real outcome.
    pub const LATE: &'static [Self] = &[Self::Succeeded, Self::Failed];

    /// Whether the other can follow this one.
    pub fn may_become(self, next: Self, was_delivered: bool) -> bool {
        self.successors().contains(&next)
            || (matches!(self, Self::Canceled) && was_delivered && Self::LATE.contains(&next))
    }

    pub const fn is_cancelable(self) -> bool {
        !self.is_final()
    }

    pub const fn is_approvable(self) -> bool {
        matches!(self, Self::Unapproved)
    }

    pub const fn is_reappliable(self) -> bool {
        self.is_final()
    }

    /// Whether a result that an agent sends is taken. One that was cancelled while the agent
    /// already had it still gets its real outcome. A server that was restored from a backup may
    /// not know that it delivered: the result shows it.
    pub const fn takes_result(self, was_delivered: bool) -> bool {
        match self {
            Self::Succeeded | Self::Failed => false,
            Self::Canceled => was_delivered,
            _ => true,
        }
    }
}

/// The status of a group, from how many children have which.
pub fn group_status(children: &BTreeMap<ActivityStatus, u64>) -> ActivityStatus {
    use ActivityStatus as S;
    let has = |s: S| children.get(&s).is_some_and(|n| *n > 0);
    let mut present = children.iter().filter(|(_, n)| **n > 0).map(|(s, _)| *s);
    if let (Some(only), None) = (present.next(), present.next()) {
        return only;
    }
    [S::Delivered, S::Undelivered, S::Scheduled, S::Waiting, S::Blocked, S::Unapproved, S::Failed, S::Canceled]
        .into_iter()
        .find(|s| has(*s))
        .unwrap_or(S::Succeeded)
}

/// What may be done with an activity now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Actions {
    pub approvable: bool,
    pub cancelable: bool,
    pub reappliable: bool,
}

impl From<ActivityStatus> for Actions {
    fn from(status: ActivityStatus) -> Self {
        Self {
            approvable: status.is_approvable(),
            cancelable: status.is_cancelable(),
            reappliable: status.is_reappliable(),
        }
    }
}

impl Actions {
    /// What may be done with a group: what may be done with any of its children. It is applied
    /// again as a whole, once nothing of it is open.
    pub fn of_group(children: &BTreeMap<ActivityStatus, u64>) -> Self {
        let any = |fits: fn(ActivityStatus) -> bool| children.iter().any(|(status, n)| *n > 0 && fits(*status));
        Self {
            approvable: any(ActivityStatus::is_approvable),
            cancelable: any(ActivityStatus::is_cancelable),
            reappliable: any(ActivityStatus::is_final) && !any(|status| !status.is_final()),
        }
    }
}

/// The computer of a child, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComputerRef {
    pub id: i64,
    pub title: String,
}

/// Fields that only a parent has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupPart {
    /// Minutes over which delivery is spread.
    pub deliver_delay_window: i64,
    /// Ours.
    #[serde(default)]
    pub children_count: u64,
    /// Ours: number of children by status; those with none are left out.
    #[serde(default)]
    pub children_statuses: BTreeMap<ActivityStatus, u64>,
}

/// Fields that only a single activity has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SinglePart {
    pub computer_id: Option<i64>,
    /// Ours.
    #[serde(default)]
    pub computer: Option<ComputerRef>,
    pub delivery_time: Option<Seconds>,
    pub deliver_after_time: Option<Seconds>,
    pub deliver_before_time: Option<Seconds>,
    pub schedule_after_time: Option<Seconds>,
    pub schedule_before_time: Option<Seconds>,
    /// Ours: what the script's process ended with, where the agent says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    pub modification_time: Seconds,
    pub children: Vec<serde_json::Value>,
}

/// A parent or a single activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Activity {
    pub id: i64,
    pub creation_time: Seconds,
    pub creator: Option<Creator>,
    #[serde(rename = "type")]
    pub activity_type: String,
    pub summary: String,
    pub completion_time: Option<Seconds>,
    #[serde(default)]
    pub approval_time: Option<Seconds>,
    pub parent_id: Option<i64>,
    pub result_text: Option<String>,
    pub result_code: Option<i64>,
    pub activity_status: ActivityStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Actions>,
    /// Ours: the profile that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_profile_id: Option<i64>,
    /// Ours: the script that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_id: Option<i64>,
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupPart>,
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub single: Option<SinglePart>,
}

impl Activity {
    pub fn is_group(&self) -> bool {
        self.activity_type == GROUP_TYPE
    }
}

/// How the children of a group stand, in three words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tally {
    /// Succeeded.
    pub good: u64,
    /// Still open.
    pub warning: u64,
    /// Failed or canceled.
    pub bad: u64,
}

impl Tally {
    pub fn of(children: &BTreeMap<ActivityStatus, u64>) -> Self {
        children.iter().fold(Self::default(), |mut tally, (status, count)| {
            match status {
                ActivityStatus::Succeeded => tally.good += count,
                ActivityStatus::Failed | ActivityStatus::Canceled => tally.bad += count,
                _ => tally.warning += count,
            }
            tally
        })
    }
}

/// A group as `GET activities/parents` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParentActivity {
    /// Without what other lists say of the children.
    #[serde(flatten)]
    pub activity: Activity,
    pub deliver_delay_window: i64,
    pub children_count: u64,
    pub children_statuses: Tally,
    pub computer_count: u64,
    /// The one computer of a group that has no other.
    pub computer: Option<ComputerRef>,
}

/// Body of `POST activities/reapply` and `POST activities/revert`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActivityIds {
    pub activity_ids: Vec<i64>,
}

/// Most activities that one request names.
pub const IDS_MAX: usize = 1000;

impl ActivityIds {
    pub fn parse(body: &serde_json::Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let items = r.required::<Vec<serde_json::Value>>("activity_ids").unwrap_or_default();
        if items.len() > IDS_MAX {
            r.fault("activity_ids", Violation::new("length", format!("Must name at most {IDS_MAX} activities.")));
        }
        let mut activity_ids = Vec::with_capacity(items.len().min(IDS_MAX));
        for (index, item) in items.iter().take(IDS_MAX).enumerate() {
            match item.as_i64() {
                Some(id) if !activity_ids.contains(&id) => activity_ids.push(id),
                Some(_) => {}
                None => {
                    let pointer = format!("{}/{index}", r.pointer_to("activity_ids"));
                    r.fault_at(Violation::new("type", "Must be an integer.").at(pointer));
                }
            }
        }
        r.finish().or(Self { activity_ids })
    }
}

/// A piece of a script's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutputChunk {
    pub activity_id: i64,
    pub seq: i64,
    /// When the server got it: RFC 3339 with milliseconds.
    pub at: String,
    pub text: String,
}

/// `GET activities/{id}/output`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    pub results: Vec<OutputChunk>,
    /// The agent or the server cut something off.
    pub truncated: bool,
}

const STATUSES: &[Choice] = &[
    Choice { value: "undelivered", label: "Queued", help: "" },
    Choice { value: "delivered", label: "In progress", help: "" },
    Choice { value: "succeeded", label: "Succeeded", help: "" },
    Choice { value: "failed", label: "Failed", help: "" },
    Choice { value: "canceled", label: "Canceled", help: "" },
];

/// The choices that filters offer for a status.
pub const fn status_choices() -> &'static [Choice] {
    STATUSES
}

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Activity,
    singular: "activity",
    plural: "Activities",
    path: "activities",
    purpose: "Each run of a script and each change asked of computers is an activity, with its result.",
    fields: &[
        Field::new("summary", "Summary", Widget::Text).column(Column::Title).sortable().searchable(),
        Field::new("activity_status", "Status", Widget::Status).column(Column::Shown).sortable().filterable(),
        Field::new("creation_time", "Created", Widget::Time).column(Column::Shown).sortable(),
        Field::new("completion_time", "Completed", Widget::Time).column(Column::Shown).sortable(),
        Field::new("creator", "By", Widget::Person).column(Column::Shown),
        Field::new("children_count", "Computers", Widget::Count).column(Column::Shown),
        Field::new("type", "Type", Widget::Mono).column(Column::Optional).filterable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable().filterable(),
    ],
    default_sort: "-creation_time",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewComputer),
    manage: Need::Account(Permission::ExecuteScript),
    nav: Some(Nav { group: NavGroup::Fleet, key: 'a', icon: "activity" }),
    storage: None,
};

#[cfg(test)]
mod tests {
    use super::{ActivityStatus as S, group_status};

    #[test]
    fn a_group_shows_what_is_still_open_first() {
        let of = |list: &[(S, u64)]| group_status(&list.iter().copied().collect());
        assert_eq!(of(&[]), S::Succeeded);
        assert_eq!(of(&[(S::Canceled, 3)]), S::Canceled);
        assert_eq!(of(&[(S::Succeeded, 3), (S::Failed, 1)]), S::Failed);
        assert_eq!(of(&[(S::Succeeded, 3), (S::Canceled, 1)]), S::Canceled);
        assert_eq!(of(&[(S::Succeeded, 3), (S::Undelivered, 1), (S::Failed, 1)]), S::Undelivered);
        assert_eq!(of(&[(S::Delivered, 1), (S::Undelivered, 1)]), S::Delivered);
        assert_eq!(of(&[(S::Succeeded, 3), (S::Failed, 0)]), S::Succeeded);
    }

    #[test]
    fn results_are_taken_once() {
        assert!(S::Delivered.takes_result(true));
        assert!(!S::Succeeded.takes_result(true));
        assert!(S::Canceled.takes_result(true));
        assert!(!S::Canceled.takes_result(false));
    }
}
