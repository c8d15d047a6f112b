//! The filters that are there from the first start.

use super::rule::{Operator, Rule};
use crate::label::{OBJECT_PARENT, OBJECT_TYPE, RESERVED_PREFIX};

/// Filters whose ids start so are the server's own; nobody makes one.
pub const ID_PREFIX: &str = RESERVED_PREFIX;

/// What the filters by kind look at. Blueprints of the public collection label themselves so.
const KIND_LABEL: &str = "obj-type";

/// A filter that the server brings along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builtin {
    pub id: String,
    pub rules: Vec<Rule>,
}

/// Each of these has a filter `KIND-deployments`.
const KINDS: &[&str] = &[
    "aws",
    "azure",
    "gcp",
    "terragrunt",
    "helm",
    "ansible",
    "starlingx",
    "vsphere",
    "docker",
    "netconf",
    "fabric",
    "libvirt",
    "utilities",
    "host-pool",
    "diamond",
    "openstack",
    "openstack-v3",
    "vcloud",
];

/// The filters for deployments. There are none for blueprints.
pub fn deployments() -> Vec<Builtin> {
    let of_kind = |kind: &str| vec![Rule::label(KIND_LABEL, Operator::AnyOf, &[kind])];
    let top_level = |operator| {
        vec![Rule::label(OBJECT_TYPE, operator, &["environment"]), Rule::label(OBJECT_PARENT, Operator::IsNull, &[])]
    };
    let own = |name: &str, rules| Builtin { id: format!("{ID_PREFIX}{name}-filter"), rules };
    let first = [
        own("environment", top_level(Operator::AnyOf)),
        own("service", top_level(Operator::IsNot)),
        own("k8s", of_kind("k8s")),
        own("terraform", of_kind("terraform")),
    ];
    let by_kind = KINDS.iter().map(|kind| Builtin { id: format!("{kind}-deployments"), rules: of_kind(kind) });
    first.into_iter().chain(by_kind).collect()
}
