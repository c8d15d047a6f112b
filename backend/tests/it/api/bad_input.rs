//! Whatever is sent, the answer is never an error of ours, says in the family's shape what is
//! wrong, and nothing is stored. Every route of the table and every action is asked.

use std::collections::BTreeSet;

use axum::http::Method;
use binnacle::api::legacy::actions::{ACTIONS, Form};
use binnacle::api::{openapi, routes};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::app::{App, Client, Reply, profile};
use crate::support::counts::Counter;
use crate::{app, on_both_databases};

/// What a wrong request may leave: what people did, and what they tried.
const EXCEPT: &[&str] = &["event", "session", "spent_signature"];

/// Values that no field of any kind takes, or that are at the edge of what it takes.
fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("x"),
        json!("\u{0}"),
        json!("\u{202e}\u{fffd}🦀"),
        json!("x".repeat(100_000)),
        json!([]),
        json!([null, 5, {"a": []}]),
        json!(["\u{0}"]),
        json!(["x".repeat(100_000)]),
        json!(vec!["x"; 5000]),
        json!({}),
        json!({"a": {"b": [{}]}}),
    ]
}

/// Bodies that are wrong as a whole.
pub fn broken() -> Vec<Vec<u8>> {
    vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"x\"".to_vec(),
        b"5".to_vec(),
        b"{\"title\": \"\xff\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"\x00\x01".to_vec(),
        br#"{"title": "a", "title": "b"}"#.to_vec(),
        br#"{"title": "\ud800"}"#.to_vec(),
        br#"{"script_id": 99999999999999999999999, "time_limit": 1e400}"#.to_vec(),
        br#"{"title": 1e400}"#.to_vec(),
        format!("{}1{}", "[".repeat(5000), "]".repeat(5000)).into_bytes(),
        format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000)).into_bytes(),
        b"title=x&title=%00".to_vec(),
        format!("{{\"title\": \"{}\"}}", "x".repeat(3 * 1024 * 1024)).into_bytes(),
    ]
}

const IDS: &[&str] = &[
    "0",
    "-1",
    "999",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "1.5",
    "+1",
    "1e3",
    "x",
    "%00",
    "1%00",
    "%FF",
    "%C3%28",
    "%2F",
    "..",
    "%2e%2e",
    "1;x",
    "~archive",
    "%F0%9F%A6%80",
    "''",
    "%25",
];

const QUERIES: &[&str] = &[
    "limit=99999999999999999999",
    "limit=-1",
    "limit=x",
    "limit=",
    "limit=1.5",
    "offset=99999999999999999999",
    "limit=0&offset=9223372036854775807",
    "sort=,,,",
    "sort=nope",
    "sort=-id,-id,id",
    "sort=%00",
    "search=%FF%FE",
    "search=%00",
    "search=%25_%5C",
    "search=\\'",
    "query=%00",
    "query=%FF",
    "query=id:99999999999999999999",
    "query=id:-1",
    "query=id:1.5",
    "query=created-after:9999",
    "query=parent-id:x",
    "query=(",
    "query=%22",
    "query=NOT",
    "query=OR+OR",
    "query=computer:computer:id:1",
    "query=tag:%F0%9F%A6%80",
    "id=x",
    "id=99999999999999999999",
    "id=%00",
    "access_group=%00,a",
    "tags=,,",
    "names=%00",
    "names=%FF",
    "all_computers=maybe",
    "archived=",
    "archived=x",
    "with_network=maybe",
    "script_type=",
    "days=x",
    "days=-1",
    "days=99999999999999999999",
    "state=x",
    "&&&===",
    "%zz=%zz",
    "%00=%00",
    "%FF=1",
    "a[]=1",
    "=",
];

/// Queries that are too much.
fn long_queries() -> Vec<String> {
    let many = |what: &str, times: usize| what.repeat(times);
    vec![
        format!("search={}", many("a+", 5000)),
        format!("query={}", many("a+", 5000)),
        format!("query={}", many("a+OR+", 3000)),
        format!("query={}", many("NOT+", 3000)),
        format!("query=id:{}", many("9", 5000)),
        format!("sort={}", many("id,", 5000)),
        format!("id={}", many("1,", 20_000)),
        format!("names={}", many("a,", 20_000)),
        format!("tags={}", many("a,", 20_000)),
        many("id=1&", 5000),
        many("a&", 25_000),
    ]
}

