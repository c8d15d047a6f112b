//! Finding profiles, and the computers that they reach.

use serde_json::json;

use crate::api::app::{profile, titles};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn names_search_and_state_narrow_the_list(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        for title in ["Backup nightly", "Backup, weekly", "100% sure", "Ünïcode"] {
            app.profile(profile(script, json!({"title": title}))).await;
        }
        let gone = app.profile(profile(script, json!({"title": "Backup once"}))).await;
        app.post(&admin, &format!("script-profiles/{gone}:archive"), json!({})).await.expect(204);
        let list = |query: &'static str| {
            let (app, admin) = (&app, &admin);
            async move {
                let list = app.get(admin, &format!("script-profiles?{query}")).await.expect(200);
                titles(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
            }
        };
        // Newest first, which the clock that stands leaves to the ids.
        assert_eq!(list("").await, ["Ünïcode", "100% sure", "Backup, weekly", "Backup nightly"]);
        assert_eq!(list("names=100%25%20sure,Backup%20nightly").await, ["100% sure", "Backup nightly"]);
        assert_eq!(list("names=Backup").await, Vec::<String>::new(), "names are whole titles");
        assert_eq!(list("names=").await, Vec::<String>::new(), "an empty list of names names nothing");
        assert_eq!(list("search=BACK").await, ["Backup, weekly", "Backup nightly"]);
        assert_eq!(list("search=%25").await, ["100% sure"]);
        assert_eq!(list("search=backup&archived=all").await.len(), 3);
        assert_eq!(list("names=Backup%20once&archived=archived").await, ["Backup once"]);
        assert_eq!(list("search=backup&limit=1&offset=1").await, ["Backup nightly"]);
        assert_eq!(list("archived=").await.len(), 4);
        let reply = app.get(&admin, "script-profiles?archived=maybe").await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/archived".into(), "unknown".into())]);
        for (query, pointer) in [("limit=-1", "/limit"), ("offset=x", "/offset")] {
            let reply = app.get(&admin, &format!("script-profiles?{query}")).await;
            reply.expect(400);
            assert_eq!(reply.faults()[0].0, pointer);
        }
    }

    async fn computers_are_those_reached_now(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let web = app.computer("web-1", "web").await;
        app.computer("db-1", "db").await;
        app.pending("web-2", "web", None).await;
        let script = app.script("hello", &[]).await;
        let target = json!({"all_computers": false, "tags": ["web", "cache"]});
        let id = app.profile(profile(script, target)).await;
        let path = format!("script-profiles/{id}");
        let reached = || async {
            let page = app.get(&admin, &format!("{path}/computers")).await.expect(200);
            let count = app.get(&admin, &path).await.expect(200)["computers"]["num_associated_computers"].clone();
            assert_eq!(page["count"], count, "both count the same");
            titles(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(reached().await, ["web-1"]);
        app.computer("cache-1", "cache,web").await;
        let mut both = reached().await;
        both.sort_unstable();
        assert_eq!(both, ["cache-1", "web-1"]);
        app.put(&admin, &format!("computers/{web}"), json!({"tags": ["db"]})).await.expect(200);
        assert_eq!(reached().await, ["cache-1"]);
        // Tags are kept beside all_computers, without effect.
        let all = app.patch(&admin, &path, json!({"all_computers": true})).await.expect(200);
        assert_eq!((&all["tags"], &all["computers"]["num_associated_computers"]), (&json!(["cache", "web"]), &json!(3)));
        let page = app.get(&admin, &format!("{path}/computers?limit=2")).await.expect(200);
        assert_eq!((page["count"].as_i64(), page["results"].as_array().unwrap().len()), (Some(3), 2));
        assert_eq!(page["next"], format!("/api/v2/{path}/computers?limit=2&offset=2"));
        let none = app.patch(&admin, &path, json!({"all_computers": false, "tags": []})).await.expect(200);
        assert_eq!(none["computers"]["num_associated_computers"], 0);
        assert!(reached().await.is_empty());
    }
}
