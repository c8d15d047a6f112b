//! Sites: the life of one, who sees it, and what all lists of the dialect take.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use serde_json::{Value, json};

use super::client::{User, admin, code, user};
use crate::app;
use crate::on_both_databases;

on_both_databases! {
    async fn a_site_is_made_changed_and_removed(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let body = json!({"location": "52.52, 13.405", "visibility": "private"});
        let made = app.conduct(&admin, Method::PUT, "sites/berlin", body).await;
        insta::assert_json_snapshot!("a_site", made.expect(200));
        assert_eq!(made.header("x-cloudify-audit-auth-method"), "http_basic");
        assert_eq!(made.header("x-cloudify-audit-tenant"), "default_tenant");
        let read = app.conduct(&admin, Method::GET, "sites/berlin", Value::Null).await.expect(200);
        assert_eq!(read, made.expect(200));
        let again = app.conduct(&admin, Method::PUT, "sites/berlin", json!({})).await;
        assert_eq!(code(&again, 409), "conflict_error");

        let change = json!({"new_name": "hamburg", "location": "", "visibility": "tenant"});
        let changed = app.conduct(&admin, Method::POST, "sites/berlin", change).await.expect(200);
        assert_eq!((&changed["name"], &changed["location"]), (&json!("hamburg"), &Value::Null));
        assert_eq!((&changed["latitude"], &changed["visibility"]), (&Value::Null, &json!("tenant")));
        let narrowed = app.conduct(&admin, Method::POST, "sites/hamburg", json!({"visibility": "private"})).await;
        assert_eq!(code(&narrowed, 400), "illegal_action_error");
        let gone = app.conduct(&admin, Method::GET, "sites/berlin", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");

        app.conduct(&admin, Method::DELETE, "sites/hamburg", Value::Null).await.expect(204);
        let gone = app.conduct(&admin, Method::DELETE, "sites/hamburg", Value::Null).await;
        assert_eq!(code(&gone, 404), "not_found_error");
    }

    async fn a_tenant_sees_nothing_of_another_but_what_is_global(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        app.tenant("south").await;
        let kim = app.member("kim", "north", Role::User).await;
        let lee = app.member("lee", "north", Role::Manager).await;
        let max = app.member("max", "south", Role::User).await;
        let put = async |user: &User, name: &str, visibility: &str| {
            let path = format!("sites/{name}");
            app.conduct(user, Method::PUT, &path, json!({"visibility": visibility})).await
        };
        put(&kim, "a", "private").await.expect(200);
        put(&kim, "b", "tenant").await.expect(200);
        assert_eq!(code(&put(&kim, "c", "global").await, 403), "forbidden_error");
        put(&user("admin", "north"), "c", "global").await.expect(200);
        put(&max, "b", "tenant").await.expect(200);

        assert_eq!(app.each(&kim, "sites", "name").await, ["a", "b", "c"]);
        assert_eq!(app.each(&lee, "sites", "name").await, ["a", "b", "c"]);
        let list = app.conduct(&max, Method::GET, "sites?_sort=name", Value::Null).await.expect(200);
        assert_eq!(list["metadata"]["pagination"]["total"], 2);
        assert_eq!(list["items"][0]["tenant_name"], "south");
        // Somebody else's private things are as if they were not there.
        let other = app.member("ann", "north", Role::User).await;
        assert_eq!(app.each(&other, "sites", "name").await, ["b", "c"]);
        for (user, name) in [(&other, "a"), (&max, "a")] {
            let path = format!("sites/{name}");
            assert_eq!(code(&app.conduct(user, Method::GET, &path, Value::Null).await, 404), "not_found_error");
            assert_eq!(code(&app.conduct(user, Method::DELETE, &path, Value::Null).await, 404), "not_found_error");
    }
        // What is global belongs to its tenant all the same, and its name is taken everywhere.
        let foreign = app.conduct(&max, Method::POST, "sites/c", json!({"location": "1, 1"})).await;
        assert_eq!(code(&foreign, 400), "illegal_action_error");
        assert_eq!(code(&put(&max, "c", "tenant").await, 409), "conflict_error");
        let widened = app.conduct(&user("admin", "south"), Method::POST, "sites/b", json!({"visibility": "global"})).await;
        assert_eq!(code(&widened, 409), "conflict_error");
        // All tenants: those in which one may list.
        assert_eq!(app.each(&kim, "sites?_all_tenants=true&_sort=name", "name").await, ["a", "b", "c"]);
        assert_eq!(app.each(&admin(), "sites?_all_tenants=true&_sort=name", "name").await, ["a", "b", "b", "c"]);
    }

    async fn a_list_is_sorted_filtered_searched_and_cut(flavor) {
        let app = app!(flavor);
        let admin = admin();
        for (name, location) in [("Berlin", "52.5, 13.4"), ("aachen", "50.8, 6.1"), ("bonn_1", "50.7, 7.1"), ("x", "")] {
            let path = format!("sites/{name}");
            app.conduct(&admin, Method::PUT, &path, json!({"location": location})).await.expect(200);
            app.clock.advance(jiff::SignedDuration::from_secs(60));
    }
        let names = async |query: &str| app.each(&admin, &format!("sites?{query}"), "name").await;
        assert_eq!(names("").await, ["Berlin", "aachen", "bonn_1", "x"]);
        assert_eq!(names("_sort=name").await, ["aachen", "Berlin", "bonn_1", "x"]);
        assert_eq!(names("_sort=latitude").await, ["bonn_1", "aachen", "Berlin", "x"]);
        assert_eq!(names("_sort=-latitude").await, ["x", "Berlin", "aachen", "bonn_1"]);
        assert_eq!(names("_sort=visibility&_sort=-name").await, ["x", "bonn_1", "Berlin", "aachen"]);
        assert_eq!(names("_size=2&_offset=1").await, ["aachen", "bonn_1"]);
        assert_eq!(names("_search=B").await, ["Berlin", "bonn_1"]);
        assert_eq!(names("_search=N_1").await, ["bonn_1"]);
        assert_eq!(names("_search=%25").await, Vec::<String>::new());
        assert_eq!(names("name=x&name=aachen").await, ["aachen", "x"]);
        assert_eq!(names("latitude=").await, ["x"]);
        assert_eq!(names("created_by=admin&latitude=50.7").await, ["bonn_1"]);
        assert_eq!(names("_range=created_at,2026-11-21T08:01:00Z,2026-11-21T08:02:00Z").await, ["aachen", "bonn_1"]);
        assert_eq!(names("_get_all_results=true&_size=1").await.len(), 4);

        let cut = app.conduct(&admin, Method::GET, "sites?_include=name,latitude&_size=1", Value::Null).await.expect(200);
        assert_eq!(cut["items"], json!([{"name": "Berlin", "latitude": 52.5}]));
        assert_eq!(cut["metadata"], json!({"pagination": {"total": 4, "size": 1, "offset": 0}, "filtered": null}));
        let one = app.conduct(&admin, Method::GET, "sites/x?_include=name", Value::Null).await.expect(200);
        assert_eq!(one, json!({"name": "x"}));
        for (query, expected) in [
            ("_include=nope", "no_such_include_field_error"),
            ("_sort=nope", "bad_parameters_error"),
            ("nope=1", "bad_parameters_error"),
            ("_size=-1", "bad_parameters_error"),
        ] {
            let path = format!("sites?{query}");
            assert_eq!(code(&app.conduct(&admin, Method::GET, &path, Value::Null).await, 400), expected, "{query}");
    }
    }

    async fn what_is_wrong_with_a_site_is_said_at_its_place(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let body = json!({"location": "91, 0", "visibility": "public", "created_at": "never"});
        let refused = app.conduct(&admin, Method::PUT, "sites/x", body).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
        let faults = refused.faults();
        let places: Vec<_> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(places, ["/location", "/visibility", "/created_at"]);
        for name in ["1a", "a%20b", "%C3%A9", "a%2Fb"] {
            let refused = app.conduct(&admin, Method::PUT, &format!("sites/{name}"), json!({})).await;
            assert_eq!(code(&refused, 400), "bad_parameters_error", "{name}");
    }
        let text = admin.clone().with("content-type", "text/plain");
        let refused = app.conduct(&text, Method::PUT, "sites/x", json!({"location": "1, 1"})).await;
        assert_eq!(code(&refused, 415), "unsupported_content_type_error");
    }

    async fn clients_that_start_together_are_all_let_in(flavor) {
        let app = app!(flavor);
        let admin = admin();
        let all = (0..30).map(|_| app.conduct(&admin, Method::GET, "sites", Value::Null));
        for reply in futures::future::join_all(all).await {
            reply.expect(200);
        }
    }

    async fn who_asks_and_where_is_judged_first(flavor) {
        let app = app!(flavor);
        app.tenant("north").await;
        let kim = app.member("kim", "north", Role::Viewer).await;
        app.conduct(&kim, Method::GET, "sites", Value::Null).await.expect(200);
        let get = async |user: &User| app.conduct(user, Method::GET, "sites", Value::Null).await;
        assert_eq!(code(&get(&user("kim", "")).await, 403), "forbidden_error");
        assert_eq!(code(&get(&user("kim", "nowhere")).await, 403), "forbidden_error");
        assert_eq!(code(&get(&user("kim", "default_tenant")).await, 403), "forbidden_error");
        assert_eq!(code(&app.conduct(&kim, Method::PUT, "sites/x", json!({})).await, 403), "forbidden_error");
        let wrong = kim.clone().with("authorization", "Basic a2ltOndyb25n");
        assert_eq!(code(&get(&wrong).await, 401), "unauthorized_error");
        let mut nobody = kim.clone();
        nobody.headers.retain(|(name, _)| *name != "authorization");
        assert_eq!(code(&get(&nobody).await, 401), "unauthorized_error");
        let token = nobody.with("authentication-token", "ctok-abc-def");
        assert_eq!(code(&get(&token).await, 401), "unauthorized_error");
    }
}