/// The answer is one of ours, and of the right shape.
fn check(reply: &Reply, what: &str, is_legacy: bool) {
    let status = reply.status.as_u16();
    assert!(status < 500, "{what}: {}", reply.text);
    if status < 400 {
        return;
    }
    let Ok(body) = serde_json::from_str::<Value>(&reply.text) else {
        panic!("{what}: {status} without a body of ours: {}", reply.text);
    };
    assert!(body["error"].as_str().is_some_and(|e| !e.is_empty()), "{what}: {body}");
    assert!(body["message"].as_str().is_some_and(|m| !m.is_empty()), "{what}: {body}");
    if is_legacy {
        assert!(reply.text.starts_with('{'), "{what}");
    } else {
        assert_eq!(body["code"], status, "{what}: {body}");
        assert!(body.get("detail").is_some(), "{what}: {body}");
    }
    if let Some(detail) = body["detail"].as_array() {
        assert!(!detail.is_empty(), "{what}: {body}");
        for fault in detail {
            let pointer = fault["pointer"].as_str().unwrap_or_else(|| panic!("{what}: {body}"));
            assert!(pointer.is_empty() || pointer.starts_with('/'), "{what}: {body}");
            assert!(fault["code"].is_string() && fault["message"].is_string(), "{what}: {body}");
        }
    }
}

/// Sends as an administrator, who logs in anew when a request has ended the session.
struct Sender<'a> {
    app: &'a App,
    client: Client,
    counter: Counter,
    rows: std::collections::BTreeMap<String, i64>,
}

impl<'a> Sender<'a> {
    async fn new(app: &'a App) -> Self {
        let mut counter = Counter::connect(app.database_url(), EXCEPT).await;
        let rows = counter.count().await;
        Self { app, client: app.admin().await, counter, rows }
    }

    async fn send(&mut self, method: &Method, path: &str, body: &[u8], is_legacy: bool) {
        let mut reply = self.app.ask(&self.client, method.clone(), path, body).await;
        if reply.status == 401 && !path.contains("/login") {
            // Old failures are forgotten by then.
            self.app.clock.advance(SignedDuration::from_hours(1));
            self.client = self.app.admin().await;
            reply = self.app.ask(&self.client, method.clone(), path, body).await;
        }
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]);
        let what = format!("{method} {} {shown}", &path[..path.len().min(200)]);
        check(&reply, &what, is_legacy);
        if *method == Method::GET && !is_legacy {
            return;
        }
        let rows = self.counter.count().await;
        if reply.status.as_u16() >= 400 {
            assert_eq!(self.rows, rows, "{what} left something behind");
        }
        self.rows = rows;
    }
}

/// A few things of each kind, so that something could be damaged.
async fn furnish(app: &App) {
    let script = app.script("hello", &[]).await;
    app.profile(profile(script, json!({}))).await;
    app.computer("web-1", "web").await;
    app.pending("waits", "", None).await;
    app.access_group("Server", "global").await;
}

fn concrete(path: &str) -> String {
    let mut concrete = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        concrete.push_str(before);
        concrete.push('1');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    concrete + rest
}

/// Names of the fields of an operation's body, those inside others too.
pub fn fields(document: &Value, schema: &Value, names: &mut BTreeSet<String>, depth: usize) {
    if depth > 6 {
        return;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        fields(document, target, names, depth + 1);
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, inner) in properties {
            names.insert(name.clone());
            fields(document, inner, names, depth + 1);
        }
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        for inner in schema[list].as_array().into_iter().flatten() {
            fields(document, inner, names, depth + 1);
        }
    }
}

/// Bodies that are objects with the right names and wrong values: all at once, and one by one.
pub fn objects(names: &BTreeSet<String>) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for value in values() {
        let all: Map<String, Value> = names.iter().map(|name| (name.clone(), value.clone())).collect();
        bodies.push(Value::Object(all).to_string().into_bytes());
    }
    for name in names {
        for value in [json!("\u{0}"), json!({}), json!(i64::MAX), json!("x".repeat(100_000))] {
            bodies.push(json!({name: value}).to_string().into_bytes());
        }
    }
    bodies
}

