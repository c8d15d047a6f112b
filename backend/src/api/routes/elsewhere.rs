//! What the public console asks for and this server does not have.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use serde_json::Value;

use super::{Route, delete, get, patch, post, put, unavailable, view};
use crate::api::landscape::elsewhere::{empty, nothing, refused};

const LISTS: &[&str] = &[
    "/activities/exports",
    "/autoinstall-files",
    "/child-instance-profiles",
    "/computers/exports",
    "/computers/{id}/snaps/installed",
    "/computers/{id}/usns",
    "/exports",
    "/packages",
    "/rebootprofiles",
    "/repositoryprofiles",
    "/security-profiles",
    "/snaps",
    "/usg-profiles",
    "/users",
    "/usns",
];

/// Reading something that cannot be there.
const READS: &[&str] = &[
    "/computers/report",
    "/computers/{id}/livepatch/info",
    "/computers/{id}/livepatch/kernel",
    "/repository/ubuntu-archive-info",
    "/security-profiles/{id}",
    "/ubuntu-installer-attach-sessions/code/{code}",
    "/wsl-feature-limits",
];

const POSTS: &[&str] = &[
    "/attach-token",
    "/computers/upgrade-packages",
    "/computers/{id}/kernel/downgrade",
    "/computers/{id}/kernel/upgrade",
    "/detach-token",
    "/exports",
    "/processes/kill",
    "/processes/terminate",
    "/rebootprofiles",
    "/repositoryprofiles",
    "/security-profiles",
    "/snaps",
    "/usg-profiles",
];

pub fn rows() -> Vec<Route> {
    let view = view(Kind::Computer);
    let lists = LISTS.iter().map(|path| {
        get(*path, view, empty)
            .about("Lists something that this server does not have: nothing.")
            .answers::<Envelope<Value>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start.")
    });
    let reads = READS.iter().map(|path| unavailable(get(*path, view, refused)));
    let posts = POSTS.iter().map(|path| unavailable(post(*path, view, refused)));
    let changes = [
        unavailable(put("/security-profiles/{id}", view, refused)),
        unavailable(patch("/security-profiles/{id}", view, refused)),
        unavailable(delete("/exports/{id}", view, refused)),
        get("/wsl-instance-names", view, nothing)
            .about("Lists something that this server does not have: nothing.")
            .answers::<Vec<Value>>(200),
    ];
    lists.chain(reads).chain(posts).chain(changes).collect()
}
