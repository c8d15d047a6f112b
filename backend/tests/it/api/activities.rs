use axum::body::Body;
use axum::http::Request;
use binnacle::engine::{record_output, record_result};
use binnacle::store::activity::ActivityResult;
use binnacle_shared::model::landscape::activity::ActivityStatus;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::app::{App, Client};
use crate::{app, on_both_databases};

/// Runs a script on the computers of a query and gives the group.
async fn execute(app: &App, client: &Client, query: &str) -> Value {
    let script = app.script(&format!("run on {query}"), &[]).await.to_string();
    let parameters = [("query", query), ("script_id", script.as_str()), ("username", "root")];
    app.legacy(client, "ExecuteScript", &parameters).await.expect(200)
}

on_both_databases! {
    async fn a_script_runs_at_once(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        app.computer("web-2", "web").await;
        let group = execute(&app, &admin, "tag:web").await;
        assert_eq!((&group["type"], &group["activity_status"]), (&json!("ActivityGroup"), &json!("undelivered")));
        assert_eq!(group["children_statuses"], json!({"undelivered": 2}));
        let children = app.get(&admin, "activities?query=parent-id:1&sort=id").await.expect(200);
        assert_eq!(children["count"], 2);
        assert_eq!(children["results"][0]["computer"]["title"], "web-1");
        let groups = app.get(&admin, "activities?query=type:ActivityGroup").await.expect(200);
        assert_eq!(groups["count"], 1);
        let script = app.script("other", &[]).await.to_string();
        for (parameters, error) in [
            (vec![("query", "tag:none"), ("script_id", script.as_str()), ("username", "root")], "UnknownComputers"),
            (vec![("query", "tag:web"), ("script_id", script.as_str())], "RequiresUser"),
            (vec![("query", "tag:web"), ("script_id", "99"), ("username", "root")], "UnknownScript"),
            (vec![("query", "x:y"), ("script_id", script.as_str())], "InvalidQuery"),
            (vec![("query", "web"), ("script_id", script.as_str()), ("deliver_after", "soon")], "InvalidTime"),
        ] {
            let reply = app.legacy(&admin, "ExecuteScript", &parameters).await;
            assert_eq!(reply.json()["error"], error, "{parameters:?}");
        }
    }

    async fn activities_are_cancelled_all_or_none(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        let group = execute(&app, &admin, "tag:web").await;
        let query = format!("id:{}", group["id"]);
        let ids = app.legacy(&admin, "CancelActivities", &[("query", &query)]).await.expect(200);
        assert_eq!(ids, json!([group["id"]]));
        let reply = app.legacy(&admin, "CancelActivities", &[("query", &query)]).await;
        let error = reply.expect(400);
        assert_eq!(error["error"], "InvalidActivityStatusChange");
        assert!(error["message"].as_str().unwrap().starts_with(&format!("activity {} =>", group["id"])));
    }

    async fn output_is_kept_and_streamed(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let computer = app.computer("web-1", "web").await;
        let group = execute(&app, &admin, "tag:web").await["id"].as_i64().unwrap();
        let child = group + 1;
        assert_eq!(app.get(&admin, &format!("activities/{child}/output")).await.expect(200), json!({"results": [], "truncated": false}));
        let request = |path: String, last: Option<&str>| {
            let mut request = Request::builder().uri(path).header("authorization", &admin.headers[0].1);
            if let Some(last) = last {
                request = request.header("last-event-id", last);
            }
            request.body(Body::empty()).unwrap()
        };
        let mut stream = Stream::open(&app, request(format!("/api/v2/activities/{child}/stream"), None)).await;
        let (name, data) = stream.next().await;
        assert_eq!((name.as_str(), &data["activity_status"]), ("activity", &json!("undelivered")));
        let mut parent = Stream::open(&app, request(format!("/api/v2/activities/{group}/stream"), None)).await;
        assert_eq!(parent.next().await.1["id"], group);
        assert_eq!(parent.next().await.1["id"], child);

        let now = "2026-11-21T08:00:05Z".parse().unwrap();
        let mut conn = app.services.db.write().await.unwrap();
        let effects = record_output(&mut conn, app.account_id, computer, child, 0, "one\n", now).await.unwrap();
        conn.commit().await.unwrap();
        app.services.engine.publish(effects).await.unwrap();
        let (name, data) = stream.next().await;
        assert_eq!((name.as_str(), &data["seq"], &data["text"]), ("output", &json!(0), &json!("one\n")));

        let mut conn = app.services.db.write().await.unwrap();
        let result = ActivityResult { status: ActivityStatus::Succeeded, code: None, exit_code: None, text: "one\ntwo\n".into(), truncated: false };
        let effects = record_result(&mut conn, app.account_id, computer, child, &result, now).await.unwrap();
        conn.commit().await.unwrap();
        app.services.engine.publish(effects).await.unwrap();
        let (name, data) = stream.next().await;
        assert_eq!((name.as_str(), &data["text"]), ("output", &json!("two\n")));
        assert_eq!(stream.next().await.1["activity_status"], "succeeded");
        let mut seen = [parent.next().await.1, parent.next().await.1];
        seen.sort_by_key(|a| a["id"].as_i64());
        assert_eq!((&seen[0]["activity_status"], &seen[1]["activity_status"]), (&json!("succeeded"), &json!("succeeded")));

        let mut again = Stream::open(&app, request(format!("/api/v2/activities/{child}/stream"), Some("0"))).await;
        assert_eq!(again.next().await.1["text"], "two\n");
        assert_eq!(again.next().await.0, "activity");
        app.get(&admin, "activities/99/stream").await.expect(404);
        app.get(&admin, "activities/99/output").await.expect(404);
    }
}

/// Reads server-sent events.
struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(app: &App, request: Request<Body>) -> Self {
        let response = app.stream(request).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// Name and data of the next event.
    async fn next(&mut self) -> (String, Value) {
        while !self.text.contains("\n\n") {
            let frame = self.body.frame().await.unwrap().unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
        let (event, rest) = self.text.split_once("\n\n").unwrap();
        let field = |name: &str| {
            let line = event.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_default().trim().to_owned()
        };
        let result = (field("event"), serde_json::from_str(&field("data")).unwrap());
        assert!(!field("id").is_empty());
        let rest = rest.to_owned();
        self.text = rest;
        result
    }
}
