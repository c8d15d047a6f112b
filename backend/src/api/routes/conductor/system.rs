//! The manager itself: how it does, what it is set to, who did what.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::audit::AuditEntry;
use binnacle_shared::model::conductor::config::ConfigItem;
use binnacle_shared::model::conductor::license::License;
use binnacle_shared::model::conductor::maintenance::Maintenance;
use binnacle_shared::model::conductor::manager::{DbNode, Manager, ProviderContext, Version};
use binnacle_shared::model::conductor::permission::Permission as P;
use binnacle_shared::model::conductor::status::{ClusterStatus, ManagerStatus};

use crate::api::conductor::answer::Items;
use crate::api::conductor::{
    audit, cluster, config, idp, license, maintenance_mode, managers, provider_context, status, version,
};
use crate::api::context::Access;
use crate::api::routes::{Route, anywhere, delete, get, post, put};

const SIZE: &str = "At most so many rows.";
const OFFSET: &str = "Leaves out so many rows at the start.";
const SUMMARY: &str = "Leaves out the services.";

/// The part of a list that is in no table.
fn paged(route: Route) -> Route {
    route.query("_size", SIZE).query("_offset", OFFSET).includes()
}

pub fn status() -> Vec<Route> {
    vec![
        get("/ok", Access::Public, status::ok)
            .about("Tells whether the server works.")
            .answers::<String>(200)
            .refuses(&[500]),
        get("/status", anywhere(P::StatusGet), status::manager)
            .about("Tells how this node does.")
            .query("summary", SUMMARY)
            .answers::<ManagerStatus>(200)
            .includes(),
        get("/cluster-status", anywhere(P::ClusterStatusGet), status::cluster)
            .about("Tells how all nodes do. A summary of a failure has the status 500.")
            .query("summary", SUMMARY)
            .answers::<ClusterStatus>(200)
            .refuses(&[500])
            .includes(),
        get("/version", anywhere(P::VersionGet), version::read)
            .about("Tells which manager this is.")
            .answers::<Version>(200)
            .includes(),
        get("/idp", anywhere(P::IdentityProviderGet), idp::read)
            .about("Tells who knows the users' passwords: `local` or `ldap`.")
            .answers::<String>(200),
    ]
}

pub fn nodes() -> Vec<Route> {
    let unavailable = |route: Route| route.about("Is not available on this server.").refuses(&[404]);
    vec![
        get("/managers", anywhere(P::ManagerGet), managers::index)
            .about("Lists the nodes that serve this database.")
            .items_of::<Manager>(Kind::Manager),
        get("/managers/{hostname}", anywhere(P::ManagerGet), managers::read)
            .about("Gives a node.")
            .answers::<Manager>(200)
            .includes(),
        delete("/managers/{hostname}", anywhere(P::ManagerManage), managers::remove)
            .about("Forgets a node that is gone.")
            .answers_nothing(204)
            .refuses(&[409]),
        unavailable(post("/managers", anywhere(P::ManagerManage), managers::unavailable)),
        unavailable(put("/managers/{hostname}", anywhere(P::ManagerManage), managers::unavailable)),
        paged(get("/brokers", anywhere(P::BrokerGet), cluster::brokers))
            .about("Lists message brokers; there are none.")
            .answers::<Items<cluster::Broker>>(200),
        get("/brokers/{name}", anywhere(P::BrokerGet), cluster::broker)
            .about("Finds no message broker, as there is none.")
            .refuses(&[404]),
        unavailable(post("/brokers", anywhere(P::BrokerManage), managers::unavailable)),
        unavailable(put("/brokers/{name}", anywhere(P::BrokerManage), managers::unavailable)),
        unavailable(delete("/brokers/{name}", anywhere(P::BrokerManage), managers::unavailable)),
        paged(get("/db-nodes", anywhere(P::DbNodesGet), cluster::databases))
            .about("Lists the database that is used.")
            .answers::<Items<DbNode>>(200),
        paged(post("/db-nodes", anywhere(P::ClusterNodeConfigUpdate), cluster::refresh_databases))
            .about("Looks again which database is used.")
            .takes::<cluster::RefreshBody>()
            .answers::<Items<DbNode>>(200),
    ]
}

