//! Whatever is sent, the answer is never an error of ours.

use axum::http::Method;
use binnacle::api::routes;
use serde_json::json;

use super::app::profile;
use crate::{app, on_both_databases};

on_both_databases! {
    async fn no_body_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let script = app.script("hello", &[]).await;
        app.profile(profile(script, json!({}))).await;
        app.computer("web-1", "web").await;
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        let bodies: Vec<Vec<u8>> = vec![
            b"".to_vec(), b"{".to_vec(), b"null".to_vec(), b"[]".to_vec(), b"\"x\"".to_vec(),
            b"{\"title\": \"\xff\"}".to_vec(), b"\x00\x01".to_vec(), deep.into_bytes(),
            json!({"title": "\u{0}", "tags": ["\u{0}"], "comment": "\u{0}"}).to_string().into_bytes(),
            json!({"title": {}, "tags": {}, "trigger": 5, "script_id": {}, "access_group": 5}).to_string().into_bytes(),
            br#"{"script_id": 99999999999999999999999, "time_limit": 1e400}"#.to_vec(),
            br#"{"script_id": 9223372036854775807, "all_computers": true, "title": "x", "username": "x", "time_limit": 1, "trigger": {"trigger_type": "one_time", "timestamp": "9999-12-31T23:59:59Z"}}"#.to_vec(),
            br#"{"title": "a", "title": "b"}"#.to_vec(),
            json!({"title": "\u{202e}\u{fffd}🦀".repeat(100)}).to_string().into_bytes(),
        ];
        for route in routes::table() {
            if route.path.ends_with("/stream") || route.path == "/logout" {
                continue;
            }
            let path = format!("/api/v2{}", route.path.replace("{id}", "1").replace("{version_number}", "1"));
            for body in &bodies {
                let reply = app.ask(&admin, route.method.clone(), &path, body.clone()).await;
                assert!(reply.status.as_u16() < 500, "{path} {:?}: {}", String::from_utf8_lossy(body), reply.text);
            }
        }
    }

    async fn no_query_makes_the_server_fail(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "web").await;
        let queries = [
            "limit=99999999999999999999", "offset=99999999999999999999", "limit=0&offset=9223372036854775807",
            "sort=,,,", "sort=-id,-id,id", "search=%FF%FE", "search=%00", "search=%25_%5C", "query=%00", "query=id:99999999999999999999",
            "query=id:-1", "query=id:1.5", "query=created-after:9999", "query=parent-id:x", "query=(", "query=%22", "query=NOT",
            "id=x", "id=99999999999999999999", "id=%00", "access_group=%00,a", "tags=,,", "names=%00", "all_computers=maybe", "archived=",
            "with_network=maybe", "script_type=", "&&&===", "%zz=%zz", "query=computer:computer:id:1",
        ];
        for route in routes::table().into_iter().filter(|r| r.method == Method::GET) {
            if route.path.ends_with("/stream") {
                continue;
            }
            let path = route.path.replace("{id}", "1").replace("{version_number}", "1");
            for query in queries {
                let reply = app.get(&admin, &format!("{}?{query}", path.trim_start_matches('/'))).await;
                assert!(reply.status.as_u16() < 500, "{path}?{query}: {}", reply.text);
            }
        }
        for action in ["GetComputers", "GetActivities", "CancelActivities", "AddTagsToComputers", "CreateScript", "EditScript", "AcceptPendingComputers", "GetAccessGroups", "ExecuteScript"] {
            for body in ["query=%00", "query=id:99999999999999999999&tags.1=a", "query=%22", "script_id=99999999999999999999", "computer_ids.1=-5", "names.1=%00", "limit=-1", "tags.x=1&tags.1=", "%00=1"] {
                let reply = app.ask(&admin, Method::POST, &format!("/api/?action={action}&version=2011-08-01"), body).await;
                assert!(reply.status.as_u16() < 500, "{action} {body}: {}", reply.text);
            }
        }
    }

    async fn malformed_json_is_explained(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let reply = app.ask(&admin, Method::POST, "/api/v2/script-profiles", "{\n\"a\": }").await;
        let error = reply.expect(400);
        assert_eq!((&error["error"], &error["detail"], &error["code"]), (&json!("BadRequest"), &json!(null), &json!(400)));
        assert!(error["message"].as_str().unwrap().contains("line 2, column 6"), "{error}");
        let large = format!("{{\"title\": \"{}\"}}", "x".repeat(3 * 1024 * 1024));
        app.ask(&admin, Method::POST, "/api/v2/script-profiles", large).await.expect(413);
    }
}
