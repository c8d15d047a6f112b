//! What the public console asks for and this server does not have.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use serde_json::Value;

use super::{Route, delete, get, patch, post, put, unavailable, view};
use crate::api::context::Access::Public;
use crate::api::landscape::elsewhere::{
    Children, PackageProfiles, ReleaseTargets, children, empty, nothing, package_profiles, refused, release_targets,
};

const LISTS: &[&str] = &[
    "/activities/exports",
    "/autoinstall-files",
    "/child-instance-profiles",
    "/computers/exports",
    "/computers/{id}/snaps/installed",
    "/computers/{id}/usns",
    "/employees",
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
    "/auth/oidc-providers/{id}",
    "/computers/report",
    "/computers/{id}/livepatch/info",
    "/computers/{id}/livepatch/kernel",
    "/computers/{id}/recovery-key",
    "/employees/{id}",
    "/oidc/groups/import_session/{id}",
    "/oidc/groups/staged",
    "/packageprofiles/{name}/constraints",
    "/repository/ubuntu-archive-info",
    "/security-profiles/{id}",
    "/ubuntu-installer-attach-sessions/code/{code}",
    "/wsl-feature-limits",
];

const POSTS: &[&str] = &[
    "/accounts",
    "/attach-token",
    "/auth/oidc-providers",
    "/computers/release-upgrades",
    "/computers/upgrade-packages",
    "/computers/{id}/archive",
    "/computers/{id}/children",
    "/computers/{id}/delete-children",
    "/computers/{id}/kernel/downgrade",
    "/computers/{id}/kernel/upgrade",
    "/computers/{id}/recovery-key:generate",
    "/computers/{id}/sanitize",
    "/computers/{id}/usergroups/update_bulk",
    "/computers:delete",
    "/detach-token",
    "/employee_groups",
    "/employees/{id}/computers",
    "/employees/{id}/offboard",
    "/exports",
    "/oidc/groups/import_session",
    "/packageprofiles",
    "/packageprofiles/{name}/constraints",
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
        // Whoever signs in by another provider is not signed in yet.
        unavailable(get("/auth/start", Public, refused)),
        unavailable(get("/auth/handle-code", Public, refused)),
        unavailable(patch("/auth/oidc-providers/{id}", view, refused)),
        unavailable(delete("/auth/oidc-providers/{id}", view, refused)),
        unavailable(put("/security-profiles/{id}", view, refused)),
        unavailable(patch("/security-profiles/{id}", view, refused)),
        unavailable(patch("/employees/{id}", view, refused)),
        unavailable(delete("/employees/{id}/computers/{computer_id}", view, refused)),
        unavailable(put("/packageprofiles/{name}", view, refused)),
        unavailable(put("/packageprofiles/{name}/constraints/{id}", view, refused)),
        unavailable(delete("/packageprofiles/{name}/constraints", view, refused)),
        get("/packageprofiles", view, package_profiles)
            .about("Lists something that this server does not have: nothing.")
            .answers::<PackageProfiles>(200),
        get("/computers/release-upgrade-targets", view, release_targets)
            .about("Lists something that this server does not have: nothing.")
            .answers::<ReleaseTargets>(200),
        get("/computers/{id}/children", view, children)
            .about("Lists the computers inside a computer: there are none.")
            .answers::<Children>(200),
        get("/computers/{id}/packages/profile", view, nothing)
            .about("Lists something that this server does not have: nothing.")
            .answers::<Vec<Value>>(200),
        unavailable(delete("/exports/{id}", view, refused)),
        get("/wsl-instance-names", view, nothing)
            .about("Lists something that this server does not have: nothing.")
            .answers::<Vec<Value>>(200),
    ];
    lists.chain(reads).chain(posts).chain(changes).collect()
}
