//! Script profiles: which script runs where and when.

mod run;
mod trigger;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::run::{ProfileRun, RunCause, RunOutcome};
pub use self::trigger::{CatchUp, EventType, NewTrigger, Trigger, TriggerPatch, TriggerType};

use super::activity::Activity;
use super::person::PersonRef;
use crate::body::Reader;
use crate::field::{Choice, Column, Field, FormUse, ReferenceBy, Widget};
use crate::patch::Patch;
use crate::permission::Permission;
use crate::problem::{Problems, Violation};
use crate::recurrence::zone::{self, Zones};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::rules;
use crate::time::NaiveMicros;

/// Which of the profiles a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArchivedFilter {
    #[default]
    Active,
    Archived,
    All,
}

impl ArchivedFilter {
    pub fn parse(text: &str) -> Result<Self, Violation> {
        match text {
            "active" => Ok(Self::Active),
            "archived" => Ok(Self::Archived),
            "all" => Ok(Self::All),
            other => Err(Violation::new("unknown", format!("Must be active, archived or all, not “{other}”."))),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileComputers {
    pub num_associated_computers: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileActivities {
    pub last_activity: Option<Activity>,
}

/// A script profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScriptProfile {
    pub id: i64,
    pub title: String,
    pub script_id: i64,
    pub access_group: String,
    pub created_by: Option<PersonRef>,
    pub created_at: NaiveMicros,
    pub last_edited_at: NaiveMicros,
    pub trigger: Trigger,
    pub all_computers: bool,
    pub tags: Vec<String>,
    pub time_limit: i64,
    pub username: String,
    pub computers: ProfileComputers,
    pub activities: ProfileActivities,
    pub archived: bool,
}

/// Body of `POST script-profiles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewScriptProfile {
    pub title: String,
    pub script_id: i64,
    pub all_computers: bool,
    pub tags: Vec<String>,
    pub time_limit: i64,
    pub username: String,
    pub trigger: NewTrigger,
}

impl NewScriptProfile {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        Self::parse_with(body, &zone::bundled)
    }

    /// Reads the body where zones come from elsewhere, as in the browser.
    pub fn parse_with(body: &Value, zones: Zones<'_>) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.required("title");
        let title = r.check("title", title, rules::title);
        let script_id = r.required::<i64>("script_id");
        let username = r.required("username");
        let username = r.check("username", username, rules::username);
        let time_limit = r.required("time_limit");
        let time_limit = r.check("time_limit", time_limit, rules::time_limit);
        let all_computers = r.optional("all_computers").unwrap_or(false);
        let tags = r.strings("tags", rules::tag).set().unwrap_or_default();
        let trigger = r
            .required::<Map<String, Value>>("trigger")
            .and_then(|object| r.nested("trigger", &object, |r| NewTrigger::read(r, zones)));
        let problems = r.finish();
        match (title, script_id, username, time_limit, trigger) {
            (Some(title), Some(script_id), Some(username), Some(time_limit), Some(trigger)) if problems.is_empty() => {
                Ok(Self { title, script_id, all_computers, tags, time_limit, username, trigger })
            }
            _ => Err(problems),
        }
    }
}

/// Body of `PATCH script-profiles/{id}`. Null means unchanged, in every field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptProfilePatch {
    pub title: Option<String>,
    pub all_computers: Option<bool>,
    pub tags: Option<Vec<String>>,
    pub time_limit: Option<i64>,
    pub username: Option<String>,
    pub trigger: Option<TriggerPatch>,
}

