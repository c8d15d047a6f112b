//! Roles: who may make them, what they hold, and that nobody raises themselves by them.

use binnacle_shared::permission::{Permission as P, Role};
use serde_json::json;

use super::app::titles;
use crate::{app, on_both_databases};

on_both_databases! {
    async fn an_account_starts_with_three_roles(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let roles = app.legacy(&admin, "GetRoles", &[]).await.expect(200);
        let names: Vec<_> = roles.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Auditor", "GlobalAdmin", "SupportAnalyst"]);
        let global = &roles[1];
        assert_eq!((&global["key"], &global["read_only"]), (&json!("globaladmin"), &json!(true)));
        assert_eq!(global["persons"], json!(["admin@localhost"]));
        assert_eq!(global["access_groups"], json!(["global"]));
        assert!(global["permissions"].as_array().unwrap().contains(&json!("ManageScript")));
        assert_eq!(global["global_permissions"].as_array().unwrap().len(), 8);
        let some = app.legacy(&admin, "GetRoles", &[("names.1", "Auditor"), ("names.2", "nope")]).await.expect(200);
        assert_eq!(some.as_array().unwrap().len(), 1);
        let permissions = app.legacy(&admin, "GetPermissions", &[]).await.expect(200);
        assert_eq!(permissions.as_array().unwrap().len(), P::ALL.len());
        assert!(permissions.as_array().unwrap().contains(
            &json!({"name": "ManageRole", "title": "Manage roles and who has them", "global": true})
        ));
        let envelope = app.get(&admin, "permissions").await.expect(200);
        assert_eq!((&envelope["results"], &envelope["count"]), (&permissions, &json!(P::ALL.len())));
    }

    async fn a_role_is_made_copied_changed_and_removed(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let made = app.legacy(&admin, "CreateRole", &[("name", "WebAdmin"), ("description", "Looks after the web")]).await;
        let made = made.expect(200);
        assert_eq!(made, json!({
            "id": made["id"], "key": "webadmin", "name": "WebAdmin", "description": "Looks after the web",
            "read_only": false, "permissions": [], "global_permissions": [], "persons": [], "access_groups": [],
        }));
        let permissions = [("name", "WebAdmin"), ("permissions.1", "ViewScript"), ("permissions.2", "ViewRole")];
        let changed = app.legacy(&admin, "AddPermissionsToRole", &permissions).await.expect(200);
        assert_eq!((&changed["permissions"], &changed["global_permissions"]), (&json!(["ViewScript"]), &json!(["ViewRole"])));
        let groups = [("name", "WebAdmin"), ("access_groups.1", "server"), ("access_groups.2", "global")];
        let changed = app.legacy(&admin, "AddAccessGroupsToRole", &groups).await.expect(200);
        assert_eq!(changed["access_groups"], json!(["global", "server"]));
        app.person("kim", Role::Auditor, &["global"]).await;
        let persons = [("name", "WebAdmin"), ("persons.1", "Kim@example.com")];
        let changed = app.legacy(&admin, "AddPersonsToRole", &persons).await.expect(200);
        assert_eq!(changed["persons"], json!(["kim@example.com"]));
        let copy = [("name", "WebAdmin"), ("destination_name", "DbAdmin")];
        let copied = app.legacy(&admin, "CopyRole", &copy).await.expect(200);
        assert_eq!((&copied["permissions"], &copied["access_groups"]), (&changed["permissions"], &changed["access_groups"]));
        assert_eq!((&copied["persons"], &copied["description"]), (&json!([]), &json!("Looks after the web")));
        let changed = app.legacy(&admin, "RemovePersonsFromRole", &persons).await.expect(200);
        assert_eq!(changed["persons"], json!([]));
        // Taking what is not there is not missed.
        app.legacy(&admin, "RemovePersonsFromRole", &persons).await.expect(200);
        let changed = app.legacy(&admin, "RemovePermissionsFromRole", &permissions[..2]).await.expect(200);
        assert_eq!((&changed["permissions"], &changed["global_permissions"]), (&json!([]), &json!(["ViewRole"])));
        let changed = app.legacy(&admin, "RemoveAccessGroupsFromRole", &groups[..2]).await.expect(200);
        assert_eq!(changed["access_groups"], json!(["global"]));
        assert_eq!(app.legacy(&admin, "RemoveRole", &[("name", "WebAdmin")]).await.expect(200), json!({}));
        app.legacy(&admin, "RemoveRole", &[("name", "WebAdmin")]).await.expect(404);
        let events = app.get(&admin, "events?entity_type=Role").await.expect(200);
        let messages: Vec<_> = events["results"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap()).collect();
        assert_eq!(messages, [
            "Removed the role.",
            "Changed the role: took access groups server.",
            "Changed the role: took permissions ViewScript.",
            "Made the role.",
            "Changed the role: added access groups global, server.",
            "Changed the role: added permissions ViewScript, ViewRole.",
            "Made the role.",
        ]);
    }

    async fn every_refusal_has_its_name(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.legacy(&admin, "CreateRole", &[("name", "WebAdmin")]).await.expect(200);
        let unknown = ("name", "Nope");
        let web = ("name", "WebAdmin");
        let global = ("name", "GlobalAdmin");
        for (action, parameters, status, error) in [
            ("CreateRole", vec![], 400, "MissingParameter"),
            ("CreateRole", vec![("name", "a b")], 400, "InvalidRoleName"),
            ("CreateRole", vec![("name", "1a")], 400, "InvalidRoleName"),
            ("CreateRole", vec![("name", "WEBADMIN")], 400, "DuplicateRoleName"),
            ("CopyRole", vec![unknown, ("destination_name", "x")], 404, "UnknownRole"),
            ("CopyRole", vec![web, ("destination_name", "Auditor")], 400, "DuplicateRoleName"),
            ("CopyRole", vec![web, ("destination_name", "a/b")], 400, "InvalidRoleName"),
            ("CopyRole", vec![web], 400, "MissingParameter"),
            ("RemoveRole", vec![unknown], 404, "UnknownRole"),
            ("RemoveRole", vec![global], 400, "ReadOnlyRole"),
            ("AddPermissionsToRole", vec![unknown, ("permissions.1", "ViewScript")], 404, "UnknownRole"),
            ("AddPermissionsToRole", vec![global, ("permissions.1", "ViewScript")], 400, "ReadOnlyRole"),
            ("AddPermissionsToRole", vec![web, ("permissions.1", "Fly")], 400, "InvalidRolePermissions"),
            ("AddPermissionsToRole", vec![web], 400, "MissingParameter"),
            ("RemovePermissionsFromRole", vec![global, ("permissions.1", "ViewScript")], 400, "ReadOnlyRole"),
            ("RemovePermissionsFromRole", vec![web, ("permissions.1", "viewscript")], 400, "InvalidRolePermissions"),
            ("AddPersonsToRole", vec![unknown, ("persons.1", "admin@localhost")], 404, "UnknownRole"),
            ("AddPersonsToRole", vec![web, ("persons.1", "who@localhost")], 404, "UnknownPersonEmails"),
            ("RemovePersonsFromRole", vec![web, ("persons.1", "who@localhost")], 404, "UnknownPersonEmails"),
            ("AddAccessGroupsToRole", vec![web, ("access_groups.1", "nope")], 404, "UnknownAccessGroups"),
            ("AddAccessGroupsToRole", vec![global, ("access_groups.1", "global")], 400, "ReadOnlyRole"),
            ("RemoveAccessGroupsFromRole", vec![web, ("access_groups.1", "nope")], 404, "UnknownAccessGroups"),
            ("RemoveAccessGroupsFromRole", vec![unknown, ("access_groups.1", "global")], 404, "UnknownRole"),
        ] {
            let reply = app.legacy(&admin, action, &parameters).await;
            assert_eq!(reply.expect(status)["error"], error, "{action} {parameters:?}");
        }
        // One wrong name of two: nothing is kept.
        let mixed = [web, ("permissions.1", "ViewScript"), ("permissions.2", "Fly")];
        app.legacy(&admin, "AddPermissionsToRole", &mixed).await.expect(400);
        let roles = app.legacy(&admin, "GetRoles", &[("names.1", "WebAdmin")]).await.expect(200);
        assert_eq!(roles[0]["permissions"], json!([]));
    }

    async fn roles_in_the_newer_api(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let body = json!({"name": "WebAdmin", "permissions": ["ViewScript"], "access_groups": ["server"]});
        let made = app.post(&admin, "roles", body.clone()).await.expect(201);
        let path = format!("roles/{}", made["id"]);
        assert_eq!(app.get(&admin, &path).await.expect(200), made);
        assert_eq!(made["access_groups"], json!(["server"]));
        let taken = app.post(&admin, "roles", body).await;
        assert_eq!(taken.expect(409)["error"], "Conflict");
        let patch = json!({"permissions": ["ManageScript", "ViewEventLog"], "description": "x"});
        let changed = app.patch(&admin, &path, patch).await.expect(200);
        assert_eq!((&changed["permissions"], &changed["global_permissions"]), (&json!(["ManageScript"]), &json!(["ViewEventLog"])));
        assert_eq!((&changed["access_groups"], &changed["description"]), (&json!(["server"]), &json!("x")));
        for (body, status, pointer) in [
            (json!({"name": "a b"}), 400, "/name"),
            (json!({}), 400, "/name"),
            (json!({"name": "ok", "permissions": ["Fly"]}), 400, "/permissions/0"),
            (json!({"name": "ok", "access_groups": ["nope"]}), 404, "/access_groups"),
            (json!({"name": "ok", "description": 5}), 400, "/description"),
        ] {
            let reply = app.post(&admin, "roles", body.clone()).await;
            reply.expect(status);
            assert_eq!(reply.faults()[0].0, pointer, "{body}");
        }
        app.patch(&admin, "roles/1", json!({"description": "x"})).await.expect(400);
        app.patch(&admin, "roles/999", json!({"description": "x"})).await.expect(404);
        let list = app.get(&admin, "roles?search=WEB&sort=-name").await.expect(200);
        assert_eq!((&list["count"], &list["results"][0]["name"]), (&json!(1), &json!("WebAdmin")));
        let list = app.get(&admin, "roles?access_groups=server").await.expect(200);
        assert_eq!(list["count"], 1);
        let list = app.get(&admin, "roles?persons=admin@localhost").await.expect(200);
        assert_eq!(list["results"][0]["name"], "GlobalAdmin");
        let list = app.get(&admin, "roles?limit=1&offset=1").await.expect(200);
        assert_eq!((&list["results"][0]["name"], &list["count"]), (&json!("GlobalAdmin"), &json!(4)));
        let gone = app.ask(&admin, axum::http::Method::DELETE, &format!("/api/v2/{path}"), "").await;
        gone.expect(204);
        app.get(&admin, &path).await.expect(404);
    }

    async fn what_one_may_do_depends_on_the_roles_and_their_groups(flavor) {
        let app = app!(flavor);
        app.access_group("Server", "global").await;
        app.access_group("Web", "server").await;
        app.access_group("Desktop", "global").await;
        for (title, group) in [("top", "global"), ("srv", "server"), ("web", "web"), ("desk", "desktop")] {
            app.script(title, &[("access_group", group)]).await;
        }
        app.role("Reader", &[P::ViewScript], &["server", "desktop"]).await;
        app.role("Writer", &[P::ViewScript, P::ManageScript, P::ViewComputer], &["web"]).await;
        app.person_with_roles("kim", &["Reader", "Writer"]).await;
        let kim = app.client("kim").await;
        // Viewing holds in the groups of both roles, writing in those of one.
        assert_eq!(titles(&app.get(&kim, "scripts?sort=title").await.expect(200)), ["desk", "srv", "web"]);
        app.get(&kim, "scripts/1").await.expect(404);
        app.post(&kim, "scripts/4:archive", json!({})).await.expect(404);
        app.post(&kim, "scripts/2:archive", json!({})).await.expect(404);
        app.post(&kim, "scripts/3:archive", json!({})).await.expect(204);
        app.get(&kim, "script-profiles").await.expect(403);
        let groups = app.legacy(&kim, "GetAccessGroups", &[]).await.expect(200);
        let mut names: Vec<_> = groups.as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["desktop", "server", "web"]);
        let me = app.get(&kim, "me").await.expect(200);
        assert_eq!(me["permissions"], json!(["ViewComputer", "ViewScript", "ManageScript"]));
        // A change of the role counts at once.
        let admin = app.admin().await;
        let less = [("name", "Reader"), ("access_groups.1", "desktop")];
        app.legacy(&admin, "RemoveAccessGroupsFromRole", &less).await.expect(200);
        assert_eq!(titles(&app.get(&kim, "scripts?script_type=v2&sort=title").await.expect(200)), ["srv"]);
        app.legacy(&admin, "RemoveRole", &[("name", "Reader")]).await.expect(200);
        app.get(&kim, "scripts/2").await.expect(404);
        app.legacy(&admin, "RemoveRole", &[("name", "Writer")]).await.expect(200);
        app.get(&kim, "scripts").await.expect(403);
    }

    async fn a_permission_for_groups_holds_nowhere_without_one(flavor) {
        let app = app!(flavor);
        app.person_with("kim", &[P::ViewScript, P::ViewRole], &[]).await;
        let kim = app.client("kim").await;
        app.get(&kim, "scripts").await.expect(403);
        app.get(&kim, "roles").await.expect(200);
        assert_eq!(app.legacy(&kim, "GetAccessGroups", &[]).await.expect(200), json!([]));
    }

    async fn nobody_gives_away_what_they_do_not_hold(flavor) {
        let app = app!(flavor);
        app.access_group("Server", "global").await;
        app.access_group("Web", "server").await;
        app.person_with("boss", &[P::ViewRole, P::ManageRole, P::ManageAccount, P::ViewScript], &["server"]).await;
        let boss = app.client("boss").await;
        app.role("Reader", &[P::ViewScript], &["web"]).await;
        app.role("Writer", &[P::ManageScript], &["web"]).await;
        app.role("Everywhere", &[P::ViewScript], &["global"]).await;
        let to = |role: &'static str| [("name", role), ("persons.1", "boss@example.com")];
        app.legacy(&boss, "AddPersonsToRole", &to("Reader")).await.expect(200);
        for role in ["Writer", "Everywhere", "GlobalAdmin"] {
            let reply = app.legacy(&boss, "AddPersonsToRole", &to(role)).await;
            assert_eq!(reply.expect(403)["error"], "Unauthorised", "{role}");
            let invite = [("name", "x"), ("email", "x@example.com"), ("roles.1", role)];
            app.legacy(&boss, "InviteAdministrator", &invite).await.expect(403);
        }
        let own = |name, value| [("name", "Role-of-boss"), (name, value)];
        app.legacy(&boss, "AddPermissionsToRole", &own("permissions.1", "ManageScript")).await.expect(403);
        app.legacy(&boss, "AddPermissionsToRole", &own("permissions.1", "ManageSecrets")).await.expect(403);
        app.legacy(&boss, "AddAccessGroupsToRole", &own("access_groups.1", "global")).await.expect(403);
        app.legacy(&boss, "AddAccessGroupsToRole", &own("access_groups.1", "web")).await.expect(200);
        app.legacy(&boss, "CopyRole", &[("name", "GlobalAdmin"), ("destination_name", "Mine")]).await.expect(403);
        let body = json!({"name": "Mine", "permissions": ["ManageScript"], "access_groups": ["web"]});
        assert_eq!(app.post(&boss, "roles", body).await.expect(403)["error"], "Forbidden");
        // Less is always allowed, and a role without groups gives nothing yet.
        app.legacy(&boss, "RemovePermissionsFromRole", &[("name", "Everywhere"), ("permissions.1", "ViewScript")]).await.expect(200);
        app.post(&boss, "roles", json!({"name": "Mine", "permissions": ["ManageScript"]})).await.expect(201);
        let mine = [("name", "Mine"), ("access_groups.1", "web")];
        app.legacy(&boss, "AddAccessGroupsToRole", &mine).await.expect(403);
        let me = app.get(&boss, "me").await.expect(200);
        assert_eq!(me["permissions"], json!(["ViewScript", "ManageAccount", "ViewRole", "ManageRole"]));
    }
}
