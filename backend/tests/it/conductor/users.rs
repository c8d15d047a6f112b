//! Users: the life of one, and who may do what to whom.

use axum::http::Method;
use binnacle::store::person;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Client, PASSWORD, Reply, encode};
use crate::app;
use crate::on_both_databases;

pub async fn make(app: &App, username: &str, role: &str) -> User {
    let body = json!({"username": username, "password": PASSWORD, "role": role});
    app.conduct(&admin(), Method::PUT, "users", body).await.expect(201);
    user(username, "")
}

pub async fn change(app: &App, who: &User, username: &str, body: Value) -> Reply {
    app.conduct(who, Method::POST, &format!("users/{username}"), body).await
}

pub async fn activate(app: &App, who: &User, username: &str, action: &str) -> Reply {
    app.conduct(who, Method::POST, &format!("users/active/{username}"), json!({"action": action})).await
}

on_both_databases! {
    async fn a_user_is_made_changed_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let body = json!({"username": "kim", "password": PASSWORD, "role": "default"});
        let made = app.conduct(&admin, Method::PUT, "users", body).await;
        insta::assert_json_snapshot!("a_user", made.expect(201));
        for again in ["kim", "KIM"] {
            let body = json!({"username": again, "password": PASSWORD});
            assert_eq!(code(&app.conduct(&admin, Method::PUT, "users", body).await, 409), "conflict_error");
        }
        // The same person signs in to the other family, and may do nothing there.
        let state = app.log_in("kim").await.expect(200);
        assert_eq!((&state["email"], &state["permissions"]), (&json!("kim@localhost"), &json!([])));
        let promoted = change(&app, &admin, "kim", json!({"role": "sys_admin"})).await.expect(200);
        assert_eq!(promoted["role"], "sys_admin");
        let state = app.log_in("kim").await.expect(200);
        assert!(state["permissions"].as_array().unwrap().len() > 10);
        change(&app, &admin, "kim", json!({"role": "default"})).await.expect(200);

        let off = activate(&app, &admin, "kim", "deactivate").await.expect(200);
        assert_eq!(off["active"], false);
        assert_eq!(code(&activate(&app, &admin, "kim", "deactivate").await, 409), "conflict_error");
        assert_eq!(code(&app.conduct(&user("kim", ""), Method::GET, "user", Value::Null).await, 401), "unauthorized_error");
        app.log_in("kim").await.expect(401);
        activate(&app, &admin, "kim", "activate").await.expect(200);
        assert_eq!(code(&activate(&app, &admin, "kim", "activate").await, 409), "conflict_error");

        let place = json!({"username": "kim", "tenant_name": "default_tenant"});
        app.conduct(&admin, Method::PUT, "tenants/users", place.clone()).await.expect(200);
        app.conduct(&user("kim", "default_tenant"), Method::PUT, "sites/x", json!({})).await.expect(200);
        let remove = async || app.conduct(&admin, Method::DELETE, "users/kim", Value::Null).await;
        assert_eq!(code(&remove().await, 409), "conflict_error");
        app.conduct(&admin, Method::DELETE, "tenants/users", place).await.expect(204);
        assert_eq!(code(&remove().await, 409), "conflict_error", "there is a site of theirs");
        app.conduct(&self::admin(), Method::DELETE, "sites/x", Value::Null).await.expect(204);
        remove().await.expect(204);
        assert_eq!(code(&remove().await, 404), "not_found_error");
    }

    async fn everybody_of_the_account_is_a_user(flavor) {
        let app = app!(flavor);
        let admin = admin();
        app.person_with_roles("lee", &["Auditor"]).await;
        app.tenant("north").await;
        let kim = app.member("kim", "north", Role::User).await;
        app.conduct(&admin, Method::POST, "user-groups", json!({"group_name": "crew", "role": "default"})).await.expect(201);
        app.conduct(&admin, Method::PUT, "user-groups/users", json!({"group_name": "crew", "username": "kim"})).await.expect(200);
        let place = json!({"group_name": "crew", "tenant_name": "north", "role": "viewer"});
        app.conduct(&admin, Method::PUT, "tenants/user-groups", place).await.expect(200);
        let list = app.conduct(&admin, Method::GET, "users", Value::Null).await.expect(200);
        insta::assert_json_snapshot!("users_counted", list);
        let full = app.conduct(&admin, Method::GET, "users/kim?_get_data=true", Value::Null).await.expect(200);
        insta::assert_json_snapshot!("a_user_with_their_places", full);
        let mine = app.conduct(&kim, Method::GET, "user?_get_data=true", Value::Null).await.expect(200);
        assert_eq!(mine["tenants"], full["tenants"]);
        let usernames = async |query: &str| app.each(&admin, &format!("users?{query}"), "username").await;
        assert_eq!(usernames("_sort=-username").await, ["lee", "kim", "admin"]);
        assert_eq!(usernames("username=KIM&username=Lee").await, ["kim", "lee"]);
        assert_eq!(usernames("_search=E").await, ["lee"]);
        assert_eq!(usernames("role=default&_sort=role").await, ["lee", "kim"]);
        assert_eq!(usernames("active=False").await, Vec::<String>::new());
        assert_eq!(usernames("_size=1&_offset=1").await, ["kim"]);
        for path in ["users", "users/lee", "user-groups", "user-groups/crew"] {
            assert_eq!(code(&app.conduct(&kim, Method::GET, path, Value::Null).await, 403), "forbidden_error", "{path}");
        }
    }

    async fn everybody_may_change_their_own_password_and_no_more(flavor) {
        let app = app!(flavor);
        let kim = make(&app, "kim", "default").await;
        app.nobody("lee").await;
        let flag = change(&app, &kim, "kim", json!({"show_getting_started": "False"})).await.expect(200);
        assert_eq!(flag["show_getting_started"], false);
        for (username, body) in [
            ("lee", json!({"password": "another password"})),
            ("nobody", json!({"password": "another password"})),
            ("lee", json!({"show_getting_started": true})),
            ("kim", json!({"role": "sys_admin"})),
            ("kim", json!({"role": "default"})),
        ] {
            assert_eq!(code(&change(&app, &kim, username, body).await, 403), "forbidden_error");
        }
        change(&app, &kim, "kim", json!({"password": "another password"})).await.expect(200);
        assert_eq!(code(&app.conduct(&kim, Method::GET, "user", Value::Null).await, 401), "unauthorized_error");
        let basic = format!("Basic {}", encode("kim:another password"));
        let again = kim.with("authorization", &basic);
        app.conduct(&again, Method::GET, "user", Value::Null).await.expect(200);
        for (body, faults) in [
            (json!({"password": "four"}), vec![("/password", "length")]),
            (json!({"password": PASSWORD, "role": "default"}), vec![("/role", "conflict")]),
            (json!({"role": "manager", "show_getting_started": 3}), vec![("/role", "choice"), ("/show_getting_started", "type")]),
        ] {
            let refused = change(&app, &admin(), "kim", body).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error");
            let found = refused.faults();
            let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
            assert_eq!(found, faults);
        }
        assert_eq!(code(&change(&app, &admin(), "kim", json!({})).await, 400), "bad_parameters_error");
        assert_eq!(code(&change(&app, &admin(), "none", json!({"role": "default"})).await, 404), "not_found_error");
    }

    async fn passwords_are_as_long_as_this_api_has_them(flavor) {
        let app = app!(flavor);
        let put = async |username: &str, password: &str| {
            app.conduct(&admin(), Method::PUT, "users", json!({"username": username, "password": password})).await
        };
        let signs_in = async |username: &str, password: &str| {
            let basic = format!("Basic {}", encode(&format!("{username}:{password}")));
            let who = user(username, "").with("authorization", &basic);
            app.conduct(&who, Method::GET, "user", Value::Null).await.expect(200);
            let body = json!({"identity": username, "password": password});
            app.post(&Client::default(), "login", body).await.expect(200);
        };
        // Characters count, not bytes.
        let (short, long) = ("äöüß!", "ß".repeat(256));
        for (username, password) in [("kim", short), ("lee", long.as_str())] {
            put(username, password).await.expect(201);
            signs_in(username, password).await;
        }
        change(&app, &admin(), "kim", json!({"password": long})).await.expect(200);
        signs_in("kim", &long).await;
        let own = user("kim", "").with("authorization", &format!("Basic {}", encode(&format!("kim:{long}"))));
        change(&app, &own, "kim", json!({"password": short})).await.expect(200);
        signs_in("kim", short).await;
        for wrong in ["", "four", &"a".repeat(257)] {
            for refused in [put("max", wrong).await, change(&app, &admin(), "kim", json!({"password": wrong})).await] {
                assert_eq!(code(&refused, 400), "bad_parameters_error");
                assert_eq!(refused.faults(), [("/password".into(), "length".into())]);
            }
        }
        signs_in("kim", short).await;
        // Whoever changes theirs by the other API keeps to its rule.
        let state = app.post(&Client::default(), "login", json!({"identity": "kim", "password": short})).await.expect(200);
        let bearer = Client { headers: vec![("authorization", format!("Bearer {}", state["token"].as_str().unwrap()))] };
        let own = app.put(&bearer, "password", json!({"password": short, "new_password": "1234567"})).await;
        assert_eq!((own.status.as_u16(), own.faults()), (400, vec![("/new_password".into(), "length".into())]));
        app.put(&bearer, "password", json!({"password": short, "new_password": "12345678"})).await.expect(204);
    }

    async fn what_has_no_value_is_more_than_everything(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for username in ["ann", "ben"] {
            let body = json!({"username": username, "password": PASSWORD, "last_login_at": "2020-01-01T00:00:00Z"});
            app.conduct(&admin, Method::PUT, "users", body).await.expect(201);
        }
        make(&app, "kim", "default").await;
        let names = async |sort: &str| app.each(&admin, &format!("users?_sort={sort}"), "username").await;
        assert_eq!(names("last_login_at,username").await, ["ann", "ben", "admin", "kim"]);
        assert_eq!(names("-last_login_at,username").await, ["kim", "admin", "ann", "ben"]);
        // The same of texts.
        for description in [json!({"description": "b"}), json!({}), json!({"description": "A"})] {
            app.conduct(&admin, Method::POST, "tokens", description).await.expect(200);
        }
        let described = async |sort: &str| -> Vec<Value> {
            app.items(&admin, &format!("tokens?_sort={sort}")).await.iter().map(|token| token["description"].clone()).collect()
        };
        assert_eq!(described("description").await, [json!("A"), json!("b"), Value::Null]);
        assert_eq!(described("-description").await, [Value::Null, json!("b"), json!("A")]);
    }

    async fn users_are_restored_as_they_were(flavor) {
        let app = app!(flavor);
        let admin = admin();
        make(&app, "kim", "default").await;
        let path = "users?_get_data=True&_include_hash=True&_include=username,role,tenant_roles,first_login_at,last_login_at,created_at";
        let dumped = app.items(&admin, path).await;
        let kim = dumped.iter().find(|user| user["username"] == "kim").unwrap();
        let hash = kim["password_hash"].as_str().unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        let body = json!({
            "username": "lee", "password": hash, "role": "default", "is_prehashed": true,
            "created_at": "2020-01-02T03:04:05.678Z", "first_login_at": "2020-01-03T00:00:00Z",
            "last_login_at": "2020-01-04T00:00:00Z",
        });
        let lee = app.conduct(&admin, Method::PUT, "users", body).await.expect(201);
        assert_eq!((&lee["created_at"], &lee["last_login_at"]), (&json!("2020-01-02T03:04:05.678Z"), &json!("2020-01-04T00:00:00.000Z")));
        let me = app.conduct(&user("lee", ""), Method::GET, "user", Value::Null).await.expect(200);
        assert_eq!((&me["first_login_at"], &me["last_login_at"]), (&json!("2020-01-03T00:00:00.000Z"), &json!("2026-11-21T08:00:00.000Z")));
        assert_eq!(me["password_hash"], Value::Null);
        for bad in ["$2b$12$abcdefghijklmnopqrstuv", "plain password", "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$k9ohroejZy1PN5E1SbHNPug6vB8eQAahb5SOAp6iGF4"] {
            let body = json!({"username": "max", "password": bad, "is_prehashed": "true"});
            let refused = app.conduct(&admin, Method::PUT, "users", body).await;
            assert_eq!(refused.faults(), [("/password".into(), "format".into())]);
        }
        let manager = app.member("ann", "default_tenant", Role::Manager).await;
        for permission in ["user_create", "user_list"] {
            app.conduct(&admin, Method::PUT, &format!("permissions/manager/{permission}"), Value::Null).await.expect(200);
        }
        let dated = json!({"username": "max", "password": PASSWORD, "created_at": "2020-01-01T00:00:00Z"});
        assert_eq!(code(&app.conduct(&manager, Method::PUT, "users", dated).await, 403), "forbidden_error");
        assert_eq!(code(&app.conduct(&manager, Method::GET, "users?_include_hash=true", Value::Null).await, 403), "forbidden_error");
        let hidden = app.items(&manager, "users?_include=password_hash").await;
        assert!(hidden.iter().all(|user| user["password_hash"].is_null()));
    }

    async fn what_is_wrong_with_a_user_is_said_at_its_place(flavor) {
        let app = app!(flavor);
        let body = json!({"username": "a b", "password": "x", "role": "user", "first_login_at": "never"});
        let refused = app.conduct(&admin(), Method::PUT, "users", body).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
        let faults = refused.faults();
        let places: Vec<_> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(places, ["/username", "/password", "/role", "/first_login_at"]);
        let refused = app.conduct(&admin(), Method::PUT, "users", json!({})).await;
        assert_eq!(refused.faults(), [("/username".into(), "required".into()), ("/password".into(), "required".into())]);
        let refused = activate(&app, &admin(), "admin", "sleep").await;
        assert_eq!(refused.faults(), [("/action".into(), "choice".into())]);
        for path in ["users/active/none", "users/unlock/none"] {
            let refused = app.conduct(&admin(), Method::POST, path, json!({"action": "activate"})).await;
            assert_eq!(code(&refused, 404), "not_found_error", "{path}");
        }
    }

    async fn an_address_that_somebody_has_is_not_given_again(flavor) {
        let app = app!(flavor);
        let taken = json!({"username": "x", "password": PASSWORD});
        app.conduct(&admin(), Method::PUT, "users", taken).await.expect(201);
        let mut conn = app.services.db.write().await.unwrap();
        let settings = binnacle::store::myself::Settings {
            name: "x".into(),
            email: "Kim@localhost".into(),
            timezone: "UTC".into(),
            preferred_account: None,
        };
        let id = person::id_of_username(&mut conn, app.account_id, "x").await.unwrap().unwrap();
        binnacle::store::myself::update(&mut conn, id, &settings).await.unwrap();
        conn.commit().await.unwrap();
        make(&app, "kim", "default").await;
        assert_eq!(app.log_in("kim").await.expect(200)["email"], "kim+2@localhost");
    }

    async fn every_change_is_in_the_audit_log_without_secrets(flavor) {
        let app = app!(flavor);
        let before = app.fingerprint().await.len();
        make(&app, "kim", "default").await;
        change(&app, &admin(), "kim", json!({"password": "a secret password"})).await.expect(200);
        app.conduct(&admin(), Method::POST, "tokens", json!({})).await.expect(200);
        app.conduct(&admin(), Method::POST, "tenants/north", json!({"rabbitmq_password": "hush hush"})).await.expect(201);
        let all = app.fingerprint().await;
        assert!(all.len() > before);
        let log: Vec<&String> = all.iter().filter(|row| row.starts_with("audit_entry:")).collect();
        for (table, count) in [("users", 2), ("tokens", 1), ("tenants", 1)] {
            let rows = log.iter().filter(|row| row.contains(&format!("'{table}'")) || row.contains(&format!(",{table},"))).count();
            assert_eq!(rows, count, "{table} {log:?}");
        }
        assert!(!log.iter().any(|row| row.contains("argon2") || row.contains("hush") || row.contains("a secret")), "{log:?}");
    }
}
