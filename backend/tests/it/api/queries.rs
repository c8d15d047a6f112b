//! The query language on rows: every selector, and random queries against a reading of their own.

use binnacle::store::computer_facts;
use binnacle_shared::model::landscape::computer::NetworkDevice;
use binnacle_shared::query::{ComputerQuery, ComputerTerm, Expr};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{App, Client, profile, titles};
use crate::{app, on_both_databases};

async fn found(app: &App, client: &Client, query: &str) -> Vec<String> {
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let list = app.get(client, &format!("computers?root_only=false&query={encoded}")).await.expect(200);
    titles(&list).into_iter().map(str::to_owned).collect()
}

fn device(ip: &str, mac: &str) -> NetworkDevice {
    NetworkDevice {
        interface: "eth0".into(),
        ip_address: ip.into(),
        mac_address: mac.into(),
        broadcast_address: "10.0.0.255".into(),
        netmask: "255.255.255.0".into(),
    }
}

/// Four computers that differ in all that can be asked for.
async fn fleet(app: &App) -> [i64; 4] {
    app.access_group("Server", "global").await;
    let ids = [
        app.computer("web-1", "web,edge").await,
        app.computer("web-2", "web").await,
        app.computer("db-1", "db").await,
        app.computer("lone", "").await,
    ];
    let admin = app.admin().await;
    let moved = [("query", "title:db-1"), ("access_group", "server")];
    app.legacy(&admin, "ChangeComputersAccessGroup", &moved).await.expect(200);
    let noted = [("query", "title:web-1"), ("key", "site"), ("value", "Amsterdam")];
    app.legacy(&admin, "AddAnnotationToComputers", &noted).await.expect(200);
    let mut conn = app.services.db.write().await.unwrap();
    let devices = [device("10.0.0.7", "00:16:3e:aa"), device("fd00::7", "00:16:3e:ab")];
    computer_facts::set_network_devices(&mut conn, ids[0], &devices).await.unwrap();
    computer_facts::set_reboot_required(&mut conn, ids[1], true, app.services.clock.now()).await.unwrap();
    conn.commit().await.unwrap();
    ids
}

