//! Computers that come, go and change between two runs: each run takes those that fit by then.

use binnacle::store::tables::Computer;
use binnacle::store::{access_group, computer};
use binnacle_shared::model::landscape::activity::ActivityStatus;
use sea_query::{Expr, ExprTrait, Query};
use serde_json::json;

use super::fixture::Fixture;
use crate::on_both_databases;

const NOON: &str = "2026-11-21T12:00:00Z";

/// Runs the profile a day later, and names the computers that it ran on.
async fn next_run(f: &Fixture, profile: i64) -> Vec<String> {
    f.clock.advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(f.engine.run_due().await.unwrap(), 1);
    let Some(group) = f.groups(profile).await.pop() else { return Vec::new() };
    if group.creation_time.0 != binnacle::clock::Clock::now(f.clock.as_ref()) {
        return Vec::new();
    }
    let children = f.children(group.id).await;
    let mut titles: Vec<String> =
        children.into_iter().filter_map(|child| Some(child.single?.computer?.title)).collect();
    titles.sort_unstable();
    titles
}

async fn daily(f: &Fixture, tags: &[&str]) -> i64 {
    let trigger = json!({"trigger_type": "recurring", "interval": "0 12 * * *", "start_after": "2020-01-01"});
    f.profile("daily", tags, trigger).await
}

async fn tag(f: &Fixture, computer: i64, tags: &[&str]) {
    let mut conn = f.db.write().await.unwrap();
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    computer::remove_tags(&mut conn, computer, None).await.unwrap();
    computer::add_tags(&mut conn, computer, &tags).await.unwrap();
    conn.commit().await.unwrap();
}

async fn group(f: &Fixture, name: &str, parent: &access_group::Group) -> access_group::Group {
    let mut conn = f.db.write().await.unwrap();
    let made = access_group::create(&mut conn, f.scope.account_id(), name, name, Some(parent)).await.unwrap();
    conn.commit().await.unwrap();
    made
}

async fn set(f: &Fixture, computer: i64, column: Computer, value: impl Into<Expr>) {
    let mut conn = f.db.write().await.unwrap();
    let update = Query::update()
        .table(Computer::Table)
        .value(column, value)
        .and_where(Expr::col(Computer::Id).eq(computer))
        .take();
    assert_eq!(conn.execute(&update).await.unwrap(), 1);
    conn.commit().await.unwrap();
}

async fn move_to(f: &Fixture, computer: i64, group: i64) {
    set(f, computer, Computer::AccessGroupId, group).await;
}

on_both_databases! {
    async fn tags_decide_at_the_time_of_the_run(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let one = f.computer("one", "web").await;
        let two = f.computer("two", "db").await;
        let profile = daily(&f, &["web", "cache"]).await;
        assert_eq!(next_run(&f, profile).await, ["one"]);
        tag(&f, one, &[]).await;
        tag(&f, two, &["db", "cache"]).await;
        assert_eq!(next_run(&f, profile).await, ["two"]);
        tag(&f, one, &["web", "cache"]).await;
        assert_eq!(next_run(&f, profile).await, ["one", "two"]);
        tag(&f, one, &["web-1"]).await;
        tag(&f, two, &["Cache"]).await;
        assert!(next_run(&f, profile).await.is_empty(), "tags are compared whole and with their case");
    }

    async fn who_came_later_is_reached_and_who_waits_is_not(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        f.computer("one", "").await;
        let profile = daily(&f, &[]).await;
        let two = f.pending("two", "").await;
        assert_eq!(next_run(&f, profile).await, ["one"]);
        assert!(f.enrol(two, f.root.id).await);
        assert_eq!(next_run(&f, profile).await, ["one", "two"]);
    }

    async fn who_left_is_not_reached_any_more(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let one = f.computer("one", "").await;
        f.computer("two", "").await;
        let profile = daily(&f, &[]).await;
        assert_eq!(next_run(&f, profile).await, ["one", "two"]);
        set(&f, one, Computer::State, "archived").await;
        assert_eq!(next_run(&f, profile).await, ["two"]);
        assert_eq!(f.read_profile(profile).await.computers.num_associated_computers, 1);
    }

    async fn a_move_between_access_groups_counts_from_the_next_run(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let edge = group(&f, "edge", &f.root).await;
        let deep = group(&f, "deep", &edge).await;
        let aside = group(&f, "aside", &f.root).await;
        let one = f.computer("one", "").await;
        let script = f.script_in("edge script", edge.id).await;
        let trigger = json!({"trigger_type": "recurring", "interval": "0 12 * * *", "start_after": "2020-01-01"});
        let profile = f.profile_of(script, edge.id, "daily", &[], trigger).await;
        assert!(next_run(&f, profile).await.is_empty(), "above the script's group");
        move_to(&f, one, edge.id).await;
        assert_eq!(next_run(&f, profile).await, ["one"]);
        move_to(&f, one, deep.id).await;
        assert_eq!(next_run(&f, profile).await, ["one"], "below it");
        move_to(&f, one, aside.id).await;
        assert!(next_run(&f, profile).await.is_empty(), "beside it");
    }

    async fn what_was_started_before_goes_on(flavor) {
        let Some(f) = Fixture::new(flavor, NOON).await else { return };
        let one = f.computer("one", "web").await;
        let profile = daily(&f, &["web"]).await;
        assert_eq!(next_run(&f, profile).await, ["one"]);
        tag(&f, one, &[]).await;
        assert!(next_run(&f, profile).await.is_empty());
        let groups = f.groups(profile).await;
        assert_eq!(groups.len(), 1);
        assert_eq!(f.children(groups[0].id).await[0].activity_status, ActivityStatus::Undelivered);
    }
}
