//! Packages, users, processes and other reports of agents, as the server keeps them.

use std::collections::BTreeSet;

use binnacle::protocol::{
    Message, Value,
    bpickle::{Dict, Key},
    package::{DEBIAN, Description, ranges},
};
use binnacle::store::{
    Scope, computer_report, computer_user,
    package::{self, PackageFilter, PackageOnComputer, Upgrades},
};
use serde_json::json;

use super::server::{Client, Server, kinds};
use crate::on_both_databases;

fn description(name: &str, version: &str) -> Description {
    Description {
        kind: DEBIAN,
        name: name.into(),
        version: version.into(),
        section: "drinks".into(),
        summary: format!("{name} for everybody"),
        description: "long\0text".into(),
        size: Some(10),
        installed_size: None,
        relations: BTreeSet::from([(196_610, format!("{name} = {version}"))]),
    }
}

fn ids(message: &Message) -> Vec<Option<i64>> {
    message.get("ids").and_then(Value::as_items).unwrap().iter().map(Value::as_int).collect()
}

/// Asks for the numbers of packages, and describes those that are unknown.
async fn introduce(server: &Server, client: &mut Client, packages: &[Description]) -> Vec<i64> {
    let hashes = packages.iter().map(|package| Value::Bytes(package.hash().to_vec())).collect();
    let question = Message::new("unknown-package-hashes").with("hashes", Value::List(hashes)).with("request-id", 1);
    let answer = client.exchange(server, vec![question]).await.remove(0);
    assert_eq!((answer.kind(), answer.int("request-id"), answer.operation_id()), ("package-ids", Some(1), None));
    let known = ids(&answer);
    let missing: Vec<&Description> =
        packages.iter().zip(&known).filter(|(_, id)| id.is_none()).map(|(package, _)| package).collect();
    let described = missing.iter().map(|package| package.to_value()).collect();
    let message = Message::new("add-packages").with("packages", Value::List(described)).with("request-id", 2);
    let answer = client.exchange(server, vec![message]).await.remove(0);
    assert_eq!(answer.int("request-id"), Some(2));
    let mut new = ids(&answer).into_iter();
    known.into_iter().map(|id| id.or_else(|| new.next().unwrap()).unwrap()).collect()
}

fn sets(parts: &[(&str, &[i64])]) -> Message {
    parts.iter().fold(Message::new("packages"), |message, (field, ids)| {
        message.with(field, ranges(&ids.iter().copied().collect()))
    })
}

async fn packages(server: &Server, computer: i64, filter: &PackageFilter) -> Vec<PackageOnComputer> {
    let mut conn = server.fixture.db.read().await.unwrap();
    package::of_computer(&mut conn, &server.fixture.scope, computer, filter, 0, 100).await.unwrap().items
}

fn names(packages: &[PackageOnComputer]) -> Vec<String> {
    packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
}