pub fn settings() -> Vec<Route> {
    vec![
        paged(get("/config", anywhere(P::ManagerConfigGet), config::index))
            .about("Lists the settings, and which role may do what.")
            .query("scope", "Only the settings of this scope.")
            .answers::<config::Settings>(200),
        get("/config/{name}", anywhere(P::ManagerConfigGet), config::read)
            .about("Gives a setting, by its name or as `scope.name`.")
            .answers::<ConfigItem>(200)
            .refuses(&[409])
            .includes(),
        put("/config/{name}", anywhere(P::ManagerConfigPut), config::update)
            .about("Changes a setting.")
            .takes::<config::ChangeBody>()
            .answers::<ConfigItem>(200)
            .refuses(&[409])
            .includes(),
        get("/maintenance", anywhere(P::MaintenanceModeGet), maintenance_mode::read)
            .about("Tells where the maintenance mode stands.")
            .answers::<Maintenance>(200)
            .includes(),
        post("/maintenance/{action}", anywhere(P::MaintenanceModeSet), maintenance_mode::switch)
            .about("Switches the maintenance mode: `activate` or `deactivate`.")
            .answers::<Maintenance>(200)
            .answers_nothing(304)
            .includes(),
        get("/provider/context", anywhere(P::ProviderContextGet), provider_context::read)
            .about("Gives what a bootstrap has left for later clients.")
            .answers::<ProviderContext>(200)
            .refuses(&[404])
            .includes(),
        post("/provider/context", anywhere(P::ProviderContextCreate), provider_context::set)
            .about("Leaves something for later clients.")
            .query("update", "Changes what is there; without it there must be nothing.")
            .takes::<provider_context::ContextBody>()
            .answers::<provider_context::Kept>(200)
            .answers::<provider_context::Kept>(201)
            .refuses(&[404, 409]),
    ]
}

pub fn license() -> Vec<Route> {
    vec![
        paged(get("/license", anywhere(P::LicenseList), license::index))
            .about("Lists the licence, if one was uploaded.")
            .answers::<Items<License>>(200),
        put("/license", anywhere(P::LicenseUpload), license::upload)
            .about("Takes a licence: the YAML file itself is the body.")
            .answers::<License>(200)
            .refuses(&[400, 413])
            .includes(),
        delete("/license", anywhere(P::LicenseRemove), license::remove)
            .about("Takes the licence away.")
            .answers_nothing(204),
        get("/license-check", anywhere(P::LicenseList), license::check)
            .about("Tells whether there is a licence that has not expired.")
            .answers::<License>(200)
            .refuses(&[400])
            .includes(),
        post("/license", anywhere(P::CommunityContactCreate), license::community_only)
            .about("Is for another edition.")
            .refuses(&[404]),
        post("/contacts", anywhere(P::CommunityContactCreate), license::community_only)
            .about("Is for another edition.")
            .refuses(&[404]),
    ]
}

pub fn audit() -> Vec<Route> {
    vec![
        get("/audit", anywhere(P::AuditLogView), audit::index)
            .about("Lists who changed what.")
            .query("since", "Only what was done then or later.")
            .query("before", "Only what was done before.")
            .query("order_by", "A field to sort by; the time if nothing is said.")
            .query("desc", "The other way round.")
            .query("offset", OFFSET)
            .query("size", "At most so many rows; 100 if nothing is said, 0 for all.")
            .items_of::<AuditEntry>(Kind::AuditEntry)
            .refuses(&[422]),
        get("/audit/stream", anywhere(P::AuditLogView), audit::stream)
            .about("Tells who changes what, as it happens: a JSON object and a blank line for each entry.")
            .query("creator_name", "Only what this user does.")
            .query("execution_id", "Only what this execution does.")
            .query("since", "Begins with what was done then.")
            .query("timeout", "Ends after so many seconds, and after 15 minutes in any case.")
            .answers_with(200, "text/event-stream")
            .refuses(&[422]),
        delete("/audit", anywhere(P::AuditLogTruncate), audit::truncate)
            .about("Removes old entries.")
            .needs_query("before", "Entries from before this moment go.")
            .query("creator_name", "Only what this user did.")
            .query("execution_id", "Only what this execution did.")
            .answers::<audit::Deleted>(200)
            .refuses(&[422]),
        post("/audit", anywhere(P::AuditLogInject), audit::inject)
            .about("Brings entries in from elsewhere, all or none.")
            .takes::<Vec<audit::ForeignEntry>>()
            .answers::<audit::Injected>(200)
            .refuses(&[422]),
    ]
}
