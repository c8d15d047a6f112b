//! The people who ask, and the things that they ask about.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::Method;
use binnacle::auth::token::{self, Subject};
use binnacle::keys::Keys;
use binnacle::store::computer::{self, NewComputer};
use binnacle::store::tables::{Account, ComputerUser};
use binnacle::store::{Scope, access_group};
use binnacle_shared::permission::{Permission, Role};
use jiff::SignedDuration;
use sea_query::Query;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::api::app::{App, Client, PASSWORD, encode, profile};

/// The access group in which those have their permissions who have not everything.
pub const OWN: &str = "own";
/// A group beside it.
pub const OTHER: &str = "other";

/// What an access group divides. All other placeholders stand for things of the whole account.
const DIVIDED: &[&str] = &[
    "script",
    "with-file",
    "attached",
    "profile",
    "reaching",
    "computer",
    "with-user",
    "pending",
    "activity",
    "child",
    "ended",
];

pub struct World<'a> {
    pub app: &'a App,
    /// Those who come in nowhere.
    pub strangers: Vec<(&'static str, Client)>,
    /// User names by their permissions.
    holders: Mutex<HashMap<String, String>>,
    counter: AtomicU32,
    /// All that was not as expected: one run tells everything.
    faults: std::sync::Mutex<Vec<String>>,
}

fn bearer(token: &str) -> Client {
    Client { headers: vec![("authorization", format!("Bearer {token}"))] }
}

impl<'a> World<'a> {
    pub async fn new(app: &'a App) -> Self {
        let short = json!({"identity": "admin", "password": PASSWORD, "expiry_minutes": 1});
        let state = app.post(&Client::default(), "login", short).await.expect(200);
        let expired = state["token"].as_str().unwrap().to_owned();
        app.clock.advance(SignedDuration::from_mins(2));
        app.person("locked", Role::GlobalAdmin, &["global"]).await;
        let disabled = app.client("locked").await;
        let (disabled_browser, _) = app.browser("locked").await;
        app.legacy(&app.admin().await, "DisableAdministrator", &[("email", "locked@example.com")]).await.expect(200);
        // Right in all but the key that signed it.
        let other_keys = Keys::generate(app.services.random.as_ref());
        let subject =
            Subject { email: "admin@localhost", account: "standalone", person_id: 1, epoch: 0, session_id: 1 };
        let now = app.services.clock.now();
        let forged = token::issue(&other_keys, now, subject, now + SignedDuration::from_hours(1)).unwrap();
        let strangers = vec![
            ("nobody", Client::default()),
            ("an expired token", bearer(&expired)),
            ("a forged token", bearer(&forged)),
            ("no token at all", bearer("x.y.z")),
            ("a forged cookie", Client { headers: vec![("cookie", format!("binnacle_session={}", "A".repeat(43)))] }),
            ("a disabled user", disabled),
            ("a disabled user's cookie", disabled_browser),
        ];
        app.access_group("Own", "global").await;
        app.access_group("Other", "global").await;
        // Enough for a profile in each question.
        let mut conn = app.services.db.write().await.unwrap();
        let more = Query::update().table(Account::Table).value(Account::MaxNumProfiles, 100_000).take();
        conn.execute(&more).await.unwrap();
        conn.commit().await.unwrap();
        Self {
            app,
            strangers,
            holders: Mutex::default(),
            counter: AtomicU32::new(0),
            faults: std::sync::Mutex::default(),
        }
    }

    pub fn fault(&self, fault: String) {
        self.faults.lock().unwrap().push(fault);
    }

