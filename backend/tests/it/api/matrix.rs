//! The authorisation matrix: every route and every action, asked by everybody. A route without a
//! row in `matrix/rows.rs`, or an action without one in `matrix/actions.rs`, fails.
//!
//! Each row says what the route needs and how to ask it, with placeholders for the things that it
//! names. They are made anew for each question, in the access group of the asker or in another.

mod actions;
mod elsewhere;
mod rows;
mod seeds;

use axum::body::Body;
use axum::http::{Method, Request};
use binnacle::api::context::Access;
use binnacle::api::legacy::actions::ACTIONS;
use binnacle::api::routes;
use binnacle_shared::permission::{Permission, Role};
use http_body_util::BodyExt;

use super::app::{App, Client};
use crate::{app, on_both_databases};
use seeds::{OTHER, OWN, World};

/// How one route or action is asked, and what it needs.
#[derive(Clone, Copy)]
pub struct Row {
    /// `GET /scripts/{id}`, or an action's name.
    what: &'static str,
    access: Access,
    /// The path below the prefix, or the parameters of an action, with placeholders.
    ask: &'static str,
    body: &'static str,
    /// The answer to somebody who may.
    status: u16,
    /// Further permissions that the question of this row needs.
    also: &'static [Permission],
    /// The answer where the things are out of the asker's scope.
    elsewhere: u16,
}

impl Row {
    const fn new(what: &'static str, access: Access, ask: &'static str, status: u16) -> Self {
        Self { what, access, ask, body: "", status, also: &[], elsewhere: 404 }
    }

    const fn body(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    const fn also(mut self, also: &'static [Permission]) -> Self {
        self.also = also;
        self
    }

    /// A question that finds nothing elsewhere, without that being a fault.
    const fn elsewhere(mut self, status: u16) -> Self {
        self.elsewhere = status;
        self
    }

    /// The method; an action has none.
    fn method(&self) -> Option<Method> {
        self.what.split_once(' ').map(|(method, _)| method.parse().unwrap())
    }

    fn needs(&self) -> Vec<Permission> {
        let first = match self.access {
            Access::Needs(permission) => Some(permission),
            Access::Public | Access::Session => None,
            Access::Conductor(_) => panic!("a row of another table"),
        };
        first.into_iter().chain(self.also.iter().copied()).collect()
    }
}

/// A question with the things that it is about.
struct Question {
    path: String,
    method: Method,
    body: String,
}

impl Row {
    async fn question(&self, world: &World<'_>, group: &str) -> Question {
        let ask = world.fill(self.ask, group).await;
        match self.method() {
            Some(method) => {
                let body = world.fill(self.body, group).await;
                Question { path: format!("/api/v2/{ask}"), method, body }
            }
            None => Question {
                path: format!("/api/?action={}&version=2011-08-01", self.what),
                method: Method::POST,
                body: ask,
            },
        }
    }

    /// Asks, and notes an answer that is not the expected one.
    async fn expect(&self, world: &World<'_>, client: &Client, question: &Question, status: u16, who: &str) {
        let mut request = Request::builder().method(&question.method).uri(&question.path);
        for (name, value) in &client.headers {
            request = request.header(*name, value);
        }
        let response = world.app.stream(request.body(Body::from(question.body.clone())).unwrap()).await;
        let found = response.status().as_u16();
        if found != status {
            // The body of a stream does not end; that of a refusal does.
            let text = if response.status().is_success() {
                String::new()
            } else {
                String::from_utf8_lossy(&response.into_body().collect().await.unwrap().to_bytes()).into_owned()
            };
            let Question { path, body, .. } = question;
            world.fault(format!("{} by {who}: {found} instead of {status}\n  {path}\n  {body}\n  {text}", self.what));
        }
    }
}

impl World<'_> {
    async fn unchanged(&self, before: &[String], row: &Row, what: &str) {
        let after = self.app.fingerprint().await;
        if before != after {
            let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).map(String::as_str).collect();
            self.fault(format!("{} {what}:\n  {}", row.what, new.join("\n  ")));
        }
    }
}

async fn nobody_unknown_comes_in(world: &World<'_>, row: &Row) {
    let question = row.question(world, OWN).await;
    let before = world.app.fingerprint().await;
    for (who, client) in &world.strangers {
        row.expect(world, client, &question, 401, who).await;
        let short = Question {
            path: question.path.replace("/api/v2/", "/api/"),
            method: question.method.clone(),
            body: question.body.clone(),
        };
        row.expect(world, client, &short, 401, who).await;
    }
    world.unchanged(&before, row, "changed something for a stranger").await;
}

