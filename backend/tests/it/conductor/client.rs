//! Somebody who speaks the Conductor API.

use axum::body::Body;
use axum::http::{Method, Request};
use binnacle::clock::Clock;
use binnacle::store::conductor::tenant;
use binnacle_shared::model::conductor::role::Role;
use serde_json::Value;

use crate::api::app::{App, PASSWORD, Reply, encode};

/// A user in a tenant.
#[derive(Clone, Debug)]
pub struct User {
    pub headers: Vec<(&'static str, String)>,
}

/// A user by name, with the password of all tests, in a tenant.
pub fn user(username: &str, tenant: &str) -> User {
    let basic = ("authorization", format!("Basic {}", encode(&format!("{username}:{PASSWORD}"))));
    let mut headers = vec![basic, ("content-type", "application/json".to_owned())];
    if !tenant.is_empty() {
        headers.push(("tenant", tenant.to_owned()));
    }
    User { headers }
}

/// The first administrator, in the tenant that is there from the start.
pub fn admin() -> User {
    user("admin", "default_tenant")
}

impl User {
    /// The same with another header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl App {
    /// One request; the path without prefix.
    pub async fn conduct(&self, user: &User, method: Method, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = Request::builder().method(method).uri(format!("/api/v3.1/{path}"));
        for (name, value) in &user.headers {
            request = request.header(*name, value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The things of a list.
    pub async fn items(&self, user: &User, path: &str) -> Vec<Value> {
        let list = self.conduct(user, Method::GET, path, Value::Null).await.expect(200);
        list["items"].as_array().unwrap().clone()
    }

    /// One field of each thing of a list.
    pub async fn each(&self, user: &User, path: &str, field: &str) -> Vec<String> {
        let items = self.items(user, path).await;
        items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
    }

    pub async fn tenant(&self, name: &str) -> i64 {
        let mut conn = self.services.db.write().await.unwrap();
        let id = tenant::create(&mut conn, self.account_id, name, "", self.clock.now()).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    /// Somebody new who has a role in a tenant.
    pub async fn member(&self, username: &str, tenant_name: &str, role: Role) -> User {
        let person_id = self.nobody(username).await;
        let mut conn = self.services.db.write().await.unwrap();
        let tenant = tenant::by_name(&mut conn, self.account_id, tenant_name).await.unwrap().unwrap();
        assert!(tenant::add_member(&mut conn, tenant.id, person_id, role).await.unwrap());
        conn.commit().await.unwrap();
        user(username, tenant_name)
    }
}

/// The code of a refusal, once its status is as expected.
pub fn code(reply: &Reply, status: u16) -> String {
    let body = reply.expect(status);
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    assert!(body["server_traceback"].is_null(), "{body}");
    body["error_code"].as_str().unwrap().to_owned()
}
