//! The events log: who did what, and when.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::field::{Choice, Column, Field, Widget};
use crate::permission::Permission;
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Seconds;

macro_rules! entities {
    ($($name:ident $label:literal),+ $(,)?) => {
        /// What an event is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Entity {
            $(#[doc = $label] $name,)+
            /// A thing of a kind that is nothing but its fields.
            Record(Kind),
        }

        impl Entity {
            /// The word in `entity_type`.
            pub fn name(self) -> Cow<'static, str> {
                match self {
                    $(Self::$name => $label.into(),)+
                    Self::Record(kind) => {
                        let singular = kind.info().singular;
                        format!("{}{}", singular[..1].to_ascii_uppercase(), &singular[1..]).into()
                    }
                }
            }
        }

        /// The choices of a filter.
        const ENTITIES: &[Choice] = &[$(Choice { value: $label, label: $label, help: "" }),+];
    };
}

entities! {
    Account "Account",
    AccessGroup "Access group",
    AccessKey "Access key",
    Activity "Activity",
    ActivityGroup "Activity group",
    Alert "Alert",
    Computer "Computer",
    Invitation "Invitation",
    Person "Administrator",
    Role "Role",
    Script "Script",
    ScriptProfile "Script profile",
    Session "Session",
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    pub id: i64,
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub creation_time: Seconds,
    /// Who did it; null: the server itself, or somebody unknown.
    pub person_id: Option<i64>,
    /// The name they had then.
    pub person_name: Option<String>,
    /// What it was done to: `Computer`, `Script profile`, …
    pub entity_type: String,
    pub entity_id: Option<i64>,
    pub entity_name: String,
    /// What happened.
    pub message: String,
}

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Event,
    singular: "event",
    plural: "Events",
    path: "events",
    purpose: "The log of who changed what, and of who signed in.",
    fields: &[
        Field::new("message", "Event", Widget::Text).column(Column::Title).searchable(),
        Field::new("creation_time", "Time", Widget::Time).column(Column::Shown).sortable(),
        Field::new("person_name", "By", Widget::Text).column(Column::Shown).sortable().searchable().filterable(),
        Field::new("entity_type", "Type", Widget::Select(ENTITIES))
            .column(Column::Shown)
            .sortable()
            .searchable()
            .filterable(),
        Field::new("entity_name", "Name", Widget::Text).column(Column::Shown).sortable().searchable(),
        Field::new("entity_id", "Entity ID", Widget::Mono).column(Column::Optional).filterable(),
        Field::new("person_id", "Person ID", Widget::Mono).column(Column::No).filterable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable(),
    ],
    default_sort: "-creation_time",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewEventLog),
    manage: Need::Account(Permission::ManageAccount),
    nav: Some(Nav { group: NavGroup::Administration, key: 'l', icon: "list" }),
    storage: None,
};
