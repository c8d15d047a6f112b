//! Secrets: the life of one, who sees a value, who may change it, and what is written down of it.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::api::app::{App, Reply};
use crate::app;
use crate::on_both_databases;

async fn put(app: &App, user: &User, key: &str, body: Value) -> Reply {
    app.conduct(user, Method::PUT, &format!("secrets/{key}"), body).await
}

async fn patch(app: &App, user: &User, key: &str, body: Value) -> Reply {
    app.conduct(user, Method::PATCH, &format!("secrets/{key}"), body).await
}

async fn get(app: &App, user: &User, key: &str) -> Reply {
    app.conduct(user, Method::GET, &format!("secrets/{key}"), Value::Null).await
}

/// The lines of the audit log about secrets, as they are stored.
async fn audited(app: &App, operation: &str) -> Vec<String> {
    let all = app.fingerprint().await;
    let of_log = all.into_iter().filter(|line| line.starts_with("audit_entry") && line.contains("secrets"));
    of_log.filter(|line| line.contains(operation)).collect()
}

/// All that is stored, but when people signed in.
async fn stored(app: &App) -> Vec<String> {
    app.fingerprint().await.into_iter().filter(|line| !line.starts_with("person:")).collect()
}

on_both_databases! {
    async fn a_secret_is_made_read_changed_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let body = json!({"value": "open sesame", "visibility": "private"});
        let mut made = put(&app, &admin, "door", body).await.expect(200);
        let sealed = made["value"].as_str().unwrap();
        assert!(sealed.starts_with("x1:") && !sealed.contains("sesame"), "{sealed}");
        made["value"] = json!("[sealed]");
        insta::assert_json_snapshot!("a_secret_that_was_made", made);
        let read = get(&app, &admin, "door").await.expect(200);
        insta::assert_json_snapshot!("a_secret", read);
        let list = app.conduct(&admin, Method::GET, "secrets", Value::Null).await.expect(200);
        insta::assert_json_snapshot!("a_list_of_secrets", list);

        app.clock.advance(jiff::SignedDuration::from_secs(60));
        let changed = patch(&app, &admin, "door", json!({"value": "shut", "visibility": "tenant"})).await.expect(200);
        assert_eq!((&changed["visibility"], &changed["updated_at"]), (&json!("tenant"), &json!("2026-11-21T08:01:00.000Z")));
        assert_eq!(get(&app, &admin, "door").await.expect(200)["value"], "shut");
        let widened = app.conduct(&admin, Method::PATCH, "secrets/door/set-visibility", json!({"visibility": "global"})).await;
        assert_eq!(widened.expect(200)["visibility"], "global");
        assert_eq!(get(&app, &admin, "door").await.expect(200)["value"], "shut");

        // What is not asked for is not looked at.
        let looks = audited(&app, "read").await.len();
        let skipped = get(&app, &admin, "door?_skip_value=True").await.expect(200);
        assert!(skipped.get("value").is_none(), "{skipped}");
        assert_eq!(get(&app, &admin, "door?_include=key").await.expect(200), json!({"key": "door"}));
        assert_eq!(audited(&app, "read").await.len(), looks);

        // Nothing readable is stored, in the log neither.
        for text in ["sesame", "shut"] {
            let found: Vec<_> = app.fingerprint().await.into_iter().filter(|line| line.contains(text)).collect();
            assert!(found.is_empty(), "{found:?}");
        }
        app.conduct(&admin, Method::DELETE, "secrets/door", Value::Null).await.expect(204);
        assert_eq!(code(&get(&app, &admin, "door").await, 404), "not_found_error");
        assert_eq!(audited(&app, "delete").await.len(), 1);
    }

    async fn each_look_at_a_value_is_written_down(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        let kim = app.member("kim", "north", Role::Viewer).await;
        put(&app, &user("admin", "north"), "a", json!({"value": "v"})).await.expect(200);
        // From here on the password is remembered, so that all ask at once.
        assert!(get(&app, &kim, "a?_skip_value=true").await.expect(200).get("value").is_none());
        // Many at once share a transaction, and each has a line.
        let looks = (0..20).map(|_| get(&app, &kim, "a"));
        for reply in futures::future::join_all(looks).await {
            assert_eq!(reply.expect(200)["value"], "v");
        }
        let lines = audited(&app, "read").await;
        assert_eq!(lines.len(), 20, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains("kim") && line.contains("north")), "{lines:?}");
        // Who sees no value leaves no line.
        put(&app, &user("admin", "north"), "b", json!({"value": "v", "is_hidden_value": true})).await.expect(200);
        assert_eq!(get(&app, &kim, "b").await.expect(200)["value"], "");
        assert_eq!(audited(&app, "read").await.len(), 20);
    }

    async fn a_hidden_value_is_for_its_maker_and_administrators(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        app.tenant("south").await;
        let kim = app.member("kim", "north", Role::User).await;
        let ann = app.member("ann", "north", Role::User).await;
        let lee = app.member("lee", "north", Role::Manager).await;
        let max = app.member("max", "south", Role::Manager).await;
        put(&app, &kim, "h", json!({"value": "v", "is_hidden_value": true})).await.expect(200);
        for (user, value) in [(&kim, "v"), (&lee, "v"), (&user("admin", "north"), "v"), (&ann, "")] {
            assert_eq!(get(&app, user, "h").await.expect(200)["value"], value);
        }
        for body in [json!({"value": "w"}), json!({"is_hidden_value": false}), json!({"visibility": "tenant"})] {
            assert_eq!(code(&patch(&app, &ann, "h", body).await, 403), "forbidden_error");
        }
        let over = json!({"value": "w", "update_if_exists": true});
        assert_eq!(code(&put(&app, &ann, "h", over.clone()).await, 403), "forbidden_error");
        let gone = app.conduct(&ann, Method::DELETE, "secrets/h", Value::Null).await;
        assert_eq!(code(&gone, 403), "forbidden_error");
        let seen = app.conduct(&ann, Method::PATCH, "secrets/h/set-visibility", json!({"visibility": "tenant"})).await;
        assert_eq!(code(&seen, 403), "forbidden_error");
        // Others cannot hide what is not theirs either.
        put(&app, &kim, "o", json!({"value": "v"})).await.expect(200);
        assert_eq!(code(&patch(&app, &ann, "o", json!({"is_hidden_value": true})).await, 403), "forbidden_error");
        patch(&app, &ann, "o", json!({"value": "w"})).await.expect(200);

        // What updates a hidden one does not show it by the way.
        put(&app, &kim, "h", over).await.expect(200);
        assert_eq!(get(&app, &kim, "h").await.expect(200)["value"], "w");
        assert_eq!(get(&app, &ann, "h").await.expect(200)["value"], "");
        patch(&app, &lee, "h", json!({"is_hidden_value": "False"})).await.expect(200);
        assert_eq!(get(&app, &ann, "h").await.expect(200)["value"], "w");

        // To administer one tenant opens nothing of another.
        let body = json!({"value": "g", "is_hidden_value": true, "visibility": "global"});
        put(&app, &user("admin", "north"), "g", body).await.expect(200);
        assert_eq!(get(&app, &max, "g").await.expect(200)["value"], "");
        assert_eq!(get(&app, &lee, "g").await.expect(200)["value"], "g");
        assert_eq!(code(&patch(&app, &max, "g", json!({"value": "x"})).await, 400), "illegal_action_error");
        assert_eq!(code(&get(&app, &max, "h").await, 404), "not_found_error");
        let theft = json!({"value": "x", "update_if_exists": true});
        assert_eq!(code(&put(&app, &max, "g", theft).await, 400), "illegal_action_error");
    }

    async fn a_secret_is_given_away(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        let kim = app.member("kim", "north", Role::User).await;
        let lee = app.member("lee", "north", Role::Manager).await;
        put(&app, &kim, "a", json!({"value": "v", "visibility": "private", "is_hidden_value": true})).await.expect(200);
        assert_eq!(code(&patch(&app, &kim, "a", json!({"creator": "lee"})).await, 403), "forbidden_error");
        let unknown = patch(&app, &user("admin", "north"), "a", json!({"creator": "nobody"})).await;
        assert_eq!(code(&unknown, 400), "bad_parameters_error");
        assert_eq!(unknown.faults(), [("/creator".to_owned(), "unknown".to_owned())]);
        let given = patch(&app, &user("admin", "north"), "a", json!({"creator": "lee"})).await.expect(200);
        assert_eq!(given["created_by"], "lee");
        assert_eq!(get(&app, &lee, "a").await.expect(200)["value"], "v");
        assert_eq!(code(&get(&app, &kim, "a").await, 404), "not_found_error");
    }

    async fn a_value_fits_its_schema(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let schema = json!({"type": "object", "properties": {"port": {"type": "integer"}}, "required": ["port"]});
        let body = json!({"value": "{\"port\": 1}", "schema": schema});
        let made = put(&app, &admin, "a", body.clone()).await.expect(200);
        assert_eq!(made["schema"], schema);
        assert_eq!(get(&app, &admin, "a").await.expect(200)["value"], json!({"port": 1}));
        patch(&app, &admin, "a", json!({"value": {"port": 2}})).await.expect(200);
        assert_eq!(get(&app, &admin, "a").await.expect(200)["value"], json!({"port": 2}));
        for value in [json!("{}"), json!("no JSON"), json!({"port": "x"}), json!(3)] {
            assert_eq!(code(&patch(&app, &admin, "a", json!({"value": value})).await, 409), "conflict_error");
            let over = json!({"value": value, "update_if_exists": true});
            assert_eq!(code(&put(&app, &admin, "a", over).await, 409), "conflict_error");
        }
        assert_eq!(get(&app, &admin, "a").await.expect(200)["value"], json!({"port": 2}));
        patch(&app, &admin, "a", json!({"value": {"port": 3}, "schema": schema})).await.expect(200);
        let other = patch(&app, &admin, "a", json!({"schema": {"type": "string"}})).await;
        assert_eq!(code(&other, 400), "illegal_action_error");

        put(&app, &admin, "n", json!({"value": 0, "schema": {"type": "integer"}})).await.expect(200);
        assert_eq!(get(&app, &admin, "n").await.expect(200)["value"], 0);
        put(&app, &admin, "s", json!({"value": "12", "schema": {"type": "string"}})).await.expect(200);
        assert_eq!(get(&app, &admin, "s").await.expect(200)["value"], "12");

        for schema in [json!({"type": "nothing"}), json!({"$ref": "#"}), json!({"$ref": "http://127.0.0.1/x"})] {
            let refused = put(&app, &admin, "b", json!({"value": "x", "schema": schema})).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{schema}");
            assert_eq!(refused.faults(), [("/schema".to_owned(), "schema".to_owned())]);
        }
    }

    async fn an_existing_one_is_changed_only_where_that_is_wanted(flavor) {
        let app = app!(flavor);
        let admin = admin();
        put(&app, &admin, "a", json!({"value": "v", "visibility": "private", "is_hidden_value": true})).await.expect(200);
        assert_eq!(code(&put(&app, &admin, "a", json!({"value": "w"})).await, 409), "conflict_error");
        // As the client sends it: what is meant for new ones leaves this one as it is.
        let body = json!({"value": "w", "update_if_exists": true, "is_hidden_value": false, "visibility": "tenant"});
        let changed = put(&app, &admin, "a", body.clone()).await.expect(200);
        assert_eq!((&changed["visibility"], &changed["is_hidden_value"]), (&json!("private"), &json!(true)));
        assert_eq!(get(&app, &admin, "a").await.expect(200)["value"], "w");
        put(&app, &admin, "new", body).await.expect(200);
    }

    async fn what_is_wrong_with_a_secret_is_said_at_its_place(flavor) {
        let app = app!(flavor);
        let admin = admin();
        put(&app, &admin, "there", json!({"value": "v"})).await.expect(200);
        let before = stored(&app).await;
        for (body, place, kind) in [
            (json!({}), "/value", "required"),
            (json!({"value": ""}), "/value", "required"),
            (json!({"value": null}), "/value", "required"),
            (json!({"value": 5}), "/value", "type"),
            (json!({"value": {"a": 1}}), "/value", "type"),
            (json!({"value": "v", "schema": 1}), "/schema", "type"),
            (json!({"value": "v", "visibility": "all"}), "/visibility", "choice"),
            (json!({"value": "v", "is_hidden_value": "maybe"}), "/is_hidden_value", "type"),
            (json!({"value": "v", "update_if_exists": 1}), "/update_if_exists", "type"),
            (json!({"value": "v", "provider_options": {"path": "x"}}), "/provider_options", "conflict"),
            (json!({"value": "v", "provider_options": "x"}), "/provider_options", "type"),
            (json!({"value": "v".repeat(1024 * 1024 + 1)}), "/value", "length"),
        ] {
            let refused = put(&app, &admin, "x", body).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{place}");
            assert_eq!(refused.faults(), [(place.to_owned(), kind.to_owned())]);
        }
        let unknown = put(&app, &admin, "x", json!({"value": "v", "provider_name": "nowhere"})).await;
        assert_eq!(code(&unknown, 404), "not_found_error");
        for key in ["1a", "a%20b", "%C3%A9", "a%2Fb", &"a".repeat(257)] {
            assert_eq!(code(&put(&app, &admin, key, json!({"value": "v"})).await, 400), "bad_parameters_error", "{key}");
        }
        for body in [json!({}), json!({"visibility": "private"})] {
            assert_eq!(code(&patch(&app, &admin, "there", body).await, 400), "illegal_action_error");
        }
        for wanted in [json!("private"), json!("x"), json!(null)] {
            let body = json!({"visibility": wanted});
            let refused = app.conduct(&admin, Method::PATCH, "secrets/there/set-visibility", body).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error");
            assert_eq!(refused.faults()[0].0, "/visibility");
        }
        assert_eq!(code(&patch(&app, &admin, "nowhere", json!({"value": "v"})).await, 404), "not_found_error");
        for query in ["secrets?_include=value", "secrets?_include=key,schema", "secrets/there?_include=nope"] {
            let refused = app.conduct(&admin, Method::GET, query, Value::Null).await;
            assert_eq!(code(&refused, 400), "no_such_include_field_error", "{query}");
        }
        for query in ["secrets?value=v", "secrets?_sort=value", "secrets?_search=%00"] {
            let refused = app.conduct(&admin, Method::GET, query, Value::Null).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{query}");
        }
        let text = admin.clone().with("content-type", "text/plain");
        assert_eq!(code(&put(&app, &text, "x", json!({"value": "v"})).await, 415), "unsupported_content_type_error");
        assert!(before == stored(&app).await, "something was stored");
    }

    async fn a_value_belongs_to_its_row(flavor) {
        let app = app!(flavor);
        let admin = admin();
        put(&app, &admin, "a", json!({"value": "of a"})).await.expect(200);
        put(&app, &admin, "b", json!({"value": "of b"})).await.expect(200);
        let mut conn = app.services.db.write().await.unwrap();
        let other = sea_query::Query::select().expr(sea_query::Expr::cust("value")).from("secret")
            .and_where(sea_query::Expr::cust("name = 'a'")).take();
        let moved = sea_query::Query::update().table("secret")
            .value("value", sea_query::Expr::SubQuery(None, Box::new(sea_query::SubQueryStatement::SelectStatement(other))))
            .and_where(sea_query::Expr::cust("name = 'b'")).take();
        conn.execute(&moved).await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(code(&get(&app, &admin, "b").await, 500), "invalid_fernet_token_format_error");
        assert_eq!(get(&app, &admin, "a").await.expect(200)["value"], "of a");
    }

    async fn secrets_are_found_by_rules_and_constraints(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for key in ["db_password", "DB_user", "aws_key"] {
            put(&app, &admin, key, json!({"value": "v"})).await.expect(200);
        }
        let search = async |body: Value| app.conduct(&admin, Method::POST, "searches/secrets?_sort=key", body).await;
        let keys = async |body: Value| {
            let found = search(body).await.expect(200);
            let keys: Vec<_> = found["items"].as_array().unwrap().iter().map(|one| one["key"].clone()).collect();
            json!([keys, found["metadata"]["filtered"], found["metadata"]["pagination"]["total"]])
        };
        let rule = |operator: &str, values: Value| json!({"filter_rules": [{"key": "key", "values": values, "operator": operator, "type": "attribute"}]});
        assert_eq!(keys(rule("any_of", json!(["aws_key", "x"]))).await, json!([["aws_key"], 2, 1]));
        assert_eq!(keys(rule("contains", json!(["db_"]))).await, json!([["db_password", "DB_user"], 1, 2]));
        assert_eq!(keys(json!({"constraints": {"valid_values": ["aws_key"]}})).await, json!([["aws_key"], 2, 1]));
        let both = json!({"constraints": {"name_pattern": {"starts_with": "db", "not_contains": "user"}}});
        assert_eq!(keys(both).await, json!([["db_password"], 2, 1]));
        assert_eq!(keys(json!({})).await, json!([["aws_key", "db_password", "DB_user"], null, 3]));
        let faulty = search(rule("is_null", json!([]))).await;
        assert_eq!(code(&faulty, 400), "invalid_filter_rule");
        assert_eq!(faulty.json()["err_filter_rule"]["operator"], "is_null");
        for (body, place) in [
            (json!({"filter_rules": "x"}), "/filter_rules"),
            (json!({"constraints": 1}), "/constraints"),
            (json!({"constraints": {}, "filter_rules": []}), "/constraints"),
            (json!({"constraints": {"labels": []}}), "/constraints/labels"),
            (json!({"constraints": {"valid_values": [1]}}), "/constraints/valid_values/0"),
            (json!({"constraints": {"name_pattern": {"like": "x"}}}), "/constraints/name_pattern/like"),
            (json!({"constraints": {"name_pattern": {"contains": 1}}}), "/constraints/name_pattern/contains"),
        ] {
            let refused = search(body).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{place}");
            assert_eq!(refused.faults()[0].0, place);
        }
    }
}
