//! The audit log: listed in both ways, shortened, filled from elsewhere, and watched.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use binnacle::store::conductor::permission::{self, Held};
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Reply};
use crate::app;
use crate::on_both_databases;

impl App {
    pub async fn site(&self, user: &User, name: &str) {
        self.conduct(user, Method::PUT, &format!("sites/{name}"), json!({})).await.expect(200);
    }

    pub async fn audit(&self, user: &User, query: &str) -> Reply {
        self.conduct(user, Method::GET, &format!("audit?{query}"), Value::Null).await
    }

    /// By what the entries know their things.
    pub async fn names(&self, user: &User, query: &str) -> Vec<String> {
        let list = self.audit(user, query).await.expect(200);
        let name = |entry: &Value| entry["ref_identifier"]["name"].as_str().unwrap_or("-").to_owned();
        list["items"].as_array().unwrap().iter().map(name).collect()
    }

    pub async fn watch(&self, user: &User, query: &str) -> Watch {
        let mut request = Request::builder().uri(format!("/api/v3.1/audit/stream?{query}"));
        for (name, value) in &user.headers {
            request = request.header(*name, value);
        }
        let response = self.stream(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Watch { body: response.into_body(), text: String::new() }
    }

    pub async fn allow(&self, role: Role, permission: Permission) {
        let mut conn = self.services.db.write().await.unwrap();
        assert!(permission::grant(&mut conn, Held { role, permission }).await.unwrap());
        conn.commit().await.unwrap();
    }
}

/// Reads a stream.
pub struct Watch {
    body: Body,
    text: String,
}

impl Watch {
    /// The next entry; none at the end.
    pub async fn next(&mut self) -> Option<Value> {
        let read = async {
            loop {
                if let Some((entry, rest)) = self.text.split_once("\n\n") {
                    let (entry, rest) = (entry.trim().to_owned(), rest.to_owned());
                    self.text = rest;
                    // Empty lines show that the stream lives.
                    if entry.is_empty() {
                        continue;
                    }
                    return Some(serde_json::from_str(&entry).unwrap());
                }
                let frame = self.body.frame().await?.unwrap();
                self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read).await.unwrap()
    }

    pub async fn name(&mut self) -> String {
        self.next().await.unwrap()["ref_identifier"]["name"].as_str().unwrap().to_owned()
    }
}

/// Where the faults of a refusal are.
fn places(reply: &Reply) -> Vec<String> {
    let detail = reply.expect(422)["detail"].clone();
    let place = |fault: &Value| {
        assert!(fault["msg"].as_str().is_some_and(|text| !text.is_empty()));
        let parts = fault["loc"].as_array().unwrap().iter();
        parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect::<Vec<_>>().join(".")
    };
    detail.as_array().unwrap().iter().map(place).collect()
}

on_both_databases! {
    async fn the_log_is_listed_as_clients_and_as_the_console_ask(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for name in ["a", "b", "c"] {
            app.site(&admin, name).await;
            app.clock.advance(SignedDuration::from_secs(60));
    }
        let kim = app.member("kim", "default_tenant", Role::User).await;
        app.site(&kim, "d").await;
        let list = app.audit(&admin, "size=1").await.expect(200);
        insta::assert_json_snapshot!("audit_log", list);
        assert_eq!(app.names(&admin, "").await, ["a", "b", "c", "d"]);
        assert_eq!(app.names(&admin, "desc=True&size=2&offset=1").await, ["c", "b"]);
        assert_eq!(app.names(&admin, "size=0&order_by=creator_name&desc=true").await[0], "d");
        assert_eq!(app.names(&admin, "creator_name=kim").await, ["d"]);
        assert_eq!(app.names(&admin, "execution_id=x").await, Vec::<String>::new());
        assert_eq!(app.names(&admin, "since=2026-11-21T08:01:00").await, ["b", "c", "d"]);
        assert_eq!(app.names(&admin, "before=2026-11-21%2008:01:00.000").await, ["a"]);
        // Like any list.
        assert_eq!(app.names(&admin, "_size=2").await, ["d", "c"]);
        assert_eq!(app.names(&admin, "_size=2&_offset=1&_sort=created_at").await, ["b", "c"]);
        assert_eq!(app.names(&admin, "_size=9&creator_name=kim&creator_name=x&ref_table=sites&operation=create").await, ["d"]);
        assert_eq!(app.names(&admin, "_size=9&tenant_name=north").await, Vec::<String>::new());
        assert_eq!(app.names(&admin, "_range=created_at,2026-11-21T08:02:00Z,&_size=9").await, ["d", "c"]);
        let cut = app.audit(&admin, "_include=id,operation&_size=1").await.expect(200);
        assert_eq!(cut["items"][0].as_object().unwrap().len(), 2);
        let id = cut["items"][0]["id"].as_i64().unwrap();
        assert_eq!(app.names(&admin, &format!("id={id}")).await, ["d"]);
    }

    async fn what_cannot_be_asked_is_said_as_that_service_says_it(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for (query, place) in [
            ("size=x", "query.size"),
            ("offset=-1", "query.offset"),
            ("since=never", "query.since"),
            ("before=1", "query.before"),
            ("desc=down", "query.desc"),
            ("order_by=before", "query.order_by"),
        ] {
            assert_eq!(places(&app.audit(&admin, query).await), [place], "{query}");
    }
        let both = app.audit(&admin, "since=2026-01-01&before=2026-01-02").await.expect(400);
        assert!(both["detail"].is_string());
        assert_eq!(code(&app.audit(&admin, "nope=1").await, 400), "bad_parameters_error");
        assert_eq!(code(&app.audit(&admin, "_size=-1").await, 400), "bad_parameters_error");
        let kim = app.member("kim", "default_tenant", Role::Manager).await;
        assert_eq!(code(&app.audit(&kim, "").await, 403), "forbidden_error");
        for method in [Method::DELETE, Method::POST] {
            let refused = app.conduct(&kim, method, "audit?before=2030-01-01", json!([])).await;
            assert_eq!(code(&refused, 403), "forbidden_error");
    }
        let refused = app.conduct(&kim, Method::GET, "audit/stream", Value::Null).await;
        assert_eq!(code(&refused, 403), "forbidden_error");
    }

    async fn old_entries_are_removed_and_that_is_noted(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.site(&admin, "a").await;
        let kim = app.member("kim", "default_tenant", Role::User).await;
        app.site(&kim, "b").await;
        app.clock.advance(SignedDuration::from_secs(60));
        app.site(&admin, "c").await;
        let delete = async |query: &str| app.conduct(&admin, Method::DELETE, &format!("audit{query}"), Value::Null).await;
        assert_eq!(places(&delete("").await), ["query.before"]);
        assert_eq!(places(&delete("?before=soon").await), ["query.before"]);
        assert_eq!(places(&delete("?before=2030-01-01&creator=kim").await), ["query.creator"]);
        assert_eq!(app.names(&admin, "").await, ["a", "b", "c"]);

        assert_eq!(delete("?before=2026-11-21T08:00:30&creator_name=kim").await.expect(200), json!({"deleted": 1}));
        assert_eq!(app.names(&admin, "").await, ["a", "c", "-"]);
        assert_eq!(delete("?before=2026-11-21T08:01:00&execution_id=x").await.expect(200), json!({"deleted": 0}));
        assert_eq!(delete("?before=2026-11-21T08:01:00").await.expect(200), json!({"deleted": 1}));
        let last = app.audit(&admin, "_size=1").await.expect(200)["items"][0].clone();
        assert_eq!((&last["ref_table"], &last["operation"]), (&json!("audit_log"), &json!("delete")));
        assert_eq!(last["before"]["deleted"], 1);
        assert_eq!(app.names(&admin, "").await, ["c", "-", "-"]);
    }

    async fn entries_come_in_from_elsewhere_all_or_none(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let inject = async |body: Value| app.conduct(&admin, Method::POST, "audit", body).await;
        let entry = json!({
            "ref_table": "deployments",
            "ref_id": 7,
            "ref_identifier": {"id": "d", "name": "d", "tenant_name": "north"},
            "operation": "update",
            "creator_name": "somebody",
            "execution_id": "e1",
            "created_at": "2025-01-01T00:00:00.000",
        });
        assert_eq!(inject(json!([entry, entry])).await.expect(200), json!({"injected": 2}));
        let list = app.audit(&admin, "execution_id=e1").await.expect(200);
        assert_eq!(list["metadata"]["pagination"]["total"], 2);
        let kept = &list["items"][0];
        for name in ["ref_table", "ref_id", "ref_identifier", "operation", "creator_name", "created_at"] {
            assert_eq!(kept[name], entry[name], "{name}");
    }
        let before = app.fingerprint().await;
        let bad = json!([
            entry,
            {"ref_table": "", "ref_id": "7", "operation": "drop", "created_at": "never", "after": []},
            7,
            {},
        ]);
        let expected = [
            "body.1.ref_table",
            "body.1.ref_id",
            "body.1.operation",
            "body.1.created_at",
            "body.1.after",
            "body.2",
            "body.3.ref_table",
            "body.3.ref_id",
            "body.3.operation",
        ];
        assert_eq!(places(&inject(bad).await), expected);
        assert_eq!(places(&inject(json!({})).await), ["body"]);
        assert_eq!(places(&inject(json!(vec![json!({}); 10_001])).await), ["body"]);
        assert_eq!(app.fingerprint().await, before);
        assert_eq!(inject(json!([])).await.expect(200), json!({"injected": 0}));
    }

    async fn who_looks_from_a_tenant_sees_what_was_done_there(flavor) {
        let app = app!(flavor);
        for name in ["north", "south"] {
            app.tenant(name).await;
            app.site(&user("admin", name), name).await;
    }
        app.allow(Role::Manager, Permission::AuditLogView).await;
        app.allow(Role::Manager, Permission::AuditLogTruncate).await;
        app.allow(Role::Manager, Permission::AuditLogInject).await;
        let kim = app.member("kim", "north", Role::Manager).await;
        assert_eq!(app.names(&kim, "").await, ["north"]);
        assert_eq!(app.names(&kim, "tenant_name=south").await, Vec::<String>::new());
        let mut watch = app.watch(&kim, "").await;
        app.site(&user("admin", "south"), "s").await;
        app.site(&user("admin", "north"), "n").await;
        assert_eq!(watch.name().await, "n");
        let entry = json!([{"ref_table": "x", "ref_id": 1, "operation": "create", "tenant_name": "south"}]);
        app.conduct(&kim, Method::POST, "audit", entry).await.expect(200);
        let all = app.audit(&admin(), "ref_table=x").await.expect(200);
        assert_eq!(all["items"][0]["tenant_name"], "north");
        let path = "audit?before=2030-01-01";
        let deleted = app.conduct(&kim, Method::DELETE, path, Value::Null).await.expect(200);
        assert_eq!(deleted, json!({"deleted": 3}));
        assert_eq!(app.names(&admin(), "tenant_name=south").await, ["south", "s"]);
    }

    async fn the_log_is_watched_as_it_is_written(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.site(&admin, "a").await;
        let mut watch = app.watch(&admin, "").await;
        let mut all = app.watch(&admin, "since=2026-01-01").await;
        let kim = app.member("kim", "default_tenant", Role::User).await;
        let mut only = app.watch(&admin, "creator_name=kim").await;
        app.site(&admin, "b").await;
        let entry = watch.next().await.unwrap();
        let listed = app.audit(&admin, "_size=1").await.expect(200)["items"][0].clone();
        assert_eq!(entry, listed);
        // What is refused, and what is taken back, is not told.
        app.conduct(&admin, Method::PUT, "sites/b", json!({})).await.expect(409);
        app.site(&kim, "c").await;
        assert_eq!(watch.name().await, "c");
        assert_eq!(only.name().await, "c");
        assert_eq!([all.name().await, all.name().await, all.name().await], ["a", "b", "c"]);
        app.clock.advance(SignedDuration::from_secs(4));
        app.site(&admin, "d").await;
        assert_eq!((watch.name().await, all.name().await), ("d".to_owned(), "d".to_owned()));
        app.stop.cancel();
        assert_eq!((watch.next().await, all.next().await, only.next().await), (None, None, None));
    }

    async fn a_long_log_is_caught_up_with(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let entry = |id: i64| json!({"ref_table": "x", "ref_id": id, "operation": "create", "ref_identifier": {}});
        let some: Vec<Value> = (0..1201).map(entry).collect();
        let mut watch = app.watch(&admin, "").await;
        app.conduct(&admin, Method::POST, "audit", json!(some)).await.expect(200);
        for id in 0..1201 {
            assert_eq!(watch.next().await.unwrap()["ref_id"], id);
    }
        let mut again = app.watch(&admin, "since=2026-01-01&timeout=60").await;
        for id in 0..1201 {
            assert_eq!(again.next().await.unwrap()["ref_id"], id);
    }
        app.clock.advance(SignedDuration::from_secs(61));
        assert_eq!(again.next().await, None, "its time is over");
    }

    async fn nothing_is_asked_while_nothing_is_written(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let mut watch = app.watch(&admin, "").await;
        let before = app.services.db.statements();
        let next = tokio::spawn(async move { watch.next().await });
        for _ in 0..100 {
            tokio::task::yield_now().await;
    }
        assert_eq!(app.services.db.statements(), before);
        app.site(&admin, "a").await;
        assert_eq!(next.await.unwrap().unwrap()["ref_identifier"]["name"], "a");
    }
}
