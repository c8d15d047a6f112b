//! The whole server but its network: router, engine, a database of its own, a clock that stands.

use std::net::SocketAddr;
use std::sync::Arc;

use argon2::Params;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use binnacle::api::{self, Api};
use binnacle::auth::password::Passwords;
use binnacle::clock::{Clock, Random};
use binnacle::config::{Http, Outbound};
use binnacle::engine::Engine;
use binnacle::keys::Keys;
use binnacle::operation::Services;
use binnacle::operation::conductor::read_log::ReadLog;
use binnacle::operation::first_start::FirstStart;
use binnacle::store::computer::{self, NewComputer};
use binnacle::store::person::{self, NewPerson};
use binnacle::store::{Scope, access_group, account, role};
use binnacle_shared::permission::{Permission, PermissionSet, Role};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::support::clock::{ManualClock, SeededRandom};
use crate::support::database::{Flavor, TestDatabase};

/// Where a console of another host is, which the server knows.
pub const OTHER_ORIGIN: &str = "https://console.example";

pub const PASSWORD: &str = "correct horse battery";

pub struct App {
    pub services: Services,
    pub clock: Arc<ManualClock>,
    pub account_id: i64,
    /// Ends the server's streams.
    pub stop: CancellationToken,
    router: Router,
    database: TestDatabase,
}

/// A server's answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The body, once the status is as expected.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The pointers and codes of the field errors.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let body = self.json();
        let detail = body["detail"].as_array().unwrap_or_else(|| panic!("no detail: {body}"));
        detail.iter().map(|d| (text(&d["pointer"]), text(&d["code"]))).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }
}

/// Somebody who asks; nobody in particular without headers.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub headers: Vec<(&'static str, String)>,
}