on_both_databases! {
    async fn no_body_makes_the_server_fail_or_leaves_something(flavor) {
        let app = app!(flavor);
        furnish(&app).await;
        let document = openapi::document();
        let mut sender = Sender::new(&app).await;
        for route in routes::table() {
            if route.method == Method::GET {
                continue;
            }
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][format!("/api/v2{}", route.path)][&method];
            assert!(operation.is_object(), "{} {} is not described", route.method, route.path);
            let mut names = BTreeSet::new();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            fields(&document, schema, &mut names, 0);
            assert_eq!(route.doc.body.is_some(), !schema.is_null(), "{} {}", route.method, route.path);
            let path = format!("/api/v2{}", concrete(&route.path));
            for body in broken().into_iter().chain(objects(&names)) {
                sender.send(&route.method, &path, &body, false).await;
            }
        }
    }

    async fn no_id_in_a_path_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        furnish(&app).await;
        let mut sender = Sender::new(&app).await;
        for route in routes::table() {
            let Some((before, rest)) = route.path.split_once('{') else { continue };
            let (_, after) = rest.split_once('}').unwrap();
            let long = "9".repeat(5000);
            for id in IDS.iter().copied().chain([long.as_str()]) {
                let path = format!("/api/v2{before}{id}{}", concrete(after));
                sender.send(&route.method, &path, b"{}", false).await;
            }
        }
        for path in ["/api/v2/%FF", "/api/%00", "/api/v2/scripts/%00/versions", "/api/v2//", "/api/v2/scripts:", "/api/v2/:x"] {
            sender.send(&Method::GET, path, b"", false).await;
        }
    }

    async fn no_query_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        furnish(&app).await;
        let long = long_queries();
        let mut sender = Sender::new(&app).await;
        for route in routes::table().into_iter().filter(|r| r.method == Method::GET && !r.path.ends_with("/stream")) {
            let path = format!("/api/v2{}", concrete(&route.path));
            for query in QUERIES.iter().copied().chain(long.iter().map(String::as_str)) {
                sender.send(&Method::GET, &format!("{path}?{query}"), b"", false).await;
            }
        }
    }

    async fn no_parameter_of_an_action_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        furnish(&app).await;
        let mut sender = Sender::new(&app).await;
        let long = "x".repeat(100_000);
        let texts = [
            "", "+", "x", "-1", "0", "1.5", "99999999999999999999", "9223372036854775807", "%00", "%FF", "%zz", "%22",
            "id:99999999999999999999", "id:-1", "%F0%9F%A6%80", "true", "yesterday", "9999-12-31T23:59:59Z", "%%%", &long,
        ];
        for action in ACTIONS {
            let mut forms = vec![String::new(), "%FF".into(), "%00=1".into(), "a&".repeat(25_000)];
            let names: Vec<_> = action.parameters().collect();
            for text in texts {
                let all = names.iter().map(|parameter| match parameter.form {
                    Form::List | Form::Integers => format!("{0}.1={text}&{0}.99999999999={text}&{0}.x={text}", parameter.name),
                    Form::Map => format!("{0}.1={text}&{0}.{text}={text}&{0}.={text}", parameter.name),
                    _ => format!("{}={text}", parameter.name),
                });
                forms.push(all.collect::<Vec<_>>().join("&"));
            }
            for parameter in &names {
                let name = parameter.name;
                forms.push(format!("{name}={long}"));
                forms.push(format!("{name}.99999999999999999999999999=1&{name}.0=1&{name}.-1=1&{name}.1.1=1"));
                forms.push((1..12_000).map(|n| format!("{name}.{n}=1")).collect::<Vec<_>>().join("&"));
            }
            let path = format!("/api/?action={}&version=2011-08-01", action.name);
            for form in &forms {
                sender.send(&Method::POST, &path, form.as_bytes(), true).await;
            }
        }
        for (path, form) in [
            ("/api/?action=%FF&version=2011-08-01", ""),
            ("/api/?action=%00&version=2011-08-01", ""),
            ("/api/?action=GetScripts&version=%00", ""),
            ("/api/?action=GetScripts&version=2011-08-01", "\u{0}"),
            ("/?action=GetScripts&version=2011-08-01&%FF", ""),
        ] {
            sender.send(&Method::POST, path, form.as_bytes(), true).await;
        }
    }

    async fn malformed_json_is_explained(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let reply = app.ask(&admin, Method::POST, "/api/v2/script-profiles", "{\n\"a\": }").await;
        let error = reply.expect(400);
        assert_eq!((&error["error"], &error["detail"], &error["code"]), (&json!("BadRequest"), &json!(null), &json!(400)));
        assert!(error["message"].as_str().unwrap().contains("line 2, column 6"), "{error}");
        let large = format!("{{\"title\": \"{}\"}}", "x".repeat(3 * 1024 * 1024));
        app.ask(&admin, Method::POST, "/api/v2/script-profiles", large).await.expect(413);
        let twice = app.ask(&admin, Method::PATCH, "/api/v2/preferences", r#"{"title": "a", "title": "b"}"#).await;
        assert!(twice.expect(400)["message"].as_str().unwrap().contains("“title” stands twice"), "{}", twice.text);
    }

    async fn texts_that_are_too_long_are_refused_at_their_field(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        let computer = app.computer("web-1", "web").await;
        let long = "x".repeat(20_000);
        let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        for (name, code) in [("title", "length"), ("username", "format")] {
            let reply = app.post(&admin, "script-profiles", profile(script, json!({name: long}))).await;
            assert_eq!((reply.status.as_u16(), reply.faults()), (400, fault(&format!("/{name}"), code)));
        }
        let reply = app.post(&admin, "script-profiles", profile(script, json!({"tags": ["ok", long]}))).await;
        assert_eq!((reply.status.as_u16(), reply.faults()), (400, fault("/tags/1", "length")));
        for name in ["title", "comment"] {
            let reply = app.put(&admin, &format!("computers/{computer}"), json!({name: long})).await;
            assert_eq!((reply.status.as_u16(), reply.faults()), (400, fault(&format!("/{name}"), "length")));
        }
        for (path, body, pointer) in [
            ("preferences", json!({"title": long}), "/title"),
            ("preferences", json!({"registration_password": long}), "/registration_password"),
        ] {
            let reply = app.patch(&admin, path, body).await;
            assert_eq!((reply.status.as_u16(), reply.faults()), (400, fault(pointer, "length")));
        }
    }
}
