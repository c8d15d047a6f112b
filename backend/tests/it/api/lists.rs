use serde_json::json;

use super::app::{profile, titles};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn lists_page_with_links_to_their_neighbours(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        for n in 0..5 {
            app.script(&format!("s{n}"), &[]).await;
        }
        let page = app.get(&admin, "scripts?limit=2&offset=2&script_type=v2").await.expect(200);
        assert_eq!(titles(&page), ["s2", "s3"]);
        assert_eq!(page["count"], 5);
        assert_eq!(page["next"], "/api/v2/scripts?script_type=v2&limit=2&offset=4");
        assert_eq!(page["previous"], "/api/v2/scripts?script_type=v2&limit=2&offset=0");
        let short = app.ask(&admin, axum::http::Method::GET, "/api/scripts?limit=4", "").await.expect(200);
        assert_eq!(short["next"], "/api/scripts?limit=4&offset=4");
        assert_eq!(short["previous"], json!(null));
        let last = app.get(&admin, "scripts?limit=2&offset=4").await.expect(200);
        assert_eq!((&last["next"], titles(&last)), (&json!(null), vec!["s4"]));
        let beyond = app.get(&admin, "scripts?offset=900").await.expect(200);
        assert_eq!((&beyond["count"], titles(&beyond)), (&json!(5), vec![]));
        let nothing = app.get(&admin, "scripts?limit=0").await.expect(200);
        assert_eq!((&nothing["count"], &nothing["next"]), (&json!(5), &json!(null)));
    }

    async fn lists_search_sort_and_filter(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let top = app.script("top", &[]).await;
        let below = app.script("below", &[("access_group", "server")]).await;
        for (title, script, tags) in [
            ("Beta 100%", top, json!(["web"])),
            ("alpha", top, json!(["db"])),
            ("Gamma_x", below, json!(["web", "db"])),
        ] {
            app.clock.advance(jiff::SignedDuration::from_secs(1));
            let body = json!({"title": title, "tags": tags, "all_computers": false});
            app.profile(profile(script, body)).await;
        }
        for (query, expected) in [
            ("", vec!["Gamma_x", "alpha", "Beta 100%"]),
            ("sort=title", vec!["alpha", "Beta 100%", "Gamma_x"]),
            ("sort=-title", vec!["Gamma_x", "Beta 100%", "alpha"]),
            ("sort=access_group,-title", vec!["Beta 100%", "alpha", "Gamma_x"]),
            ("search=ALPHA", vec!["alpha"]),
            ("search=100%25", vec!["Beta 100%"]),
            ("search=_x", vec!["Gamma_x"]),
            ("search=%25", vec!["Beta 100%"]),
            ("access_group=server", vec!["Gamma_x"]),
            ("tags=db&sort=title", vec!["alpha", "Gamma_x"]),
            ("script_id=1&sort=title", vec!["alpha", "Beta 100%"]),
            ("names=alpha,Gamma_x&sort=title", vec!["alpha", "Gamma_x"]),
            ("names=", vec![]),
            ("search=' OR 1=1 --", vec![]),
        ] {
            let path = format!("script-profiles?{}", query.replace(' ', "%20").replace('\'', "%27"));
            let list = app.get(&admin, &path).await.expect(200);
            assert_eq!(titles(&list), expected, "{query}");
        }
        for query in ["limit=-1", "limit=x", "offset=1.5", "sort=nope", "archived=no", "search=%00"] {
            app.get(&admin, &format!("script-profiles?{query}")).await.expect(400);
        }
        // What is not known is not ours to judge.
        app.get(&admin, "script-profiles?foo=bar&with_everything=1").await.expect(200);
    }
}
