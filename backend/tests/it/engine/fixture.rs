//! An account with computers and scripts, made through the store.

use std::sync::Arc;

use binnacle::clock::Clock;
use binnacle::engine::{Engine, enrol, first_run};
use binnacle::store::account::{self, Account};
use binnacle::store::computer::{self, NewComputer};
use binnacle::store::person::{self, NewPerson};
use binnacle::store::schedule::StoredTrigger;
use binnacle::store::{Db, Scope, access_group, activity, list, role, script, script_profile};
use binnacle_shared::list::ListParams;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::NewScript;
use binnacle_shared::model::landscape::script_profile::{NewScriptProfile, ScriptProfile};
use sea_query::Condition;
use serde_json::{Value, json};

use crate::support::clock::ManualClock;
use crate::support::database::{Flavor, TestDatabase};

pub struct Fixture {
    pub clock: Arc<ManualClock>,
    pub db: Db,
    pub engine: Engine,
    pub scope: Scope,
    pub root: access_group::Group,
    pub limits: ScriptProfileLimits,
    person_id: i64,
    pub script_id: i64,
    pub database: TestDatabase,
}

impl Fixture {
    pub async fn new(flavor: Flavor, now: &str) -> Option<Self> {
        let database = TestDatabase::create(flavor).await?;
        let db = database.open().await;
        let clock = Arc::new(ManualClock::at(now));
        let now = clock.now();
        let mut conn = db.write().await.unwrap();
        let limits = ScriptProfileLimits { max_num_profiles: 1000, ..Default::default() };
        let new = Account {
            id: 0,
            name: "standalone".into(),
            title: "Standalone".into(),
            registration_key: None,
            auto_register: true,
            max_pending: 10,
            limits,
            audit_retention_period: -1,
        };
        let account_id = account::create(&mut conn, &new, now).await.unwrap();
        let root = access_group::create(&mut conn, account_id, "global", "Global access", None).await.unwrap();
        let global_admin = role::create_built_in(&mut conn, account_id, &root, now).await.unwrap();
        let admin = NewPerson {
            account_id,
            username: "admin",
            email: "admin@localhost",
            name: "Administrator",
            password_hash: None,
            role_ids: &[global_admin],
        };
        let person_id = person::create(&mut conn, &admin, now).await.unwrap();
        let code = json!({"title": "hello", "code": "#!/bin/sh\necho hello"});
        let code = NewScript::parse(&code).unwrap();
        let script_id =
            script::create(&mut conn, account_id, root.id, &code, script::V2, person_id, now).await.unwrap();
        conn.commit().await.unwrap();
        let engine = Engine::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>);
        let scope = Scope::account(account_id);
        Some(Self { clock, db, engine, scope, root, limits, person_id, script_id, database })
    }

    /// A pending computer in the root group.
    pub async fn pending(&self, title: &str, tags: &str) -> i64 {
        let new = NewComputer {
            title: title.into(),
            hostname: None,
            machine_id: None,
            vm_info: None,
            container_info: None,
            suggested_access_group: None,
            tags: tags.into(),
            secure_id_hash: format!("secure {title}"),
            insecure_id: format!("insecure {title}"),
            clone_of_id: None,
            access_group_id: self.root.id,
        };
        let mut conn = self.db.write().await.unwrap();
        let account = self.scope.account_id();
        let id = computer::create_pending(&mut conn, account, &new, self.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    pub async fn enrol(&self, id: i64, group: i64) -> bool {
        let mut conn = self.db.write().await.unwrap();
        let now = self.clock.now();
        let effects = enrol(&mut conn, &self.scope, id, group, now).await.unwrap();
        conn.commit().await.unwrap();
        let enrolled = effects.is_some();
        self.engine.publish(effects.unwrap_or_default()).await.unwrap();
        enrolled
    }

    pub async fn computer(&self, title: &str, tags: &str) -> i64 {
        let id = self.pending(title, tags).await;
        assert!(self.enrol(id, self.root.id).await);
        id
    }

    /// Lets profiles run at any distance.
    pub async fn set_min_interval(&mut self, minutes: i64) {
        self.limits.min_interval = minutes;
        let mut conn = self.db.write().await.unwrap();
        let mut account = account::by_id(&mut conn, self.scope.account_id()).await.unwrap().unwrap();
        account.limits = self.limits;
        account::update(&mut conn, &account).await.unwrap();
        conn.commit().await.unwrap();
    }

    pub async fn script_in(&self, title: &str, group: i64) -> i64 {
        let code = NewScript::parse(&json!({"title": title, "code": "#!/bin/sh\necho hello"})).unwrap();
        let (account, now) = (self.scope.account_id(), self.clock.now());
        let mut conn = self.db.write().await.unwrap();
        let id = script::create(&mut conn, account, group, &code, script::V2, self.person_id, now).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    pub async fn profile(&self, title: &str, tags: &[&str], trigger: Value) -> i64 {
        self.profile_of(self.script_id, self.root.id, title, tags, trigger).await
    }

    /// A profile of a script of an access group; without tags for all computers.
    pub async fn profile_of(&self, script: i64, group: i64, title: &str, tags: &[&str], trigger: Value) -> i64 {
        let body = json!({
            "title": title, "script_id": script, "username": "root", "time_limit": 60,
            "tags": tags, "all_computers": tags.is_empty(), "trigger": trigger,
        });
        let new = NewScriptProfile::parse(&body).unwrap();
        let now = self.clock.now();
        let trigger = StoredTrigger::from(new.trigger.clone());
        let next = first_run(&trigger, &self.limits, None, now);
        let mut conn = self.db.write().await.unwrap();
        let id = script_profile::create(&mut conn, self.scope.account_id(), group, &new, next, self.person_id, now)
            .await
            .unwrap();
        conn.commit().await.unwrap();
        id
    }

    pub async fn read_profile(&self, id: i64) -> ScriptProfile {
        let mut conn = self.db.read().await.unwrap();
        list::read(&mut conn, &self.scope, id).await.unwrap().unwrap()
    }

    /// Groups that a profile made, oldest first.
    pub async fn groups(&self, profile: i64) -> Vec<Activity> {
        let mut groups = self.activities(activity::of_profile(profile)).await;
        groups.reverse();
        groups
    }

    pub async fn children(&self, group: i64) -> Vec<Activity> {
        self.activities(activity::children_of(group)).await
    }

    pub async fn activities(&self, matching: Condition) -> Vec<Activity> {
        let mut conn = self.db.read().await.unwrap();
        let params = ListParams { limit: 1000, ..ListParams::default() };
        list::page(&mut conn, &self.scope, &params, matching).await.unwrap().items
    }
}
