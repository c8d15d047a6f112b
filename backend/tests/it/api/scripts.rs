use serde_json::json;

use super::app::{encode, profile, titles};
use crate::{app, on_both_databases};

on_both_databases! {
    async fn each_edit_of_title_or_code_is_a_version(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.script("hello", &[("time_limit", "60"), ("username", "root")]).await;
        let text = id.to_string();
        let script = app.get(&admin, &format!("scripts/{id}")).await.expect(200);
        assert_eq!((&script["version_number"], &script["interpreter"], &script["code"]), (&json!(1), &json!("/bin/sh"), &json!("echo hello")));
        let code = encode("#!/usr/bin/env python3\r\nprint(1)\r\n");
        let edited = app.legacy(&admin, "EditScript", &[("script_id", &text), ("code", &code)]).await.expect(200);
        assert_eq!((&edited["version_number"], &edited["code"]), (&json!(2), &json!("print(1)\n")));
        let edited = app.legacy(&admin, "EditScript", &[("script_id", &text), ("time_limit", "90"), ("username", "")]).await.expect(200);
        assert_eq!((&edited["version_number"], &edited["time_limit"], &edited["username"]), (&json!(2), &json!(90), &json!(null)));
        let versions = app.get(&admin, &format!("scripts/{id}/versions")).await.expect(200);
        let numbers: Vec<_> = versions["results"].as_array().unwrap().iter().map(|v| v["version_number"].clone()).collect();
        assert_eq!(numbers, [json!(2), json!(1)]);
        let first = app.get(&admin, &format!("scripts/{id}/versions/1")).await.expect(200);
        assert_eq!((&first["code"], &first["creator_name"]), (&json!("echo hello"), &json!("Administrator")));
        app.get(&admin, &format!("scripts/{id}/versions/3")).await.expect(404);
        let code = app.legacy(&admin, "GetScriptCode", &[("script_id", &text)]).await.expect(200);
        assert_eq!(code, "#!/usr/bin/env python3\nprint(1)\n");
    }

    async fn wrong_scripts_are_refused_by_name(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.script("taken", &[]).await;
        let good = encode("#!/bin/sh\nid");
        let (no_interpreter, empty, latin) = (encode("id"), encode("#!/bin/sh\n# nothing\n"), "I/9iYWTf");
        for (parameters, status, error, pointer) in [
            (vec![("title", "x"), ("code", no_interpreter.as_str())], 400, "EmptyScriptInterpreter", Some("/code")),
            (vec![("title", "x"), ("code", empty.as_str())], 400, "EmptyScriptCode", Some("/code")),
            (vec![("title", "x"), ("code", latin)], 400, "ScriptEncoding", None),
            (vec![("title", "x"), ("code", "*")], 400, "InvalidParameter", Some("/code")),
            (vec![("title", "x")], 400, "MissingParameter", Some("/code")),
            (vec![("title", " "), ("code", good.as_str())], 400, "InvalidParameter", Some("/title")),
            (vec![("title", "taken"), ("code", good.as_str())], 400, "DuplicateScript", Some("/title")),
            (vec![("title", "x"), ("code", good.as_str()), ("access_group", "none")], 404, "UnknownAccessGroup", Some("/access_group")),
            (vec![("title", "x"), ("code", good.as_str()), ("time_limit", "soon")], 400, "InvalidParameter", Some("/time_limit")),
        ] {
            let reply = app.legacy(&admin, "CreateScript", &parameters).await;
            let body = reply.expect(status);
            assert_eq!(body["error"], error, "{parameters:?}");
            assert!(reply.text.starts_with('{') && body["message"].is_string());
            if let Some(pointer) = pointer {
                assert_eq!(reply.faults()[0].0, pointer, "{parameters:?}");
            }
        }
        let reply = app.legacy(&admin, "EditScript", &[("script_id", "99")]).await;
        assert_eq!(reply.expect(404)["error"], "UnknownScript");
    }

    async fn archiving_a_script_archives_its_profiles(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.script("hello", &[]).await;
        let made = app.profile(profile(id, json!({}))).await;
        let script = app.get(&admin, &format!("scripts/{id}")).await.expect(200);
        assert_eq!(script["script_profiles"], json!([{"id": made, "title": "Optics and Design"}]));
        let of_script = app.get(&admin, &format!("scripts/{id}/script-profiles")).await.expect(200);
        assert_eq!(titles(&of_script), ["Optics and Design"]);
        app.post(&admin, &format!("scripts/{id}:archive"), json!({})).await.expect(204);
        let script = app.get(&admin, &format!("scripts/{id}")).await.expect(200);
        assert_eq!((&script["status"], &script["is_editable"]), (&json!("ARCHIVED"), &json!(false)));
        let archived = app.get(&admin, &format!("script-profiles/{made}")).await.expect(200);
        assert_eq!(archived["archived"], true);
        for (filter, expected) in [("active", 0), ("archived", 1), ("all", 1), ("redacted", 0), ("v2", 0)] {
            let list = app.get(&admin, &format!("scripts?script_type={filter}")).await.expect(200);
            assert_eq!(list["count"], expected, "{filter}");
        }
        app.get(&admin, "scripts?script_type=other").await.expect(400);
        let text = id.to_string();
        let reply = app.legacy(&admin, "EditScript", &[("script_id", &text), ("title", "x")]).await;
        assert_eq!(reply.expect(400)["error"], "ScriptNotActive");
    }
}
