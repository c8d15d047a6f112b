//! Signing in through LDAP, against OpenLDAP's server: who gets in, as what, and what happens when
//! the directory changes or is away.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Method;
use binnacle::operation::conductor::directory::AT_ONCE;
use binnacle::store::person;
use binnacle_shared::model::conductor::role::Role;
use jiff::SignedDuration;
use ldap3::Mod;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Client, PASSWORD, Reply, encode};
use crate::app;
use crate::on_both_databases;
use crate::support::slapd::{Setup, Slapd, authority, free_port};

const DEV: &str = "cn=dev,ou=groups,dc=example,dc=org";
const TECH: &str = "cn=tech,ou=groups,dc=example,dc=org";
const ALICE: &str = "uid=alice,ou=users,dc=example,dc=org";

fn body(url: &str, changes: Value) -> Value {
    let mut body = json!({
        "ldap_server": url,
        "ldap_domain": "example.org",
        "ldap_attribute_email": "mail",
        "ldap_username": "cn=lookup,dc=example,dc=org",
        "ldap_password": "lookup-secret",
    });
    let Value::Object(mut changes) = changes else { panic!("not an object") };
    body.as_object_mut().unwrap().append(&mut changes);
    body
}

/// Somebody with the password that they have in the directory.
fn theirs(username: &str, tenant: &str) -> User {
    with_password(username, &format!("{username}-secret"), tenant)
}

fn with_password(username: &str, password: &str, tenant: &str) -> User {
    user(username, tenant).with("authorization", &format!("Basic {}", encode(&format!("{username}:{password}"))))
}

impl App {
    async fn use_ldap(&self, slapd: &Slapd) {
        self.conduct(&admin(), Method::POST, "ldap", body(&slapd.url, json!({}))).await.expect(200);
    }

    async fn ldap_status(&self) -> Value {
        self.conduct(&admin(), Method::GET, "ldap", Value::Null).await.expect(200)
    }

    /// A group that stands for one of the directory; with a role in a tenant if one is given.
    async fn mapped(&self, name: &str, dn: &str, role: &str, place: Option<(&str, &str)>) {
        let group = json!({"group_name": name, "ldap_group_dn": dn, "role": role});
        self.conduct(&admin(), Method::POST, "user-groups", group).await.expect(201);
        if let Some((tenant, role)) = place {
            let member = json!({"tenant_name": tenant, "group_name": name, "role": role});
            self.conduct(&admin(), Method::PUT, "tenants/user-groups", member).await.expect(200);
        }
    }

    async fn sites(&self, user: &User) -> Reply {
        self.conduct(user, Method::GET, "sites", Value::Null).await
    }

    /// The console's login, from an address of its own.
    async fn console(&self, address: &str, identity: &str, password: &str) -> Reply {
        let body = json!({"identity": identity, "password": password}).to_string();
        self.from(address, &Client::default(), Method::POST, "/api/v2/login", body).await
    }

    async fn usernames(&self) -> HashSet<String> {
        let mut conn = self.services.db.read().await.unwrap();
        let people = person::list(&mut conn, self.account_id).await.unwrap();
        people.into_iter().map(|person| person.username).collect()
    }

    /// Beyond the time for which passwords are remembered.
    fn wait(&self) {
        self.clock.advance(SignedDuration::from_mins(6));
    }
}

