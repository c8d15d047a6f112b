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
            (vec![("title", "x"), ("code", "")], 400, "EmptyScriptInterpreter", Some("/code")),
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

    async fn several_faults_are_told_at_once(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let empty = encode("#!/bin/sh\n");
        let parameters = [("code", empty.as_str()), ("time_limit", "-1")];
        let reply = app.legacy(&admin, "CreateScript", &parameters).await;
        let body = reply.expect(400);
        assert_eq!(body["error"], "MultiError");
        let errors: Vec<&str> = body["errors"].as_array().unwrap().iter().map(|e| e["error"].as_str().unwrap()).collect();
        assert_eq!(errors.len(), reply.faults().len());
        for name in ["MissingParameter", "EmptyScriptCode", "InvalidParameter"] {
            assert!(errors.contains(&name), "{errors:?}");
        }
        assert!(body["errors"].as_array().unwrap().iter().all(|e| body["message"].as_str().unwrap().contains(e["message"].as_str().unwrap())));
        let single = app.legacy(&admin, "CreateScript", &[("title", "x")]).await;
        assert!(single.expect(400).get("errors").is_none());
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

    async fn files_are_attached_within_limits(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.script("hello", &[]).await;
        let text = id.to_string();
        let add = async |file: &str| {
            app.legacy(&admin, "CreateScriptAttachment", &[("script_id", text.as_str()), ("file", file)]).await
        };
        let file = |name: &str, content: &str| format!("{name}$${}", encode(content));
        assert_eq!(add(&file("no te.txt", "a$$b\0c")).await.expect(200), "no te.txt");
        let script = app.get(&admin, &format!("scripts/{id}")).await.expect(200);
        let attachment = script["attachments"][0]["id"].as_i64().unwrap();
        assert_eq!(script["attachments"], json!([{"id": attachment, "filename": "no te.txt"}]));
        assert_eq!(script["version_number"], 1, "a file makes no version");
        let reply = app.get(&admin, &format!("scripts/{id}/attachments/{attachment}")).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "a$$b\0c"));
        assert_eq!(reply.header("content-type"), "application/octet-stream");
        assert_eq!(reply.header("content-disposition"), "attachment; filename*=UTF-8''no%20te.txt");
        app.get(&admin, &format!("scripts/{id}/attachments/99")).await.expect(404);
        let other = app.script("other", &[]).await;
        app.get(&admin, &format!("scripts/{other}/attachments/{attachment}")).await.expect(404);
        assert_eq!(add(&file("no te.txt", "x")).await.expect(400)["error"], "DuplicateScriptAttachment");
        for wrong in ["name", "a/b$$eA==", "..$$eA==", "$$eA==", "x$$*", "a\nb$$eA=="] {
            let reply = add(wrong).await;
            assert_eq!(reply.expect(400)["error"], "InvalidParameter", "{wrong:?}");
            assert_eq!(reply.faults()[0].0, "/file", "{wrong:?}");
        }
        assert_eq!(add(&file("large", &"x".repeat(1024 * 1024))).await.expect(400)["error"], "ScriptAttachmentSize");
        add(&file("most", &"x".repeat(1024 * 1024 - 6))).await.expect(200);
        add("empty$$").await.expect(200);
        for n in 0..2 {
            add(&file(&n.to_string(), "")).await.expect(200);
        }
        assert_eq!(add(&file("sixth", "")).await.expect(400)["error"], "TooManyScriptAttachments");
        let remove = async |name: &str| {
            app.legacy(&admin, "RemoveScriptAttachment", &[("script_id", text.as_str()), ("filename", name)]).await
        };
        assert_eq!(remove("most").await.expect(200), json!(null));
        assert_eq!(remove("most").await.expect(404)["error"], "UnknownScriptAttachment");
        for action in ["CreateScriptAttachment", "RemoveScriptAttachment"] {
            let parameters = [("script_id", "99"), ("file", "a$$"), ("filename", "a")];
            assert_eq!(app.legacy(&admin, action, &parameters).await.expect(404)["error"], "UnknownScript");
        }
        app.post(&admin, &format!("scripts/{id}:archive"), json!({})).await.expect(204);
        assert_eq!(add("late$$").await.expect(400)["error"], "ScriptNotActive");
        let listed = app.legacy(&admin, "GetScripts", &[]).await.expect(200);
        assert_eq!(listed[0]["attachments"], json!([]));
    }

    async fn a_redacted_script_says_nothing_any_more(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let id = app.script("secret", &[]).await;
        let text = id.to_string();
        let code = encode("#!/bin/bash\necho password");
        app.legacy(&admin, "EditScript", &[("script_id", &text), ("code", &code)]).await.expect(200);
        app.legacy(&admin, "CreateScriptAttachment", &[("script_id", &text), ("file", "a$$eA==")]).await.expect(200);
        let reach = app.profile(profile(id, json!({}))).await;
        app.post(&admin, &format!("scripts/{id}:redact"), json!({})).await.expect(204);
        app.post(&admin, &format!("scripts/{id}:redact"), json!({})).await.expect(204);
        let script = app.get(&admin, &format!("scripts/{id}")).await.expect(200);
        assert_eq!((&script["status"], &script["interpreter"], &script["attachments"]), (&json!("REDACTED"), &json!("/bin/false"), &json!([])));
        assert_eq!((&script["is_redactable"], &script["is_editable"], &script["is_executable"]), (&json!(false), &json!(false), &json!(false)));
        let versions = app.get(&admin, &format!("scripts/{id}/versions")).await;
        assert!(!versions.text.contains("echo") && versions.json()["count"] == 2, "{}", versions.text);
        assert_eq!(app.get(&admin, &format!("script-profiles/{reach}")).await.expect(200)["archived"], true);
        assert_eq!(app.get(&admin, "scripts?script_type=redacted").await.expect(200)["count"], 1);
        assert_eq!(app.get(&admin, "scripts").await.expect(200)["count"], 0);
        let reply = app.post(&admin, &format!("scripts/{id}:archive"), json!({})).await;
        assert_eq!(reply.expect(400)["error"], "ScriptRedacted");
        let reply = app.legacy(&admin, "CopyScript", &[("script_id", &text), ("destination_title", "x")]).await;
        assert_eq!(reply.expect(400)["error"], "ScriptRedacted");
        app.post(&admin, "scripts/99:redact", json!({})).await.expect(404);
        // The title is free again.
        app.script("secret", &[]).await;
    }

    async fn scripts_are_copied_with_their_files(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.access_group("Server", "global").await;
        let id = app.script("original", &[("username", "root"), ("time_limit", "77")]).await.to_string();
        app.legacy(&admin, "CreateScriptAttachment", &[("script_id", &id), ("file", "a$$eA==")]).await.expect(200);
        let parameters = [("script_id", id.as_str()), ("destination_title", " copy "), ("access_group", "server")];
        let copy = app.legacy(&admin, "CopyScript", &parameters).await.expect(200);
        assert_eq!((&copy["title"], &copy["access_group"], &copy["time_limit"]), (&json!("copy"), &json!("server"), &json!(77)));
        assert_eq!((&copy["attachments"], &copy["version_number"], &copy["username"]), (&json!(["a"]), &json!(1), &json!("root")));
        // It is one of the kind that profiles take.
        app.profile(profile(copy["id"].as_i64().unwrap(), json!({}))).await;
        for (parameters, status, error) in [
            (vec![("script_id", "99"), ("destination_title", "x")], 404, "UnknownScript"),
            (vec![("script_id", id.as_str())], 400, "MissingParameter"),
            (vec![("script_id", id.as_str()), ("destination_title", "original")], 400, "DuplicateScript"),
            (vec![("script_id", id.as_str()), ("destination_title", "x"), ("access_group", "none")], 404, "UnknownAccessGroup"),
        ] {
            assert_eq!(app.legacy(&admin, "CopyScript", &parameters).await.expect(status)["error"], error, "{parameters:?}");
        }
        // A script can run on the computers of its own group and of those below it.
        for (group, expected) in [("global", vec!["original"]), ("server", vec!["copy", "original"])] {
            let list = app.get(&admin, &format!("scripts?parent_access_group={group}")).await.expect(200);
            assert_eq!(titles(&list), expected, "{group}");
        }
        let reply = app.get(&admin, "scripts?parent_access_group=none").await;
        reply.expect(400);
        assert_eq!(reply.faults(), [("/parent_access_group".into(), "unknown".into())]);
    }

    async fn a_removed_script_is_gone_or_redacted(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let unused = app.script("unused", &[]).await;
        let text = unused.to_string();
        app.legacy(&admin, "CreateScriptAttachment", &[("script_id", &text), ("file", "a$$eA==")]).await.expect(200);
        assert_eq!(app.legacy(&admin, "RemoveScript", &[("script_id", &text)]).await.expect(200), json!(null));
        app.get(&admin, &format!("scripts/{unused}")).await.expect(404);
        assert_eq!(app.legacy(&admin, "RemoveScript", &[("script_id", &text)]).await.expect(404)["error"], "UnknownScript");
        app.computer("web-1", "").await;
        let used = app.script("used", &[("username", "root")]).await;
        let text = used.to_string();
        app.legacy(&admin, "ExecuteScript", &[("query", "web"), ("script_id", &text)]).await.expect(200);
        app.legacy(&admin, "RemoveScript", &[("script_id", &text)]).await.expect(200);
        let script = app.get(&admin, &format!("scripts/{used}")).await.expect(200);
        assert_eq!(script["status"], "REDACTED");
        assert_eq!(app.legacy(&admin, "GetScripts", &[]).await.expect(200), json!([]));
    }

    async fn scripts_are_listed_by_type(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.script("new", &[]).await;
        app.script("old", &[("script_type", "V1")]).await;
        for (filter, expected) in [("", vec!["new", "old"]), ("v1", vec!["old"]), ("v2", vec!["new"]), ("V2", vec!["new"]), ("archived", vec![])] {
            let list = app.get(&admin, &format!("scripts?script_type={filter}")).await.expect(200);
            assert_eq!(titles(&list), expected, "{filter}");
        }
        assert_eq!(titles(&app.get(&admin, "scripts?search=OL").await.expect(200)), ["old"]);
        let code = encode("#!/bin/sh\nid");
        let reply = app.legacy(&admin, "CreateScript", &[("title", "x"), ("code", &code), ("script_type", "V3")]).await;
        reply.expect(400);
    }
}
