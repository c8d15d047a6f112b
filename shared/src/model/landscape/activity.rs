//! Activities: what was asked of computers, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::person::Creator;
use crate::field::{Choice, Column, Field, Widget};
use crate::permission::Permission;
use crate::registry::{Kind, KindInfo, Nav, NavGroup};
use crate::time::Seconds;

/// The type of a parent activity.
pub const GROUP_TYPE: &str = "ActivityGroup";
/// The type of a script's run on one computer.
pub const EXECUTE_SCRIPT: &str = "ExecuteScriptRequest";

/// Where an activity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// already had it still gets its real outcome.
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

/// The computer of a child, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputerRef {
    pub id: i64,
    pub title: String,
}

/// Fields that only a parent has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A piece of a script's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputChunk {
    pub activity_id: i64,
    pub seq: i64,
    /// When the server got it: RFC 3339 with milliseconds.
    pub at: String,
    pub text: String,
}

/// `GET activities/{id}/output`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    view: Permission::ViewComputer,
    manage: Permission::ExecuteScript,
    nav: Some(Nav { group: NavGroup::Fleet, key: 'a', icon: "activity" }),
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