async fn who_lacks_the_permission_is_refused(world: &World<'_>, row: &Row) {
    let Access::Needs(permission) = row.access else { return };
    let another = [Permission::ViewScript, Permission::ViewEmployee].into_iter().find(|p| *p != permission).unwrap();
    let mut askers = vec![("who has no role".to_owned(), world.holder(&[], OWN).await)];
    askers.push((format!("who has only {}", another.name()), world.holder(&[another], OWN).await));
    for role in Role::ALL.iter().filter(|role| !role.allows(permission)) {
        askers.push((role.name().to_owned(), world.built_in(*role).await));
    }
    let question = row.question(world, OWN).await;
    let before = world.app.fingerprint().await;
    for (who, client) in &askers {
        row.expect(world, client, &question, 403, who).await;
    }
    world.unchanged(&before, row, "changed something without permission").await;
}

async fn what_is_elsewhere_is_out_of_reach(world: &World<'_>, row: &Row) {
    if !World::is_divided(row.ask) && !World::is_divided(row.body) {
        return;
    }
    let client = world.holder(&row.needs(), OWN).await;
    let question = row.question(world, OTHER).await;
    let before = world.app.fingerprint().await;
    row.expect(world, &client, &question, row.elsewhere, "somebody of another group").await;
    world.unchanged(&before, row, "changed something out of scope").await;
}

async fn what_does_not_exist_is_not_found(world: &World<'_>, row: &Row) {
    if row.method().is_none() || !row.ask.contains('<') {
        return;
    }
    let admin = world.built_in(Role::GlobalAdmin).await;
    let body = world.fill(row.body, OWN).await;
    let path = format!("/api/v2/{}", World::nowhere(row.ask));
    let question = Question { path, method: row.method().unwrap(), body };
    let before = world.app.fingerprint().await;
    row.expect(world, &admin, &question, row.elsewhere, "an administrator with a wrong number").await;
    world.unchanged(&before, row, "changed something with a wrong number").await;
}

async fn who_may_is_answered(world: &World<'_>, row: &Row) {
    if row.access == Access::Public {
        let question = row.question(world, OWN).await;
        row.expect(world, &Client::default(), &question, row.status, "nobody in particular").await;
        return;
    }
    // They log in one after the other: what one does may end the sessions of all.
    let question = row.question(world, OWN).await;
    let client = world.holder(&row.needs(), OWN).await;
    row.expect(world, &client, &question, row.status, "who has just that permission").await;
    for role in Role::ALL.iter().filter(|role| row.needs().iter().all(|permission| role.allows(*permission))) {
        let question = row.question(world, OWN).await;
        let client = world.built_in(*role).await;
        row.expect(world, &client, &question, row.status, role.name()).await;
    }
}

async fn walk(app: &App, rows: &[Row]) {
    let world = World::new(app).await;
    for row in rows {
        if row.access != Access::Public {
            nobody_unknown_comes_in(&world, row).await;
            who_lacks_the_permission_is_refused(&world, row).await;
            what_is_elsewhere_is_out_of_reach(&world, row).await;
            what_does_not_exist_is_not_found(&world, row).await;
        }
        who_may_is_answered(&world, row).await;
    }
    let faults = world.faults();
    assert!(faults.is_empty(), "{} faults\n\n{}", faults.len(), faults.join("\n\n"));
}

/// Everything that exists has its row, with the access that it really asks for, and no row is
/// about something that does not exist.
fn check(rows: &[Row], exist: &[(String, Access)]) {
    let mut faults = Vec::new();
    for (what, access) in exist {
        match rows.iter().filter(|row| row.what == what).collect::<Vec<_>>()[..] {
            [row] if row.access == *access => {}
            [row] => faults.push(format!("{what} needs {access:?}, its row says {:?}", row.access)),
            [] => faults.push(format!("{what} ({access:?}) has no row")),
            _ => faults.push(format!("{what} has several rows")),
        }
    }
    faults.extend(
        rows.iter()
            .filter(|row| exist.iter().all(|(what, _)| what != row.what))
            .map(|row| format!("{} does not exist", row.what)),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_route_and_action_has_its_row() {
    let routes: Vec<_> =
        routes::table().iter().map(|route| (format!("{} {}", route.method, route.path), route.access)).collect();
    check(&[rows::ROWS, elsewhere::ROWS].concat(), &routes);
    let actions: Vec<_> = ACTIONS.iter().map(|action| (action.name.to_owned(), action.access)).collect();
    check(actions::ROWS, &actions);
}

on_both_databases! {
    async fn every_route_is_asked_by_everybody(flavor) {
        let app = app!(flavor);
        walk(&app, rows::ROWS).await;
    }

    async fn what_is_not_there_is_asked_by_everybody(flavor) {
        let app = app!(flavor);
        walk(&app, elsewhere::ROWS).await;
    }

    async fn every_action_is_asked_by_everybody(flavor) {
        let app = app!(flavor);
        walk(&app, actions::ROWS).await;
    }
}
