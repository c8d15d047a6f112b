//! Computers: the machines that agents report.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alert::ComputerAlert;
use crate::body::Reader;
use crate::field::{Column, Field, FormUse, ReferenceBy, Widget};
use crate::patch::Patch;
use crate::permission::Permission;
use crate::problem::{Problems, Violation};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::time::Seconds;
use crate::{rules, time};

/// What the computer says of its operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DistributionInfo {
    pub distributor: Option<String>,
    pub description: Option<String>,
    pub release: Option<String>,
    pub code_name: Option<String>,
}

/// A network device as `with_network` adds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NetworkDevice {
    pub interface: String,
    pub ip_address: String,
    pub mac_address: String,
    pub broadcast_address: String,
    pub netmask: String,
}

/// A computer. Fields that nothing can fill yet are null, false or empty, as the API has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Computer {
    pub id: i64,
    pub title: String,
    pub comment: String,
    pub hostname: Option<String>,
    pub tags: Vec<String>,
    pub access_group: String,
    /// MiB.
    pub total_memory: Option<i64>,
    /// MiB.
    pub total_swap: Option<i64>,
    pub reboot_required_flag: bool,
    pub update_manager_prompt: Option<String>,
    pub clone_id: Option<i64>,
    pub last_exchange_time: Option<Seconds>,
    pub last_ping_time: Option<Seconds>,
    pub registered_at: Seconds,
    pub distribution: Option<String>,
    pub distribution_info: Option<DistributionInfo>,
    pub cloud_instance_metadata: Value,
    pub cloud_init: Value,
    pub vm_info: Option<String>,
    pub container_info: Option<String>,
    pub ubuntu_pro_info: Option<Value>,
    pub ubuntu_pro_reboot_required_info: Option<Value>,
    pub livepatch_info: Option<Value>,
    pub is_wsl_instance: bool,
    pub is_default_child: Option<bool>,
    pub default_child: Option<Value>,
    pub num_child: i64,
    pub parent: Option<Value>,
    pub children: Vec<Value>,
    pub archived: bool,
    pub employee_id: Option<i64>,
    pub has_release_upgrades: bool,
    /// With `with_network` or `with_all_network`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_devices: Option<Vec<NetworkDevice>>,
    /// With `with_annotations`: values by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// With `with_hardware`: the hardware as the agent reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Value>,
    /// With `with_grouped_hardware`: the hardware by what it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grouped_hardware: Option<Value>,
    /// With `with_alerts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<ComputerAlert>>,
    /// With `with_upgrades`: how many upgrades wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrades: Option<Upgrades>,
    /// With `with_reboot_packages`: the packages that asked for a reboot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reboot_packages: Option<Vec<String>>,
    /// With `with_profiles`: the profiles that reach the computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<ComputerProfile>>,
    /// With `with_wsl_profiles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wsl_profiles: Option<Vec<ComputerProfile>>,
}

/// How many upgrades wait for a computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upgrades {
    /// Those that are no security upgrades.
    pub regular: i64,
    pub security: i64,
}

/// A profile that reaches a computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComputerProfile {
    pub id: i64,
    pub name: Option<String>,
    pub title: String,
    /// `script`, and other words once there are other profiles.
    #[serde(rename = "type")]
    pub profile_type: String,
}

/// A user of a computer's system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SystemUser {
    pub computer_id: i64,
    pub username: String,
    pub uid: i64,
    /// Whether the user can log in.
    pub enabled: bool,
    pub name: Option<String>,
    pub location: Option<String>,
    pub home_phone: Option<String>,
    pub work_phone: Option<String>,
    pub primary_gid: Option<i64>,
    pub primary_groupname: Option<String>,
}

/// A group of a computer's system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SystemGroup {
    pub id: i64,
    pub computer_id: i64,
    pub gid: i64,
    pub name: String,
}

/// Answer of `GET computers/{id}/groups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SystemGroups {
    pub groups: Vec<SystemGroup>,
}

/// A process of a computer, as last reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SystemProcess {
    pub computer_id: i64,
    pub pid: i64,
    pub name: String,
    /// One letter, as `ps` shows it.
    pub state: String,
    pub uid: i64,
    pub gid: i64,
    /// Kibibytes.
    pub vm_size: Option<i64>,
    pub start_time: Seconds,
    pub cpu_utilisation: Option<f64>,
}

/// A package of a computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComputerPackage {
    pub id: i64,
    pub name: String,
    pub version: String,
    pub section: String,
    pub summary: String,
    /// `installed`, `held` or `available`.
    pub status: String,
    /// An upgrade of an installed package.
    pub available_upgrade: bool,
    /// Nothing needs it any more.
    pub autoremovable: bool,
    /// It closes security holes.
    pub security: bool,
}

/// Answer of `GET computers/availability-zones`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AvailabilityZones {
    pub values: Vec<String>,
}

/// A computer that waits for somebody to accept it (legacy `GetPendingComputers`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PendingComputer {
    pub id: i64,
    pub title: String,
    pub hostname: Option<String>,
    pub creation_time: Seconds,
    pub vm_info: Option<String>,
    pub container_info: Option<String>,
    pub client_tags: Vec<String>,
    pub access_group: Option<String>,
}

