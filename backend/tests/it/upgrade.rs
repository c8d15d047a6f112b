//! Databases of earlier versions, brought up to date without loss.

use binnacle::store::tables::AccessGroup;
use binnacle::store::{Db, Scope, access_group, list, person};
use binnacle_shared::list::{LIMIT_MAX, ListParams};
use binnacle_shared::model::landscape::role::Role as Wire;
use binnacle_shared::permission::{Permission as P, Role};
use sea_query::Condition;
use sqlx::migrate::Migrator;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::on_both_databases;
use crate::support::database::{Flavor, TestDatabase};

/// An account in which everybody's part differs, as the first version kept it.
const FIRST_VERSION: &str = "
    INSERT INTO account (id, name, title, auto_register, max_pending, max_num_computers, max_num_profiles, min_interval, created_at)
        VALUES (7, 'standalone', 'Standalone', TRUE, 10, 10, 10, 10, 5);
    INSERT INTO access_group (id, account_id, name, title, parent_id, path) VALUES
        (10, 7, 'global', 'Global access', NULL, '10/'),
        (11, 7, 'server', 'Server', 10, '10/11/'),
        (12, 7, 'desktop', 'Desktop', 10, '10/12/');
    INSERT INTO person (id, account_id, username, email, name, role, disabled, token_epoch, created_at) VALUES
        (1, 7, 'root', 'root@x', 'root', 'GlobalAdmin', FALSE, 0, 5),
        (2, 7, 'half', 'half@x', 'half', 'GlobalAdmin', FALSE, 0, 5),
        (3, 7, 'sup', 'sup@x', 'sup', 'SupportAnalyst', FALSE, 3, 5),
        (4, 7, 'sup1', 'sup1@x', 'sup1', 'SupportAnalyst', FALSE, 0, 5),
        (5, 7, 'sup2', 'sup2@x', 'sup2', 'SupportAnalyst', TRUE, 0, 5),
        (6, 7, 'sup3', 'sup3@x', 'sup3', 'SupportAnalyst', FALSE, 0, 5),
        (7, 7, 'aud', 'aud@x', 'aud', 'Auditor', FALSE, 0, 5),
        (8, 7, 'none', 'none@x', 'none', 'Auditor', FALSE, 0, 5);
    INSERT INTO person_access_group (person_id, access_group_id) VALUES
        (1, 10), (2, 11), (3, 10), (3, 12), (4, 12), (4, 11), (5, 11), (5, 12), (6, 11), (7, 10);
";

/// Only the first migration, as the first version had it.
async fn first_version(flavor: Flavor, url: &str) {
    let kind = if flavor == Flavor::Sqlite { "sqlite" } else { "postgres" };
    let folder = TempDir::new().unwrap();
    let name = "0001_initial.sql";
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind).join(name);
    std::fs::copy(source, folder.path().join(name)).unwrap();
    let migrator = Migrator::new(folder.path()).await.unwrap();
    match flavor {
        Flavor::Sqlite => {
            let mut connection = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
            migrator.run(&mut connection).await.unwrap();
            connection.execute(FIRST_VERSION).await.unwrap();
            connection.close().await.unwrap();
        }
        Flavor::Postgres => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            migrator.run(&mut connection).await.unwrap();
            connection.execute(FIRST_VERSION).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

async fn roles(db: &Db, scope: &Scope) -> Vec<Wire> {
    let mut conn = db.read().await.unwrap();
    let params = ListParams { limit: LIMIT_MAX, ..ListParams::default() };
    list::page(&mut conn, scope, &params, Condition::all()).await.unwrap().items
}

on_both_databases! {
    async fn everybody_keeps_what_they_may_do_and_where(flavor) {
        let Some(database) = TestDatabase::create(flavor).await else { return };
        first_version(flavor, &database.url).await;
        let db = database.open().await;
        let scope = Scope::account(7);
        let mut conn = db.read().await.unwrap();
        let people = person::list(&mut conn, 7).await.unwrap();
        let roles_of: Vec<_> = people.iter().map(|p| (p.username.as_str(), p.roles.join(","))).collect();
        assert_eq!(roles_of, [
            ("root", "GlobalAdmin".to_owned()),
            ("half", "GlobalAdmin-2".to_owned()),
            ("sup", "SupportAnalyst".to_owned()),
            ("sup1", "SupportAnalyst-4".to_owned()),
            ("sup2", "SupportAnalyst-4".to_owned()),
            ("sup3", "SupportAnalyst-6".to_owned()),
            ("aud", "Auditor".to_owned()),
            ("none", "Auditor-8".to_owned()),
        ]);
        assert_eq!((people[2].token_epoch, people[4].disabled), (3, true));
        // What each could do before, and in which groups.
        for (username, role, groups) in [
            ("root", Role::GlobalAdmin, vec!["global", "server", "desktop"]),
            ("half", Role::GlobalAdmin, vec!["server"]),
            ("sup", Role::SupportAnalyst, vec!["global", "server", "desktop"]),
            ("sup1", Role::SupportAnalyst, vec!["server", "desktop"]),
            ("sup3", Role::SupportAnalyst, vec!["server"]),
            ("aud", Role::Auditor, vec!["global", "server", "desktop"]),
            ("none", Role::Auditor, vec![]),
        ] {
            let person = people.iter().find(|p| p.username == username).unwrap();
            for permission in [P::ViewComputer, P::ManageComputer, P::ExecuteScript, P::ViewScriptProfile] {
                let seen = access_group::list(&mut conn, &person.grants.scope_for(7, permission)).await.unwrap();
                let seen: Vec<_> = seen.iter().map(|group| group.name.as_str()).collect();
                let expected = if role.allows(permission) { groups.clone() } else { vec![] };
                assert_eq!(seen, expected, "{username} {permission:?}");
            }
            assert_eq!(person.grants.allows(P::ManageAccount), role == Role::GlobalAdmin, "{username}");
        }
        // Seeing the whole account's roles and log is for those who see the whole account.
        let may = |n: usize| people[n].grants.allows(P::ViewEventLog);
        assert!(may(6) && !may(7) && !may(3));
        // The built-in roles are those of a first start.
        let found = roles(&db, &scope).await;
        for built_in in Role::ALL {
            let role = found.iter().find(|r| r.name == built_in.name()).unwrap();
            let names: Vec<_> = role.permissions.iter().chain(&role.global_permissions).cloned().collect();
            let expected: Vec<_> = built_in.permissions().iter().map(|p| p.name().to_owned()).collect();
            assert_eq!(names, expected);
            assert_eq!((role.description.as_str(), role.read_only), (built_in.description(), built_in.is_read_only()));
            assert_eq!((role.key.as_str(), &role.access_groups[..]), (built_in.name().to_lowercase().as_str(), &["global".to_owned()][..]));
        }
        drop(conn);
        // A group can go; the roles that had it stay.
        let mut conn = db.write().await.unwrap();
        let group = access_group::by_name(&mut conn, &scope, "server").await.unwrap().unwrap();
        access_group::remove(&mut conn, &group).await.unwrap();
        let left = sea_query::Query::select().column(AccessGroup::Id).from(AccessGroup::Table).take();
        assert_eq!(conn.fetch_all(&left).await.unwrap().len(), 2);
        conn.commit().await.unwrap();
    }
}