on_both_databases! {
    async fn a_directory_is_tried_before_it_is_used(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        let before = app.fingerprint().await;
        let nowhere = body(&format!("ldap://127.0.0.1:{}", free_port()), json!({}));
        for path in ["ldap", "ldap/test"] {
            let away = app.conduct(&admin(), Method::POST, path, nowhere.clone()).await;
            assert_eq!(code(&away, 500), "not_running_ldap_server");
            let wrong = body(&slapd.url, json!({"ldap_password": "guessed-secret"}));
            let wrong = app.conduct(&admin(), Method::POST, path, wrong).await;
            assert_eq!(code(&wrong, 400), "bad_parameters_error");
            assert_eq!(wrong.faults(), [("/ldap_username".to_owned(), "refused".to_owned())]);
            assert!(!wrong.text.contains("guessed-secret"));
            let base = body(&slapd.url, json!({"ldap_base_dn": "ou=nowhere,dc=example,dc=org"}));
            let base = app.conduct(&admin(), Method::POST, path, base).await;
            assert_eq!(base.faults(), [("/ldap_base_dn".to_owned(), "unknown".to_owned())]);
            let scheme = body("http://127.0.0.1", json!({"ldap_nested_levels": -1}));
            let scheme = app.conduct(&admin(), Method::POST, path, scheme).await;
            let places: Vec<String> = scheme.faults().into_iter().map(|(place, _)| place).collect();
            assert_eq!((scheme.status.as_u16(), places), (400, vec!["/ldap_server".into(), "/ldap_nested_levels".into()]));
        }
        let good = app.conduct(&admin(), Method::POST, "ldap/test", body(&slapd.url, json!({}))).await;
        assert_eq!(good.expect(200), json!({"reached": "account"}));
        assert_eq!(app.ldap_status().await, "disabled");
        let none = app.conduct(&admin(), Method::GET, "ldap/config", Value::Null).await;
        assert_eq!(code(&none, 404), "not_found_error");
        let group = json!({"group_name": "devs", "ldap_group_dn": DEV, "role": "default"});
        let early = app.conduct(&admin(), Method::POST, "user-groups", group).await;
        assert_eq!(early.faults(), [("/ldap_group_dn".to_owned(), "unavailable".to_owned())]);
        let stored = |lines: Vec<String>| -> Vec<String> {
            lines.into_iter().filter(|line| !line.starts_with("person") && !line.starts_with("event")).collect()
        };
        assert_eq!(stored(before), stored(app.fingerprint().await));
    }

    async fn a_group_of_the_directory_is_one_however_it_is_written(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        app.mapped("devs", r"cn=Dev\2c all,ou=groups,dc=example,dc=org", "default", None).await;
        let make = async |dn: &str| {
            let group = json!({"group_name": "others", "ldap_group_dn": dn, "role": "default"});
            app.conduct(&admin(), Method::POST, "user-groups", group).await
        };
        for same in [
            r"cn=Dev\2c all,ou=groups,dc=example,dc=org",
            r"CN=dev\, ALL,OU=Groups,DC=Example,DC=Org",
            r"cn = Dev\2C all , ou=groups;dc=example, dc=org",
            r#"cn="Dev, all",ou=groups,dc=example,dc=org"#,
        ] {
            assert_eq!(code(&make(same).await, 409), "conflict_error", "{same}");
        }
        make(r"cn=Größe,ou=GRÖSSEN,dc=example,dc=org").await.expect(201);
        let found = app.each(&admin(), "user-groups?ldap_dn=cn%3DGr%C3%B6%C3%9Fe%2Cou%3DGR%C3%96SSEN%2Cdc%3Dexample%2Cdc%3Dorg", "name").await;
        assert_eq!(found, ["others"]);
    }

    async fn the_password_for_lookups_is_never_given_again(flavor) {
        let app = app!(flavor);
        let lee = app.member("lee", "default_tenant", Role::Manager).await;
        let slapd = Slapd::start();
        for (method, path) in [(Method::POST, "ldap"), (Method::POST, "ldap/test"), (Method::DELETE, "ldap"), (Method::GET, "ldap/config")] {
            let reply = app.conduct(&lee, method, path, body(&slapd.url, json!({}))).await;
            assert_eq!(code(&reply, 403), "forbidden_error", "{path}");
        }
        assert_eq!(app.conduct(&lee, Method::GET, "ldap", Value::Null).await.expect(200), "disabled");

        let set = app.conduct(&admin(), Method::POST, "ldap", body(&slapd.url, json!({"ldap_dn_extra": ""}))).await;
        assert_eq!(set.expect(200)["ldap_server"], slapd.url);
        assert_eq!(set.expect(200)["ldap_is_active_directory"], false);
        assert_eq!(set.expect(200)["ldap_dn_extra"], Value::Null);
        assert_eq!(app.ldap_status().await, "enabled");
        let read = app.conduct(&admin(), Method::GET, "ldap/config", Value::Null).await;
        assert_eq!(read.expect(200), set.expect(200));
        assert_eq!(read.expect(200)["ldap_username"], "cn=lookup,dc=example,dc=org");
        let stored = app.fingerprint().await.join("\n");
        for text in [&set.text, &read.text, &stored] {
            assert!(!text.contains("lookup-secret"), "{text}");
        }
        assert!(!set.text.contains("ldap_password"));
        // Databases write quotation marks in rows in their own ways.
        assert!(stored.replace('"', "").contains("ldap_password:********"), "not in the audit log");
    }

    async fn people_of_the_directory_sign_in_by_every_way(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        app.tenant("north").await;
        app.mapped("devs", DEV, "default", Some(("north", "user"))).await;

        let alice = theirs("alice", "north");
        app.conduct(&alice, Method::PUT, "sites/berlin", json!({})).await.expect(200);
        let me = app.conduct(&alice, Method::GET, "user?_get_data=true", Value::Null).await.expect(200);
        assert_eq!((&me["username"], &me["role"], &me["groups"]), (&json!("alice"), &json!("default"), &json!(["devs"])));
        assert_eq!(me["tenants"], json!({"north": {"tenant-role": null, "roles": ["user"]}}));

        let state = app.console("192.0.2.1", "alice", "alice-secret").await.expect(200);
        assert_eq!((&state["name"], &state["email"]), (&json!("Alice Ahlers"), &json!("alice@example.org")));
        // By the address that the directory gave.
        app.console("192.0.2.1", "alice@example.org", "alice-secret").await.expect(200);
        // Bob has neither an address nor a group.
        let bob = app.console("192.0.2.1", "bob", "bob-secret").await.expect(200);
        assert_eq!((&bob["name"], &bob["email"]), (&json!("Berg"), &json!("bob@localhost")));
        assert_eq!(code(&app.sites(&theirs("bob", "north")).await, 403), "forbidden_error");
        // As the directory writes the name, and no second person.
        app.sites(&with_password("ALICE", "alice-secret", "north")).await.expect(200);
        assert_eq!(app.usernames().await, ["admin", "alice", "bob"].map(str::to_owned).into());

        let stored = app.fingerprint().await;
        assert!(!stored.join("\n").contains("alice-secret"));
        let joined = |line: &String| {
            line.starts_with("audit_entry") && line.replace('"', "").contains("{group:devs,username:alice}")
        };
        assert!(stored.iter().any(joined), "{stored:#?}");
        // The first administrator never needs the directory.
        app.sites(&admin()).await.expect(200);
    }

    async fn groups_follow_the_directory_at_each_sign_in(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        app.tenant("north").await;
        app.tenant("south").await;
        // However the name of a group is written.
        app.mapped("devs", "CN=Dev, OU=Groups, DC=example, DC=org", "default", Some(("north", "viewer"))).await;
        app.mapped("techs", TECH, "sys_admin", Some(("south", "manager"))).await;
        app.mapped("others", "cn=others,ou=groups,dc=example,dc=org", "default", Some(("south", "user"))).await;
        let (north, south) = (theirs("alice", "north"), theirs("alice", "south"));
        app.sites(&north).await.expect(200);
        let refused = app.conduct(&north, Method::PUT, "sites/berlin", json!({})).await;
        assert_eq!(code(&refused, 403), "forbidden_error");
        assert_eq!(code(&app.sites(&south).await, 403), "forbidden_error");

        let alice = || HashSet::from([ALICE]);
        slapd.change(async |ldap| ldap.modify(TECH, vec![Mod::Add("uniqueMember", alice())]).await).await;
        slapd.change(async |ldap| ldap.modify(DEV, vec![Mod::Delete("uniqueMember", alice())]).await).await;
        // Not before the next time that the directory is asked.
        assert_eq!(code(&app.sites(&south).await, 403), "forbidden_error");
        app.wait();
        app.conduct(&south, Method::PUT, "sites/rome", json!({})).await.expect(200);
        let user = app.conduct(&admin(), Method::GET, "users/alice?_get_data=true", Value::Null).await.expect(200);
        assert_eq!((&user["groups"], &user["group_system_roles"]), (&json!(["techs"]), &json!({"sys_admin": ["techs"]})));
        // Of the group that makes an administrator.
        app.conduct(&south, Method::GET, "ldap/config", Value::Null).await.expect(200);

        slapd.change(async |ldap| ldap.modify(TECH, vec![Mod::Delete("uniqueMember", alice())]).await).await;
        app.console("192.0.2.1", "alice", "alice-secret").await.expect(200);
        // At once, also for what was opened before.
        assert_eq!(code(&app.sites(&south).await, 403), "forbidden_error");
        let user = app.conduct(&admin(), Method::GET, "users/alice?_get_data=true", Value::Null).await.expect(200);
        assert_eq!((&user["groups"], &user["tenants"]), (&json!([]), &json!({})));
    }

    async fn name_and_address_follow_the_directory(flavor) {
        let app = app!(flavor);
        app.nobody("kim").await;
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        app.console("192.0.2.1", "alice", "alice-secret").await.expect(200);
        let set = async |name: &'static str, value: &'static str| {
            slapd.change(async |ldap| ldap.modify(ALICE, vec![Mod::Replace(name, HashSet::from([value]))]).await).await;
            let state = app.console("192.0.2.1", "alice", "alice-secret").await.expect(200);
            (state["name"].as_str().unwrap().to_owned(), state["email"].as_str().unwrap().to_owned())
        };
        let alice = |name: &str, email: &str| (name.to_owned(), email.to_owned());
        assert_eq!(set("sn", "Adler").await, alice("Alice Adler", "alice@example.org"));
        assert_eq!(set("mail", "Adler@example.org").await, alice("Alice Adler", "adler@example.org"));
        // Whose address it is by now stays known by it.
        assert_eq!(set("mail", "admin@localhost").await, alice("Alice Adler", "adler@example.org"));
        assert_eq!(set("mail", "kim@example.com").await, alice("Alice Adler", "adler@example.org"));
        assert_eq!(set("mail", "no address").await, alice("Alice Adler", "adler@example.org"));
    }

    async fn the_directory_decides_and_only_the_first_administrator_does_without(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        let alice = app.nobody("alice").await;
        app.nobody("kim").await;
        app.sites(&user("alice", "")).await;
        app.use_ldap(&slapd).await;
        let entry = vec![
            ("objectClass", HashSet::from(["inetOrgPerson"])),
            ("uid", HashSet::from(["Admin"])),
            ("cn", HashSet::from(["Not the first"])),
            ("sn", HashSet::from(["Admin"])),
            ("userPassword", HashSet::from(["Admin-secret"])),
        ];
        slapd.change(async |ldap| ldap.add("uid=Admin,ou=users,dc=example,dc=org", entry).await).await;

        // A password of before opens nothing, whether the directory knows the name or not.
        for name in ["alice", "kim"] {
            let reply = app.conduct(&user(name, ""), Method::GET, "user", Value::Null).await;
            assert_eq!(code(&reply, 401), "unauthorized_error");
            assert_eq!(app.console("192.0.2.2", name, PASSWORD).await.status.as_u16(), 401);
        }
        // The person that there was goes on.
        app.conduct(&theirs("alice", ""), Method::GET, "user", Value::Null).await.expect(200);
        let mut conn = app.services.db.read().await.unwrap();
        let linked = person::by_id(&mut conn, alice).await.unwrap().unwrap();
        drop(conn);
        assert_eq!((linked.username.as_str(), linked.password_hash), ("alice", None));

        // Nobody becomes the first administrator by a name.
        for (name, password) in [("Admin", "Admin-secret"), ("ADMIN", "Admin-secret"), ("admin", "Admin-secret")] {
            assert_eq!(code(&app.sites(&with_password(name, password, "default_tenant")).await, 401), "unauthorized_error");
        }
        app.sites(&admin()).await.expect(200);
        app.console("192.0.2.3", "admin", PASSWORD).await.expect(200);

        // Who is locked out here stays out, with the right password too.
        let inactive = json!({"action": "deactivate"});
        app.conduct(&admin(), Method::POST, "users/active/alice", inactive).await.expect(200);
        assert_eq!(code(&app.sites(&theirs("alice", "")).await, 401), "unauthorized_error");
        assert_eq!(app.console("192.0.2.4", "alice", "alice-secret").await.status.as_u16(), 401);
        // What cannot be a user name here is said to whom it concerns.
        let odd = app.console("192.0.2.4", "odd, name*(x)\\+", "odd-secret").await;
        assert_eq!((odd.status.as_u16(), &odd.json()["error"]), (403, &json!("UserNameNotUsable")));
        let odd = with_password("odd, name*(x)\\+", "odd-secret", "");
        assert_eq!(code(&app.conduct(&odd, Method::GET, "user", Value::Null).await, 403), "forbidden_error");
        assert_eq!(app.usernames().await, ["admin", "alice", "kim"].map(str::to_owned).into());
    }

    async fn what_is_no_name_finds_nobody(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        let names = [
            "*",
            "al*",
            "alice)(uid=*",
            "*)(|(uid=*",
            "alice,ou=users,dc=example,dc=org",
            "\\61lice",
            "alice\0",
            "{username}",
            "' OR 1=1 --",
        ];
        for (number, name) in names.iter().enumerate() {
            let reply = app.sites(&with_password(name, "alice-secret", "default_tenant")).await;
            assert_eq!(code(&reply, 401), "unauthorized_error", "{name}");
            let address = format!("192.0.2.{number}");
            // No text of the v2 API holds a NUL.
            let status = if name.contains('\0') { 400 } else { 401 };
            assert_eq!(app.console(&address, name, "alice-secret").await.status.as_u16(), status, "{name}");
            app.wait();
        }
        for password in ["", "\0", "alice-secre", "bob-secret"] {
            let reply = app.sites(&with_password("alice", password, "default_tenant")).await;
            assert_eq!(code(&reply, 401), "unauthorized_error", "{password}");
            app.wait();
        }
        assert_eq!(app.usernames().await, ["admin".to_owned()].into());
        // Wrong passwords are slowed down as they are without a directory.
        let mut last = 0;
        for _ in 0..11 {
            last = app.console("192.0.2.200", "alice", "wrong").await.status.as_u16();
        }
        assert_eq!(last, 429);
    }

    async fn a_directory_that_is_away_is_said_and_nobody_is_to_blame(flavor) {
        let app = app!(flavor);
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        app.conduct(&theirs("alice", ""), Method::GET, "user", Value::Null).await.expect(200);
        drop(slapd);
        // Remembered for a while.
        app.conduct(&theirs("alice", ""), Method::GET, "user", Value::Null).await.expect(200);
        app.wait();
        // More often than wrong passwords would be taken.
        for _ in 0..15 {
            let reply = app.conduct(&theirs("alice", ""), Method::GET, "user", Value::Null).await;
            assert_eq!(code(&reply, 503), "not_running_ldap_server");
            let reply = app.console("192.0.2.1", "alice", "alice-secret").await;
            assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (503, &json!("DirectoryUnavailable")));
        }
        let stored = app.fingerprint().await.join("\n");
        assert!(!stored.contains("Failed to sign in"), "{stored}");
        app.conduct(&admin(), Method::GET, "user", Value::Null).await.expect(200);
        app.console("192.0.2.1", "admin", PASSWORD).await.expect(200);
    }

    async fn ldaps_trusts_the_given_authority_alone(flavor) {
        let app = app!(flavor);
        let (certificate, tls) = authority("127.0.0.1");
        let slapd = Slapd::with(&Setup { tls: Some(tls), ..Setup::default() });
        let missing = app.conduct(&admin(), Method::POST, "ldap", body(&slapd.url, json!({}))).await;
        assert_eq!(missing.faults(), [("/ldap_ca_cert".to_owned(), "required".to_owned())]);
        let (other, _) = authority("127.0.0.1");
        let other = app.conduct(&admin(), Method::POST, "ldap", body(&slapd.url, json!({"ldap_ca_cert": other}))).await;
        assert_eq!(other.faults(), [("/ldap_ca_cert".to_owned(), "untrusted".to_owned())]);
        assert_eq!(app.ldap_status().await, "disabled");
        let good = body(&slapd.url, json!({"ldap_ca_cert": certificate}));
        app.conduct(&admin(), Method::POST, "ldap", good).await.expect(200);
        app.conduct(&theirs("alice", ""), Method::GET, "user", Value::Null).await.expect(200);
        let wrong = app.conduct(&with_password("alice", "bob-secret", ""), Method::GET, "user", Value::Null).await;
        assert_eq!(code(&wrong, 401), "unauthorized_error");
    }

    async fn a_change_of_the_directory_ends_what_it_let_in(flavor) {
        let app = app!(flavor);
        app.nobody("kim").await;
        let (kim, _) = app.browser("kim").await;
        let (first, _) = app.browser("admin").await;
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        let me = async |client: &Client| app.get(client, "me").await.expect(200);
        assert_eq!(me(&kim).await, json!({}));
        assert_eq!(me(&first).await["email"], "admin@localhost");

        let alice = theirs("alice", "");
        app.conduct(&alice, Method::GET, "user", Value::Null).await.expect(200);
        // The same again changes nothing.
        app.use_ldap(&slapd).await;
        let filter = json!({"ldap_user_filter": "(&(uid={username})(employeeType=contractor))"});
        app.conduct(&admin(), Method::POST, "ldap", body(&slapd.url, filter)).await.expect(200);
        assert_eq!(code(&app.conduct(&alice, Method::GET, "user", Value::Null).await, 401), "unauthorized_error");
        let bob = theirs("bob", "");
        app.conduct(&bob, Method::GET, "user", Value::Null).await.expect(200);

        app.conduct(&admin(), Method::DELETE, "ldap", Value::Null).await.expect(204);
        assert_eq!(app.ldap_status().await, "disabled");
        let gone = app.conduct(&admin(), Method::DELETE, "ldap", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
        assert_eq!(code(&app.conduct(&bob, Method::GET, "user", Value::Null).await, 401), "unauthorized_error");
        // Who has a password here has it again; who has none gets one.
        app.conduct(&user("kim", ""), Method::GET, "user", Value::Null).await.expect(200);
        app.conduct(&admin(), Method::POST, "users/bob", json!({"password": PASSWORD})).await.expect(200);
        app.conduct(&user("bob", ""), Method::GET, "user", Value::Null).await.expect(200);
    }

    async fn what_the_directory_decides_is_not_changed_here(flavor) {
        let app = app!(flavor);
        app.nobody("kim").await;
        let slapd = Slapd::start();
        app.use_ldap(&slapd).await;
        app.mapped("devs", DEV, "default", None).await;
        let illegal = async |user: &User, method: Method, path: &str, body: Value| {
            let reply = app.conduct(user, method, path, body).await;
            assert_eq!(code(&reply, 400), "illegal_action_error", "{path}");
        };
        let new = json!({"username": "new", "password": PASSWORD});
        illegal(&admin(), Method::PUT, "users", new).await;
        let member = json!({"username": "kim", "group_name": "devs"});
        illegal(&admin(), Method::PUT, "user-groups/users", member.clone()).await;
        illegal(&admin(), Method::DELETE, "user-groups/users", member).await;
        let change = json!({"password": "another password"});
        illegal(&admin(), Method::POST, "users/kim", change.clone()).await;
        illegal(&theirs("alice", ""), Method::POST, "users/alice", change.clone()).await;

        let state = app.console("192.0.2.1", "alice", "alice-secret").await.expect(200);
        let token = format!("Bearer {}", state["token"].as_str().unwrap());
        let alice = Client { headers: vec![("authorization", token)] };
        let own = json!({"password": "alice-secret", "new_password": "another password"});
        let own = app.put(&alice, "password", own).await;
        assert_eq!((own.status.as_u16(), &own.json()["error"]), (403, &json!("PasswordInDirectory")));
        let first = app.admin().await;
        let invited = app.post(&first, "invitations", json!({"name": "New", "email": "new@example.com"})).await;
        assert_eq!((invited.status.as_u16(), &invited.json()["error"]), (409, &json!("PeopleInDirectory")));
        // The first administrator's password is here.
        app.conduct(&admin(), Method::POST, "users/admin", change).await.expect(200);
        app.console("192.0.2.1", "admin", "another password").await.expect(200);
    }

    async fn a_directory_that_hangs_does_not_hold_up_the_server(flavor) {
        let app = Arc::new(app!(flavor));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("ldap://{}", listener.local_addr().unwrap());
        // It answered when it was configured.
        let config = json!({"config": {"ldap_server": url, "ldap_is_active_directory": false, "ldap_base_dn": "dc=x"}, "password": null});
        let mut conn = app.services.db.write().await.unwrap();
        binnacle::store::account::set_setting(&mut conn, binnacle::store::conductor::ldap::SETTING, &config.to_string()).await.unwrap();
        conn.commit().await.unwrap();

        let (release, released) = watch::channel(false);
        let full = Arc::new(Notify::new());
        let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let server = {
            let (full, open, most) = (Arc::clone(&full), Arc::clone(&open), Arc::clone(&most));
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    if now >= AT_ONCE {
                        full.notify_one();
                    }
                    let (open, mut released) = (Arc::clone(&open), released.clone());
                    tokio::spawn(async move {
                        let _ = released.wait_for(|released| *released).await;
                        open.fetch_sub(1, Ordering::SeqCst);
                        drop(stream);
                    });
                }
            }
        };
        let server = tokio::spawn(server);
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..AT_ONCE * 2 {
            let app = Arc::clone(&app);
            waiting.spawn(async move {
                app.console(&format!("192.0.2.{number}"), &format!("user{number}"), "secret").await.status.as_u16()
            });
        }
        full.notified().await;
        app.console("198.51.100.1", "admin", PASSWORD).await.expect(200);
        release.send(true).unwrap();
        while let Some(status) = waiting.join_next().await {
            assert_eq!(status.unwrap(), 503);
        }
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
        server.abort();
    }
}