/// Body of `PUT computers/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComputerPatch {
    pub title: Patch<String>,
    pub comment: Patch<String>,
    pub access_group: Patch<String>,
    /// Replaces the whole set.
    pub tags: Patch<Vec<String>>,
}

impl ComputerPatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.patch("title");
        let title = r.check_patch("title", title, rules::title);
        let comment = r.patch("comment");
        let comment = r.check_patch("comment", comment, rules::comment);
        let access_group = r.patch("access_group");
        let access_group = r.check_patch("access_group", access_group, rules::title);
        let tags = r.strings("tags", rules::tag);
        r.finish().or(Self { title, comment, access_group, tags })
    }
}

/// Longest time over which deliveries can be spread: a week.
pub const DELAY_WINDOW_MAX: i64 = 7 * 24 * 60;

/// Minutes over which the delivery to several computers is spread.
pub fn delay_window(minutes: i64) -> Result<i64, Violation> {
    if !(0..=DELAY_WINDOW_MAX).contains(&minutes) {
        return Err(Violation::new("range", format!("Must be 0 to {DELAY_WINDOW_MAX} minutes (a week).")));
    }
    Ok(minutes)
}

/// Body of `POST computers/{id}/restart`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewRestart {
    /// Not before this; at once when it is left out.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Seconds>"))]
    pub deliver_after: Option<Timestamp>,
    /// Minutes over which delivery is spread.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub deliver_delay_window: i64,
}

impl NewRestart {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let after = r.optional::<String>("deliver_after").filter(|text| !text.trim().is_empty());
        let deliver_after = r.check("deliver_after", after, |text| time::parse(&text));
        let window = r.optional("deliver_delay_window").or(Some(0));
        let deliver_delay_window = r.check("deliver_delay_window", window, delay_window).unwrap_or_default();
        r.finish().or(Self { deliver_after, deliver_delay_window })
    }
}

/// The name of an annotation: letters, digits and a few signs, so that queries can hold it.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
pub fn annotation_key(text: String) -> Result<String, Violation> {
    let key = text.trim();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || key.len() > 255 || !key.chars().all(fits) {
        return Err(Violation::new(
            "format",
            "An annotation's key has 1 to 255 bytes: letters, digits, -, _ and full stops.",
        ));
    }
    Ok(key.to_owned())
}

const GROUP: &str = "Computer";

#[cfg(feature = "schema")]
crate::body_schema!(ComputerPatch, Kind::Computer, Edit);

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Computer,
    singular: "computer",
    plural: "Computers",
    path: "computers",
    purpose: "A computer appears here when its agent enrols. Scripts run on it and it reports what it is.",
    fields: &[
        Field::new("title", "Title", Widget::Text)
            .column(Column::Title)
            .sortable()
            .searchable()
            .form(FormUse::required(GROUP)),
        Field::new("hostname", "Host name", Widget::Mono).column(Column::Shown).sortable().searchable().filterable(),
        Field::new("distribution", "Distribution", Widget::Text).column(Column::Shown).sortable().filterable(),
        Field::new(
            "access_group",
            "Access group",
            Widget::Reference { kind: Kind::AccessGroup, by: ReferenceBy::Name },
        )
        .help("Who may see and change this computer, and which profiles reach it.")
        .column(Column::Shown)
        .sortable()
        .filterable()
        .form(FormUse::required(GROUP)),
        Field::new("tags", "Tags", Widget::Tags)
            .help("Profiles find computers by their tags.")
            .column(Column::Shown)
            .filterable()
            .form(FormUse::optional(GROUP)),
        Field::new("last_ping_time", "Last contact", Widget::Time).column(Column::Shown).sortable(),
        Field::new("registered_at", "Enrolled", Widget::Time).column(Column::Optional).sortable(),
        Field::new("total_memory", "Memory (MiB)", Widget::Count).column(Column::Optional).sortable(),
        Field::new("comment", "Comment", Widget::TextArea)
            .column(Column::Optional)
            .searchable()
            .form(FormUse::optional(GROUP)),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable().filterable(),
    ],
    default_sort: "title",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewComputer),
    manage: Need::Account(Permission::ManageComputer),
    nav: Some(Nav { group: NavGroup::Fleet, key: 'c', icon: "computer" }),
    storage: None,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ComputerPatch;
    use crate::patch::Patch;

    #[test]
    fn a_patch_says_what_is_wrong_where() {
        let patch = ComputerPatch::parse(&json!({"tags": ["web", "web"], "comment": null})).unwrap();
        assert_eq!(patch.tags, Patch::Set(vec!["web".to_owned()]));
        assert_eq!(patch.comment, Patch::Null);
        let problems = ComputerPatch::parse(&json!({"title": " ", "tags": ["a b"]})).unwrap_err();
        assert_eq!(problems.0[0].pointer, "/title");
        assert_eq!(problems.0[1].pointer, "/tags/0");
    }
}
