//! Alerts: what they are about, and what people set for them.

use binnacle::clock::Clock;
use binnacle::store::activity;
use binnacle::store::agent;
use binnacle::store::computer_facts;
use binnacle_shared::model::landscape::activity::ActivityStatus;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{App, Client};
use crate::{app, on_both_databases};

/// The alert of that name in a list of them.
fn of<'a>(list: &'a Value, name: &str) -> &'a Value {
    let found = list.as_array().unwrap().iter().find(|alert| alert["alert_type"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {list}"))
}

async fn status(app: &App, client: &Client, name: &str) -> String {
    let list = app.get(client, "alerts").await.expect(200);
    of(&list, name)["status"].as_str().unwrap().to_owned()
}

/// What the summary says of an alert, if anything.
async fn line(app: &App, client: &Client, name: &str) -> Option<Value> {
    let summary = app.get(client, "alerts/summary").await.expect(200);
    let lines = summary["alerts_summary"].as_array().unwrap();
    lines.iter().find(|line| line["alert_type"] == name).cloned()
}

async fn ping(app: &App, computer: i64) {
    let mut conn = app.services.db.write().await.unwrap();
    agent::touch(&mut conn, computer, app.clock.now()).await.unwrap();
    conn.commit().await.unwrap();
}

on_both_databases! {
    async fn a_computer_is_offline_after_five_minutes(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "web").await;
        app.clock.advance(SignedDuration::from_mins(5));
        assert_eq!(status(&app, &admin, "ComputerOfflineAlert").await, "OK");
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(status(&app, &admin, "ComputerOfflineAlert").await, "Alerted");
        let told = line(&app, &admin, "ComputerOfflineAlert").await.unwrap();
        assert_eq!(told["summary"], "1 computer is offline.");
        assert_eq!(told["activation_time"], "2026-11-21 08:05:00.000000");
        let with = app.get(&admin, "computers?with_alerts=true&query=alert:computer-offline").await.expect(200);
        assert_eq!(with["results"][0]["alerts"], json!([{
            "type": "ComputerOfflineAlert",
            "summary": "The computer has not been in contact for five minutes.",
            "severity": "danger",
        }]));
        ping(&app, id).await;
        assert_eq!(status(&app, &admin, "ComputerOfflineAlert").await, "OK");
        assert_eq!(app.get(&admin, "computers?query=alert:computer-offline").await.expect(200)["count"], 0);
        let with = app.get(&admin, &format!("computers/{id}?with_alerts=true")).await.expect(200);
        assert_eq!(with["alerts"], json!([]));
    }

    async fn each_state_of_the_data_raises_its_alert(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.computer("web-1", "web").await;
        let list = app.get(&admin, "alerts").await.expect(200);
        let names: Vec<&str> = list.as_array().unwrap().iter().map(|a| a["alert_type"].as_str().unwrap()).collect();
        assert_eq!(names.len(), 13);
        for disabled in ["LicenseExpiryAlert", "UbuntuProContractExpirationAlert", "PackageProfilesAlert", "EsmDisabledAlert", "ChildInstanceProfileAlert"] {
            assert_eq!(of(&list, disabled)["status"], "Disabled", "{disabled}");
        }
        for known in ["PendingComputersAlert", "ComputerRebootAlert", "UnapprovedActivitiesAlert", "ComputerDuplicateAlert", "PackageReporterAlert", "PackageUpgradesAlert", "SecurityUpgradesAlert"] {
            assert_eq!(of(&list, known)["status"], "OK", "{known}");
        }
        assert_eq!((&of(&list, "PendingComputersAlert")["scope"], &of(&list, "ComputerRebootAlert")["scope"]), (&json!("account"), &json!("computer")));

        app.pending("new", "", None).await;
        assert_eq!(line(&app, &admin, "PendingComputersAlert").await.unwrap()["summary"], "1 computer waits to be accepted.");

        let script = app.script("s", &[("username", "root")]).await.to_string();
        let group = app.legacy(&admin, "ExecuteScript", &[("query", "web"), ("script_id", &script)]).await.expect(200);
        let child = group["id"].as_i64().unwrap() + 1;
        let now = app.clock.now();
        let mut conn = app.services.db.write().await.unwrap();
        computer_facts::set_reboot_required(&mut conn, id, true, now).await.unwrap();
        computer_facts::set_reboot_packages(&mut conn, id, &["linux-image".to_owned()]).await.unwrap();
        computer_facts::set_package_report(&mut conn, id, false, now).await.unwrap();
        activity::set_status(&mut conn, &[child], ActivityStatus::Unapproved, now).await.unwrap();
        conn.commit().await.unwrap();
        app.clock.advance(SignedDuration::from_secs(60));
        for name in ["ComputerRebootAlert", "PackageReporterAlert", "UnapprovedActivitiesAlert"] {
            assert_eq!(status(&app, &admin, name).await, "Alerted", "{name}");
            assert_eq!(line(&app, &admin, name).await.unwrap()["activation_time"], "2026-11-21 08:00:00.000000", "{name}");
        }
        for (query, count) in [("computer-reboot", 1), ("package-reporter", 1), ("unapproved-activities", 1), ("computer-duplicates", 0), ("package-upgrades", 0)] {
            assert_eq!(app.get(&admin, &format!("computers?query=alert:{query}")).await.expect(200)["count"], count, "{query}");
        }
        let computer = app.get(&admin, &format!("computers/{id}?with_reboot_packages=true")).await.expect(200);
        assert_eq!(computer["reboot_packages"], json!(["linux-image"]));
        // It stays since then, until it is over.
        let mut conn = app.services.db.write().await.unwrap();
        computer_facts::set_reboot_required(&mut conn, id, true, app.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(line(&app, &admin, "ComputerRebootAlert").await.unwrap()["activation_time"], "2026-11-21 08:00:00.000000");
        let mut conn = app.services.db.write().await.unwrap();
        computer_facts::set_reboot_required(&mut conn, id, false, app.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(status(&app, &admin, "ComputerRebootAlert").await, "OK");
        let inactive = app.get(&admin, "alerts/summary?include_inactive=true").await.expect(200);
        let quiet = inactive["alerts_summary"].as_array().unwrap().iter().find(|l| l["alert_type"] == "ComputerRebootAlert").unwrap();
        assert_eq!((&quiet["summary"], &quiet["activation_time"]), (&json!("0 computers need a reboot."), &json!(null)));
    }

    async fn what_is_dismissed_is_shown_when_it_begins_anew(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.pending("one", "", None).await;
        app.clock.advance(SignedDuration::from_secs(1));
        let list = app.get(&admin, "alerts").await.expect(200);
        let id = of(&list, "PendingComputersAlert")["id"].as_i64().unwrap();
        let dismissed = app.post(&admin, &format!("alerts/{id}/dismiss"), json!({})).await.expect(200);
        assert_eq!(dismissed["status"], "OK");
        assert_eq!(line(&app, &admin, "PendingComputersAlert").await, None);
        app.clock.advance(SignedDuration::from_secs(1));
        app.pending("two", "", None).await;
        let told = line(&app, &admin, "PendingComputersAlert").await.unwrap();
        assert_eq!((&told["summary"], &told["activation_time"]), (&json!("1 computer waits to be accepted."), &json!("2026-11-21 08:00:02.000000")));
        app.post(&admin, "alerts/99/dismiss", json!({})).await.expect(404);
    }

    async fn alerts_watch_the_computers_they_are_told_to(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        app.computer("db-1", "db").await;
        app.clock.advance(SignedDuration::from_hours(1));
        let offline = ("name", "ComputerOfflineAlert");
        let count = async || app.get(&admin, "computers?query=alert:computer-offline").await.expect(200)["count"].clone();
        assert_eq!(count().await, 2);
        let none = app.legacy(&admin, "DisassociateAlert", &[offline, ("all_computers", "true")]).await.expect(200);
        assert_eq!((&none["status"], &none["all_computers"]), (&json!("Disabled"), &json!(false)));
        assert_eq!(count().await, 0);
        let some = app.legacy(&admin, "AssociateAlert", &[offline, ("tags.1", "web"), ("tags.2", "later")]).await.expect(200);
        assert_eq!((&some["status"], &some["tags"]), (&json!("Alerted"), &json!(["later", "web"])));
        assert_eq!(count().await, 1);
        let fewer = app.legacy(&admin, "DisassociateAlert", &[offline, ("tags.1", "web")]).await.expect(200);
        assert_eq!((&fewer["status"], &fewer["tags"]), (&json!("OK"), &json!(["later"])));
        let all = app.legacy(&admin, "AssociateAlert", &[offline, ("all_computers", "true")]).await.expect(200);
        assert_eq!((&all["all_computers"], &all["tags"]), (&json!(true), &json!(["later"])));
        assert_eq!(count().await, 2);
        for (parameters, status, error) in [
            (vec![("name", "NoAlert")], 404, "UnknownAlertTypeError"),
            (vec![("all_computers", "true")], 400, "MissingParameter"),
            (vec![offline, ("tags.1", "web"), ("all_computers", "true")], 400, "InvalidParameterCombination"),
            (vec![("name", "PendingComputersAlert"), ("all_computers", "true")], 400, "InvalidAlertTypeError"),
            (vec![offline, ("tags.1", "not ok")], 400, "InvalidParameter"),
        ] {
            for action in ["AssociateAlert", "DisassociateAlert"] {
                let reply = app.legacy(&admin, action, &parameters).await;
                assert_eq!(reply.expect(status)["error"], error, "{action} {parameters:?}");
            }
        }
        let unknown = app.legacy(&admin, "DisassociateAlert", &[offline, ("tags.1", "nowhere")]).await;
        assert_eq!(unknown.expect(404)["error"], "UnknownTag");
    }

    async fn people_subscribe(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let kind = [("alert_type", "PendingComputersAlert")];
        for _ in 0..2 {
            let alert = app.legacy(&admin, "SubscribeToAlert", &kind).await.expect(200);
            assert_eq!(alert["subscribed"], true);
        }
        let who = app.legacy(&admin, "GetAlertSubscribers", &kind).await.expect(200);
        assert_eq!(who, json!([{"id": 1, "name": "Administrator", "email": "admin@localhost", "since": "2026-11-21T08:00:00Z"}]));
        let listed = app.legacy(&admin, "GetAlerts", &[]).await.expect(200);
        assert_eq!(of(&listed, "PendingComputersAlert")["subscribed"], true);
        assert_eq!(of(&listed, "ComputerRebootAlert")["subscribed"], false);
        let alert = app.legacy(&admin, "UnsubscribeFromAlert", &kind).await.expect(200);
        assert_eq!(alert["subscribed"], false);
        assert_eq!(app.legacy(&admin, "GetAlertSubscribers", &kind).await.expect(200), json!([]));
        for action in ["SubscribeToAlert", "UnsubscribeFromAlert", "GetAlertSubscribers"] {
            let reply = app.legacy(&admin, action, &[("alert_type", "x")]).await;
            assert_eq!(reply.expect(404)["error"], "UnknownAlertTypeError");
        }
    }

    async fn only_computers_in_scope_count(flavor) {
        let app = app!(flavor);
        app.access_group("Server", "global").await;
        app.computer("web-1", "").await;
        app.person("op", binnacle_shared::permission::Role::SupportAnalyst, &["server"]).await;
        let op = app.client("op").await;
        app.clock.advance(SignedDuration::from_hours(1));
        assert_eq!(status(&app, &op, "ComputerOfflineAlert").await, "OK");
        assert_eq!(status(&app, &app.admin().await, "ComputerOfflineAlert").await, "Alerted");
        // What is set holds for the whole account, so it takes who manages that.
        app.post(&op, "alerts/1/dismiss", json!({})).await.expect(403);
    }
}
