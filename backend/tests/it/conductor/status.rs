//! How the manager does, which nodes there are, what they work with.

use axum::http::Method;
use binnacle::clock::Clock;
use binnacle::store::conductor::node::{self, NewNode};
use binnacle::store::{account, agent};
use binnacle_shared::model::conductor::role::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Client};
use crate::app;
use crate::on_both_databases;

/// The same without what differs from machine to machine, by the names of its fields.
fn redact(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if names.contains(&name.as_str()) {
                    *field = json!("[…]");
                } else {
                    redact(field, names);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, names)),
        _ => {}
    }
}

/// What differs between machines and databases.
const OF_MACHINES: &[&str] = &[
    "MainPID",
    "Description",
    "product",
    "version",
    "resident_memory_bytes",
    "memory_bytes",
    "available_memory_bytes",
    "system",
    "kernel",
    "machine",
    "total_bytes",
    "free_bytes",
    "binnacle_version",
    "distribution",
    "distro_release",
    "private_ip",
    "public_ip",
    "networks",
    "hostname",
];

impl App {
    async fn ask_for(&self, user: &User, path: &str) -> Value {
        self.conduct(user, Method::GET, path, Value::Null).await.expect(200)
    }

    async fn hostname(&self) -> String {
        self.services.engine.facts().await.hostname.unwrap()
    }

