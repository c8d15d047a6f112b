use binnacle::store::computer_report::{self, Process};
use binnacle::store::computer_user::{self, Changes, SystemUser};
use binnacle::store::{activity, computer_facts};
use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::permission::Permission;
use serde_json::json;

use super::app::{profile, titles};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn computers_are_found_by_query(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        app.computer("web-1", "web,edge").await;
        app.computer("web-2", "web").await;
        app.computer("db-1", "db").await;
        app.pending("new", "web", None).await;
        let moved = [("query", "title:db-1"), ("access_group", "server")];
        let reply = app.legacy(&admin, "ChangeComputersAccessGroup", &moved).await.expect(200);
        assert_eq!(reply[0]["access_group"], "server");
        for (query, expected) in [
            ("", vec!["db-1", "web-1", "web-2"]),
            ("WEB", vec!["web-1", "web-2"]),
            ("tag:edge", vec!["web-1"]),
            ("tag:edge OR tag:db", vec!["db-1", "web-1"]),
            ("web NOT tag:edge", vec!["web-2"]),
            ("access-group:server", vec!["db-1"]),
            ("access-group: server", vec!["db-1"]),
            ("hostname:web-2.example", vec!["web-2"]),
            ("id:99", vec![]),
        ] {
            let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let list = app.get(&admin, &format!("computers?root_only=false&query={encoded}")).await.expect(200);
            assert_eq!(titles(&list), expected, "{query}");
        }
        for query in ["foo:x", "%22open", "tag:", "OR", "id:x", "%00"] {
            let reply = app.get(&admin, &format!("computers?query={query}")).await;
            assert_eq!(reply.expect(400)["error"], "InvalidQueryError", "{query}");
        }
        assert_eq!(app.get(&admin, "computers?archived_only=true").await.expect(200)["count"], 0);
        assert_eq!(app.get(&admin, "tags").await.expect(200)["results"], json!(["db", "edge", "web"]));
    }

    async fn a_computer_is_edited(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "web").await;
        let path = format!("computers/{id}");
        let body = json!({"title": " Web ", "comment": "In rack 4", "tags": ["edge"], "foo": 1});
        let edited = app.put(&admin, &path, body).await.expect(200);
        assert_eq!((&edited["title"], &edited["comment"], &edited["tags"]), (&json!("Web"), &json!("In rack 4"), &json!(["edge"])));
        let only = app.put(&admin, &path, json!({"tags": []})).await.expect(200);
        assert_eq!((&only["title"], &only["tags"]), (&json!("Web"), &json!([])));
        let reply = app.put(&admin, &path, json!({"access_group": "none"})).await;
        assert_eq!(reply.expect(404)["detail"][0]["pointer"], "/access_group");
        app.put(&admin, &path, json!({"title": ""})).await.expect(400);
        app.put(&admin, "computers/99", json!({})).await.expect(404);
        let plain = app.get(&admin, &path).await.expect(200);
        assert!(plain.get("network_devices").is_none() && plain.get("hardware").is_none());
        let pending = app.pending("new", "", None).await;
        app.get(&admin, &format!("computers/{pending}")).await.expect(404);
    }

    async fn computers_that_wait_are_accepted_or_rejected(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let a = app.pending("a", "web", Some("server")).await.to_string();
        let b = app.pending("b", "", Some("gone")).await.to_string();
        let c = app.pending("c", "", None).await.to_string();
        let waiting = app.legacy(&admin, "GetPendingComputers", &[]).await.expect(200);
        assert_eq!(waiting.as_array().unwrap().len(), 3);
        assert_eq!((&waiting[0]["client_tags"], &waiting[0]["access_group"]), (&json!(["web"]), &json!("server")));
        // All or nothing.
        let some = [("computer_ids.1", a.as_str()), ("computer_ids.2", "99")];
        let reply = app.legacy(&admin, "AcceptPendingComputers", &some).await;
        assert_eq!(reply.expect(404)["error"], "UnknownComputer");
        assert_eq!(app.get(&admin, "computers").await.expect(200)["count"], 0);
        let both = [("computer_ids.1", a.as_str()), ("computer_ids.2", b.as_str())];
        let accepted = app.legacy(&admin, "AcceptPendingComputers", &both).await.expect(200);
        assert_eq!((&accepted[0]["access_group"], &accepted[1]["access_group"]), (&json!("server"), &json!("global")));
        app.legacy(&admin, "RejectPendingComputers", &[("computer_ids.1", &c)]).await.expect(200);
        app.legacy(&admin, "RejectPendingComputers", &[("computer_ids.1", &a)]).await.expect(404);
        assert_eq!(app.legacy(&admin, "GetPendingComputers", &[]).await.expect(200), json!([]));
        app.legacy(&admin, "AcceptPendingComputers", &[]).await.expect(400);
    }

    async fn tags_are_added_and_removed_in_bulk(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("a", "web").await;
        app.computer("b", "").await;
        let add = [("query", "id:1 OR id:2"), ("tags.2", "db"), ("tags.1", "edge")];
        let tagged = app.legacy(&admin, "AddTagsToComputers", &add).await.expect(200);
        assert_eq!((&tagged[0]["tags"], &tagged[1]["tags"]), (&json!(["db", "edge", "web"]), &json!(["db", "edge"])));
        let remove = [("query", "a"), ("tags.1", "web")];
        let left = app.legacy(&admin, "RemoveTagsFromComputers", &remove).await.expect(200);
        assert_eq!(left[0]["tags"], json!(["db", "edge"]));
        let bad = [("query", "a"), ("tags.1", "not ok")];
        assert_eq!(app.legacy(&admin, "AddTagsToComputers", &bad).await.expect(400)["error"], "InvalidTag");
        assert_eq!(app.legacy(&admin, "AddTagsToComputers", &[("query", "a")]).await.expect(400)["error"], "MissingParameter");
        assert_eq!(app.legacy(&admin, "AddTagsToComputers", &[("query", "x:y"), ("tags.1", "a")]).await.expect(400)["error"], "InvalidQuery");
    }

    async fn flags_add_what_they_name(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "web").await;
        let script = app.script("s", &[]).await;
        let reach = app.profile(profile(script, json!({"all_computers": false, "tags": ["web"]}))).await;
        let names = ["alerts", "upgrades", "annotations", "network_devices", "grouped_hardware", "profiles", "reboot_packages", "wsl_profiles"];
        let plain = app.get(&admin, &format!("computers/{id}")).await.expect(200);
        assert!(names.iter().all(|name| plain.get(name).is_none()), "{plain}");
        let flags = "with_alerts=true&with_upgrades=TRUE&with_annotations=1&with_all_network=true&with_grouped_hardware=true\
                     &with_profiles=true&with_reboot_packages=true&with_wsl_profiles=true&with_hardware=true&with_release_upgrades=true";
        let full = app.get(&admin, &format!("computers/{id}?{flags}")).await.expect(200);
        assert_eq!(full["profiles"], json!([{"id": reach, "name": null, "title": "Optics and Design", "type": "script"}]));
        assert_eq!(full["upgrades"], json!({"regular": 0, "security": 0}));
        for name in ["alerts", "network_devices", "reboot_packages", "wsl_profiles"] {
            assert_eq!(full[name], json!([]), "{name}");
        }
        assert_eq!((&full["annotations"], &full["grouped_hardware"]["storage"]), (&json!({}), &json!("Not available")));
        let list = app.get(&admin, &format!("computers?{flags}")).await.expect(200);
        assert_eq!(list["results"][0]["upgrades"], json!({"regular": 0, "security": 0}));
        app.get(&admin, "computers?with_alerts=maybe").await.expect(400);
        for (flag, count) in [("root_only=false", 1), ("root_only=true", 1), ("wsl_only=true", 0), ("wsl_parents=true", 0), ("wsl_children=true&root_only=false", 0), ("wsl_only=false", 1)] {
            assert_eq!(app.get(&admin, &format!("computers?{flag}")).await.expect(200)["count"], count, "{flag}");
        }
        assert_eq!(app.get(&admin, "computers/availability-zones").await.expect(200), json!({"values": []}));
        for part in ["packages", "packages/installed", "users", "processes"] {
            assert_eq!(app.get(&admin, &format!("computers/{id}/{part}")).await.expect(200)["results"], json!([]), "{part}");
            app.get(&admin, &format!("computers/99/{part}")).await.expect(404);
        }
        assert_eq!(app.get(&admin, &format!("computers/{id}/groups")).await.expect(200), json!({"groups": []}));
        app.get(&admin, &format!("computers/{id}/users/nobody/groups")).await.expect(404);
    }

    async fn what_agents_report_is_listed(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "web").await;
        let changes = Changes {
            users: vec![SystemUser {
                username: "alice".into(), uid: 1000, enabled: true, name: Some("Alice".into()), location: None,
                home_phone: None, work_phone: None, primary_gid: Some(1000), primary_groupname: Some("alice".into()),
            }],
            groups: vec![("alice".into(), 1000), ("sudo".into(), 27)],
            members: vec![("sudo".into(), "alice".into())],
            ..Changes::default()
        };
        let process = Process {
            pid: 7, name: "init".into(), state: "S".into(), uid: 0, gid: 0, vm_size: Some(100), start_time: 1_700_000_000, percent_cpu: Some(1.5),
        };
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        let hardware = json!({"id": "host", "class": "system", "product": "Rack 4", "children": []});
        let mut conn = app.services.db.write().await.unwrap();
        computer_user::apply(&mut conn, id, &changes).await.unwrap();
        computer_report::put_processes(&mut conn, id, &[process]).await.unwrap();
        computer_report::put(&mut conn, id, "hardware-info", "", &hardware, now).await.unwrap();
        conn.commit().await.unwrap();
        let users = app.get(&admin, &format!("computers/{id}/users")).await.expect(200);
        assert_eq!((&users["count"], &users["results"][0]["username"], &users["results"][0]["computer_id"]), (&json!(1), &json!("alice"), &json!(id)));
        let groups = app.get(&admin, &format!("computers/{id}/groups")).await.expect(200);
        let names: Vec<&str> = groups["groups"].as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["alice", "sudo"]);
        let own = app.get(&admin, &format!("computers/{id}/users/alice/groups")).await.expect(200);
        assert_eq!(own["groups"].as_array().unwrap().len(), 2);
        let processes = app.get(&admin, &format!("computers/{id}/processes?limit=5")).await.expect(200);
        assert_eq!((&processes["results"][0]["name"], &processes["results"][0]["start_time"]), (&json!("init"), &json!("2023-11-14T22:13:20Z")));
        let computer = app.get(&admin, &format!("computers/{id}?with_hardware=true&with_grouped_hardware=true")).await.expect(200);
        assert_eq!((&computer["hardware"]["product"], &computer["grouped_hardware"]["system"]["model"]), (&json!("Rack 4"), &json!("Rack 4")));
    }

    async fn computers_are_renamed_all_or_none(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let (a, b) = (app.computer("a", "").await, app.computer("b", "").await);
        let (a, b) = (format!("computer_titles.{a}"), format!("computer_titles.{b}"));
        let renamed = app.legacy(&admin, "RenameComputers", &[(&a, " Alpha "), (&b, "Beta")]).await.expect(200);
        assert_eq!((&renamed[0]["title"], &renamed[1]["title"]), (&json!("Alpha"), &json!("Beta")));
        for (parameters, status, error) in [
            (vec![(a.as_str(), "X"), ("computer_titles.99", "Y")], 404, "UnknownComputer"),
            (vec![(a.as_str(), "X"), (b.as_str(), "\n")], 400, "InvalidTitle"),
            (vec![("computer_titles.x", "X")], 400, "InvalidParameter"),
            (vec![], 400, "MissingParameter"),
        ] {
            assert_eq!(app.legacy(&admin, "RenameComputers", &parameters).await.expect(status)["error"], error, "{parameters:?}");
        }
        assert_eq!(titles(&app.get(&admin, "computers").await.expect(200)), ["Alpha", "Beta"]);
    }

    async fn annotations_are_set_and_kept_from_reports(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("a", "").await;
        let set = async |key: &str, value: &str| {
            app.legacy(&admin, "AddAnnotationToComputers", &[("query", "a"), ("key", key), ("value", value)]).await
        };
        assert_eq!(set("site", "Ams").await.expect(200)[0]["annotations"], json!({"site": "Ams"}));
        set("site", "Paris").await.expect(200);
        app.legacy(&admin, "AddAnnotationToComputers", &[("query", "a"), ("key", "bare")]).await.expect(200);
        let report = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        for told in [report(&[("site", "told"), ("rack", "4")]), report(&[("rack", "5"), ("site", "told")])] {
            let mut conn = app.services.db.write().await.unwrap();
            computer_facts::report_annotations(&mut conn, id, &told).await.unwrap();
            conn.commit().await.unwrap();
        }
        let shown = app.get(&admin, &format!("computers/{id}?with_annotations=true")).await.expect(200);
        assert_eq!(shown["annotations"], json!({"site": "Paris", "bare": "", "rack": "5"}));
        let gone = app.legacy(&admin, "RemoveAnnotationFromComputers", &[("query", "a"), ("key", "site")]).await.expect(200);
        assert_eq!(gone[0]["annotations"], json!({"bare": "", "rack": "5"}));
        assert_eq!(set("a b", "x").await.expect(400)["error"], "InvalidAnnotationKey");
        for action in ["AddAnnotationToComputers", "RemoveAnnotationFromComputers"] {
            assert_eq!(app.legacy(&admin, action, &[("query", "x:y"), ("key", "k")]).await.expect(400)["error"], "InvalidQuery");
            assert_eq!(app.legacy(&admin, action, &[("query", "a")]).await.expect(400)["error"], "MissingParameter");
        }
    }

    async fn removed_computers_leave_all_or_none(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let (a, b) = (app.computer("a", "x").await.to_string(), app.computer("b", "x").await.to_string());
        let script = app.script("s", &[("username", "root")]).await.to_string();
        let group = app.legacy(&admin, "ExecuteScript", &[("query", "tag:x"), ("script_id", &script)]).await.expect(200);
        let some = [("computer_ids.1", a.as_str()), ("computer_ids.2", "99")];
        assert_eq!(app.legacy(&admin, "RemoveComputers", &some).await.expect(404)["error"], "UnknownComputer");
        assert_eq!(app.get(&admin, "computers").await.expect(200)["count"], 2);
        app.legacy(&admin, "RemoveComputers", &[("computer_ids.1", &a)]).await.expect(200);
        assert_eq!(titles(&app.get(&admin, "computers").await.expect(200)), ["b"]);
        app.get(&admin, &format!("computers/{a}")).await.expect(404);
        assert_eq!(app.legacy(&admin, "RemoveComputers", &[("computer_ids.1", &a)]).await.expect(404)["error"], "UnknownComputer");
        let shown = app.get(&admin, &format!("activities/{}", group["id"])).await.expect(200);
        assert_eq!(shown["children_statuses"], json!({"undelivered": 1, "canceled": 1}));
        app.legacy(&admin, "RemoveComputers", &[("computer_ids.1", &b)]).await.expect(200);
        assert_eq!(app.get(&admin, "tags").await.expect(200)["results"], json!([]));
    }

    async fn a_new_installation_takes_the_place_of_a_computer(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let old = app.computer("old", "web").await;
        app.legacy(&admin, "ChangeComputersAccessGroup", &[("query", "old"), ("access_group", "server")]).await.expect(200);
        let script = app.script("s", &[("username", "root")]).await.to_string();
        let group = app.legacy(&admin, "ExecuteScript", &[("query", "old"), ("script_id", &script)]).await.expect(200)["id"].as_i64().unwrap();
        let mut conn = app.services.db.write().await.unwrap();
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        activity::set_status(&mut conn, &[group + 1], ActivityStatus::Delivered, now).await.unwrap();
        conn.commit().await.unwrap();
        let new = app.pending("new", "db", None).await;
        let (key, place) = (format!("existing_ids.{new}"), old.to_string());
        let id = new.to_string();
        for (parameters, status, error) in [
            (vec![("computer_ids.1", id.as_str()), (key.as_str(), "99")], 404, "UnknownComputer"),
            (vec![("computer_ids.1", id.as_str()), (key.as_str(), "x")], 400, "InvalidParameter"),
            (vec![("computer_ids.1", id.as_str()), ("existing_ids.99", place.as_str())], 404, "UnknownComputer"),
        ] {
            assert_eq!(app.legacy(&admin, "AcceptPendingComputers", &parameters).await.expect(status)["error"], error, "{parameters:?}");
        }
        let twice = app.pending("twin", "", None).await;
        let (other, second) = (twice.to_string(), format!("existing_ids.{twice}"));
        let both = [("computer_ids.1", id.as_str()), ("computer_ids.2", other.as_str()), (key.as_str(), place.as_str()), (second.as_str(), place.as_str())];
        assert_eq!(app.legacy(&admin, "AcceptPendingComputers", &both).await.expect(400)["error"], "InvalidParameter");
        let accepted = app.legacy(&admin, "AcceptPendingComputers", &[("computer_ids.1", &id), (&key, &place)]).await.expect(200);
        assert_eq!(accepted.as_array().unwrap().len(), 1);
        let computer = app.get(&admin, &format!("computers/{old}")).await.expect(200);
        assert_eq!((&computer["title"], &computer["hostname"]), (&json!("old"), &json!("new.example")));
        assert_eq!((&computer["tags"], &computer["access_group"]), (&json!(["web"]), &json!("server")));
        app.get(&admin, &format!("computers/{new}")).await.expect(404);
        // What the old installation had will never be answered.
        let lost = app.get(&admin, &format!("activities/{}", group + 1)).await.expect(200);
        assert_eq!(lost["activity_status"], "failed");
    }

    async fn moving_needs_both_permissions(flavor) {
        let app = app!(flavor);
        app.access_group("Server", "global").await;
        app.access_group("Laptop", "global").await;
        let id = app.computer("a", "").await;
        let admin = app.admin().await;
        app.legacy(&admin, "ChangeComputersAccessGroup", &[("query", "a"), ("access_group", "server")]).await.expect(200);
        app.person_with("mover", &[Permission::ViewComputer, Permission::ManageComputer], &["server", "laptop"]).await;
        let mover = app.client("mover").await;
        let parameters = [("query", "a"), ("access_group", "laptop")];
        assert_eq!(app.legacy(&mover, "ChangeComputersAccessGroup", &parameters).await.expect(403)["error"], "Unauthorised");
        app.put(&mover, &format!("computers/{id}"), json!({"access_group": "laptop"})).await.expect(403);
        app.put(&mover, &format!("computers/{id}"), json!({"access_group": "server", "comment": "x"})).await.expect(200);
        app.put(&mover, &format!("computers/{id}"), json!({"access_group": "global"})).await.expect(404);
        app.person_with("porter", &[Permission::ViewComputer, Permission::ManageComputer, Permission::AddComputerToAccessGroup, Permission::RemoveComputerFromAccessGroup], &["server", "laptop"]).await;
        let porter = app.client("porter").await;
        let moved = app.legacy(&porter, "ChangeComputersAccessGroup", &parameters).await.expect(200);
        assert_eq!(moved[0]["access_group"], "laptop");
    }

    async fn tags_tell_what_they_would_change(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let (a, b) = (app.computer("a", "web").await, app.computer("b", "").await);
        let top = app.script("top", &[]).await;
        let below = app.script("below", &[("access_group", "server")]).await;
        for (title, script) in [("Top", top), ("Below", below)] {
            app.profile(profile(script, json!({"title": title, "all_computers": false, "tags": ["web"]}))).await;
        }
        app.profile(profile(top, json!({"title": "Everywhere", "tags": ["web"]}))).await;
        let diff = app.get(&admin, &format!("tags/profile-diff?instance_ids={a},{b}&tags=web,none")).await.expect(200);
        let line = |title: &str, now: i64, excludes: bool| json!({"tag": "web", "profile": {
            "name": title, "profile_type": "ScriptProfile", "current_associated_instances": now,
            "will_exceed_limit": false, "will_exclude_instances": excludes,
        }});
        assert_eq!(diff["results"], json!([line("Top", 1, false), line("Below", 0, true)]));
        assert_eq!(app.get(&admin, "tags/profile-diff").await.expect(200)["count"], 0);
        app.get(&admin, "tags/profile-diff?instance_ids=x").await.expect(400);
        app.get(&admin, "tags/profile-diff?tags=a:b").await.expect(400);
    }
}
