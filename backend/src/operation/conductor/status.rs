//! How this node does, and all nodes together: what was looked at just now, and nothing else.

use std::collections::BTreeMap;

use binnacle_shared::model::conductor::manager::{DbNode, Manager};
use binnacle_shared::model::conductor::status::{
    Activity, ClusterNode, ClusterService, ClusterStatus, ExtraInfo, Health, Instance, ManagerStatus, Service, Unit,
};
use binnacle_shared::permission::Permission;
use serde_json::{Map, Value, json};

use super::{Author, Error};
use crate::engine::ALIVE_FOR;
use crate::facts::Facts;
use crate::operation::Services;
use crate::store::conductor::node::API_VERSION;
use crate::store::contact::{self, Contact};
use crate::store::database::{self, Database};
use crate::store::{StoreError, list};

/// With less room than this the database may stop taking changes at any moment.
const LITTLE_ROOM: u64 = 100 * 1024 * 1024;

/// What was seen of this node.
struct Seen {
    facts: Facts,
    database: Result<Database, StoreError>,
    /// Of the computers that the author sees.
    contact: Contact,
}

async fn look(services: &Services, author: &Author<'_>) -> Result<Seen, Error> {
    let facts = services.engine.facts().await;
    let database = ask(services).await;
    let person = author.person;
    let scope = person.grants.scope_for(person.account_id, Permission::ViewComputer);
    let contact = match &database {
        Ok(_) => contact::count(&mut services.db.read().await?, &scope, services.clock.now()).await?,
        Err(_) => Contact::default(),
    };
    Ok(Seen { facts, database, contact })
}

async fn ask(services: &Services) -> Result<Database, StoreError> {
    database::ask(&mut services.db.read().await?).await
}

/// Whether the database answers.
pub async fn is_answering(services: &Services) -> bool {
    ask(services).await.is_ok()
}

/// Where the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In this process.
    Here,
    /// On this machine, in no process of which the number is known.
    Machine,
    Elsewhere,
}

fn service(name: &str, id: &str, description: String, works: bool, place: Place, facts: Value) -> (String, Service) {
    let (state, active_state, sub_state) =
        if works { ("running", "active", "running") } else { ("down", "failed", "failed") };
    let instance = Instance {
        id: id.to_owned(),
        description,
        state: state.to_owned(),
        load_state: "loaded".to_owned(),
        active_state: active_state.to_owned(),
        sub_state: sub_state.to_owned(),
        main_pid: if place == Place::Here { std::process::id() } else { 0 },
    };
    let is_remote = place == Place::Elsewhere;
    let systemd = Unit { display_name: name.to_owned(), unit_id: id.to_owned(), instances: vec![instance] };
    let status = if works { Activity::Active } else { Activity::Inactive };
    let facts = match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    };
    (name.to_owned(), Service { status, is_remote, extra_info: ExtraInfo { systemd, facts } })
}

impl Seen {
    fn services(&self, services: &Services) -> BTreeMap<String, Service> {
        let Self { facts, database, contact } = self;
        let mut all = BTreeMap::new();
        let system = facts.system.clone().unwrap_or_default();
        let kernel = facts.kernel.as_ref();
        let about = json!({
            "version": facts.version,
            "uptime_seconds": facts.uptime.map(|uptime| uptime.as_secs()),
            "resident_memory_bytes": facts.resident_memory,
            "memory_bytes": facts.memory.map(|memory| memory.total),
            "available_memory_bytes": facts.memory.map(|memory| memory.available),
            "system": system.name,
            "kernel": kernel.map(|kernel| format!("{} {}", kernel.name, kernel.release)),
            "machine": kernel.map(|kernel| kernel.machine.clone()),
        });
        // Whoever answers works.
        all.extend([service("Server", "binnacle", "API and console".to_owned(), true, Place::Here, about)]);
        all.extend([match database {
            Ok(found) => {
                let description = format!("{} {}", found.product, found.version);
                let facts = json!({"product": found.product, "version": found.version});
                let place = match &found.name {
                    // The embedded one has no name.
                    None => Place::Here,
                    Some(_) if is_external(found, &self.facts) => Place::Elsewhere,
                    Some(_) => Place::Machine,
                };
                service("Database", "database", description, true, place, facts)
            }
            Err(_) => service("Database", "database", "Does not answer".to_owned(), false, Place::Machine, json!({})),
        }]);
        let looked_at = services.engine.looked_at().map(|at| at.to_string());
        let description = "Runs what is due".to_owned();
        let about = json!({"looked_at": looked_at});
        all.extend([service("Scheduler", "scheduler", description, services.engine.is_looking(), Place::Here, about)]);
        let works = contact.known == 0 || contact.connected > 0;
        let about = json!({"known": contact.known, "connected": contact.connected});
        let description = "Agents on the computers that you see".to_owned();
        all.extend([service("Agents", "agents", description, works, Place::Elsewhere, about)]);
        if let Some(disk) = facts.disk {
            let about = json!({"total_bytes": disk.total, "free_bytes": disk.free});
            let description = "Room where the server keeps its data".to_owned();
            all.extend([service("Disk", "disk", description, disk.free >= LITTLE_ROOM, Place::Machine, about)]);
        }
        all
    }
}