impl ScriptProfilePatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        Self::parse_with(body, &zone::bundled)
    }

    /// Reads the body where zones come from elsewhere, as in the browser.
    pub fn parse_with(body: &Value, zones: Zones<'_>) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.optional("title");
        let title = r.check("title", title, rules::title);
        let username = r.optional("username");
        let username = r.check("username", username, rules::username);
        let time_limit = r.optional("time_limit");
        let time_limit = r.check("time_limit", time_limit, rules::time_limit);
        let all_computers = r.optional("all_computers");
        let tags = r.strings("tags", rules::tag).set();
        let trigger = r
            .optional::<Map<String, Value>>("trigger")
            .and_then(|object| r.nested("trigger", &object, |r| TriggerPatch::read(r, zones)));
        r.finish().or(Self { title, all_computers, tags, time_limit, username, trigger })
    }

    /// A trigger can move, but not become another one.
    pub fn check_trigger_type(&self, present: TriggerType) -> Result<(), Problems> {
        match &self.trigger {
            Some(trigger) if trigger.trigger_type() != present => Err(Problems::one(
                "/trigger/trigger_type",
                "immutable",
                format!(
                    "The trigger is {} and cannot become {}; make a new profile for that.",
                    present.name(),
                    trigger.trigger_type().name()
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Body of `POST script-profiles:preview` (ours): whom would such a profile reach now?
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewRequest {
    pub script_id: i64,
    #[cfg_attr(feature = "schema", schemars(default))]
    pub all_computers: bool,
    #[cfg_attr(feature = "schema", schemars(default))]
    pub tags: Vec<String>,
}

impl PreviewRequest {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let script_id = r.required::<i64>("script_id");
        let all_computers = r.optional("all_computers").unwrap_or(false);
        let tags = match r.strings("tags", rules::tag) {
            Patch::Set(tags) => tags,
            Patch::Absent | Patch::Null => Vec::new(),
        };
        let problems = r.finish();
        match script_id {
            Some(script_id) if problems.is_empty() => Ok(Self { script_id, all_computers, tags }),
            _ => Err(problems),
        }
    }
}

/// Answer to `POST script-profiles:preview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preview {
    /// Computers that match.
    pub count: i64,
    /// Computers that there are, as far as one may see them.
    pub total: i64,
    /// The first five by title.
    pub computers: Vec<super::activity::ComputerRef>,
}

const TRIGGERS: &[Choice] = &[
    Choice { value: "one_time", label: "Once", help: "at a date and time" },
    Choice { value: "recurring", label: "Recurring", help: "by cron" },
    Choice { value: "event", label: "On enrolment", help: "of a computer" },
];
const CATCH_UP: &[Choice] = &[
    Choice { value: "none", label: "Leave them out", help: "" },
    Choice { value: "last", label: "Run the last one", help: "" },
    Choice { value: "all", label: "Run all, one after the other", help: "" },
];
const EVENTS: &[Choice] = &[Choice { value: "post_enrollment", label: "After enrolment", help: "" }];

const WHAT: &str = "What runs";
const WHERE: &str = "Where it runs";
const WHEN: &str = "When it runs";

#[cfg(feature = "schema")]
crate::body_schema!(NewScriptProfile, Kind::ScriptProfile, Create);
#[cfg(feature = "schema")]
crate::body_schema!(ScriptProfilePatch, Kind::ScriptProfile, Edit);

pub const KIND: KindInfo = KindInfo {
    kind: Kind::ScriptProfile,
    singular: "script profile",
    plural: "Script profiles",
    path: "script-profiles",
    purpose: "A profile runs a script on the computers with its tags: once, again and again, or when a computer enrols.",
    fields: &[
        Field::new("title", "Title", Widget::Text)
            .column(Column::Title)
            .sortable()
            .searchable()
            .form(FormUse::required(WHAT)),
        Field::new("script_id", "Script", Widget::Reference { kind: Kind::Script, by: ReferenceBy::Id })
            .help("Cannot be changed later. Computers of the script's access group are reached.")
            .column(Column::Optional)
            .filterable()
            .form(FormUse::required(WHAT).fixed()),
        Field::new("username", "Run as user", Widget::Mono)
            .column(Column::Optional)
            .sortable()
            .filterable()
            .form(FormUse::required(WHAT).half()),
        Field::new("time_limit", "Time limit", Widget::Number { unit: "seconds", min: 1, max: rules::TIME_LIMIT_MAX })
            .column(Column::Optional)
            .sortable()
            .form(FormUse::required(WHAT).half()),
        Field::new("all_computers", "All computers", Widget::Switch)
            .help("Every computer of the script's access group, whatever its tags.")
            .column(Column::Optional)
            .filterable()
            .form(FormUse::optional(WHERE)),
        Field::new("tags", "Tags", Widget::Tags)
            .help("Computers of the script's access group with any of these tags.")
            .column(Column::Shown)
            .filterable()
            .form(FormUse::optional(WHERE).when("all_computers", &["false"])),
        Field::new("trigger/trigger_type", "Trigger", Widget::Cards(TRIGGERS))
            .column(Column::Shown)
            .form(FormUse::required(WHEN).fixed()),
        Field::new("trigger/timestamp", "Run at", Widget::DateTime)
            .help("In the past: at once.")
            .form(FormUse::required(WHEN).when("trigger/trigger_type", &["one_time"])),
        Field::new("trigger/interval", "Cron", Widget::Cron)
            .help("Minute, hour, day of month, month, day of week.")
            .form(FormUse::required(WHEN).when("trigger/trigger_type", &["recurring"]).half()),
        Field::new("trigger/time_zone", "Time zone", Widget::TimeZone)
            .help("In which the cron expression is meant.")
            .form(FormUse::optional(WHEN).when("trigger/trigger_type", &["recurring"]).half()),
        Field::new("trigger/start_after", "Start after", Widget::DateTime)
            .help("No run before this.")
            .form(FormUse::required(WHEN).when("trigger/trigger_type", &["recurring"]).half()),
        Field::new("trigger/catch_up", "Missed runs", Widget::Select(CATCH_UP))
            .help("Runs whose time passed while the server was down.")
            .form(FormUse::optional(WHEN).when("trigger/trigger_type", &["recurring"]).half()),
        Field::new("trigger/event_type", "Event", Widget::Select(EVENTS))
            .help("Runs once on each computer that enrols from now on.")
            .form(FormUse::required(WHEN).fixed().when("trigger/trigger_type", &["event"])),
        Field::new("next_run", "Next run", Widget::Time).column(Column::Shown).sortable(),
        Field::new("last_run", "Last run", Widget::Time).column(Column::Shown).sortable(),
        Field::new("computers/num_associated_computers", "Computers", Widget::Count).column(Column::Shown),
        Field::new(
            "access_group",
            "Access group",
            Widget::Reference { kind: Kind::AccessGroup, by: ReferenceBy::Name },
        )
        .column(Column::Shown)
        .sortable()
        .filterable(),
        Field::new("trigger_type", "Trigger type", Widget::Select(TRIGGERS)).sortable().filterable(),
        Field::new("created_at", "Created", Widget::Time).column(Column::Optional).sortable(),
        Field::new("last_edited_at", "Last edited", Widget::Time).column(Column::Optional).sortable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable().filterable(),
    ],
    default_sort: "-created_at",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewScriptProfile),
    manage: Need::Account(Permission::ManageScriptProfile),
    nav: Some(Nav { group: NavGroup::Fleet, key: 'p', icon: "clock" }),
    storage: None,
};
