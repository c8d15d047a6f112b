//! Whatever is sent to the Conductor API, the answer is never an error of ours, has a code, and
//! nothing is stored of what was refused. Every route of the table is asked.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request};
use binnacle::api::{openapi, routes};
use serde_json::{Value, json};

use super::client::{User, admin, code};
use crate::api::app::{App, Reply};
use crate::api::bad_input::{broken, fields, objects};
use crate::support::counts::Counter;
use crate::{app, on_both_databases};

/// What a wrong request may leave: failed sign-ins are written down.
const EXCEPT: &[&str] = &["event", "session"];

const NAMES: &[&str] = &[
    "0",
    "-1",
    "1a",
    "a%20b",
    "%00",
    "a%00",
    "%FF",
    "%C3%28",
    "%2F",
    "a%2Fb",
    "..",
    "%2e%2e",
    "a;b",
    "a:b",
    "~a",
    "%F0%9F%A6%80",
    "%C3%A4",
    "''",
    "%27%20OR%201%3D1",
    "*)(uid=*",
    "a%0d%0ab",
    "%25",
    "a?b",
    "users",
    "null",
];

const QUERIES: &[&str] = &[
    "_size=-1",
    "_size=x",
    "_size=",
    "_size=1.5",
    "_size=99999999999999999999",
    "_size=4294967295",
    "_offset=-1",
    "_offset=99999999999999999999",
    "_offset=9223372036854775807&_size=0",
    "_sort=",
    "_sort=nope",
    "_sort=-",
    "_sort=%00",
    "_sort=name;drop",
    "_sort=label:x",
    "_search=%FF",
    "_search=%00",
    "_search=%25_%5C'",
    "_include=",
    "_include=,,,",
    "_include=value",
    "_include=password_hash",
    "_include=connection_parameters,value,rabbitmq_password",
    "_include=%00",
    "_range=",
    "_range=,,",
    "_range=created_at",
    "_range=created_at,x,y",
    "_range=created_at,9999-12-31T23:59:59Z,",
    "_range=created_at,2026-01-01,2025-01-01",
    "_range=nope,2026-01-01,",
    "_all_tenants=maybe",
    "_get_all_results=maybe",
    "_get_data=2",
    "_include_hash=x",
    "_filter_id=nope",
    "summary=x",
    "visibility=x",
    "created_at=x",
    "created_at=",
    "name=%FF",
    "name=%00",
    "name=",
    "nope=1",
    "since=x",
    "before=x",
    "since=1&before=1",
    "offset=-1",
    "size=-1",
    "size=99999999999999999999",
    "order_by=nope",
    "desc=x",
    "_passphrase=x",
    "_passphrase=%00",
    "scope=%00",
    "hostname=%00",
    "&&&===",
    "%zz=%zz",
    "%00=%00",
    "%FF=1",
    "=",
];

fn long_queries() -> Vec<String> {
    let many = |what: &str, times: usize| what.repeat(times);
    vec![
        format!("_search={}", many("a", 100_000)),
        format!("_include={}", many("a,", 20_000)),
        format!("_sort={}", many("a,", 20_000)),
        many("_sort=name&", 5000),
        many("_range=created_at,2026-01-01,&", 5000),
        many("name=a&", 15_000),
        many("a&", 25_000),
    ]
}

/// The answer is one of ours, and of the right shape.
fn check(reply: &Reply, what: &str) {
    let status = reply.status.as_u16();
    assert!(status < 500, "{what}: {status} {}", reply.text);
    if status < 400 {
        return;
    }
    // What leads nowhere is said in plain text.
    if status == 404 && !reply.text.starts_with('{') {
        return;
    }
    let Ok(body) = serde_json::from_str::<Value>(&reply.text) else {
        panic!("{what}: {status} without a body of ours: {}", reply.text);
    };
    if what.contains("/audit") && body["detail"].is_string() | body["detail"].is_array() {
        return;
    }
    assert!(body["error_code"].as_str().is_some_and(|code| !code.is_empty()), "{what}: {body}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {body}");
    for fault in body["detail"].as_array().into_iter().flatten() {
        let pointer = fault["pointer"].as_str().unwrap_or_else(|| panic!("{what}: {body}"));
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{what}: {body}");
    }
}

struct Sender<'a> {
    app: &'a App,
    user: User,
    counter: Counter,
    rows: BTreeMap<String, i64>,
}

impl<'a> Sender<'a> {
    async fn new(app: &'a App) -> Self {
        for (path, body) in [
            ("sites/a", json!({"location": "1, 1"})),
            ("secrets/a", json!({"value": "x"})),
            ("filters/deployments/a", json!({"filter_rules": []})),
        ] {
            app.conduct(&admin(), Method::PUT, path, body).await.expect(200);
        }
        let mut counter = Counter::connect(app.database_url(), EXCEPT).await;
        let rows = counter.count().await;
        Self { app, user: admin(), counter, rows }
    }

