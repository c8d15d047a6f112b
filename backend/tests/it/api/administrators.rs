//! Administrators and invitations: who comes in, who goes, and that somebody always stays.

use axum::http::Method;
use binnacle::store::tables::Account;
use binnacle_shared::permission::Role;
use jiff::SignedDuration;
use sea_query::Query;
use serde_json::{Value, json};

use super::app::{App, Client, PASSWORD, Reply};
use crate::{app, on_both_databases};

async fn invite(app: &App, client: &Client, name: &str, email: &str, roles: &[&str]) -> Reply {
    app.post(client, "invitations", json!({"name": name, "email": email, "roles": roles})).await
}

async fn accept(app: &App, secure_id: &Value, name: Option<&str>, password: &str) -> Reply {
    let body = json!({"invitation_id": secure_id, "name": name, "password": password});
    app.post(&Client::default(), "accept-invitation", body).await
}

async fn delete(app: &App, client: &Client, path: &str) -> Reply {
    app.ask(client, Method::DELETE, &format!("/api/v2/{path}"), "").await
}

on_both_databases! {
    async fn administrators_are_listed_with_their_roles(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let kim = app.person_with_roles("kim", &["SupportAnalyst", "Auditor"]).await;
        let list = app.legacy(&admin, "GetAdministrators", &[]).await.expect(200);
        assert_eq!(list, json!([
            {"id": 1, "name": "Administrator", "email": "admin@localhost", "roles": ["GlobalAdmin"]},
            {"id": kim, "name": "kim", "email": "kim@example.com", "roles": ["Auditor", "SupportAnalyst"]},
        ]));
        let one = app.get(&admin, &format!("administrators/{kim}")).await.expect(200);
        assert_eq!(one, json!({
            "id": kim, "name": "kim", "email": "kim@example.com", "roles": ["Auditor", "SupportAnalyst"],
            "username": "kim", "disabled": false,
        }));
        let list = app.get(&admin, "administrators?search=kim").await.expect(200);
        assert_eq!((&list["count"], &list["results"][0]), (&json!(1), &one));
        let list = app.get(&admin, "administrators?roles=GlobalAdmin&sort=-email").await.expect(200);
        assert_eq!((&list["count"], &list["results"][0]["id"]), (&json!(1), &json!(1)));
        app.get(&admin, "administrators?state=nope").await.expect(400);
        app.get(&admin, "administrators/999").await.expect(404);
    }

    async fn roles_of_a_person_are_set_as_a_whole(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let kim = app.person("kim", Role::Auditor, &["global"]).await;
        let path = format!("administrators/{kim}");
        let set = app.put(&admin, &path, json!({"roles": ["SupportAnalyst", "GlobalAdmin"]})).await.expect(200);
        assert_eq!(set["roles"], json!(["GlobalAdmin", "SupportAnalyst"]));
        let reply = app.put(&admin, &path, json!({"roles": ["Auditor", "Nope"]})).await;
        assert_eq!(reply.expect(404)["error"], "UnknownRole");
        assert_eq!(reply.faults()[0].0, "/roles");
        assert_eq!(app.get(&admin, &path).await.expect(200)["roles"], set["roles"]);
        for (body, code) in [(json!({}), "required"), (json!({"roles": null}), "required"), (json!({"roles": "x"}), "type")] {
            let reply = app.put(&admin, &path, body).await;
            reply.expect(400);
            assert_eq!(reply.faults(), [("/roles".to_owned(), code.to_owned())]);
        }
        app.put(&admin, "administrators/999", json!({"roles": []})).await.expect(404);
        assert_eq!(app.put(&admin, &path, json!({"roles": []})).await.expect(200)["roles"], json!([]));
        let kim = app.client("kim").await;
        app.get(&kim, "scripts").await.expect(403);
    }

    async fn nobody_takes_their_own_rule_and_somebody_always_rules(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let own = [("name", "GlobalAdmin"), ("persons.1", "admin@localhost")];
        let last = |reply: Reply| assert_eq!(reply.expect(400)["error"], "LastGlobalAdmin");
        last(app.legacy(&admin, "RemovePersonsFromRole", &own).await);
        last(app.put(&admin, "administrators/1", json!({"roles": ["Auditor"]})).await);
        last(app.legacy(&admin, "DisableAdministrator", &[("email", "admin@localhost")]).await);
        app.person("kim", Role::GlobalAdmin, &["global"]).await;
        let refused = |reply: Reply| assert_eq!(reply.expect(400)["error"], "SelfRevokeGlobalAdmin");
        refused(app.legacy(&admin, "RemovePersonsFromRole", &own).await);
        refused(app.put(&admin, "administrators/1", json!({"roles": []})).await);
        // Nothing of it was kept.
        let me = app.get(&admin, "administrators/1").await.expect(200);
        assert_eq!((&me["roles"], &me["disabled"]), (&json!(["GlobalAdmin"]), &json!(false)));
        let kim = app.client("kim").await;
        app.legacy(&kim, "RemovePersonsFromRole", &own).await.expect(200);
        // Kim is the last one now.
        app.put(&kim, "administrators/1", json!({"roles": ["GlobalAdmin"]})).await.expect(200);
        app.legacy(&kim, "DisableAdministrator", &[("email", "admin@localhost")]).await.expect(200);
        last(app.legacy(&kim, "DisableAdministrator", &[("email", "kim@example.com")]).await);
    }

    async fn two_who_remove_each_other_at_once_do_not_both_succeed(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.person("kim", Role::GlobalAdmin, &["global"]).await;
        let kim = app.client("kim").await;
        for _ in 0..5 {
            let (a, b) = tokio::join!(
                app.put(&admin, "administrators/2", json!({"roles": []})),
                app.put(&kim, "administrators/1", json!({"roles": []})),
            );
            let done = [&a, &b].into_iter().filter(|reply| reply.status == 200).count();
            assert!(done <= 1, "{a:?} {b:?}");
            let winner = if a.status == 200 { &admin } else { &kim };
            app.put(winner, "administrators/1", json!({"roles": ["GlobalAdmin"]})).await.expect(200);
            app.put(winner, "administrators/2", json!({"roles": ["GlobalAdmin"]})).await.expect(200);
        }
    }

    async fn who_is_disabled_is_out_at_once(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.person("kim", Role::Auditor, &["global"]).await;
        let kim = app.client("kim").await;
        app.get(&kim, "scripts").await.expect(200);
        let done = app.legacy(&admin, "DisableAdministrator", &[("email", "KIM@example.com")]).await.expect(200);
        assert_eq!(done, Value::Null);
        app.get(&kim, "scripts").await.expect(401);
        let again = app.legacy(&admin, "DisableAdministrator", &[("email", "kim@example.com")]).await;
        assert_eq!(again.expect(400)["error"], "PersonNotMemberOfAccount");
        let unknown = app.legacy(&admin, "DisableAdministrator", &[("email", "who@example.com")]).await;
        assert_eq!(unknown.expect(404)["error"], "UnknownUser");
        app.legacy(&admin, "DisableAdministrator", &[]).await.expect(400);
        assert_eq!(app.get(&admin, "administrators").await.expect(200)["count"], 1);
        let out = app.get(&admin, "administrators?state=disabled").await.expect(200);
        assert_eq!((&out["results"][0]["id"], &out["results"][0]["disabled"]), (&json!(id), &json!(true)));
        assert_eq!(app.get(&admin, "administrators?state=all").await.expect(200)["count"], 2);
        let roles = app.legacy(&admin, "GetRoles", &[("names.1", "Auditor")]).await.expect(200);
        assert_eq!(roles[0]["persons"], json!([]));
        let give = app.legacy(&admin, "AddPersonsToRole", &[("name", "Auditor"), ("persons.1", "kim@example.com")]).await;
        assert_eq!(give.expect(404)["error"], "UnknownPersonEmails");
    }

    async fn an_invitation_is_accepted_by_its_link(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let made = invite(&app, &admin, "Kim", "Kim@Example.com", &["Auditor"]).await.expect(201);
        assert_eq!(made["secure_id"].as_str().unwrap().len(), 40);
        assert_eq!((&made["email"], &made["account"]), (&json!("kim@example.com"), &json!("standalone")));
        assert_eq!((&made["creation_time"], &made["expiration_time"]), (&json!("2026-11-21T08:00:00Z"), &json!("2026-12-05T08:00:00Z")));
        // Nobody is shown the link again.
        let list = app.get(&admin, "invitations").await.expect(200);
        assert_eq!((&list["count"], &list["results"][0]["secure_id"]), (&json!(1), &Value::Null));
        assert_eq!(list["results"][0]["roles"], json!(["Auditor"]));
        let path = format!("invitations/{}", made["id"]);
        assert_eq!(app.get(&admin, &path).await.expect(200), list["results"][0]);
        let secure_id = made["secure_id"].as_str().unwrap();
        let summary = app.get(&Client::default(), &format!("invitations/{secure_id}/summary")).await.expect(200);
        assert_eq!(summary, json!({
            "account_title": "Standalone", "secure_id": secure_id, "name": "Kim", "email": "kim@example.com",
        }));
        let short = accept(&app, &made["secure_id"], None, "short").await;
        short.expect(400);
        assert_eq!(short.faults()[0].0, "/password");
        let reply = accept(&app, &made["secure_id"], Some("Kim Doe"), PASSWORD).await;
        let state = reply.expect(200);
        assert_eq!((&state["name"], &state["email"]), (&json!("Kim Doe"), &json!("kim@example.com")));
        assert!(reply.header("set-cookie").contains("HttpOnly"));
        let token = format!("Bearer {}", state["token"].as_str().unwrap());
        let kim = Client { headers: vec![("authorization", token)] };
        app.get(&kim, "scripts").await.expect(200);
        app.get(&kim, "preferences").await.expect(403);
        app.log_in("kim@example.com").await.expect(200);
        // The link is used up.
        accept(&app, &made["secure_id"], None, PASSWORD).await.expect(404);
        app.get(&Client::default(), &format!("invitations/{secure_id}/summary")).await.expect(404);
        assert_eq!(app.get(&admin, "invitations").await.expect(200)["count"], 0);
        let again = invite(&app, &admin, "Kim", "kim@example.com", &["Auditor"]).await;
        assert_eq!(again.expect(400)["error"], "RepeatedInvitation");
        let events = app.get(&admin, "events?search=invit").await.expect(200);
        let messages: Vec<_> = events["results"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["Accepted the invitation.", "Invited kim@example.com with the roles: Auditor."]);
        assert!(!events.to_string().contains(secure_id));
    }

    async fn one_link_makes_one_administrator(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let made = invite(&app, &admin, "Kim", "kim@example.com", &[]).await.expect(201);
        assert_eq!(made["roles"], json!([]));
        let (a, b) = tokio::join!(
            accept(&app, &made["secure_id"], None, PASSWORD),
            accept(&app, &made["secure_id"], None, PASSWORD),
        );
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404], "{a:?} {b:?}");
    }

    async fn links_end(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let made = invite(&app, &admin, "Kim", "kim@example.com", &["Auditor"]).await.expect(201);
        let path = format!("invitations/{}", made["id"]);
        let renewed = app.post(&admin, &path, json!({})).await.expect(200);
        assert_ne!(renewed["secure_id"], made["secure_id"]);
        accept(&app, &made["secure_id"], None, PASSWORD).await.expect(404);
        app.clock.advance(SignedDuration::from_hours(14 * 24));
        // The administrator's token is as old.
        let admin = app.admin().await;
        accept(&app, &renewed["secure_id"], None, PASSWORD).await.expect(404);
        assert_eq!(app.get(&admin, "invitations").await.expect(200)["count"], 0);
        // An old invitation is in nobody's way.
        let made = invite(&app, &admin, "Kim", "kim@example.com", &["Auditor"]).await.expect(201);
        let path = format!("invitations/{}", made["id"]);
        delete(&app, &admin, &path).await.expect(204);
        delete(&app, &admin, &path).await.expect(404);
        app.post(&admin, &path, json!({})).await.expect(404);
        app.get(&admin, &path).await.expect(404);
        accept(&app, &made["secure_id"], None, PASSWORD).await.expect(404);
        let made = invite(&app, &admin, "Kim", "kim@example.com", &["Auditor"]).await.expect(201);
        let nobody = Client::default();
        let body = json!({"invitation_id": made["secure_id"]});
        app.post(&nobody, "reject-invitation", body.clone()).await.expect(204);
        app.post(&nobody, "reject-invitation", body).await.expect(404);
        app.post(&nobody, "reject-invitation", json!({})).await.expect(400);
        app.post(&nobody, "accept-invitation", json!({"password": 5})).await.expect(400);
    }

    async fn who_left_comes_back_by_an_invitation(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.person("kim", Role::SupportAnalyst, &["global"]).await;
        app.legacy(&admin, "DisableAdministrator", &[("email", "kim@example.com")]).await.expect(200);
        let made = invite(&app, &admin, "Kim", "kim@example.com", &["Auditor"]).await.expect(201);
        let state = accept(&app, &made["secure_id"], None, "another password").await.expect(200);
        assert_eq!(state["user"]["id"], id);
        app.log_in("kim").await.expect(401);
        let back = app.get(&admin, &format!("administrators/{id}")).await.expect(200);
        assert_eq!((&back["roles"], &back["disabled"], &back["name"]), (&json!(["Auditor"]), &json!(false), &json!("Kim")));
    }

    async fn invitations_are_refused_by_name(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let good = [("name", "Kim"), ("email", "kim@example.com")];
        let made = app.legacy(&admin, "InviteAdministrator", &good).await.expect(200);
        assert_eq!(made["roles"], json!(["GlobalAdmin"]));
        assert_eq!(made["secure_id"].as_str().unwrap().len(), 40);
        for (parameters, status, error) in [
            (vec![("name", "Kim"), ("email", "KIM@example.com")], 400, "RepeatedInvitation"),
            (vec![("name", "Kim"), ("email", "admin@localhost")], 400, "RepeatedInvitation"),
            (vec![("name", "Kim")], 400, "MissingParameter"),
            (vec![("email", "x@example.com")], 400, "MissingParameter"),
            (vec![("name", "Kim"), ("email", "nope")], 400, "InvalidEmailAddress"),
            (vec![("name", "Kim"), ("email", "x@example.com"), ("roles.1", "Nope")], 404, "UnknownRole"),
        ] {
            let reply = app.legacy(&admin, "InviteAdministrator", &parameters).await;
            assert_eq!(reply.expect(status)["error"], error, "{parameters:?}");
        }
        let mut conn = app.services.db.write().await.unwrap();
        let fewer = Query::update().table(Account::Table).value(Account::MaxAdministrators, 2).take();
        conn.execute(&fewer).await.unwrap();
        conn.commit().await.unwrap();
        let reply = app.legacy(&admin, "InviteAdministrator", &[("name", "x"), ("email", "x@example.com")]).await;
        assert_eq!(reply.expect(400)["error"], "MaximumAccountAdministrators");
        let reply = app.post(&admin, "invitations", json!({"name": "", "email": "x"})).await;
        reply.expect(400);
        assert_eq!(reply.faults().len(), 2);
        let reply = invite(&app, &admin, "Kim", "kim@example.com", &[]).await;
        assert_eq!(reply.expect(400)["error"], "RepeatedInvitation");
    }
}
