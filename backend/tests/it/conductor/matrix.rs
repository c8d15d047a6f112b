//! Every endpoint of the Conductor API as every role, in one's own tenant and in others: who may,
//! may, and nobody else.

mod rows;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use binnacle::api::conductor::caller::TenantFrom;
use binnacle::api::context::Access;
use binnacle::api::routes;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::client::{User, user};
use crate::api::app::App;
use crate::app;
use crate::on_both_databases;
use rows::{ROWS, Row};

/// The tenant that most are members of, and one that they are not.
const OWN: &str = "north";
const OTHER: &str = "south";

/// The places from which somebody asks.
const PLACES: &[&str] = &[OWN, OTHER, ""];

#[test]
fn each_endpoint_has_a_row_that_says_the_same() {
    let mut seen = BTreeSet::new();
    for route in routes::conductor::table() {
        let what = format!("{} {}", route.method, route.path);
        let row = ROWS.iter().find(|row| row.what == what);
        let row = row.unwrap_or_else(|| panic!("{what} has no row in the matrix"));
        let (permission, tenant) = match route.access {
            Access::Conductor(entry) => (entry.permission.map_or("", Permission::name), Some(entry.tenant)),
            Access::Public => ("", None),
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!((row.permission, row.tenant), (permission, tenant), "{what}");
        seen.insert(what);
    }
    for row in ROWS {
        assert!(seen.contains(row.what), "{} is not routed", row.what);
    }
}

impl Row {
    fn method(&self) -> Method {
        self.what.split_once(' ').unwrap().0.parse().unwrap()
    }

    /// Whether the guard lets somebody pass.
    fn admits(&self, role: Role, place: &str) -> bool {
        if role == Role::SysAdmin {
            return self.tenant != Some(TenantFrom::Header) || !place.is_empty();
        }
        let Some(tenant) = self.tenant else { return true };
        let Some(permission) = Permission::from_name(self.permission) else { return true };
        let held_in = |role: Role| permission.default_roles().contains(&role);
        let here = match tenant {
            // The path names one's own tenant.
            TenantFrom::Path => true,
            _ => place == OWN,
        };
        match tenant {
            TenantFrom::Header if place.is_empty() => false,
            // A tenant that one is not in is as if it did not exist.
            TenantFrom::Header if place == OTHER || role == Role::Default => false,
            _ => held_in(Role::Default) || here && role.is_of_tenant() && held_in(role),
        }
    }

    async fn ask(&self, app: &App, user: &User) -> (StatusCode, String) {
        let path = self.ask.trim_start_matches('/');
        if path.ends_with("/stream") {
            // It does not end by itself: what it begins with tells.
            let mut request = Request::builder().uri(format!("/api/v3.1/{path}"));
            for (name, value) in &user.headers {
                request = request.header(*name, value);
            }
            let response = app.stream(request.body(Body::empty()).unwrap()).await;
            let status = response.status();
            if status.is_success() {
                return (status, String::new());
            }
            let text = response.into_body().collect().await.unwrap().to_bytes();
            return (status, String::from_utf8(text.to_vec()).unwrap());
        }
        let body = if self.body.is_empty() { Value::Null } else { serde_json::from_str(self.body).unwrap() };
        let reply = app.conduct(user, self.method(), path, body).await;
        (reply.status, reply.text)
    }
}

async fn world(app: &App) -> Vec<(Role, User)> {
    app.tenant(OWN).await;
    app.tenant(OTHER).await;
    let mut people = vec![(Role::SysAdmin, user("admin", OWN))];
    for role in Role::OF_TENANTS {
        people.push((*role, app.member(&format!("a-{}", role.name()), OWN, *role).await));
    }
    app.nobody("a-default").await;
    people.push((Role::Default, user("a-default", OWN)));
    people
}

/// The user in another tenant, or in none.
fn at(user: &User, place: &str) -> User {
    let mut there = user.clone();
    there.headers.retain(|(name, _)| *name != "tenant");
    if place.is_empty() { there } else { there.with("tenant", place) }
}

on_both_databases! {
    async fn who_may_may_and_nobody_else(flavor) {
        let app = app!(flavor);
        let people = world(&app).await;
        let mut wrong = Vec::new();
        for row in ROWS.iter().filter(|row| row.tenant.is_some()) {
            for (role, person) in &people {
                for place in PLACES {
                    let (status, text) = row.ask(&app, &at(person, place)).await;
                    let admitted = row.admits(*role, place);
                    // The handler may refuse for reasons of its own, which are tested elsewhere.
                    let refused = ["is not permitted to perform the action", "tenant not provided", "invalid tenant name"]
                        .iter()
                        .any(|said| text.contains(said));
                    let fits = if admitted { row.own_rules || !refused } else { status == StatusCode::FORBIDDEN };
                    if !fits || status.is_server_error() {
                        wrong.push(format!("{} as {} in {place:?}: {status} {text}", row.what, role.name()));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn without_good_credentials_nobody_gets_in(flavor) {
        let app = app!(flavor);
        world(&app).await;
        let admin = user("admin", OWN);
        let body = json!({"description": "short", "expiration_date": "+10min"});
        let expiring = app.conduct(&admin, Method::POST, "tokens", body).await.expect(200);
        app.clock.advance(jiff::SignedDuration::from_mins(11));
        let bare = {
            let mut bare = admin.clone();
            bare.headers.retain(|(name, _)| *name != "authorization");
            bare
        };
        app.nobody("gone").await;
        app.conduct(&admin, Method::POST, "users/active/gone", json!({"action": "deactivate"})).await.expect(200);
        let strangers = [
            ("no credentials", bare.clone()),
            ("an expired token", bare.clone().with("authentication-token", expiring["value"].as_str().unwrap())),
            ("a forged token", bare.clone().with("authentication-token", "ctok-aaaaaaaaaa-bbbb")),
            ("a wrong password", admin.clone().with("authorization", "Basic YWRtaW46d3Jvbmc=")),
            ("a locked user", user("gone", OWN)),
            ("an execution token", bare.with("execution-token", "0123456789abcdef0123456789abcdef")),
        ];
        let before = app.fingerprint().await;
        for row in ROWS.iter().filter(|row| row.tenant.is_some()) {
            for (name, stranger) in &strangers {
                // Guessing is slowed down; the clock goes on as it would for the guesser.
                app.clock.advance(jiff::SignedDuration::from_mins(10));
                let (status, text) = row.ask(&app, stranger).await;
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{} with {name}: {text}", row.what);
                assert!(text.contains("unauthorized_error"), "{} with {name}: {text}", row.what);
            }
        }
        let changed = |lines: &[String]| -> Vec<String> {
            // Failures are counted and written down.
            lines.iter().filter(|line| !line.starts_with("event") && !line.starts_with("person")).cloned().collect()
        };
        assert_eq!(changed(&before), changed(&app.fingerprint().await));
    }
}