on_both_databases! {
    async fn every_selector_finds_what_it_says(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let [first, ..] = fleet(&app).await;
        let script = app.script("s", &[]).await;
        let reach = app.profile(profile(script, json!({"all_computers": false, "tags": ["web"]}))).await;
        let search = [("title", "Web"), ("name", "web"), ("search", "tag:web NOT tag:edge")];
        app.legacy(&admin, "CreateSavedSearch", &search).await.expect(200);
        let all = ["db-1", "lone", "web-1", "web-2"];
        for (query, expected) in [
            ("", &all[..]),
            ("WEB", &["web-1", "web-2"]),
            ("db-1.example", &["db-1"]),
            ("tag:edge OR tag:db", &["db-1", "web-1"]),
            ("web tag:edge OR tag:db", &["web-1"]),
            ("NOT tag:web", &["db-1", "lone"]),
            ("NOT tag:web OR tag:edge", &["db-1", "lone", "web-1"]),
            ("title:web", &[]),
            ("hostname:web-2.example", &["web-2"]),
            ("access-group:server", &["db-1"]),
            ("access-group: server", &["db-1"]),
            ("NOT access-group:server web", &["web-1", "web-2"]),
            ("ip:10.0.0", &["web-1"]),
            ("ip:FD00", &["web-1"]),
            ("ip:255.255", &[]),
            ("mac:3E:AB", &["web-1"]),
            ("mac:eth0", &[]),
            ("needs:reboot", &["web-2"]),
            ("NOT needs:reboot", &["db-1", "lone", "web-1"]),
            ("annotation:site", &["web-1"]),
            ("annotation:site:amster", &["web-1"]),
            ("annotation:site:paris", &[]),
            ("annotation:other", &[]),
            ("search:web", &["web-2"]),
            ("NOT search:web tag:web", &["web-1"]),
            ("alert:computer-reboot", &["web-2"]),
            ("distribution:jammy", &[]),
            ("NOT distribution:jammy", &all[..]),
            // Of what is not here, no computer has anything.
            ("needs:license", &[]),
            ("license-id:none", &all[..]),
            ("license-id:3", &[]),
            ("license-type:unlicensed", &all[..]),
            ("license-type:pro", &[]),
            ("license-expires-within-days:30", &[]),
            ("contract:x", &[]),
            ("contract-expires-within-days:30", &[]),
            ("has-pro-management:false", &all[..]),
            ("has-pro-management:true", &[]),
            ("profile:package:1", &[]),
            ("profile:usg:1:pass", &[]),
            ("availability-zone:eu", &[]),
            ("release-upgrade:available", &[]),
            ("alert:esm-disabled", &[]),
        ] {
            assert_eq!(found(&app, &admin, query).await, expected, "{query}");
        }
        assert_eq!(found(&app, &admin, &format!("id:{first}")).await, ["web-1"]);
        assert_eq!(found(&app, &admin, &format!("profile:script:{reach}")).await, ["web-1", "web-2"]);
        assert_eq!(found(&app, &admin, &format!("NOT profile:script:{reach}")).await, ["db-1", "lone"]);
        app.post(&admin, &format!("script-profiles/{reach}:archive"), json!({})).await.expect(204);
        assert_eq!(found(&app, &admin, &format!("profile:script:{reach}")).await, [""; 0]);
    }

    async fn saved_searches_are_followed_so_far(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        let save = async |name: &str, search: &str| {
            let parameters = [("title", name), ("name", name), ("search", search)];
            app.legacy(&admin, "CreateSavedSearch", &parameters).await.expect(200);
        };
        save("all", "NOT id:0").await;
        save("deep", "search:all tag:web").await;
        save("round", "search:circle").await;
        save("circle", "search:round").await;
        save("many", "tag:a OR ".repeat(199).trim_end_matches(" OR ")).await;
        assert_eq!(found(&app, &admin, "search:deep").await, ["web-1"]);
        for query in ["search:none", "search:round", "search:many search:many"] {
            let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let reply = app.get(&admin, &format!("computers?query={encoded}")).await;
            assert_eq!(reply.expect(400)["error"], "InvalidQueryError", "{query}");
            let inner = format!("computer:\"{query}\"");
            let reply = app.legacy(&admin, "GetActivities", &[("query", &inner)]).await;
            assert_eq!(reply.expect(400)["error"], "InvalidQuery", "{query}");
        }
    }

    async fn activities_are_found_by_every_selector(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let [web, _, db, _] = fleet(&app).await;
        let script = app.script("Backup", &[("username", "root")]).await.to_string();
        let run = async |query: &str| {
            let parameters = [("query", query), ("script_id", script.as_str())];
            app.legacy(&admin, "ExecuteScript", &parameters).await.expect(200)["id"].as_i64().unwrap()
        };
        let first = run("tag:web").await;
        app.clock.advance(SignedDuration::from_hours(20));
        let second = run("title:db-1").await;
        app.legacy(&admin, "CancelActivities", &[("query", &format!("id:{second}"))]).await.expect(200);
        let ids = async |query: &str| -> Vec<i64> {
            let list = app.legacy(&admin, "GetActivities", &[("query", query)]).await.expect(200);
            list.as_array().unwrap().iter().map(|a| a["id"].as_i64().unwrap()).collect()
        };
        let (a, b, c) = (first + 1, first + 2, second + 1);
        for (query, expected) in [
            ("", vec![first, a, b, second, c]),
            ("backup", vec![first, a, b, second, c]),
            ("nothing", vec![]),
            ("type:ActivityGroup", vec![first, second]),
            ("status:canceled", vec![second, c]),
            ("NOT status:canceled", vec![first, a, b]),
            ("status:canceled OR status:undelivered type:ExecuteScriptRequest", vec![a, b, c]),
            ("creator:admin@localhost", vec![first, a, b, second, c]),
            ("creator:Admin@LocalHost", vec![first, a, b, second, c]),
            ("NOT creator:admin@localhost", vec![]),
            ("created-after:2026-11-22", vec![second, c]),
            ("created-before:2026-11-22", vec![first, a, b]),
            ("created-after:2026", vec![first, a, b, second, c]),
            ("created-before:2026-11", vec![]),
            ("created-after:2026-11-22T04:00 created-before:2026-11-22T04:00:01", vec![second, c]),
            ("computer:tag:web", vec![a, b]),
            ("computer:\"tag:web NOT tag:edge\"", vec![b]),
            ("NOT computer:tag:web", vec![first, second, c]),
        ] {
            assert_eq!(ids(query).await, expected, "{query}");
        }
        assert_eq!(ids(&format!("computer:id:{web}")).await, [a]);
        assert_eq!(ids(&format!("computer:id:{db} OR id:{first}")).await, [first, c]);
        assert_eq!(ids(&format!("parent-id:{first}")).await, [a, b]);
        assert_eq!(ids(&format!("NOT parent-id:{first}")).await, [first, second, c]);
        // The same language on the other side, where the newest comes first.
        let list = app.get(&admin, "activities?query=type:ActivityGroup").await.expect(200);
        assert_eq!(list["results"][0]["id"], second);
        for query in ["status:done", "created-after:soon", "computer:foo:1", "tag:web"] {
            let reply = app.get(&admin, &format!("activities?query={query}")).await;
            assert_eq!(reply.expect(400)["error"], "InvalidQueryError", "{query}");
        }
    }

    async fn computers_out_of_scope_cannot_be_asked_about(flavor) {
        let app = app!(flavor);
        let [_, _, db, _] = fleet(&app).await;
        app.person("op", binnacle_shared::permission::Role::SupportAnalyst, &["server"]).await;
        let op = app.client("op").await;
        assert_eq!(found(&app, &op, "").await, ["db-1"]);
        assert_eq!(found(&app, &op, "tag:web OR title:db-1").await, ["db-1"]);
        let admin = app.admin().await;
        let script = app.script("s", &[("username", "root")]).await.to_string();
        app.legacy(&admin, "ExecuteScript", &[("query", "title:db-1"), ("script_id", &script)]).await.expect(200);
        // The computer moves away: its activities stay, but what it is is no longer the business
        // of who does not see it.
        app.legacy(&admin, "ChangeComputersAccessGroup", &[("query", "title:db-1"), ("access_group", "global")]).await.expect(200);
        let seen = app.legacy(&op, "GetActivities", &[("query", "")]).await.expect(200);
        assert_eq!(seen.as_array().unwrap().len(), 1);
        let asked = app.legacy(&op, "GetActivities", &[("query", &format!("computer:id:{db}"))]).await.expect(200);
        assert_eq!(asked, json!([]));
    }

    /// Random queries mean in SQL what they mean read one by one.
    async fn random_queries_mean_the_same_in_both_readings(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        fleet(&app).await;
        let list = app.get(&admin, "computers?with_annotations=true").await.expect(200);
        let rows = list["results"].as_array().unwrap().clone();
        let words = ["web", "lone", "tag:web", "tag:edge", "tag:db", "title:db-1", "id:3", "annotation:site", "needs:reboot", "access-group:server", "x"];
        let mut random = 7_u64;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % below
        };
        for _ in 0..150 {
            let mut text = Vec::new();
            for position in 0..=next(5) {
                if position > 0 && next(2) == 0 {
                    text.push("OR");
                }
                text.extend(std::iter::repeat_n("NOT", next(3)));
                text.push(words[next(words.len())]);
            }
            let text = text.join(" ");
            let query = ComputerQuery::parse(&text).unwrap();
            let expected: Vec<&str> =
                rows.iter().filter(|row| holds(&query, row)).map(|row| row["title"].as_str().unwrap()).collect();
            assert_eq!(found(&app, &admin, &text).await, expected, "{text}");
        }
    }
}

/// A query read on one computer as the API shows it.
fn holds(query: &ComputerQuery, row: &Value) -> bool {
    match query {
        Expr::All(parts) => parts.iter().all(|part| holds(part, row)),
        Expr::Any(parts) => parts.iter().any(|part| holds(part, row)),
        Expr::Not(part) => !holds(part, row),
        Expr::Is(term) => match term {
            ComputerTerm::Word(word) => {
                ["title", "hostname"].iter().any(|name| row[name].as_str().unwrap_or_default().contains(word.as_str()))
            }
            ComputerTerm::Tag(tag) => row["tags"].as_array().unwrap().contains(&json!(tag)),
            ComputerTerm::Title(title) => row["title"] == title.as_str(),
            ComputerTerm::Id(id) => row["id"] == *id,
            ComputerTerm::Annotation { key, .. } => row["annotations"].get(key).is_some(),
            ComputerTerm::NeedsReboot => row["reboot_required_flag"] == true,
            ComputerTerm::AccessGroup(name) => row["access_group"] == name.as_str(),
            other => panic!("{other:?} is not among the words"),
        },
    }
}