    /// A node that says something now.
    async fn other_node(&self, hostname: &str) {
        let new = NewNode {
            hostname,
            private_ip: "10.0.0.7",
            public_ip: "",
            version: "0.0.1",
            distribution: "debian",
            distro_release: "bookworm",
            started_at: self.clock.now(),
        };
        let mut conn = self.services.db.write().await.unwrap();
        node::announce(&mut conn, &new, self.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
    }
}

on_both_databases! {
    async fn a_node_says_how_it_does(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let nobody = User { headers: Vec::new() };
        assert_eq!(app.ask_for(&nobody, "ok").await, "OK");
        // The scheduler has not begun.
        let status = app.ask_for(&admin, "status").await;
        assert_eq!((&status["status"], &status["services"]["Scheduler"]["status"]), (&json!("Fail"), &json!("Inactive")));
        app.services.engine.run_due().await.unwrap();
        let mut status = app.ask_for(&admin, "status").await;
        assert_eq!(app.ask_for(&admin, "status?summary=True").await, json!({"status": "OK", "services": {}}));
        assert_eq!(app.ask_for(&admin, "status?_include=status").await, json!({"status": "OK"}));
        redact(&mut status, OF_MACHINES);
        insta::assert_json_snapshot!("status", status);
        // A scheduler that does not look any more is noticed.
        app.clock.advance(SignedDuration::from_mins(4));
        let status = app.ask_for(&admin, "status").await;
        assert_eq!((&status["status"], &status["services"]["Scheduler"]["status"]), (&json!("Fail"), &json!("Inactive")));
        let refused = app.conduct(&admin, Method::GET, "status?summary=maybe", Value::Null).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
        let unknown = app.conduct(&admin, Method::GET, "status?_include=nope", Value::Null).await;
        assert_eq!(code(&unknown, 400), "no_such_include_field_error");
    }

    async fn agents_are_counted_as_far_as_one_sees_them(flavor) {
        let app = app!(flavor);
        app.services.engine.run_due().await.unwrap();
        let first = app.computer("one", "").await;
        app.computer("two", "").await;
        let agents = async |user: &User| app.ask_for(user, "status").await["services"]["Agents"].clone();
        let silent = agents(&admin()).await;
        assert_eq!(silent["extra_info"]["facts"], json!({"known": 2, "connected": 0}));
        assert_eq!(silent["status"], "Inactive");
        assert_eq!(app.ask_for(&admin(), "status").await["status"], "OK", "computers may be off");
        let mut conn = app.services.db.write().await.unwrap();
        agent::touch(&mut conn, first, app.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        let seen = agents(&admin()).await;
        assert_eq!(seen["extra_info"]["facts"], json!({"known": 2, "connected": 1}));
        assert_eq!(seen["status"], "Active");
        app.nobody("kim").await;
        assert_eq!(agents(&user("kim", "")).await["extra_info"]["facts"], json!({"known": 0, "connected": 0}));
    }

    async fn all_nodes_are_shown_together(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let failed = app.conduct(&admin, Method::GET, "cluster-status?summary=true", Value::Null).await;
        assert_eq!(failed.expect(500), json!({"status": "Fail", "services": {}}));
        app.services.engine.run_due().await.unwrap();
        app.services.engine.announce().await.unwrap();
        let mut status = app.ask_for(&admin, "cluster-status").await;
        let own = app.hostname().await;
        assert!(status["services"]["manager"]["nodes"][&own]["services"]["Disk"].is_object());
        let nodes = status["services"]["manager"]["nodes"].as_object_mut().unwrap();
        let this = nodes.remove(&own).unwrap();
        nodes.insert("this".into(), this);
        nodes["this"]["services"] = json!("[…]");
        let database = status["services"]["db"]["nodes"].as_object_mut().unwrap();
        let (_, only) = std::mem::take(database).into_iter().next().unwrap();
        database.insert("database".into(), only);
        redact(&mut status, OF_MACHINES);
        insta::assert_json_snapshot!("cluster_status", status);

        app.other_node("elsewhere").await;
        assert_eq!(app.ask_for(&admin, "cluster-status?summary=true").await["status"], "OK");
        app.clock.advance(SignedDuration::from_mins(4));
        app.services.engine.run_due().await.unwrap();
        let status = app.ask_for(&admin, "cluster-status").await;
        assert_eq!(status["status"], "Degraded");
        assert_eq!(status["services"]["manager"]["nodes"]["elsewhere"]["status"], "Fail");
        assert_eq!(status["services"]["manager"]["nodes"][&own]["status"], "OK");
        // Who is only signed in sees how this node does, and no addresses.
        app.nobody("kim").await;
        app.ask_for(&user("kim", ""), "status").await;
        for path in ["cluster-status", "managers"] {
            let refused = app.conduct(&user("kim", ""), Method::GET, path, Value::Null).await;
            assert_eq!(code(&refused, 403), "forbidden_error", "{path}");
    }
    }

    async fn a_node_that_is_gone_can_be_forgotten(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.services.engine.announce().await.unwrap();
        app.other_node("elsewhere").await;
        let own = app.hostname().await;
        let mut list = app.ask_for(&admin, &format!("managers?hostname={own}")).await;
        assert_eq!(list["items"][0]["hostname"], own.as_str());
        redact(&mut list, OF_MACHINES);
        insta::assert_json_snapshot!("managers", list);
        assert_eq!(app.each(&admin, "managers?_sort=-last_seen&_size=1&_search=ELSE", "hostname").await, ["elsewhere"]);
        let one = app.ask_for(&admin, "managers/elsewhere?_include=hostname,private_ip,networks").await;
        assert_eq!(one, json!({"hostname": "elsewhere", "private_ip": "10.0.0.7", "networks": {"default": "10.0.0.7"}}));

        let remove = async |user: &User, name: &str| {
            app.conduct(user, Method::DELETE, &format!("managers/{name}"), Value::Null).await
        };
        assert_eq!(code(&remove(&admin, "elsewhere").await, 409), "conflict_error");
        assert_eq!(code(&remove(&admin, "nowhere").await, 404), "not_found_error");
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        app.clock.advance(SignedDuration::from_mins(4));
        app.services.engine.announce().await.unwrap();
        assert_eq!(code(&remove(&kim, "elsewhere").await, 403), "forbidden_error");
        assert_eq!(code(&remove(&admin, &own).await, 409), "conflict_error", "it has said that it is there");
        remove(&admin, "elsewhere").await.expect(204);
        assert_eq!(code(&remove(&admin, "elsewhere").await, 404), "not_found_error");
    }

    async fn a_node_says_that_it_is_there_once_a_minute(flavor) {
        let app = app!(flavor);
        let seen = async || app.items(&admin(), "managers").await.first().map(|node| node["last_seen"].clone());
        assert_eq!(seen().await, None);
        app.services.engine.announce().await.unwrap();
        assert_eq!(seen().await.unwrap(), "2026-11-21T08:00:00.000Z");
        app.clock.advance(SignedDuration::from_secs(30));
        app.services.engine.announce().await.unwrap();
        assert_eq!(seen().await.unwrap(), "2026-11-21T08:00:00.000Z");
        app.clock.advance(SignedDuration::from_secs(30));
        app.services.engine.announce().await.unwrap();
        assert_eq!(seen().await.unwrap(), "2026-11-21T08:01:00.000Z");
    }

    async fn what_there_is_none_of_is_said_to_be_so(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let ask = async |method: Method, path: &str, body: Value| app.conduct(&admin, method, path, body).await;
        for (method, path) in [
            (Method::POST, "managers"),
            (Method::PUT, "managers/x"),
            (Method::POST, "brokers"),
            (Method::PUT, "brokers/x"),
            (Method::DELETE, "brokers/x"),
        ] {
            let refused = ask(method.clone(), path, json!({})).await;
            assert_eq!(code(&refused, 404), "missing_premium_package_error", "{method} {path}");
    }
        let brokers = app.ask_for(&admin, "brokers").await;
        let metadata = json!({"pagination": {"total": 0, "size": 1000, "offset": 0}, "filtered": null});
        assert_eq!(brokers, json!({"items": [], "metadata": metadata}));
        assert_eq!(code(&ask(Method::GET, "brokers/x", Value::Null).await, 404), "not_found_error");
        let databases = app.ask_for(&admin, "db-nodes").await;
        assert_eq!(databases["items"][0]["is_external"], false);
        assert!(!databases["items"][0]["host"].as_str().unwrap().is_empty());
        assert_eq!(databases["metadata"]["pagination"]["total"], 1);
        assert_eq!(ask(Method::POST, "db-nodes", json!({"action": "update"})).await.expect(200), databases);
        let refused = ask(Method::POST, "db-nodes", json!({"action": "remove"})).await;
        assert_eq!(refused.faults(), [("/action".to_owned(), "choice".to_owned())]);
        assert_eq!(app.ask_for(&admin, "db-nodes?_size=0").await["items"], json!([]));
        assert_eq!(code(&ask(Method::GET, "db-nodes?nope=1", Value::Null).await, 400), "bad_parameters_error");
    }

    async fn the_version_is_the_one_that_clients_know(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let mut version = app.ask_for(&admin, "version").await;
        let client = Client { headers: admin.headers.clone() };
        let unversioned = app.ask(&client, Method::GET, "/api/version", "").await.expect(200);
        assert_eq!(unversioned, version);
        assert_eq!(version["binnacle_version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(app.ask_for(&admin, "version?_include=version,edition").await, json!({"version": "7.0.5", "edition": "premium"}));
        redact(&mut version, &["distribution", "distro_release", "binnacle_version"]);
        insta::assert_json_snapshot!("version", version);
        let nobody = User { headers: Vec::new() };
        assert_eq!(code(&app.conduct(&nobody, Method::GET, "version", Value::Null).await, 401), "unauthorized_error");
    }

    async fn a_provider_context_is_left_and_changed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let post = async |query: &str, body: Value| {
            app.conduct(&admin, Method::POST, &format!("provider/context{query}"), body).await
        };
        let get = async || app.conduct(&admin, Method::GET, "provider/context", Value::Null).await;
        let body = json!({"name": "cloud", "context": {"key": "secret"}});
        assert_eq!(code(&get().await, 404), "not_found_error");
        assert_eq!(code(&post("?update=true", body.clone()).await, 404), "not_found_error");
        assert_eq!(post("", body.clone()).await.expect(201), json!({"status": "ok"}));
        assert_eq!(get().await.expect(200), body);
        assert_eq!(code(&post("", body).await, 409), "conflict_error");
        post("?update=true", json!({"name": "cloud", "context": {}})).await.expect(200);
        assert_eq!(get().await.expect(200)["context"], json!({}));
        let refused = post("", json!({"context": []})).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
        let places: Vec<_> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(places, ["/name", "/context"]);
        let log = app.ask_for(&admin, "audit?ref_table=provider_context").await;
        assert_eq!(log["metadata"]["pagination"]["total"], 2);
        assert!(!log.to_string().contains("secret"), "{log}");
    }

    async fn who_knows_the_passwords_is_told(flavor) {
        let app = app!(flavor);
        assert_eq!(app.ask_for(&admin(), "idp").await, "local");
        let mut conn = app.services.db.write().await.unwrap();
        account::set_setting(&mut conn, "conductor_ldap", "{}").await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(app.ask_for(&admin(), "idp").await, "ldap");
    }
}