/// What the node cannot do without. Agents may all be off at night.
fn health(services: &BTreeMap<String, Service>) -> Health {
    let needed = services.iter().filter(|(name, _)| *name != "Agents");
    let works = needed.into_iter().all(|(_, service)| service.status == Activity::Active);
    if works { Health::Ok } else { Health::Fail }
}

/// How this node does.
pub async fn manager(services: &Services, author: &Author<'_>) -> Result<ManagerStatus, Error> {
    let services = look(services, author).await?.services(services);
    Ok(ManagerStatus { status: health(&services), services })
}

/// A database whose server has an address that is not of this machine.
fn is_external(database: &Database, facts: &Facts) -> bool {
    let Some(address) = &database.address else { return false };
    let is_loopback = address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    !is_loopback && facts.address.is_none_or(|own| own.to_string() != *address)
}

/// The database that is really used.
pub async fn db_nodes(services: &Services) -> Result<Vec<DbNode>, Error> {
    let facts = services.engine.facts().await;
    let database = ask(services).await?;
    let is_external = is_external(&database, &facts);
    let here = facts.address.map(|address| address.to_string()).or(facts.hostname);
    let name = database.name.unwrap_or_else(|| database.product.to_owned());
    let host = database.address.filter(|_| is_external).or(here).unwrap_or_default();
    Ok(vec![DbNode { name, host, is_external }])
}

/// How all nodes do: what this one sees of itself, and of the others whether they are there.
pub async fn cluster(services: &Services, author: &Author<'_>) -> Result<ClusterStatus, Error> {
    let now = services.clock.now();
    let seen = look(services, author).await?;
    let mut nodes = BTreeMap::new();
    let managers = match &seen.database {
        Ok(_) => {
            let mut conn = services.db.read().await?;
            list::all::<Manager>(&mut conn, &(), sea_query::Condition::all()).await?
        }
        Err(_) => Vec::new(),
    };
    for manager in managers {
        let alive = now.duration_since(manager.last_seen.0) <= ALIVE_FOR;
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let node = ClusterNode {
            status: if alive { Health::Ok } else { Health::Fail },
            version: manager.version,
            public_ip: given(manager.public_ip),
            private_ip: given(manager.private_ip),
            services: BTreeMap::new(),
        };
        nodes.insert(manager.hostname, node);
    }
    let own = seen.services(services);
    let address = seen.facts.address.map(|address| address.to_string());
    let this = ClusterNode {
        status: health(&own),
        version: API_VERSION.to_owned(),
        public_ip: address.clone(),
        private_ip: address,
        services: own,
    };
    nodes.insert(seen.facts.hostname.clone().unwrap_or_default(), this);
    let manager = ClusterService { status: together(&nodes), is_external: false, nodes };
    let db = database_service(&seen);
    let status = match (db.status, manager.status) {
        (Health::Fail, _) | (_, Health::Fail) => Health::Fail,
        (_, other) => other,
    };
    let services = [("manager".to_owned(), manager), ("db".to_owned(), db)].into();
    Ok(ClusterStatus { status, services })
}

/// Several nodes: some of them are enough to work.
fn together(nodes: &BTreeMap<String, ClusterNode>) -> Health {
    let working = nodes.values().filter(|node| node.status == Health::Ok).count();
    match working {
        0 => Health::Fail,
        all if all == nodes.len() => Health::Ok,
        _ => Health::Degraded,
    }
}

fn database_service(seen: &Seen) -> ClusterService {
    let Ok(database) = &seen.database else {
        return ClusterService { status: Health::Fail, is_external: false, nodes: BTreeMap::new() };
    };
    let is_external = is_external(database, &seen.facts);
    let own = || seen.facts.address.map(|address| address.to_string());
    let node = ClusterNode {
        status: Health::Ok,
        version: database.version.clone(),
        public_ip: None,
        private_ip: database.address.clone().filter(|_| is_external).or_else(own),
        services: BTreeMap::new(),
    };
    let name = database.name.clone().unwrap_or_else(|| database.product.to_owned());
    ClusterService { status: Health::Ok, is_external, nodes: [(name, node)].into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use binnacle_shared::model::conductor::status::{ClusterNode, Health};

    use super::together;

    #[test]
    fn some_nodes_are_enough_to_work() {
        let node = |status| ClusterNode {
            status,
            version: String::new(),
            public_ip: None,
            private_ip: None,
            services: BTreeMap::new(),
        };
        let of = |statuses: &[Health]| {
            let nodes = statuses.iter().enumerate().map(|(i, status)| (i.to_string(), node(*status))).collect();
            together(&nodes)
        };
        assert_eq!(of(&[Health::Ok, Health::Ok]), Health::Ok);
        assert_eq!(of(&[Health::Ok, Health::Fail]), Health::Degraded);
        assert_eq!(of(&[Health::Fail]), Health::Fail);
    }
}