impl App {
    pub async fn new(flavor: Flavor) -> Option<Self> {
        let database = TestDatabase::create(flavor).await?;
        let db = database.open().await;
        let clock = Arc::new(ManualClock::at("2026-11-21T08:00:00Z"));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let keys = Keys::generate(random.as_ref());
        let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
        let passwords = Passwords::with_params(Arc::clone(&clock) as Arc<dyn Clock>, params);
        let first_start =
            FirstStart { db: &db, keys: &keys, passwords: &passwords, clock: clock.as_ref(), random: random.as_ref() };
        first_start.run(Some(PASSWORD.into())).await.unwrap();
        let engine = Engine::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>).with_data(std::env::temp_dir());
        // Tests call what they have started themselves.
        let local = Outbound { allow: vec!["127.0.0.0/8".parse().unwrap()] };
        let services = Services {
            db,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            keys,
            passwords,
            engine,
            outbound: binnacle::outbound::Outbound::new(&local).unwrap(),
            read_log: ReadLog::default(),
        };
        let http = Http {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            cors_origins: vec![OTHER_ORIGIN.to_owned()],
            ..Http::default()
        };
        let stop = CancellationToken::new();
        let api = Api::new(services.clone(), stop.clone(), http).await.unwrap();
        let mut conn = services.db.read().await.unwrap();
        let account = account::by_name(&mut conn, "standalone").await.unwrap().unwrap();
        drop(conn);
        let router = api::router(api);
        Some(Self { services, clock, account_id: account.id, stop, router, database })
    }

    /// For whoever looks into the database beside the application.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Answers on a real socket as well, until the test ends.
    pub async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, text }
    }

    /// All that is stored, but what any question changes: when a session was used last.
    pub async fn fingerprint(&self) -> Vec<String> {
        self.database.contents(&["session", "_sqlx_migrations", "sqlite_sequence"]).await
    }

    /// An answer whose body comes bit by bit.
    pub async fn stream(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn ask(&self, client: &Client, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &client.headers {
            request = request.header(*name, value);
        }
        self.send(request.body(Body::from(body.into())).unwrap()).await
    }

    /// The same, from a network address.
    pub async fn from(
        &self,
        address: &str,
        client: &Client,
        method: Method,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        let peer = SocketAddr::new(address.parse().unwrap(), 40_000);
        let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        for (name, value) in &client.headers {
            request = request.header(*name, value);
        }
        self.send(request.body(Body::from(body.into())).unwrap()).await
    }

    pub async fn get(&self, client: &Client, path: &str) -> Reply {
        self.ask(client, Method::GET, &format!("/api/v2/{path}"), "").await
    }

    pub async fn post(&self, client: &Client, path: &str, body: Value) -> Reply {
        self.ask(client, Method::POST, &format!("/api/v2/{path}"), body.to_string()).await
    }

    pub async fn patch(&self, client: &Client, path: &str, body: Value) -> Reply {
        self.ask(client, Method::PATCH, &format!("/api/v2/{path}"), body.to_string()).await
    }

    pub async fn put(&self, client: &Client, path: &str, body: Value) -> Reply {
        self.ask(client, Method::PUT, &format!("/api/v2/{path}"), body.to_string()).await
    }

    /// An action of the legacy API by POST.
    pub async fn legacy(&self, client: &Client, action: &str, parameters: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(parameters);
        let path = format!("/api/?action={action}&version=2011-08-01");
        self.ask(client, Method::POST, &path, form.finish()).await
    }

    pub async fn log_in(&self, identity: &str) -> Reply {
        let body = json!({"identity": identity, "password": PASSWORD});
        self.post(&Client::default(), "login", body).await
    }

    /// With a token.
    pub async fn client(&self, identity: &str) -> Client {
        let state = self.log_in(identity).await.expect(200);
        let token = state["token"].as_str().unwrap();
        Client { headers: vec![("authorization", format!("Bearer {token}"))] }
    }

    pub async fn admin(&self) -> Client {
        self.client("admin").await
    }

    /// With the cookie, and the token that goes with it.
    pub async fn browser(&self, identity: &str) -> (Client, String) {
        let reply = self.log_in(identity).await;
        let csrf = reply.expect(200)["csrf_token"].as_str().unwrap().to_owned();
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        (Client { headers: vec![("cookie", cookie)] }, csrf)
    }

    /// Somebody with a built-in role; in other groups than the root with a role of their own that
    /// gives the same there.
    pub async fn person(&self, username: &str, role: Role, groups: &[&str]) -> i64 {
        if groups == ["global"] {
            return self.person_with_roles(username, &[role.name()]).await;
        }
        self.person_with(username, &role.permissions().iter().collect::<Vec<_>>(), groups).await
    }

    /// Somebody with a role of their own.
    pub async fn person_with(&self, username: &str, permissions: &[Permission], groups: &[&str]) -> i64 {
        let name = format!("Role-of-{username}");
        self.role(&name, permissions, groups).await;
        self.person_with_roles(username, &[&name]).await
    }

    /// Somebody who may log in and do nothing.
    pub async fn nobody(&self, username: &str) -> i64 {
        self.person_with_roles(username, &[]).await
    }

    pub async fn role(&self, name: &str, permissions: &[Permission], groups: &[&str]) -> i64 {
        let mut conn = self.services.db.write().await.unwrap();
        let scope = Scope::account(self.account_id);
        let mut ids = Vec::new();
        for name in groups {
            ids.push(access_group::by_name(&mut conn, &scope, name).await.unwrap().unwrap().id);
        }
        let permissions: PermissionSet = permissions.iter().copied().collect();
        let new = role::NewRole {
            name,
            description: "",
            permissions: &permissions.to_stored(),
            read_only: false,
            access_group_ids: &ids,
        };
        let id = role::create(&mut conn, self.account_id, &new, self.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    pub async fn person_with_roles(&self, username: &str, roles: &[&str]) -> i64 {
        let hash =
            self.services.passwords.hash(self.services.random.as_ref(), PASSWORD.into(), &(8..=200)).await.unwrap();
        let mut conn = self.services.db.write().await.unwrap();
        let mut role_ids = Vec::new();
        for name in roles {
            let found = role::by_name(&mut conn, &Scope::account(self.account_id), name).await.unwrap();
            role_ids.push(found.unwrap().id);
        }
        let email = format!("{username}@example.com");
        let new = NewPerson {
            account_id: self.account_id,
            username,
            email: &email,
            name: username,
            password_hash: Some(&hash),
            role_ids: &role_ids,
        };
        let id = person::create(&mut conn, &new, self.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    /// A computer that waits to be accepted.
    pub async fn pending(&self, title: &str, tags: &str, group: Option<&str>) -> i64 {
        let mut conn = self.services.db.write().await.unwrap();
        let scope = Scope::account(self.account_id);
        let root = access_group::by_name(&mut conn, &scope, "global").await.unwrap().unwrap();
        let new = NewComputer {
            title: title.into(),
            hostname: Some(format!("{title}.example")),
            machine_id: None,
            vm_info: None,
            container_info: None,
            suggested_access_group: group.map(str::to_owned),
            tags: tags.into(),
            secure_id_hash: format!("secure {title}"),
            insecure_id: format!("insecure {title}"),
            clone_of_id: None,
            access_group_id: root.id,
        };
        let id = computer::create_pending(&mut conn, self.account_id, &new, self.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    /// A computer that takes part.
    pub async fn computer(&self, title: &str, tags: &str) -> i64 {
        let id = self.pending(title, tags, None).await;
        let parameters = [("computer_ids.1", id.to_string())];
        let parameters: Vec<_> = parameters.iter().map(|(n, v)| (*n, v.as_str())).collect();
        self.legacy(&self.admin().await, "AcceptPendingComputers", &parameters).await.expect(200);
        id
    }

    pub async fn script(&self, title: &str, more: &[(&str, &str)]) -> i64 {
        let code = encode("#!/bin/sh\necho hello");
        let mut parameters = vec![("title", title), ("code", code.as_str())];
        if more.iter().all(|(name, _)| *name != "script_type") {
            parameters.push(("script_type", "V2"));
        }
        parameters.extend_from_slice(more);
        let made = self.legacy(&self.admin().await, "CreateScript", &parameters).await.expect(200);
        made["id"].as_i64().unwrap()
    }

    pub async fn profile(&self, body: Value) -> i64 {
        let made = self.post(&self.admin().await, "script-profiles", body).await.expect(201);
        made["id"].as_i64().unwrap()
    }

    pub async fn access_group(&self, title: &str, parent: &str) {
        let parameters = [("title", title), ("parent", parent)];
        self.legacy(&self.admin().await, "CreateAccessGroup", &parameters).await.expect(200);
    }
}

pub fn encode(text: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text)
}

/// A profile that is valid, with some fields set otherwise.
#[allow(clippy::needless_pass_by_value, reason = "callers write the object in place")]
pub fn profile(script_id: i64, other: Value) -> Value {
    let mut body = json!({
        "title": "Optics and Design",
        "username": "root",
        "time_limit": 360,
        "script_id": script_id,
        "tags": [],
        "all_computers": true,
        "trigger": {"trigger_type": "event", "event_type": "post_enrollment"},
    });
    for (name, value) in other.as_object().unwrap() {
        if value == "absent" {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

/// The titles of a list.
pub fn titles(list: &Value) -> Vec<&str> {
    list["results"].as_array().unwrap().iter().map(|r| r["title"].as_str().unwrap()).collect()
}

/// Writes the beginning of each test: an application on the test's database, or nothing to do.
#[macro_export]
macro_rules! app {
    ($flavor:ident) => {
        match $crate::api::app::App::new($flavor).await {
            Some(app) => app,
            None => return,
        }
    };
}
