//! Who is locked out, and that an administrator always stays who is not.

use axum::http::Method;
use binnacle::store::{Scope, person, role};
use binnacle_shared::permission::Role as AccountRole;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use super::users::{activate, change, make};
use crate::api::app::{App, PASSWORD, Reply, encode};
use crate::app;
use crate::on_both_databases;

async fn administrators(app: &App) -> Vec<String> {
    app.each(&admin(), "users?role=sys_admin&active=true", "username").await
}

/// Leaves the account without its first administrator, as the other family can.
async fn without_the_first(app: &App) {
    let mut conn = app.services.db.write().await.unwrap();
    let first = person::bootstrap(&mut conn, app.account_id).await.unwrap().unwrap();
    let scope = Scope::account(app.account_id);
    let role = role::by_name(&mut conn, &scope, AccountRole::GlobalAdmin.name()).await.unwrap().unwrap();
    role::remove_person(&mut conn, role.id, first).await.unwrap();
    conn.commit().await.unwrap();
}

async fn make_by(app: &App, who: &User, username: &str) -> User {
    let body = json!({"username": username, "password": PASSWORD});
    app.conduct(who, Method::PUT, "users", body).await.expect(201);
    user(username, "")
}

on_both_databases! {
    async fn an_administrator_always_stays(flavor) {
        let app = app!(flavor);
        let first = admin();
        let illegal = |reply: &Reply| assert_eq!(code(reply, 400), "illegal_action_error");
        // Nobody does it to themselves, nobody to the first.
        illegal(&change(&app, &first, "admin", json!({"role": "default"})).await);
        illegal(&activate(&app, &first, "admin", "deactivate").await);
        illegal(&app.conduct(&first, Method::DELETE, "users/admin", Value::Null).await);
        let kim = make(&app, "kim", "sys_admin").await;
        illegal(&change(&app, &kim, "admin", json!({"role": "default"})).await);
        illegal(&activate(&app, &kim, "admin", "deactivate").await);
        illegal(&app.conduct(&kim, Method::DELETE, "users/kim", Value::Null).await);
        illegal(&change(&app, &kim, "kim", json!({"role": "default"})).await);
        assert_eq!(administrators(&app).await, ["admin", "kim"]);
        // By a group one may administer without being one of those who have to stay.
        without_the_first(&app).await;
        let lee = make_by(&app, &kim, "lee").await;
        let body = json!({"group_name": "rulers", "role": "sys_admin"});
        app.conduct(&kim, Method::POST, "user-groups", body).await.expect(201);
        let body = json!({"group_name": "rulers", "username": "lee"});
        app.conduct(&kim, Method::PUT, "user-groups/users", body).await.expect(200);
        illegal(&change(&app, &lee, "kim", json!({"role": "default"})).await);
        illegal(&activate(&app, &lee, "kim", "deactivate").await);
        illegal(&app.conduct(&lee, Method::DELETE, "users/kim", Value::Null).await);
        app.conduct(&kim, Method::GET, "users", Value::Null).await.expect(200);
    }

    async fn two_demotions_at_once_leave_one_administrator(flavor) {
        let app = app!(flavor);
        let kim = make(&app, "kim", "sys_admin").await;
        let lee = make(&app, "lee", "sys_admin").await;
        without_the_first(&app).await;
        // Passwords are checked and remembered before, so that the changes meet.
        for who in [&kim, &lee] {
            app.conduct(who, Method::GET, "user", Value::Null).await.expect(200);
        }
        let (one, other) = tokio::join!(
            change(&app, &kim, "lee", json!({"role": "default"})),
            change(&app, &lee, "kim", json!({"role": "default"})),
        );
        let done = [&one, &other].into_iter().filter(|reply| reply.status.as_u16() == 200).count();
        assert_eq!(done, 1, "{one:?} {other:?}");
        let refused = if one.status.as_u16() == 200 { &other } else { &one };
        assert!(matches!(refused.status.as_u16(), 400 | 403), "{refused:?}");
        let mut conn = app.services.db.read().await.unwrap();
        assert!(role::has_global_admin(&mut conn, &Scope::account(app.account_id)).await.unwrap());
    }

    async fn wrong_passwords_lock_an_account_for_a_while(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let kim = make(&app, "kim", "default").await;
        let wrong = kim.clone().with("authorization", &format!("Basic {}", encode("kim:wrong password")));
        let guess = async || code(&app.conduct(&wrong, Method::GET, "user", Value::Null).await, 401);
        let me = async || app.conduct(&kim, Method::GET, "user", Value::Null).await;
        // Unless somebody wants it, nobody is locked out.
        for _ in 0..5 {
            assert_eq!(guess().await, "unauthorized_error");
        }
        me().await.expect(200);
        let period = json!({"value": 10});
        app.conduct(&admin, Method::PUT, "config/rest.account_lock_period", period).await.expect(200);
        app.clock.advance(SignedDuration::from_hours(1));
        for _ in 0..4 {
            guess().await;
        }
        // A right password forgives.
        me().await.expect(200);
        app.clock.advance(SignedDuration::from_hours(1));
        for _ in 0..5 {
            guess().await;
        }
        let locked = me().await;
        assert_eq!(code(&locked, 401), "unauthorized_error");
        assert!(locked.text.contains("Wrong credentials or locked account"), "{}", locked.text);
        app.log_in("kim").await.expect(401);
        let seen = app.conduct(&admin, Method::GET, "users?username=kim", Value::Null).await.expect(200);
        assert_eq!(seen["items"][0]["is_locked"], true);
        app.clock.advance(SignedDuration::from_mins(10));
        me().await.expect(200);

        app.clock.advance(SignedDuration::from_hours(1));
        for _ in 0..5 {
            guess().await;
        }
        assert_eq!(code(&me().await, 401), "unauthorized_error");
        let unlocked = app.conduct(&admin, Method::POST, "users/unlock/kim", Value::Null).await.expect(200);
        assert_eq!(unlocked["is_locked"], false);
        me().await.expect(200);
        app.log_in("kim").await.expect(200);
    }

    async fn guessing_locks_no_last_administrator_out(flavor) {
        let app = app!(flavor);
        let first = admin();
        app.conduct(&first, Method::PUT, "config/rest.account_lock_period", json!({"value": 600})).await.expect(200);
        let guess = async |username: &str| {
            let wrong = user(username, "").with("authorization", &format!("Basic {}", encode(&format!("{username}:wrong password"))));
            for _ in 0..6 {
                assert_eq!(code(&app.conduct(&wrong, Method::GET, "user", Value::Null).await, 401), "unauthorized_error");
            }
            app.clock.advance(SignedDuration::from_mins(10));
        };
        let me = async |who: &User| app.conduct(who, Method::GET, "user", Value::Null).await;
        guess("admin").await;
        me(&first).await.expect(200);
        let kim = make(&app, "kim", "sys_admin").await;
        guess("kim").await;
        assert_eq!(code(&me(&kim).await, 401), "unauthorized_error");
        me(&first).await.expect(200);
        guess("admin").await;
        // Now both are beyond the limit, and so neither is locked out. Whoever is first to show the
        // right password holds the house open, and lets the other in again.
        let list = app.conduct(&kim, Method::GET, "users", Value::Null).await.expect(200);
        assert_eq!(list["items"][1]["is_locked"], false);
        assert_eq!(list["items"][0]["is_locked"], true);
        assert_eq!(code(&me(&first).await, 401), "unauthorized_error");
        app.conduct(&kim, Method::POST, "users/unlock/admin", Value::Null).await.expect(200);
        me(&first).await.expect(200);
    }
}
