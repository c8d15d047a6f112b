//! Computers: the machines that agents report.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body::Reader;
use crate::field::{Column, Field, FormUse, ReferenceBy, Widget};
use crate::patch::Patch;
use crate::permission::Permission;
use crate::problem::Problems;
use crate::registry::{Kind, KindInfo, Nav, NavGroup};
use crate::rules;
use crate::time::Seconds;

/// What the computer says of its operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistributionInfo {
    pub distributor: Option<String>,
    pub description: Option<String>,
    pub release: Option<String>,
    pub code_name: Option<String>,
}

/// A network device as `with_network` adds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkDevice {
    pub interface: String,
    pub ip_address: String,
    pub mac_address: String,
    pub broadcast_address: String,
    pub netmask: String,
}

/// A computer. Fields that nothing can fill yet are null, false or empty, as the API has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// With `with_network`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_devices: Option<Vec<NetworkDevice>>,
    /// With `with_annotations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Value>,
    /// With `with_hardware`: processors, as the agent reports them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Value>,
}

/// A computer that waits for somebody to accept it (legacy `GetPendingComputers`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

const GROUP: &str = "Computer";

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
    view: Permission::ViewComputer,
    manage: Permission::ManageComputer,
    nav: Some(Nav { group: NavGroup::Fleet, key: 'c', icon: "computer" }),
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
