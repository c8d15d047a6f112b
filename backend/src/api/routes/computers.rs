//! Computers and what is known of them.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::computer::{
    AvailabilityZones, Computer, ComputerPackage, ComputerPatch, NewRestart, SystemGroups, SystemProcess, SystemUser,
};
use binnacle_shared::model::landscape::tag::TagChange;

use super::{Route, get, manage, post, put, view};
use crate::api::landscape::{computers, inventory, tags};

/// What the flags of a list and of a single computer add.
fn with_flags(route: Route) -> Route {
    route
        .query("with_alerts", "`true` adds `alerts`.")
        .query("with_upgrades", "`true` adds `upgrades`: how many wait.")
        .query("with_reboot_packages", "`true` adds `reboot_packages`: those that asked for a reboot.")
        .query("with_network", "`true` adds `network_devices`.")
        .query("with_all_network", "The same as `with_network`.")
        .query("with_annotations", "`true` adds `annotations`.")
        .query("with_hardware", "`true` adds `hardware`, as the agent reported it.")
        .query("with_grouped_hardware", "`true` adds `grouped_hardware`: devices by what they are for.")
        .query("with_wsl_profiles", "`true` adds `wsl_profiles`, which is empty.")
}

pub fn rows() -> Vec<Route> {
    let view = view(Kind::Computer);
    let manage = manage(Kind::Computer);
    vec![
        with_flags(
            get("/computers", view, computers::list)
                .about("Lists computers.")
                .list_of::<Computer>(Kind::Computer)
                .query("query", "Words and selectors such as `tag:web OR NOT needs:reboot`.")
                .query("archived_only", "`true`: only archived computers; `false` (default): only others."),
        )
        .query("with_release_upgrades", "Without effect: `has_release_upgrades` is always there.")
        .query("root_only", "Without effect: every computer is the head of its family.")
        .query("wsl_parents", "`true` finds nothing: no computer is of that kind.")
        .query("wsl_children", "`true` finds nothing: no computer is of that kind.")
        .query("wsl_only", "`true` finds nothing: no computer is of that kind."),
        get("/computers/activities", view, computers::activities)
            .about("Lists what some computers were told to do, newest first.")
            .list_of::<Activity>(Kind::Activity)
            .needs_query("computer_ids", "Numbers of computers, joined by commas."),
        get("/computers/availability-zones", view, computers::availability_zones)
            .about("Lists the availability zones of computers; agents report none.")
            .answers::<AvailabilityZones>(200),
        with_flags(get("/computers/{id}", view, computers::read).about("Reads a computer.").answers::<Computer>(200))
            .query("with_profiles", "`true` adds `profiles`: those that reach the computer."),
        put("/computers/{id}", manage, computers::edit)
            .about("Changes the fields of a computer that are sent.")
            .takes::<ComputerPatch>()
            .answers::<Computer>(200)
            .refuses(&[404]),
        post("/computers/{id}/restart", manage, computers::restart)
            .about("Restarts a computer.")
            .takes::<NewRestart>()
            .answers::<Activity>(200),
        get("/computers/{id}/packages", view, inventory::packages)
            .about("Lists the packages of a computer by name.")
            .answers::<Envelope<ComputerPackage>>(200)
            .query("search", "Words in name or summary.")
            .query("installed", "`true` or `false`: only such packages.")
            .query("upgrade", "`true` or `false`: only upgrades, or only others.")
            .query("held", "`true` or `false`: only packages that are held back, or only others.")
            .query("security", "`true` or `false`: only security updates, or only others.")
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/computers/{id}/packages/installed", view, inventory::installed)
            .about("Lists the installed packages of a computer by name.")
            .answers::<Envelope<ComputerPackage>>(200)
            .query("search", "Words in name or summary.")
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/computers/{id}/users", view, inventory::users)
            .about("Lists the users of a computer's system by name.")
            .answers::<Envelope<SystemUser>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/computers/{id}/groups", view, inventory::groups)
            .about("Lists the groups of a computer's system by name.")
            .answers::<SystemGroups>(200),
        get("/computers/{id}/users/{username}/groups", view, inventory::groups_of_user)
            .about("Lists the groups that a user of a computer's system is in.")
            .answers::<SystemGroups>(200),
        get("/computers/{id}/processes", view, inventory::processes)
            .about("Lists the processes of a computer, as they were last reported.")
            .answers::<Envelope<SystemProcess>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/tags", view, tags::list)
            .about("Lists the tags that computers have.")
            .answers::<Envelope<String>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/tags/profile-diff", view, tags::profile_diff)
            .about("Says which profiles would reach more computers if some computers got some tags.")
            .answers::<Envelope<TagChange>>(200)
            .query("instance_ids", "Numbers of computers, joined by commas.")
            .query("tags", "Tags, joined by commas.")
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
    ]
}