on_both_databases! {
    async fn packages_become_numbers_and_numbers_become_sets(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let all = [description("tea", "1"), description("tea", "2"), description("cup", "1")];
        let numbers = introduce(&server, &mut client, &all).await;
        assert_eq!(introduce(&server, &mut client, &all).await, numbers, "a hash has one number");
        let [old, new, cup] = *numbers.as_slice() else { panic!() };
        let report = sets(&[
            ("installed", &[old, cup]),
            ("available", &[new, cup]),
            ("available-upgrades", &[new]),
            ("security", &[new]),
            ("locked", &[old]),
            ("autoremovable", &[cup]),
        ]);
        assert_eq!(client.exchange(&server, vec![report]).await, []);
        assert_eq!(names(&packages(&server, computer, &PackageFilter::default()).await), ["cup 1", "tea 1", "tea 2"]);
        let installed = PackageFilter { installed: Some(true), search: Some("TEA body".into()), ..PackageFilter::default() };
        let found = packages(&server, computer, &installed).await;
        assert_eq!((names(&found), found[0].locked, found[0].security), (vec!["tea 1".to_owned()], true, false));
        let mut conn = server.fixture.db.read().await.unwrap();
        let scope = &server.fixture.scope;
        let waiting = package::upgrades(&mut conn, scope, &[computer]).await.unwrap();
        assert_eq!(waiting.get(&computer), Some(&Upgrades { regular: 0, security: 1 }));
        assert_eq!(package::installed_version(&mut conn, scope, computer, "tea").await.unwrap().as_deref(), Some("1"));
        let offered = package::available_versions(&mut conn, scope, computer, "tea").await.unwrap();
        assert_eq!(offered, [(new, "2".to_owned())]);
        let nobody = Scope::below(scope.account_id(), Vec::new());
        assert!(package::of_computer(&mut conn, &nobody, computer, &PackageFilter::default(), 0, 10).await.unwrap().items.is_empty());
        assert!(package::available_versions(&mut conn, &nobody, computer, "tea").await.unwrap().is_empty());
        drop(conn);

        // The upgrade was made.
        let report = sets(&[
            ("installed", &[new]),
            ("not-installed", &[old]),
            ("not-available-upgrades", &[new]),
            ("not-security", &[new]),
            ("not-locked", &[old]),
        ]);
        client.exchange(&server, vec![report]).await;
        assert_eq!(names(&packages(&server, computer, &PackageFilter::default()).await), ["cup 1", "tea 2"]);
        let mut conn = server.fixture.db.read().await.unwrap();
        assert!(package::upgrades(&mut conn, scope, &[computer]).await.unwrap().is_empty());
    }

    async fn unknown_numbers_are_asked_for_anew_under_another_name(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let numbers = introduce(&server, &mut client, &[description("tea", "1")]).await;
        client.exchange(&server, vec![sets(&[("installed", &numbers)])]).await;
        let answer = client.send(&server, vec![sets(&[("installed", &[5, 6, 7])])]).await;
        assert_ne!(answer.server_uuid, "the-server");
        let name = answer.server_uuid.clone();
        let asked = client.take(1, answer).remove(0);
        assert_eq!((asked.kind(), asked.texts("scopes")), ("resynchronize", Some(vec!["package".to_owned()])));
        let number = asked.operation_id().unwrap();
        assert!(number < 0, "no activity has such a number");
        assert_eq!(names(&packages(&server, computer, &PackageFilter::default()).await), ["tea 1"], "nothing is lost before");
        // What follows replaces what was known; the name stays.
        let other = introduce(&server, &mut client, &[description("cup", "1")]).await;
        let done = Message::new("resynchronize").with("operation-id", number);
        let answer = client.send(&server, vec![done, sets(&[("installed", &other)])]).await;
        assert_eq!(answer.server_uuid, name);
        client.take(2, answer);
        assert_eq!(names(&packages(&server, computer, &PackageFilter::default()).await), ["cup 1"]);
    }

    async fn nonsense_about_packages_is_left_and_counted(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let sequence = client.sequence;
        let endless = Value::List(vec![Value::Tuple(vec![Value::Int(1), Value::Int(i64::MAX)])]);
        let nonsense = vec![
            Message::new("unknown-package-hashes").with("hashes", 1),
            Message::new("unknown-package-hashes").with("hashes", Value::List(vec![Value::Int(1)])).with("request-id", 1),
            Message::new("add-packages").with("packages", Value::List(vec![Value::None])).with("request-id", 1),
            Message::new("packages").with("installed", endless),
            Message::new("packages").with("installed", Value::List(vec![Value::bytes("x")])),
        ];
        assert_eq!(client.exchange(&server, nonsense).await, []);
        assert_eq!(client.sequence, sequence + 5);
        assert!(packages(&server, computer, &PackageFilter::default()).await.is_empty());
        // A hash of another length is merely unknown.
        let odd = Message::new("unknown-package-hashes").with("hashes", Value::List(vec![Value::bytes("x")])).with("request-id", 9);
        assert_eq!(ids(&client.exchange(&server, vec![odd]).await[0]), [None]);
    }

    async fn users_and_groups_follow_their_changes(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let user = |name: &str, uid: i64| {
            Value::Dict(Dict::from([
                ("username".into(), Value::from(name)),
                ("uid".into(), Value::Int(uid)),
                ("enabled".into(), Value::Bool(true)),
                ("name".into(), Value::from("A\0")),
                ("location".into(), Value::None),
                ("home-phone".into(), Value::None),
                ("work-phone".into(), Value::None),
                ("primary-gid".into(), Value::Int(100)),
            ]))
        };
        let group = |name: &str, gid: i64| {
            Value::Dict(Dict::from([("name".into(), Value::from(name)), ("gid".into(), Value::Int(gid))]))
        };
        let members = |pairs: &[(&str, &[&str])]| {
            Value::Dict(pairs.iter().map(|(group, users)| (Key::from(*group), Value::texts(users.iter().copied()))).collect())
        };
        let report = Message::new("users")
            .with("create-users", Value::List(vec![user("ann", 1000), user("ben", 1001)]))
            .with("create-groups", Value::List(vec![group("sudo", 27), group("users", 100)]))
            .with("create-group-members", members(&[("sudo", &["ann", "ben"])]));
        client.exchange(&server, vec![report]).await;
        let scope = server.fixture.scope.clone();
        let mut conn = server.fixture.db.read().await.unwrap();
        let users = computer_user::users(&mut conn, &scope, computer).await.unwrap();
        assert_eq!((users.len(), users[0].username.as_str(), users[0].name.as_deref()), (2, "ann", Some("A\u{1a}")));
        let groups = computer_user::groups_of(&mut conn, &scope, computer, "ben").await.unwrap();
        assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["sudo", "users"]);
        let nobody = Scope::below(scope.account_id(), Vec::new());
        assert!(computer_user::users(&mut conn, &nobody, computer).await.unwrap().is_empty());
        assert!(computer_user::groups(&mut conn, &nobody, computer).await.unwrap().is_empty());
        drop(conn);

        let report = Message::new("users")
            .with("update-users", Value::List(vec![user("ann", 2000)]))
            .with("delete-users", Value::texts(["ben"]))
            .with("delete-group-members", members(&[("sudo", &["ann"])]));
        client.exchange(&server, vec![report]).await;
        let mut conn = server.fixture.db.read().await.unwrap();
        let users = computer_user::users(&mut conn, &scope, computer).await.unwrap();
        assert_eq!((users.len(), users[0].uid), (1, 2000));
        assert_eq!(computer_user::groups(&mut conn, &scope, computer).await.unwrap()[0].members, Vec::<String>::new());
        drop(conn);

        // The agent decided to say everything anew.
        let report = Message::new("users").with("create-users", Value::List(vec![user("cat", 1)]));
        client.exchange(&server, vec![Message::new("resynchronize"), report]).await;
        let mut conn = server.fixture.db.read().await.unwrap();
        let users = computer_user::users(&mut conn, &scope, computer).await.unwrap();
        assert_eq!(users.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["cat"]);
    }

    async fn processes_follow_their_changes(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let process = |pid: i64, name: &str| {
            Value::Dict(Dict::from([
                ("pid".into(), Value::Int(pid)),
                ("name".into(), Value::from(name)),
                ("state".into(), Value::bytes("S")),
                ("uid".into(), Value::Int(0)),
                ("gid".into(), Value::Int(0)),
                ("start-time".into(), Value::Int(1_700_000_000)),
                ("percent-cpu".into(), Value::Float(0.5)),
            ]))
        };
        let first = Message::new("active-process-info")
            .with("kill-all-processes", true)
            .with("add-processes", Value::List(vec![process(1, "init"), process(2, "old"), process(2, "twice")]));
        client.exchange(&server, vec![first]).await;
        let next = Message::new("active-process-info")
            .with("kill-processes", Value::List(vec![Value::Int(2)]))
            .with("update-processes", Value::List(vec![process(1, "systemd")]))
            .with("add-processes", Value::List(vec![Value::Dict(Dict::new())]));
        client.exchange(&server, vec![next]).await;
        let mut conn = server.fixture.db.read().await.unwrap();
        let found = computer_report::processes(&mut conn, &server.fixture.scope, computer).await.unwrap();
        let found: Vec<_> = found.iter().map(|process| (process.pid, process.name.as_str(), process.percent_cpu)).collect();
        assert_eq!(found, [(1, "systemd", Some(0.5))]);
    }

    async fn of_other_reports_the_last_word_is_kept(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let pair = |time: i64, load: f64| Value::Tuple(vec![Value::Int(time), Value::Float(load)]);
        let mount = |point: &str| {
            let facts = Dict::from([("mount-point".into(), Value::from(point)), ("total-space".into(), Value::Int(9))]);
            Value::Tuple(vec![Value::Float(1.5), Value::Dict(facts)])
        };
        client.exchange(&server, vec![
            Message::new("load-average").with("load-averages", Value::List(vec![pair(1, 0.25), pair(2, 0.5)])),
            Message::new("mount-info").with("mount-info", Value::List(vec![mount("/"), mount("/home")])),
            Message::new("hardware-info").with("data", "<node id=\"box\" class=\"system\"><product>x\u{1}</product></node>"),
            Message::new("hardware-info").with("data", "<node id=\"box\" class=\"system\"><product>Box</product></node>"),
            Message::new("cloud-init").with("cloud-init", "{\"availability_zone\": \"here\"}"),
            Message::new("update-manager-info").with("prompt", "lts"),
            Message::new("package-reporter-result").with("code", 0).with("err", "").with("report-timestamp", Value::Float(1.25)),
            Message::new("temperature").with("thermal-zone", "CPU").with("temperatures", Value::List(vec![pair(1, 40.5)])),
            Message::new("network-activity"),
        ]).await;
        let mut conn = server.fixture.db.read().await.unwrap();
        let mut last = async |kind| {
            let found = computer_report::last(&mut conn, &server.fixture.scope, computer, kind).await.unwrap();
            found.into_iter().map(|report| (report.item, report.body)).collect::<Vec<_>>()
        };
        assert_eq!(last("load-average").await, [(String::new(), json!({"time": 2, "load": 0.5}))]);
        let mounts = last("mount-info").await;
        assert_eq!((mounts.len(), &mounts[1].0, &mounts[1].1["total_space"]), (2, &"/home".to_owned(), &json!(9)));
        assert_eq!(last("hardware-info").await[0].1["product"], "Box");
        assert_eq!(last("cloud-init").await[0].1, json!({"availability_zone": "here"}));
        assert_eq!(last("package-reporter-result").await[0].1["code"], 0);
        assert_eq!(last("temperature").await[0].0, "CPU");
        assert_eq!(last("network-activity").await, []);
        drop(conn);
        assert_eq!(server.computers().await[0].update_manager_prompt.as_deref(), Some("lts"));
    }

    async fn a_change_of_packages_is_answered(flavor) {
        use binnacle_shared::model::landscape::activity::ActivityStatus::{Failed, Succeeded};
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, computer) = Client::enrolled(&server).await;
        let children = [server.order(&[computer]).await.remove(0), server.order(&[computer]).await.remove(0)];
        assert_eq!(kinds(&client.exchange(&server, vec![]).await), ["execute-script"; 2]);
        let result = |id: i64, code: i64| {
            Message::new("change-packages-result").with("operation-id", id).with("result-code", code).with("result-text", "x")
        };
        client.exchange(&server, vec![result(children[0].id, 1), result(children[1].id, 101)]).await;
        assert_eq!(server.activity(children[0].id).await.activity_status, Succeeded);
        let failed = server.activity(children[1].id).await;
        assert_eq!((failed.activity_status, failed.result_code), (Failed, Some(101)));
    }
}