    async fn send(&mut self, method: &Method, path: &str, body: &[u8]) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.user.headers {
            request = request.header(*name, value);
        }
        // What cannot be an address at all does not reach the server.
        let Ok(request) = request.body(Body::from(body.to_vec())) else { return };
        let reply = self.app.send(request).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]);
        let what = format!("{method} {} {shown}", &path[..path.len().min(200)]);
        check(&reply, &what);
        let rows = self.counter.count().await;
        // Who looks at a secret is written down.
        if reply.status.as_u16() >= 400 && *method != Method::GET {
            assert_eq!(self.rows, rows, "{what} left something behind");
        }
        self.rows = rows;
    }
}

fn concrete(path: &str) -> String {
    let mut concrete = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        concrete.push_str(before);
        concrete.push('a');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    concrete + rest
}

on_both_databases! {
    async fn no_body_makes_the_server_fail_or_leaves_something(flavor) {
        let app = app!(flavor);
        let document = openapi::document();
        let mut sender = Sender::new(&app).await;
        for route in routes::conductor::table().into_iter().filter(|route| route.method != Method::GET) {
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][format!("/api/v3.1{}", route.path)][&method];
            assert!(operation.is_object(), "{} {} is not described", route.method, route.path);
            let mut names = BTreeSet::new();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            fields(&document, schema, &mut names, 0);
            let path = format!("/api/v3.1{}", concrete(&route.path));
            for body in broken().into_iter().chain(objects(&names)) {
                sender.send(&route.method, &path, &body).await;
            }
        }
    }

    async fn no_name_in_a_path_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        let mut sender = Sender::new(&app).await;
        let long = "a".repeat(5000);
        for route in routes::conductor::table() {
            let Some((before, rest)) = route.path.split_once('{') else { continue };
            let (_, after) = rest.split_once('}').unwrap();
            for name in NAMES.iter().copied().chain([long.as_str()]) {
                let path = format!("/api/v3.1{before}{name}{}", concrete(after));
                sender.send(&route.method, &path, b"{}").await;
            }
        }
    }

    async fn no_query_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        let long = long_queries();
        let mut sender = Sender::new(&app).await;
        for route in routes::conductor::table() {
            if route.method != Method::GET || route.path.ends_with("/stream") {
                continue;
            }
            let path = format!("/api/v3.1{}", concrete(&route.path));
            for query in QUERIES.iter().copied().chain(long.iter().map(String::as_str)) {
                sender.send(&Method::GET, &format!("{path}?{query}"), b"").await;
            }
        }
    }

    async fn what_is_asked_of_an_answer_is_judged_before_anything_changes(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let license = "license: {capabilities: [a], cloudify_version: null, customer_id: me, expiration_date: null, \
                       license_edition: Spire, trial: false}\nsignature: QUJD";
        let setting = json!({"value": 7}).to_string();
        let ask = async |method: Method, path: &str, body: &str| {
            let mut request = Request::builder().method(method).uri(format!("/api/v3.1/{path}"));
            for (name, value) in &admin.headers {
                request = request.header(*name, value);
            }
            app.send(request.body(Body::from(body.to_owned())).unwrap()).await
        };
        // The sign-in itself is noted.
        app.items(&admin, "license").await;
        for (method, path, body) in [
            (Method::PUT, "license", license),
            (Method::PUT, "config/rest.default_page_size", setting.as_str()),
            (Method::POST, "maintenance/activate", ""),
        ] {
            let before = app.fingerprint().await;
            let refused = ask(method.clone(), &format!("{path}?_include=nonsense"), body).await;
            assert_eq!(code(&refused, 400), "no_such_include_field_error", "{path}");
            assert_eq!(app.fingerprint().await, before, "{path}");
            ask(method, path, body).await.expect(200);
            assert_ne!(app.fingerprint().await, before, "{path}: it would have changed something");
        }
    }

    async fn no_header_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        for (name, value) in [
            ("tenant", "%00"),
            ("tenant", "' OR 1=1"),
            ("tenant", "*"),
            ("authorization", "Basic"),
            ("authorization", "Basic ////"),
            ("authorization", "Basic AAAA"),
            ("authorization", "Basic Og=="),
            ("authorization", "Bearer x"),
            ("authorization", "Digest x"),
            ("authentication-token", ""),
            ("authentication-token", "ctok-%00-x"),
            ("execution-token", "x"),
            ("x-bypass-maintenance", "\u{ff}"),
        ] {
            let mut user = admin().with(name, value);
            if name.ends_with("token") {
                user.headers.retain(|(known, _)| *known != "authorization");
            }
            let reply = app.conduct(&user, Method::GET, "sites", Value::Null).await;
            check(&reply, &format!("{name}: {value}"));
        }
        let long = admin().with("tenant", &"a".repeat(10_000));
        check(&app.conduct(&long, Method::GET, "sites", Value::Null).await, "a long tenant");
    }
}