    pub fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap().clone()
    }

    /// Somebody who has these permissions and no others, in a group. They log in anew, since what
    /// was asked before may have ended their session.
    pub async fn holder(&self, permissions: &[Permission], group: &str) -> Client {
        let names: Vec<_> = permissions.iter().map(|p| p.name()).collect();
        let key = format!("{} in {group}", names.join(" "));
        let mut holders = self.holders.lock().await;
        let count = holders.len();
        if let Some(username) = holders.get(&key) {
            return self.app.client(username).await;
        }
        let username = format!("holder-{count}");
        if permissions.is_empty() {
            self.app.nobody(&username).await;
        } else {
            // What holds for the whole account needs no group.
            let groups: &[&str] = if permissions.iter().all(|p| p.is_global()) { &[] } else { &[group] };
            self.app.person_with(&username, permissions, groups).await;
        }
        holders.insert(key, username.clone());
        self.app.client(&username).await
    }

    /// Somebody with a built-in role.
    pub async fn built_in(&self, role: Role) -> Client {
        let mut holders = self.holders.lock().await;
        let key = role.name().to_owned();
        if !holders.contains_key(&key) {
            self.app.person_with_roles(&key, &[role.name()]).await;
            holders.insert(key.clone(), key.clone());
        }
        self.app.client(&key).await
    }

    pub fn is_divided(text: &str) -> bool {
        DIVIDED.iter().any(|name| text.contains(&format!("<{name}>")))
    }

    /// The question with numbers that nothing has.
    pub fn nowhere(text: &str) -> String {
        let mut parts = text.split(['<', '>']);
        let mut filled = parts.next().unwrap_or_default().to_owned();
        while let (Some(_), Some(rest)) = (parts.next(), parts.next()) {
            filled.push_str("999999999");
            filled.push_str(rest);
        }
        filled
    }

    /// Makes what the placeholders name, in a group, and puts it in.
    pub async fn fill(&self, text: &str, group: &str) -> String {
        let mut parts = text.split(['<', '>']);
        let mut filled = parts.next().unwrap_or_default().to_owned();
        while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
            filled.push_str(&self.make(name, group).await);
            filled.push_str(rest);
        }
        filled
    }

    fn fresh(&self) -> u32 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    async fn make(&self, name: &str, group: &str) -> String {
        let n = self.fresh();
        let id = |value: &Value| value["id"].to_string();
        match name {
            "n" => n.to_string(),
            "group" => group.to_owned(),
            "code" => encode("#!/bin/sh\necho hello"),
            "script" => self.script(group).await.to_string(),
            "with-file" => self.attached(group).await.0.to_string(),
            "attached" => {
                let (script, file) = self.attached(group).await;
                format!("{script}/attachments/{file}")
            }
            "profile" => self.profile(group).await.to_string(),
            "reaching" => {
                self.computer(group).await;
                self.profile(group).await.to_string()
            }
            "computer" => self.computer(group).await.to_string(),
            "with-user" => {
                let id = self.computer(group).await;
                self.user(id).await;
                id.to_string()
            }
            "pending" => self.pending(group).await.to_string(),
            "activity" => self.activities(group).await.0.to_string(),
            "child" => self.activities(group).await.1.to_string(),
            "ended" => {
                let child = self.activities(group).await.1;
                let query = format!("id:{child}");
                self.app.legacy(&self.app.admin().await, "CancelActivities", &[("query", &query)]).await.expect(200);
                child.to_string()
            }
            "role" => self.app.role(&format!("Made{n}"), &[], &[]).await.to_string(),
            "role-name" => {
                self.app.role(&format!("Made{n}"), &[], &[]).await;
                format!("Made{n}")
            }
            "person" => self.app.nobody(&format!("made-{n}")).await.to_string(),
            "email" => {
                self.app.nobody(&format!("made-{n}")).await;
                format!("made-{n}@example.com")
            }
            "invitation" => id(&self.invitation(n).await),
            "secure" => self.invitation(n).await["secure_id"].as_str().unwrap().to_owned(),
            "new-group" => {
                self.app.access_group(&format!("made-{n}"), "global").await;
                format!("made-{n}")
            }
            "search" => id(&self.search(n).await),
            "search-name" => self.search(n).await["name"].as_str().unwrap().to_owned(),
            other => panic!("nobody makes <{other}>"),
        }
    }

    async fn script(&self, group: &str) -> i64 {
        let title = format!("script {}", self.fresh());
        self.app.script(&title, &[("access_group", group)]).await
    }

    async fn profile(&self, group: &str) -> i64 {
        let script = self.script(group).await;
        self.app.profile(profile(script, json!({"title": format!("profile {}", self.fresh())}))).await
    }

    /// A script with a file.
    async fn attached(&self, group: &str) -> (i64, i64) {
        let (script, admin) = (self.script(group).await, self.app.admin().await);
        let text = script.to_string();
        let parameters = [("script_id", text.as_str()), ("file", "a.txt$$aGVsbG8=")];
        self.app.legacy(&admin, "CreateScriptAttachment", &parameters).await.expect(200);
        let read = self.app.get(&admin, &format!("scripts/{script}")).await.expect(200);
        (script, read["attachments"][0]["id"].as_i64().unwrap())
    }

    async fn pending(&self, group: &str) -> i64 {
        let n = self.fresh();
        let mut conn = self.app.services.db.write().await.unwrap();
        let scope = Scope::account(self.app.account_id);
        let group = access_group::by_name(&mut conn, &scope, group).await.unwrap().unwrap();
        let new = NewComputer {
            title: format!("computer {n}"),
            hostname: Some(format!("computer-{n}.example")),
            machine_id: None,
            vm_info: None,
            container_info: None,
            suggested_access_group: None,
            tags: String::new(),
            secure_id_hash: format!("secure {n}"),
            insecure_id: format!("insecure {n}"),
            clone_of_id: None,
            access_group_id: group.id,
        };
        let now = self.app.services.clock.now();
        let id = computer::create_pending(&mut conn, self.app.account_id, &new, now).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    async fn computer(&self, group: &str) -> i64 {
        let id = self.pending(group).await;
        let text = id.to_string();
        let parameters = [("computer_ids.1", text.as_str()), ("access_group", group)];
        self.app.legacy(&self.app.admin().await, "AcceptPendingComputers", &parameters).await.expect(200);
        id
    }

    /// The user root of a computer, as its agent would report it.
    async fn user(&self, computer_id: i64) {
        let insert = Query::insert()
            .into_table(ComputerUser::Table)
            .columns([ComputerUser::ComputerId, ComputerUser::Username, ComputerUser::Uid, ComputerUser::Enabled])
            .values_panic([computer_id.into(), "root".into(), 0i64.into(), true.into()])
            .take();
        let mut conn = self.app.services.db.write().await.unwrap();
        conn.execute(&insert).await.unwrap();
        conn.commit().await.unwrap();
    }

    /// A group of activities and its child, on a computer of the access group.
    async fn activities(&self, group: &str) -> (i64, i64) {
        let (script, computer) = (self.script(group).await.to_string(), self.computer(group).await);
        let query = format!("id:{computer}");
        let parameters = [("query", query.as_str()), ("script_id", script.as_str()), ("username", "root")];
        let made = self.app.legacy(&self.app.admin().await, "ExecuteScript", &parameters).await.expect(200);
        let parent = made["id"].as_i64().unwrap();
        let children =
            self.app.get(&self.app.admin().await, &format!("activities?query=parent-id:{parent}")).await.expect(200);
        (parent, children["results"][0]["id"].as_i64().unwrap())
    }

    async fn invitation(&self, n: u32) -> Value {
        let body = json!({"name": "Kim", "email": format!("invited-{n}@example.com"), "roles": ["Auditor"]});
        self.app.post(&self.app.admin().await, "invitations", body).await.expect(201)
    }

    async fn search(&self, n: u32) -> Value {
        let title = format!("search {n}");
        let body = json!({"title": title, "search": "tag:web"});
        self.app
            .ask(&self.app.admin().await, Method::POST, "/api/v2/saved-searches", body.to_string())
            .await
            .expect(201)
    }
}
