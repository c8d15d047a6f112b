//! How the manager does: this node, and all nodes together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How something does as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Health {
    #[serde(rename = "OK")]
    Ok,
    /// It works, and something of it does not.
    Degraded,
    Fail,
}

/// Whether a service does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Activity {
    Active,
    Inactive,
}

/// This node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ManagerStatus {
    pub status: Health,
    /// By the names that people know them by. Empty in a summary.
    pub services: BTreeMap<String, Service>,
}

/// A part of the manager that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    pub status: Activity,
    /// Whether it runs on another machine.
    pub is_remote: bool,
    pub extra_info: ExtraInfo,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExtraInfo {
    /// In the form in which clients look for units of the system.
    pub systemd: Unit,
    /// What was seen.
    pub facts: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unit {
    pub display_name: String,
    pub unit_id: String,
    pub instances: Vec<Instance>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instance {
    #[serde(rename = "Id")]
    pub id: String,
    #[serde(rename = "Description")]
    pub description: String,
    /// `running` or `down`.
    pub state: String,
    /// The same in the words of systemd, which clients may look for: there is no unit, so `loaded`
    /// says no more than that it was looked at.
    #[serde(rename = "LoadState")]
    pub load_state: String,
    /// `active` or `failed`.
    #[serde(rename = "ActiveState")]
    pub active_state: String,
    /// `running` or `failed`.
    #[serde(rename = "SubState")]
    pub sub_state: String,
    /// The process that does the work; 0 where there is none on this machine, or it is not known.
    #[serde(rename = "MainPID")]
    pub main_pid: u32,
}

/// All nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterStatus {
    pub status: Health,
    /// `manager` and `db`. Empty in a summary.
    pub services: BTreeMap<String, ClusterService>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterService {
    pub status: Health,
    pub is_external: bool,
    pub nodes: BTreeMap<String, ClusterNode>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterNode {
    pub status: Health,
    pub version: String,
    pub public_ip: Option<String>,
    pub private_ip: Option<String>,
    /// Only the node that answers knows its services.
    pub services: BTreeMap<String, Service>,
}
